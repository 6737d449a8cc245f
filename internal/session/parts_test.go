package session

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"parley/internal/hub"
)

// A fifo does what a plain slice does, and an emptied one keeps no memory.
func TestFifo(t *testing.T) {
	var q fifo[int]
	var plain []int
	rng := rand.New(rand.NewPCG(1, 2))
	next := 0
	for range 20_000 {
		if rng.IntN(100) < 50 {
			q.push(next)
			plain = append(plain, next)
			next++
		} else if len(plain) > 0 {
			if *q.oldest() != plain[0] || *q.newest() != plain[len(plain)-1] {
				t.Fatalf("%d to %d, want %d to %d", *q.oldest(), *q.newest(), plain[0], plain[len(plain)-1])
			}
			q.pop()
			plain = plain[1:]
		}
		if !slices.Equal(q.all(), plain) {
			t.Fatalf("%v, want %v", q.all(), plain)
		}
	}
	for i := range 1000 {
		q.push(i)
	}
	for q.len() > 0 {
		q.pop()
	}
	if cap(q.items) > keepCap {
		t.Errorf("empty, and keeps room for %d", cap(q.items))
	}
}

// A queue that never empties does not grow with what has gone through it.
func TestFifoStaysSmall(t *testing.T) {
	var q fifo[int]
	for i := range 10 {
		q.push(i)
	}
	for i := range 100_000 {
		q.push(i)
		q.pop()
	}
	if cap(q.items) > 100 {
		t.Errorf("ten items take room for %d", cap(q.items))
	}
}

func linesOf(lines ...string) (all []hub.Line) {
	for _, line := range lines {
		all = append(all, hub.Line{Bytes: []byte(line)})
	}
	return all
}

func text(lines []hub.Line) string {
	var all [][]byte
	for _, l := range lines {
		all = append(all, l.Bytes)
	}
	return fmt.Sprintf("%s", all)
}

// Rules: P-54
func TestInboxKeepsTheNewest(t *testing.T) {
	b := inbox{maxLines: 3, maxBytes: 10}
	for _, line := range []string{"1\n", "2\n", "3\n", "4\n"} {
		b.add(linesOf(line))
	}
	if got := text(b.take()); got != "[2\n 3\n 4\n]" {
		t.Errorf("three lines: %q", got)
	}
	for _, line := range []string{"1\n", "22222\n", "333\n"} {
		b.add(linesOf(line))
	}
	if got := text(b.take()); got != "[22222\n 333\n]" {
		t.Errorf("ten bytes: %q", got)
	}
	block := linesOf("1\n", "2\n", "3\n", "4\n", "5\n")
	if dropped := b.add(block); dropped != 2 {
		t.Errorf("five lines at once: %d dropped, want 2", dropped)
	}
	if dropped := b.add(block); dropped != 5 {
		t.Errorf("and again: %d dropped, want 5", dropped)
	}
	if got := text(b.take()); got != "[3\n 4\n 5\n]" {
		t.Errorf("five lines at once: %q", got)
	}
	b.add(linesOf("much too long\n"))
	if got := b.take(); len(got) != 0 || b.bytes != 0 {
		t.Errorf("a line that is too long alone: %q, %d bytes", text(got), b.bytes)
	}
}

// Messages of one moment share an entry: a connection that may say a million a
// second does not cost a million entries for those of one read.
//
// Rules: P-60
func TestSpamWindowSharesMoments(t *testing.T) {
	w := spamWindow{rate: 1_000_000, block: time.Second}
	now := time.Now()
	for range 1000 {
		for range 1000 {
			if left, _ := w.take(now); left != 0 {
				t.Fatal("refused within the rate")
			}
		}
		now = now.Add(time.Microsecond)
	}
	if w.recent.len() != 1000 {
		t.Errorf("%d entries for 1000 moments", w.recent.len())
	}
	if left, began := w.take(now); left != time.Second || !began {
		t.Error("one more than the rate was not refused")
	}
}

func BenchmarkSpamWindow(b *testing.B) {
	w := spamWindow{rate: 10, block: time.Second}
	now := time.Now()
	b.ReportAllocs()
	for b.Loop() {
		now = now.Add(150 * time.Millisecond)
		w.take(now)
	}
}
