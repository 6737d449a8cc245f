package history_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parley/internal/history"
	"parley/proto"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// noon is when the histories of these tests begin; their clock moves with what
// is said.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

type said struct {
	id   int64
	line string
}

// model is a history and, as a plain list, what was said to it.
type model struct {
	t   *testing.T
	h   *history.History
	all []said
	now time.Time
}

func open(t *testing.T, opts history.Options) *model {
	t.Helper()
	m := &model{t: t, now: noon}
	opts.Now = func() time.Time { return m.now }
	var err error
	if m.h, err = history.Open(opts); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.h.Close)
	return m
}

func (m *model) say(texts ...string) (saved interface{ Kept() bool }) {
	m.now = m.now.Add(time.Millisecond)
	var wire []byte
	for _, text := range texts {
		wire = proto.AppendPublic(wire, "alice", []byte(text))
	}
	first, saved := m.h.Keep(wire, len(texts))
	id := first.ID
	for line := range strings.Lines(string(wire)) {
		m.all = append(m.all, said{id, fmt.Sprintf("@%d %s %s", id, first.Time, line)})
		id++
	}
	return saved
}

// page asks for a page and returns it without its first line, which is apart.
func (m *model) page(p proto.Page) (head, lines string) {
	m.t.Helper()
	block, err := m.h.Page(nil, p, m.h.Newest())
	if err != nil {
		m.t.Fatal(err)
	}
	head, lines, _ = strings.Cut(string(block), "\n")
	return head, lines
}

// want is what the model says a page is, all being kept.
func (m *model) want(p proto.Page) (lines string) {
	var fit []said
	for _, s := range m.all {
		if p.Range == proto.Newest || p.Range == proto.Before && s.id < p.ID || p.Range == proto.Since && s.id > p.ID {
			fit = append(fit, s)
		}
	}
	if n := len(fit) - p.N; n > 0 && p.Range == proto.Since {
		fit = fit[:p.N]
	} else if n > 0 {
		fit = fit[n:]
	}
	for _, s := range fit {
		lines += s.line
	}
	return lines
}

// Whatever is asked for, memory and file together answer as a plain list would.
//
// Rules
func TestPagesAreThoseOfAPlainList(t *testing.T) {
	file := filepath.Join(t.TempDir(), "said.db")
	for _, opts := range []history.Options{{}, {File: file, MemoryLines: 20}, {File: file, MemoryLines: 1}} {
		m := open(t, opts)
		rng := rand.New(rand.NewPCG(1, 2))
		if opts.MemoryLines == 1 {
			m.all = readAll(t, m)
		}
		for range 300 {
			texts := make([]string, 1+rng.IntN(4))
			for i := range texts {
				texts[i] = fmt.Sprint("text ", rng.Uint32())
			}
			m.say(texts...)
			p := proto.Page{Range: proto.Range(rng.IntN(3)), N: 1 + rng.IntN(60)}
			p.ID = m.all[rng.IntN(len(m.all))].id + int64(rng.IntN(3)) - 1
			if p.ID < m.all[0].id && p.Range == proto.Since {
				p.ID = m.all[0].id
			}
			p.ID = min(p.ID, m.h.Newest())
			head, got := m.page(p)
			if want := m.want(p); got != want {
				t.Fatalf("%+v of %+v: %s\n%s\nwant\n%s", p, opts, head, got, want)
			}
			if want := fmt.Sprintf("history %d", strings.Count(got, "\n")); head != want {
				t.Fatalf("%+v: %q, want %q", p, head, want)
			}
		}
		m.h.Close()
	}
}

// readAll is what the file holds, as it comes in pages.
func readAll(t *testing.T, m *model) (all []said) {
	t.Helper()
	_, lines := m.page(proto.Page{Range: proto.Newest, N: proto.MaxPage})
	for line := range strings.Lines(lines) {
		l, err := proto.ParseServerLine(bytes.TrimSuffix([]byte(line), []byte("\n")))
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		all = append(all, said{l.Stamp.ID, line})
	}
	return all
}

// Without a file, what was said before a start or has been dropped is a gap; an
// ID that nobody gave is one too.
//
// Rules
func TestGap(t *testing.T) {
	m := open(t, history.Options{MemoryLines: 3})
	if first := m.h.Newest() + 1; first != noon.UnixMicro() {
		t.Errorf("the first ID is %d, want the time: %d", first, noon.UnixMicro())
	}
	m.say("one", "two")
	first := m.all[0].id
	for _, test := range []struct {
		since int64
		want  string
	}{
		{0, "history 2 gap"},
		{first - 2, "history 2 gap"},
		{first - 1, "history 2"},
		{first, "history 1"},
		{first + 1, "history 0"},
		{first + 2, "history 0 gap"},
	} {
		if head, _ := m.page(proto.Page{Range: proto.Since, ID: test.since, N: 10}); head != test.want {
			t.Errorf("since %d: %q, want %q", test.since-first, head, test.want)
		}
	}
	m.say("three", "four")
	m.say("five")
	if head, _ := m.page(proto.Page{Range: proto.Since, ID: first, N: 10}); head != "history 3 gap" {
		t.Errorf("after dropping: %q", head)
	}
	if head, _ := m.page(proto.Page{Range: proto.Since, ID: first + 1, N: 10}); head != "history 3" {
		t.Errorf("after the newest that was dropped: %q", head)
	}
}

