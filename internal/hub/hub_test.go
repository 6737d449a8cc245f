package hub_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"parley/internal/hub"
	"parley/proto"
)

// ear hears what is delivered to a member.
type ear struct {
	heard strings.Builder
	lines []hub.Line
	awake bool // writes already, so nobody has to wake it
	woken atomic.Int32
}

// forgetful is a keeper that keeps nothing, and counts.
type forgetful struct{ id int64 }

func (f *forgetful) Keep(_ []byte, n int) (proto.Stamp, hub.Saved) {
	first := f.id + 1
	f.id += int64(n)
	return proto.Stamp{ID: first, Time: noon}, nil
}

func (f *forgetful) Time() proto.Stamp { return proto.Stamp{Time: noon} }

const noon = "2026-11-22T12:00:00.000Z"

func (e *ear) Deliver(b *hub.Block) (wake bool) {
	e.heard.Write(b.Wire())
	e.lines = append(e.lines, b.Lines()...)
	return !e.awake
}

func (e *ear) Wake() { e.woken.Add(1) }

func (e *ear) NameLost() {}

// say is Say as a session uses it: whoever is to be woken is.
func say(h *hub.Hub, from *hub.Member, b *hub.Block) int {
	n, wake := h.Say(from, b, nil)
	for _, r := range wake {
		r.Wake()
	}
	return n
}

func block(text string) *hub.Block { return hub.NewBlock([]byte(text), strings.Count(text, "\n")) }

// Whoever has begun to have something to write is named to the speaker, after
// those that were to be woken before; a private message wakes at once.
func TestWake(t *testing.T) {
	h := hub.New(new(forgetful))
	from, _, _ := h.Join(&ear{})
	asleep, awake := new(ear), &ear{awake: true}
	_, name, _ := h.Join(asleep)
	h.Join(awake)
	before := new(ear)
	n, wake := h.Say(from, block("one\n"), []hub.Recipient{before})
	if n != 2 || len(wake) != 2 || wake[0] != before || wake[1] != asleep || asleep.woken.Load() != 0 {
		t.Errorf("%d recipients, to wake: %v", n, wake)
	}
	if err := h.Whisper([]byte(name), block("two\n")); err != nil || asleep.woken.Load() != 1 {
		t.Errorf("%v, woken %d times", err, asleep.woken.Load())
	}
}

// Rules: P-12, P-20, P-55
func TestNamesAreGivenAndListedInOrder(t *testing.T) {
	h := hub.New(new(forgetful))
	a, nameA, _ := h.Join(&ear{})
	_, nameB, _ := h.Join(&ear{})
	if nameA != "Anonymous1" || nameB != "Anonymous2" {
		t.Errorf("given %s and %s", nameA, nameB)
	}
	if err := h.Rename(a, "Anonymous4"); err != nil {
		t.Fatal(err)
	}
	c, nameC, _ := h.Join(&ear{})
	d, nameD, _ := h.Join(&ear{})
	if nameC != "Anonymous3" || nameD != "Anonymous5" {
		t.Errorf("given %s and %s, want Anonymous3, and 4 skipped", nameC, nameD)
	}
	want(t, h, "users Anonymous4 Anonymous2 Anonymous3 Anonymous5\n")
	h.Leave(c)
	h.Leave(c)
	want(t, h, "users Anonymous4 Anonymous2 Anonymous5\n")
	h.Leave(d)
	if _, name, _ := h.Join(&ear{}); name != "Anonymous6" {
		t.Errorf("given %s: a number came back", name)
	}
}

func want(t *testing.T, h *hub.Hub, users string) {
	t.Helper()
	if got := string(h.Users()); got != users {
		t.Errorf("got %q, want %q", got, users)
	}
}

// Rules: P-22, P-24
func TestRename(t *testing.T) {
	h := hub.New(new(forgetful))
	a, _, _ := h.Join(&ear{})
	b, _, _ := h.Join(&ear{})
	for _, step := range []struct {
		who  *hub.Member
		name string
		err  error
	}{
		{a, "bob", nil},
		{b, "bob", hub.ErrNameTaken},
		{a, "bob", hub.ErrNameTaken},
		{b, "Bob", nil},
		{a, "amy", nil},
		{b, "bob", nil},
		{b, "amy", hub.ErrNameTaken},
	} {
		if err := h.Rename(step.who, step.name); !errors.Is(err, step.err) {
			t.Errorf("rename to %s: %v, want %v", step.name, err, step.err)
		}
	}
	want(t, h, "users amy bob\n")
	h.Leave(b)
	if err := h.Rename(a, "bob"); err != nil {
		t.Errorf("a name is not free after its owner left: %v", err)
	}
}

