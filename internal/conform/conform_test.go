package conform_test

import (
	"bufio"
	"context"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parley/internal/conform"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve answers each line of each connection with what answer returns for it:
// bytes as they are. An answer "close" ends the connection, "die" the server.
func serve(t *testing.T, answer func(line string) string) (address string) {
	t.Helper()
	return serveFirst(t, "", answer)
}

// serveFirst is serve for a server that says something first.
func serveFirst(t *testing.T, first string, answer func(line string) string) (address string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				conn.Write([]byte(first))
				for lines := bufio.NewScanner(conn); lines.Scan(); {
					switch out := answer(lines.Text()); out {
					case "close":
						return
					case "die":
						ln.Close()
						return
					default:
						conn.Write([]byte(out))
					}
				}
			}()
		}
	}()
	t.Cleanup(func() { ln.Close(); <-done })
	return ln.Addr().String()
}

// polite answers help, as every server does, and what else is said.
func polite(answers map[string]string) func(string) string {
	return func(line string) string {
		if out, ok := answers[line]; ok {
			return out
		}
		return "cmderr command not supported\n"
	}
}

func check(id string, run func(*conform.T)) *conform.Check {
	return &conform.Check{ID: id, Rule: "P-30", Target: conform.Server, Step: 16, Title: id, Run: run}
}

func run(t *testing.T, address string, checks ...*conform.Check) *conform.Report {
	t.Helper()
	return runWith(t.Context(), t, conform.Options{Address: address, Timeout: 300 * time.Millisecond}, checks...)
}

