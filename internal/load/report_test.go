package load

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares what a report writes with a file of testdata.
func golden(t *testing.T, name string, write func(io.Writer) error) string {
	t.Helper()
	var got bytes.Buffer
	if err := write(&got); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("%s differs; look at the difference after go test ./internal/load -update\n%s", path, got.String())
	}
	return got.String()
}

// fixed is a run that nobody has run: its numbers are the same each time.
func fixed(scenario string) *run {
	o := Defaults(scenario)
	r := newRun(o, addrPort("192.168.1.20:1300"))
	r.start = time.Date(2026, 11, 22, 16, 49, 0, 0, time.UTC)
	r.measured = o.total()
	for i := range 3 {
		c := newClient(r, i)
		c.batch.tally = r.tallies[i]
		r.clients = append(r.clients, c)
	}
	r.entered.Store(300)
	for i := range int64(1000) {
		c := r.clients[i%3]
		now := i * r.measured.Microseconds() / 1000
		c.batch.add(delivery, now-i*i%9000-100, now, r.slotWidth)
		c.batch.add(answer, now-i%700-50, now, r.slotWidth)
		c.batch.flush(now, r.slotWidth)
		c.batch.tally.record(entry, 500+i, 1)
		c.ledger.heard++
	}
	return r
}

func fixedProcess() *process {
	return &process{
		pid:    4711,
		before: reading{time.Time{}, time.Second, 10 << 20, 0, 0},
		first:  reading{time.Unix(100, 0), 2 * time.Second, 11 << 20, 100_000, 50_000},
		last:   reading{time.Unix(110, 0), 3234 * time.Millisecond, 12 << 20, 1_000_000, 500_000},
	}
}

func fixedUse() ownUse {
	use := ownUse{cpu: 5 * time.Second, cpuKnown: true, cores: 4, elapsed: 20 * time.Second, overslept: newHistogram()}
	for i := range int64(200) {
		_ = use.overslept.RecordValue(100 + i)
	}
	return use
}

func goodReport() *Report {
	r := fixed(Class)
	r.clients[1].vanished.Store(true)
	for _, c := range r.clients {
		c.said, c.asked = newVoice(1, nil), newVoice(1, nil)
		c.said.sent.Store(40)
		c.said.answered.Store(40)
		c.asked.sent.Store(900)
		c.asked.answered.Store(900)
	}
	r.server = fixedProcess()
	return r.report(fixedUse(), nil)
}

func badReport() *Report {
	r := fixed(Fanout)
	r.target = addrPort("127.0.0.1:1300")
	r.failures["help was answered with \"cmderr <server> full\""] = 2
	r.failures["no connection: connection refused"] = 14
	r.notTried = 20
	for _, c := range r.clients {
		c.listening = true
		c.ledger.next = make([]int64, 3)
	}
	c := r.clients[0]
	c.said = newVoice(1, nil)
	c.said.sent.Store(1200)
	c.said.answered.Store(1199)
	c.said.refused = []int64{1198}
	r.said = []said{{answered: 1199, sent: 1200, refused: []int64{1198}}}
	r.clients[1].ledger.next[0] = 1198
	r.clients[1].ledger.missing = []gap{{0, 5, 8}}
	r.clients[2].end = errors.New("the server closed the connection")
	r.clients[2].ledger.doubled, r.clients[2].ledger.reordered, r.clients[2].unknown, r.clients[2].other = 1, 2, 3, 4
	r.clients[2].batch.tally.record(lateness, 20_000, 1)
	use := fixedUse()
	use.cpu = 79 * time.Second
	r.server = &process{gone: errors.New("there is no process 4711 on this machine")}
	return r.report(use, errSpam)
}

func TestReportAsText(t *testing.T) {
	golden(t, "good.txt", goodReport().WriteText)
	golden(t, "bad.txt", badReport().WriteText)
}

func TestReportAsJSON(t *testing.T) {
	text := golden(t, "good.json", goodReport().WriteJSON)
	var rep Report
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&rep); err != nil || d.More() {
		t.Errorf("not one object that a Report can be read from: %v", err)
	}
	golden(t, "bad.json", badReport().WriteJSON)
}

// Every field of the JSON form is explained.
func TestEveryFieldIsDocumented(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "load.md"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(goodReport())
	if err != nil {
		t.Fatal(err)
	}
	for _, field := range regexp.MustCompile(`"([a-z0-9_]+)":`).FindAllSubmatch(text, -1) {
		if !bytes.Contains(page, []byte("`"+string(field[1])+"`")) {
			t.Errorf("docs/load.md does not explain %s", field[1])
		}
	}
}

