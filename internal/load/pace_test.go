package load

import (
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// stamped is a voice whose lines are their stamps, eight bytes each.
func stamped(window int) *voice {
	return newVoice(window, func(dst []byte, _, stamp int64) []byte { return binary.BigEndian.AppendUint64(dst, uint64(stamp)) })
}

// log is the receiving side of a pace.
type log struct {
	start  time.Time
	stamps []time.Duration // when the lines were to be sent
	at     []time.Duration // when they were
	late   []time.Duration
	before func(n int) error // runs before the n-th write
	writes int
}

func (l *log) pace() *pace {
	l.start = time.Now()
	return &pace{start: l.start, write: l.write, late: func(d time.Duration) { l.late = append(l.late, d) }}
}

func (l *log) write(b []byte) error {
	if l.before != nil {
		if err := l.before(l.writes); err != nil {
			return err
		}
	}
	l.writes++
	for ; len(b) > 0; b = b[8:] {
		l.stamps = append(l.stamps, time.Duration(binary.BigEndian.Uint64(b))*time.Microsecond)
		l.at = append(l.at, time.Since(l.start))
	}
	return nil
}

func every(d time.Duration) func() time.Duration { return func() time.Duration { return d } }

const second = time.Second

// Lines go out when they are due. When the network stalls they go out after
// that, all at once, and each still says when it was due: a stall of three
// seconds is seen by every line that had to wait for it.
func TestOpenLoopCountsFromWhenALineWasDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 6500*time.Millisecond)
		defer cancel()
		l := &log{before: func(n int) error {
			if n == 1 {
				time.Sleep(3 * second) //nolint:forbidigo // the clock of the bubble
			}
			return nil
		}}
		if err := l.pace().onTime(ctx, []strand{{stamped(100), second, every(second)}}); err != nil {
			t.Fatal(err)
		}
		want := []time.Duration{1 * second, 2 * second, 3 * second, 4 * second, 5 * second, 6 * second}
		if !slices.Equal(l.stamps, want) {
			t.Errorf("the stamps are %v, want %v", l.stamps, want)
		}
		if want := []time.Duration{1 * second, 5 * second, 5 * second, 5 * second, 5 * second, 6 * second}; !slices.Equal(l.at, want) {
			t.Errorf("sent at %v, want %v", l.at, want)
		}
		if want := []time.Duration{0, 0, 2 * second, 1 * second, 0, 0}; !slices.Equal(l.late, want) {
			t.Errorf("late by %v, want %v", l.late, want)
		}
	})
}

// Several strands take turns as they are due.
func TestStrandsTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 6500*time.Millisecond)
		defer cancel()
		l := &log{}
		talk, poll := stamped(100), stamped(100)
		_ = l.pace().onTime(ctx, []strand{{talk, 1 * second, every(3 * second)}, {poll, 2 * second, every(2 * second)}})
		if want := []time.Duration{1 * second, 2 * second, 4 * second, 4 * second, 6 * second}; !slices.Equal(l.at, want) {
			t.Errorf("sent at %v, want %v", l.at, want)
		}
		if talk.sent.Load() != 2 || poll.sent.Load() != 3 {
			t.Errorf("sent %d and %d lines, want 2 and 3", talk.sent.Load(), poll.sent.Load())
		}
	})
}

// Where too many lines are under way the next one waits for an answer, and is
// late.
func TestOpenLoopIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 5500*time.Millisecond)
		defer cancel()
		l, v := &log{}, stamped(2)
		time.AfterFunc(5*second, func() {
			v.answer(false)
			v.nudge()
		})
		_ = l.pace().onTime(ctx, []strand{{v, second, every(second)}})
		if want := []time.Duration{1 * second, 2 * second, 5 * second}; !slices.Equal(l.at, want) {
			t.Errorf("sent at %v, want %v", l.at, want)
		}
		if want := []time.Duration{0, 0, 2 * second}; !slices.Equal(l.late, want) {
			t.Errorf("late by %v, want %v", l.late, want)
		}
	})
}

// The closed loop keeps a window full and no fuller, and each answer lets one
// more line go.
func TestClosedLoopKeepsItsWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		l, v := &log{}, stamped(3)
		ended := make(chan error)
		go func() { ended <- l.pace().asAnswered(ctx, v) }()
		for answers := range int64(5) {
			synctest.Wait()
			if got := v.sent.Load(); got != 3+answers {
				t.Errorf("after %d answers %d lines are sent, want %d", answers, got, 3+answers)
			}
			v.answer(false)
			v.nudge()
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// A line is under way until all have heard it, for a second at most.
func TestClosedLoopWaitsForWhoHears(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		l, v := &log{}, stamped(4) // epochs of two lines
		v.awaitHearers()
		var hearers atomic.Int64
		hearers.Store(2)
		ended := make(chan error)
		go func() { ended <- l.pace().asAnswered(ctx, v) }()
		expect := func(what string, want int64) {
			t.Helper()
			synctest.Wait()
			if got := v.sent.Load(); got != want {
				t.Errorf("%s: %d lines are sent, want %d", what, got, want)
			}
		}
		expect("at first", 4)
		for range 4 {
			v.answer(false)
		}
		v.nudge()
		expect("all answered, nobody has heard", 4)
		v.heardBy(0, 4, &hearers)
		expect("one has heard all", 4)
		v.heardBy(0, 1, &hearers)
		expect("the other has heard one", 4)
		v.heardBy(1, 2, &hearers)
		expect("the other has heard an epoch", 6)
		v.answer(false)
		v.answer(false)
		began := time.Now()
		time.Sleep(patience + 1) //nolint:forbidigo // the clock of the bubble
		expect("nobody hears any more", 10)
		if waited := time.Since(began); waited > patience+1 {
			t.Errorf("waited %v for who is gone", waited)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// A write that fails ends the pace.
func TestPaceEndsWithItsConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("broken")
		l := &log{before: func(n int) error {
			if n == 2 {
				return broken
			}
			return nil
		}}
		if err := l.pace().onTime(t.Context(), []strand{{stamped(9), 0, every(second)}}); !errors.Is(err, broken) {
			t.Errorf("the open loop ended with %v", err)
		}
		l.writes = 2
		if err := l.pace().asAnswered(t.Context(), stamped(9)); !errors.Is(err, broken) {
			t.Errorf("the closed loop ended with %v", err)
		}
	})
}

func TestPause(t *testing.T) {
	for chance, want := range map[float64]time.Duration{0: 2 * second, 1: 10 * second, 99: 50 * second} {
		if got := pause(float64(10*second), chance); got != want {
			t.Errorf("pause(10s, %v) = %v, want %v", chance, got, want)
		}
	}
}

func TestChosen(t *testing.T) {
	for _, tt := range []struct{ of, percent, want int }{{300, 5, 15}, {300, 0, 0}, {40, 100, 40}, {10, 5, 0}, {20, 5, 1}} {
		n := 0
		for i := range tt.of {
			if chosen(i, tt.percent) {
				n++
			}
		}
		if n != tt.want {
			t.Errorf("%d percent of %d are %d, want %d", tt.percent, tt.of, n, tt.want)
		}
	}
}