func runWith(ctx context.Context, t *testing.T, opts conform.Options, checks ...*conform.Check) *conform.Report {
	t.Helper()
	report, err := conform.Run(ctx, conform.Server, checks, opts)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// Each way to fail has its name.
func TestKindsOfFailure(t *testing.T) {
	for _, test := range []struct {
		name   string
		answer string
		run    func(*conform.T)
		want   conform.Kind
		says   string
	}{
		{"right", "yes\n", nil, "", ""},
		{"another line", "no\n", nil, conform.WrongLine, `"no\n"`},
		{"carriage return", "yes\r\n", nil, conform.WrongLine, `"yes\r\n"`},
		{"a line before it", "well\nyes\n", nil, conform.ExtraLine, `"well\n"`},
		{"a line behind it", "yes\nyes\n", nil, conform.ExtraLine, `"yes\n"`},
		{"no line", "", nil, conform.MissingLine, "answers other commands"},
		{"no line feed", "yes", nil, conform.Timeout, "no LF"},
		{"hang up", "close", nil, conform.Closed, "closed"},
	} {
		address := serve(t, polite(map[string]string{"well?": test.answer}))
		result := run(t, address, check("asks", func(t *conform.T) {
			p := t.Connect("alice")
			p.Send("well?")
			p.ExpectLine("yes")
		})).Results[0]
		if result.Kind != test.want || !strings.Contains(result.Message, test.says) {
			t.Errorf("%s: %s %q: %s", test.name, result.Status, result.Kind, result.Message)
		}
		if (test.want == "") != (result.Status == conform.Passed) {
			t.Errorf("%s: %s", test.name, result.Status)
		}
	}
}

// A server that does not answer at all is named as one that hangs.
func TestHang(t *testing.T) {
	address := serve(t, func(string) string { return "" })
	result := run(t, address, check("asks", func(t *conform.T) {
		p := t.Dial("alice")
		p.Send("well?")
		p.ExpectLine("yes")
	})).Results[0]
	if result.Kind != conform.Timeout {
		t.Errorf("%s %q: %s", result.Status, result.Kind, result.Message)
	}
}

// Messages of other people are no matter; those of the check are.
func TestOthersOnTheServer(t *testing.T) {
	address := serve(t, func(line string) string {
		switch text, said := strings.CutPrefix(line, "msg "); {
		case said:
			return "msg stranger hello\nmsgok 3\nprivmsg stranger psst\nmsg me " + text + "\n"
		default:
			return "msg stranger again\nsupported\n"
		}
	})
	result := run(t, address, check("says", func(t *conform.T) {
		p := t.Connect("alice")
		p.Send("msg " + t.Text("hi"))
		p.ExpectLine("msgok 3")
		p.Quiet()
	})).Results[0]
	if result.Kind != conform.ExtraLine || !strings.Contains(result.Message, "msg me hi") {
		t.Errorf("%s %q: %s", result.Status, result.Kind, result.Message)
	}
}

// What a check needs comes first; without it the check is skipped, and says so.
func TestNeeds(t *testing.T) {
	address := serve(t, polite(nil))
	var ran atomic.Bool
	bad := check("first", func(t *conform.T) { t.Fail(conform.WrongLine, "right", "wrong") })
	good := check("second", func(t *conform.T) { t.Pause(50 * time.Millisecond) })
	onBad := check("on-first", func(*conform.T) { ran.Store(true) })
	onBad.Needs = []string{"first"}
	onGood := check("on-second", func(*conform.T) {})
	onGood.Needs = []string{"second"}
	report := run(t, address, onBad, onGood, bad, good)
	if ran.Load() || report.Results[0].Status != conform.Skipped || !strings.Contains(report.Results[0].Message, "first") {
		t.Errorf("%s: %s", report.Results[0].Status, report.Results[0].Message)
	}
	if report.Results[1].Status != conform.Passed {
		t.Errorf("%s: %s", report.Results[1].Status, report.Results[1].Message)
	}
}

// What the assignment does not ask for costs no points, nor does what needs it;
// what failed does.
func TestExcused(t *testing.T) {
	address := serve(t, polite(nil))
	without := check("without", func(t *conform.T) { t.Excuse("there is no such thing here") })
	on := check("on-without", func(*conform.T) {})
	on.Needs = []string{"without"}
	bad := check("bad", func(t *conform.T) { t.Fail(conform.WrongLine, "right", "wrong") })
	onBad := check("on-bad", func(*conform.T) {})
	onBad.Needs = []string{"bad"}
	good := check("good", func(*conform.T) {})
	all := []*conform.Check{without, on, bad, onBad, good}
	for i, c := range all {
		c.Points = 1 << i
	}
	if reached, total := run(t, address, all...).Points(); reached != 16 || total != 4+8+16 {
		t.Errorf("%d of %d points", reached, total)
	}
}

// A server that has died is named as the cause of what follows, with the check
// in which it happened.
func TestServerDies(t *testing.T) {
	address := serve(t, polite(map[string]string{"die": "die"}))
	kill := check("kills", func(t *conform.T) {
		p := t.Connect("alice")
		p.Send("die")
		p.ExpectLine("cmderr command not supported")
	})
	kill.Phase = conform.Last
	after := check("after", func(t *conform.T) { t.Connect("alice") })
	after.Phase = conform.Last
	report := run(t, address, kill, after)
	if report.Results[0].Kind != conform.Closed {
		t.Errorf("%s %q: %s", report.Results[0].Status, report.Results[0].Kind, report.Results[0].Message)
	}
	if r := report.Results[1]; r.Status != conform.Skipped || !strings.Contains(r.Message, "kills") {
		t.Errorf("%s: %s", r.Status, r.Message)
	}
}

// A server that dies as a check leaves it is no failure of the next check, which
// has not said a word.
func TestServerDiesOfAnEnd(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		defer ln.Close()
		if conn, err := ln.Accept(); err == nil {
			conn.Read(make([]byte, 1)) // returns at the end of the stream
			conn.Close()
		}
	}()
	leaves := check("leaves", func(t *conform.T) { t.Dial("alice") })
	next := check("next", func(t *conform.T) {
		<-gone
		t.Dial("alice")
	})
	next.Needs = []string{"leaves"}
	report := run(t, ln.Addr().String(), leaves, next)
	if r := report.Results[1]; r.Status != conform.Skipped || !strings.Contains(r.Message, "before next, leaves") {
		t.Errorf("%s: %s", r.Status, r.Message)
	}
	if report.Died == "" {
		t.Error("its death is not reported")
	}
}

