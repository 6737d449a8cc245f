package load

import (
	"math/bits"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// voice is one kind of line that a client sends, each of which has one answer
// (P-43): its messages, or its questions.
type voice struct {
	// Fixed from the start.
	line   func(dst []byte, n, stamp int64) []byte // appends the n-th line
	window int64                                   // lines under way, at most
	shift  int                                     // an epoch is 1<<shift lines; see heardBy

	stamps []atomic.Int64 // when the lines under way were to be sent, in µs; a ring

	wentOn   int          // the writer's: how often it did not wait any more; see goOn
	sent     atomic.Int64 // the writer's: lines whose sending has begun
	answered atomic.Int64 // the listener's

	mu      sync.Mutex // guards refused
	refused []int64    // the numbers of lines that were refused

	// The closed loop. Everybody's listeners count.
	epochs [8]atomic.Int64 // clients that have heard the whole of an epoch
	heard  atomic.Int64    // lines that everybody has
	wake   chan struct{}   // one token: look again; never closed
}

// noEpochs is a shift by which no line ends an epoch.
const noEpochs = 63

func newVoice(window int, line func(dst []byte, n, stamp int64) []byte) *voice {
	ring := 1 << bits.Len(uint(window-1))
	return &voice{
		line: line, window: int64(window), shift: noEpochs,
		stamps: make([]atomic.Int64, ring), wake: make(chan struct{}, 1),
	}
}

// awaitHearers makes a line count as under way until everybody has heard it.
// Otherwise a sender who is answered at once would put any number of lines
// before receivers that are slower than he is. They are counted by epochs, of at
// most half a window.
func (v *voice) awaitHearers() { v.shift = max(0, bits.Len(uint(v.window))-2) }

// free is how many lines may be sent now.
func (v *voice) free() int64 {
	done := v.answered.Load()
	if v.shift != noEpochs {
		done = min(done, v.heard.Load())
	}
	return done + v.window - v.sent.Load()
}

// next appends the next line.
func (v *voice) next(dst []byte, stamp int64) []byte {
	n := v.sent.Load()
	v.stamps[n&int64(len(v.stamps)-1)].Store(stamp)
	// Counted before it is written: who comes now and does not find it counted
	// has to hear it.
	v.sent.Store(n + 1)
	return v.line(dst, n, stamp)
}

// answer notes that the oldest line under way was answered and returns its
// stamp; ok is false if there is none.
func (v *voice) answer(refused bool) (stamp int64, ok bool) {
	n := v.answered.Load()
	if n == v.sent.Load() {
		return 0, false
	}
	if refused {
		v.mu.Lock()
		v.refused = append(v.refused, n)
		v.mu.Unlock()
	}
	stamp = v.stamps[n&int64(len(v.stamps)-1)].Load()
	v.answered.Store(n + 1)
	return stamp, true
}

// refusals are the numbers of the lines that were refused.
func (v *voice) refusals() []int64 {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.refused)
}

// nudge makes the writer look again.
func (v *voice) nudge() {
	select {
	case v.wake <- struct{}{}:
	default:
	}
}

// heardBy notes that one more client has gone from line before to line after,
// out of so many that hear.
func (v *voice) heardBy(before, after int64, hearers *atomic.Int64) {
	for e := before >> v.shift; e < after>>v.shift; e++ {
		if v.epochs[e&7].Add(1) >= hearers.Load() {
			v.epochs[e&7].Store(0)
			v.heardUpTo((e + 1) << v.shift)
			v.nudge()
		}
	}
}

func (v *voice) heardUpTo(n int64) {
	for {
		old := v.heard.Load()
		if old >= n || v.heard.CompareAndSwap(old, n) {
			return
		}
	}
}

// goOn gives up on who has not heard all of it within patience: he is gone, or
// the line is lost. Either is counted elsewhere.
func (v *voice) goOn() {
	if v.answered.Load() < v.sent.Load() {
		return // it is the answers that are missing
	}
	for i := range v.epochs {
		v.epochs[i].Store(0)
	}
	v.heardUpTo(v.sent.Load() >> v.shift << v.shift)
	v.wentOn++
}

// patience is how long a line may take to everybody (P-71).
const patience = time.Second