// The page is well-formed, asks nobody for anything, and runs no script.
func TestReportAsPage(t *testing.T) {
	for name, rep := range map[string]*Report{"good.html": goodReport(), "bad.html": badReport()} {
		text := golden(t, name, rep.WriteHTML)
		if found := regexp.MustCompile(`(?i)https?:|src=|href=|url\(|@import|<script|<link`).FindString(text); found != "" {
			t.Errorf("%s has %q in it", name, found)
		}
		d := xml.NewDecoder(strings.NewReader(text))
		d.Entity = xml.HTMLEntity
		plots := 0
		for {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if e, ok := token.(xml.StartElement); ok && e.Name.Local == "svg" {
				plots++
			}
		}
		if plots < 3 {
			t.Errorf("%s has %d plots", name, plots)
		}
		if regexp.MustCompile(`NaN|Inf|<server>`).MatchString(text) {
			t.Errorf("%s shows numbers that are none, or does not escape", name)
		}
	}
}

func TestServerInWords(t *testing.T) {
	for scenario, want := range map[string]string{
		Fanout:   "used 1.23 s of CPU in 10.0 s, 0.12 cores, 1.37 µs for a delivery; 12 MiB of memory",
		Requests: "used 1.23 s of CPU in 10.0 s, 0.12 cores, 2.74 µs for a request; 12 MiB of memory",
		Connect:  "used 1.23 s of CPU in 10.0 s, 0.12 cores, 2.74 µs for a connection; 12 MiB of memory",
		Idle:     "used 1.23 s of CPU in 10.0 s, 0.12 cores; 12 MiB of memory, 8 KiB more for each client",
	} {
		if got := fixedProcess().report(scenario, 256).describe(); got != want {
			t.Errorf("%s: %s, want %s", scenario, got, want)
		}
	}
}

// A run in which nothing happened still has a report.
func TestEmptyReport(t *testing.T) {
	for _, scenario := range Scenarios() {
		r := newRun(Defaults(scenario), addrPort("[::1]:1300"))
		rep := r.report(ownUse{cores: 1, overslept: newHistogram()}, nil)
		for _, write := range []func(io.Writer) error{rep.WriteText, rep.WriteJSON, rep.WriteHTML} {
			var b strings.Builder
			if err := write(&b); err != nil || strings.Contains(b.String(), "NaN") {
				t.Errorf("%s: %v\n%s", scenario, err, b.String())
			}
		}
	}
}

func TestAxes(t *testing.T) {
	plain := func(f float64) string { return rate(f) }
	for top, want := range map[float64]int{0: 2, 0.5: 6, 1: 6, 7: 5, 100: 6, 2.6e6: 4} {
		a := Linear("", top, plain)
		if len(a.Ticks) != want || a.To < top || a.To <= 0 {
			t.Errorf("to %v: %+v", top, a)
		}
	}
	a := Logarithmic("", 3, 3, plain)
	if a.place(1) != 0 || a.place(10) != 1 || len(a.Ticks) != 2 {
		t.Errorf("around 3: %+v", a)
	}
	for n, want := range map[float64]string{1: "0%", 10: "90%", 100: "99%", 1000: "99.9%", 100000: "99.999%"} {
		if got := percentile(n); got != want {
			t.Errorf("percentile(%v) = %s, want %s", n, got, want)
		}
	}
}

func TestNumbersForPeople(t *testing.T) {
	for f, want := range map[float64]string{0: "0 µs", 0.0104: "10 µs", 0.9996: "1000 µs", 1: "1 ms", 12.34: "12.3 ms", 123.4: "123 ms", 9999: "9999 ms", 12345: "12.3 s", 600000: "600 s"} {
		if got := ms(f); got != want {
			t.Errorf("ms(%v) = %s, want %s", f, got, want)
		}
	}
	for f, want := range map[float64]string{0: "0", 0.05: "0.05", 12.34: "12.3", 1234567.8: "1,234,568"} {
		if got := rate(f); got != want {
			t.Errorf("rate(%v) = %s, want %s", f, got, want)
		}
	}
	for f, want := range map[float64]string{5: "5", 12000: "12 k", 2.5e6: "2.5 M"} {
		if got := short(f); got != want {
			t.Errorf("short(%v) = %s, want %s", f, got, want)
		}
	}
}

// The watch of the generator looks all the time, and what it sees is judged.
func TestWatchOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watchOwn()
		time.Sleep(10*nap + nap/2) //nolint:forbidigo // the clock of the bubble
		use := w.stop()
		if use.overslept.TotalCount() != 10 || use.elapsed != 10*nap+nap/2 || use.cores < 1 {
			t.Errorf("%d looks in %v on %d cores", use.overslept.TotalCount(), use.elapsed, use.cores)
		}
	})
	for share, want := range map[time.Duration]bool{time.Second: false, 9 * time.Second: true} {
		g := ownUse{cpu: share, cpuKnown: true, cores: 1, elapsed: 10 * time.Second, overslept: newHistogram()}.generator()
		if g.Saturated != want {
			t.Errorf("%v of 10s: %+v", share, g)
		}
	}
}