// An interrupted run reports what it has.
func TestInterrupted(t *testing.T) {
	address := serve(t, polite(nil))
	ctx, cancel := context.WithCancel(t.Context())
	quick := check("quick", func(*conform.T) {})
	slow := check("slow", func(t *conform.T) {
		cancel()
		t.Pause(time.Hour)
	})
	slow.Phase = conform.Alone
	never := check("never", func(*conform.T) {})
	never.Phase = conform.Last
	report := runWith(ctx, t, conform.Options{Address: address}, quick, slow, never)
	for i, want := range []conform.Status{conform.Passed, conform.Skipped, conform.Skipped} {
		if r := report.Results[i]; r.Status != want {
			t.Errorf("%s: %s, %s", r.Check.ID, r.Status, r.Message)
		}
	}
}

// The same seed sends the same bytes, another check or seed others.
func TestSeed(t *testing.T) {
	address := serve(t, polite(nil))
	sent := func(id string, seed uint64) string {
		c := check(id, func(t *conform.T) { t.Dial("alice").Send(t.Text("x")) })
		for _, e := range runWith(t.Context(), t, conform.Options{Address: address, Seed: seed}, c).Results[0].Events {
			if e.Kind == conform.Sent {
				return e.Data
			}
		}
		return ""
	}
	if a, b := sent("a", 1), sent("a", 1); a != b || a == "" {
		t.Errorf("%q and %q", a, b)
	}
	if a, b := sent("a", 1), sent("b", 1); a == b {
		t.Errorf("two checks: %q", a)
	}
	if a, b := sent("a", 1), sent("a", 2); a == b {
		t.Errorf("two seeds: %q", a)
	}
}

// What is sent in parts arrives in parts, and each shows as a segment of its own.
func TestSegmentsAreNoted(t *testing.T) {
	address := serve(t, polite(nil))
	result := run(t, address, check("parts", func(t *conform.T) {
		p := t.Dial("alice")
		p.SendParts("he", "l", "p\n")
		p.ExpectLine("cmderr command not supported")
	})).Results[0]
	var got []string
	for _, e := range result.Events {
		if e.Kind == conform.Sent || e.Kind == conform.Received {
			got = append(got, string(e.Kind)+" "+e.Data)
		}
	}
	if want := "sent he|sent l|sent p\n|received cmderr command not supported\n"; strings.Join(got, "|") != want {
		t.Errorf("%q", got)
	}
}

func TestSelect(t *testing.T) {
	always := check("always", nil)
	early := check("early", nil)
	early.Step, early.Until = 3, 5
	strict := check("strict", nil)
	strict.Strict, strict.Needs = true, []string{"always"}
	all := []*conform.Check{always, early, strict}
	for _, test := range []struct {
		opts conform.Options
		want string
	}{
		{conform.Options{Dialect: conform.DialectCourse}, "always"},
		{conform.Options{Dialect: conform.DialectParley}, "always strict"},
		{conform.Options{Step: 4}, "early"},
		{conform.Options{Step: 6}, ""},
		{conform.Options{Step: 16}, "always"},
		{conform.Options{Dialect: conform.DialectParley, Only: []string{"strict"}}, "always strict"},
		{conform.Options{Only: []string{"P-30"}}, "always"},
	} {
		checks, err := conform.Select(all, &test.opts)
		var ids []string
		for _, c := range checks {
			ids = append(ids, c.ID)
		}
		if got := strings.Join(ids, " "); err != nil || got != test.want {
			t.Errorf("%+v: %q, %v; want %q", test.opts, got, err, test.want)
		}
	}
	for _, name := range []string{"strict", "nonsense"} {
		if _, err := conform.Select(all, &conform.Options{Only: []string{name}}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A check that breaks off is no verdict on the program.
func TestCheckBreaks(t *testing.T) {
	address := serve(t, polite(nil))
	report := run(t, address, check("breaks", func(*conform.T) { panic("oh") }))
	if !strings.Contains(report.Broken, "breaks") || report.Results[0].Kind != conform.BrokeOff {
		t.Errorf("%q, %q", report.Broken, report.Results[0].Kind)
	}
}