// Rules: P-50, P-51, P-52
func TestSayAndWhisper(t *testing.T) {
	h := hub.New(new(forgetful))
	ears := make([]*ear, 3)
	members := make([]*hub.Member, 3)
	for i := range ears {
		ears[i] = new(ear)
		members[i], _, _ = h.Join(ears[i])
	}
	if n := say(h, members[0], block("one\n")); n != 2 {
		t.Errorf("said to %d, want 2", n)
	}
	if err := h.Whisper([]byte("Anonymous3"), block("two\n")); err != nil {
		t.Error(err)
	}
	if err := h.Whisper([]byte("anonymous3"), block("three\n")); !errors.Is(err, hub.ErrNoRecipient) {
		t.Errorf("to nobody: %v", err)
	}
	h.Leave(members[1])
	if n := say(h, members[2], block("four\n")); n != 1 {
		t.Errorf("said to %d, want 1", n)
	}
	for i, want := range []string{"four\n", "one\n", "one\ntwo\n"} {
		if got := ears[i].heard.String(); got != want {
			t.Errorf("%d heard %q, want %q", i, got, want)
		}
	}
	h.Leave(members[0])
	if n := say(h, members[2], block("alone\n")); n != 0 {
		t.Errorf("said to %d, want nobody", n)
	}
}

// What an inbox keeps of a block is each line alone.
func TestLinesAreApart(t *testing.T) {
	h := hub.New(new(forgetful))
	from, _, _ := h.Join(&ear{})
	to := new(ear)
	h.Join(to)
	b := block("one\ntwo\n" + strings.Repeat("more\n", 100))
	say(h, from, b)
	if len(to.lines) != 102 || string(to.lines[0].Bytes) != "one\n" || string(to.lines[1].Bytes) != "two\n" {
		t.Fatalf("%d lines", len(to.lines))
	}
	if cap(to.lines[0].Bytes) >= len(b.Wire()) {
		t.Errorf("a line of 4 bytes keeps %d alive", cap(to.lines[0].Bytes))
	}
}

// Rules: P-26
func TestOneWinnerOfAName(t *testing.T) {
	h := hub.New(new(forgetful))
	for round := range 20 {
		name := fmt.Sprintf("name%d", round)
		var wg sync.WaitGroup
		won := make(chan *hub.Member, 100)
		for range 100 {
			m, _, _ := h.Join(&ear{})
			wg.Go(func() {
				if h.Rename(m, name) == nil {
					won <- m
				}
			})
		}
		wg.Wait()
		if len(won) != 1 {
			t.Fatalf("%d got the name", len(won))
		}
	}
}

// Rules: P-80, P-81
func TestOneOrderForAll(t *testing.T) {
	h := hub.New(new(forgetful))
	ears := make([]*ear, 10)
	for i := range ears {
		ears[i] = new(ear)
		h.Join(ears[i])
	}
	var wg sync.WaitGroup
	for i := range 4 {
		m, _, _ := h.Join(&ear{})
		wg.Go(func() {
			for j := range 500 {
				say(h, m, block(fmt.Sprintf("%d %d\n", i, j)))
			}
		})
	}
	wg.Wait()
	first := ears[0].heard.String()
	for i, e := range ears {
		if e.heard.String() != first {
			t.Errorf("%d heard another order", i)
		}
	}
	var next [4]int
	for line := range strings.Lines(first) {
		var i, j int
		if _, err := fmt.Sscanf(line, "%d %d\n", &i, &j); err != nil || j != next[i] {
			t.Fatalf("%q where message %d of its sender was next (%v)", line, next[i], err)
		}
		next[i]++
	}
}

type deaf struct{ n int }

func (d *deaf) Deliver(*hub.Block) bool { d.n++; return false }
func (d *deaf) Wake()                   {}
func (d *deaf) NameLost()               {}

func BenchmarkSay(b *testing.B) {
	for _, n := range []int{10, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			h := hub.New(new(forgetful))
			from, _, _ := h.Join(new(deaf))
			for range n {
				h.Join(new(deaf))
			}
			what := block("msg bob hello\n")
			b.ReportAllocs()
			for b.Loop() {
				say(h, from, what)
			}
		})
	}
}

func BenchmarkUsers(b *testing.B) {
	h := hub.New(new(forgetful))
	for range 1000 {
		h.Join(new(deaf))
	}
	b.ReportAllocs()
	for b.Loop() {
		h.Users()
	}
}
