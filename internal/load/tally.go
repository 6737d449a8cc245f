package load

import (
	"runtime"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// What is timed.
const (
	delivery = iota // from when a message was to be sent to when a client had it
	answer          // from when a line was to be sent to when its answer was there
	entry           // to connect, ask for help and log in
	lateness        // from when a line was to be sent to when it was
	numTimes
)

// timeNames are the names of these in a report.
var timeNames = [numTimes]string{"delivery", "answer", "entry", "lateness"}

// slotCount is how many points the plots over time have, at most.
const slotCount = 120

// shortestSlot is the least that one of them stands for: over less, what is
// plotted is the scheduler.
const shortestSlot = 100 * time.Millisecond

// slot is what happened in one stretch of time.
type slot struct {
	heard, answers int64
	slowest        int64 // delivery, in µs
}

// tally holds the times of several clients. They share it because a histogram
// is far larger than all else that a client needs; it is locked once for what
// one read brought, not for each line.
type tally struct {
	mu    sync.Mutex // guards all below
	times [numTimes]*hdrhistogram.Histogram
	slots [slotCount + 1]slot // the last one is what comes after the end
}

// longest is the longest time that is told apart, in µs; what takes longer
// counts as this long.
const longest = int64(10 * time.Minute / time.Microsecond)

func newHistogram() *hdrhistogram.Histogram { return hdrhistogram.New(1, longest, 3) }

// tallies are as many as can be of use at the same time.
func newTallies() []*tally {
	all := make([]*tally, 2*runtime.GOMAXPROCS(0))
	for i := range all {
		all[i] = &tally{}
		for kind := range all[i].times {
			all[i].times[kind] = newHistogram()
		}
	}
	return all
}

// record enters n times of the same length, in µs.
func (t *tally) record(kind int, micros, n int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.enter(kind, micros, n)
}

// enter is record for who holds the lock.
func (t *tally) enter(kind int, micros, n int64) {
	_ = t.times[kind].RecordValues(min(max(micros, 1), longest), n) // within its bounds, so it takes it
}

// merge adds up what the tallies hold.
func merge(all []*tally) (times [numTimes]*hdrhistogram.Histogram, slots []slot) {
	for kind := range times {
		times[kind] = newHistogram()
	}
	slots = make([]slot, slotCount+1)
	for _, t := range all {
		t.mu.Lock()
		for kind := range times {
			times[kind].Merge(t.times[kind])
		}
		for i, s := range t.slots {
			slots[i].heard += s.heard
			slots[i].answers += s.answers
			slots[i].slowest = max(slots[i].slowest, s.slowest)
		}
		t.mu.Unlock()
	}
	return times, slots
}

// soFar is how many deliveries and answers have been counted; in connect,
// entries are answers.
func soFar(all []*tally) (heard, answers int64) {
	for _, t := range all {
		t.mu.Lock()
		for _, s := range t.slots {
			heard += s.heard
			answers += s.answers
		}
		t.mu.Unlock()
	}
	return heard, answers
}

// batch is what one read brought, gathered before it goes into a tally. Times
// from the same stamp in a row are one entry: a burst that was said together has
// mostly come together.
type batch struct {
	tally   *tally
	entries [32]entries
	used    int
}

// entries are count times of one kind that began at stamp, in µs.
type entries struct {
	kind         int
	stamp, count int64
}

// add enters one line; now is when it came.
func (b *batch) add(kind int, stamp, now, slotWidth int64) {
	if b.used > 0 {
		if last := &b.entries[b.used-1]; last.stamp == stamp && last.kind == kind {
			last.count++
			return
		}
	}
	if b.used == len(b.entries) {
		b.flush(now, slotWidth)
	}
	b.entries[b.used] = entries{kind, stamp, 1}
	b.used++
}

// flush empties the batch into its tally.
func (b *batch) flush(now, slotWidth int64) {
	if b.used == 0 {
		return
	}
	b.tally.mu.Lock()
	defer b.tally.mu.Unlock()
	s := &b.tally.slots[min(max(now, 0)/slotWidth, slotCount)]
	for _, e := range b.entries[:b.used] {
		took := since(now, e.stamp)
		b.tally.enter(e.kind, took, e.count)
		if e.kind == delivery {
			s.heard += e.count
			s.slowest = max(s.slowest, took)
		} else {
			s.answers += e.count
		}
	}
	b.used = 0
}