// A file goes on where it was: its messages are there, IDs and times do not fall
// although the clock does.
//
// Rules: X-2
func TestStartsAgain(t *testing.T) {
	file := filepath.Join(t.TempDir(), "said.db")
	m := open(t, history.Options{File: file})
	m.now = noon.Add(time.Hour)
	if !m.say("one").Kept() {
		t.Fatal("not kept")
	}
	m.h.Close()
	again := open(t, history.Options{File: file})
	again.say("two")
	if a, b := m.all[0].id, again.all[0].id; b <= a {
		t.Errorf("%d after %d", b, a)
	}
	_, lines := again.page(proto.Page{N: 10})
	if want := m.all[0].line + again.all[0].line; lines != want {
		t.Errorf("%q, want %q", lines, want)
	}
	if a, b := again.all[0].line, m.all[0].line; strings.Fields(a)[1] < strings.Fields(b)[1] {
		t.Errorf("time fell: %q after %q", a, b)
	}
}

// A file that is not ours is refused and left as it is.
func TestFilesOfOthers(t *testing.T) {
	dir := t.TempDir()
	for name, test := range map[string]struct{ content, says string }{
		"noise": {strings.Repeat("no database ", 100), "not a database"},
	} {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(test.content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := history.Open(history.Options{File: file}); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v", name, err)
		}
		if now, _ := os.ReadFile(file); string(now) != test.content {
			t.Errorf("%s was changed", name)
		}
	}
}

// Words are found in any order and case, best first; nothing is an operator.
//
// Rules: X-10
func TestSearch(t *testing.T) {
	m := open(t, history.Options{File: filepath.Join(t.TempDir(), "said.db")})
	texts := []string{"the quick fox", "Fox and hound, quick!", "c++ is AND or NOT", `he said "fox"`, "æøå Ærlig", "quick"}
	m.say(texts...).Kept()
	for words, want := range map[string]string{
		"fox quick":       "1 0",
		"QUICK":           "5 1 0",
		"hound,quick":     "1",
		"AND":             "2 1",
		"c++":             "2",
		`"fox`:            "3 1 0",
		"text:fox OR *":   "",
		"ærlig":           "4",
		"!?":              "",
		"fox* NEAR quick": "",
	} {
		block, err := m.h.Search(nil, []byte(words), m.h.Newest())
		if err != nil {
			t.Errorf("%q: %v", words, err)
			continue
		}
		var got []string
		_, lines, _ := strings.Cut(string(block), "\n")
		for line := range strings.Lines(lines) {
			for i, s := range m.all {
				if s.line == line {
					got = append(got, fmt.Sprint(i))
				}
			}
		}
		if g := strings.Join(got, " "); !sameSet(g, want) {
			t.Errorf("%q: %q, want %q", words, g, want)
		}
	}
}

func sameSet(a, b string) bool {
	in := strings.Fields(b)
	for w := range strings.FieldsSeq(a) {
		if !strings.Contains(" "+b+" ", " "+w+" ") {
			return false
		}
	}
	return len(strings.Fields(a)) == len(in)
}

// What an operator erases is gone from memory too, and from the file's bytes; the
// rest stays.
func TestErase(t *testing.T) {
	file := filepath.Join(t.TempDir(), "said.db")
	m := open(t, history.Options{File: file})
	m.say("verysecretword").Kept()
	first, saved := m.h.Keep([]byte("msg bob stays\n"), 1)
	saved.Kept()
	removed, err := history.Erase(file, "alice")
	if err != nil || removed != 1 {
		t.Fatalf("%d removed, %v", removed, err)
	}
	_, lines := m.page(proto.Page{N: 10})
	if want := fmt.Sprintf("@%d %s msg bob stays\n", first.ID, first.Time); lines != want {
		t.Errorf("%q, want %q", lines, want)
	}
	m.h.Close()
	for _, name := range []string{file, file + "-wal"} {
		if b, _ := os.ReadFile(name); bytes.Contains(b, []byte("verysecretword")) {
			t.Errorf("%s still has it", name)
		}
	}
}
