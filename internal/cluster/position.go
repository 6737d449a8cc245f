package cluster

import (
	"context"
	"slices"
	"sync"
)

// position is how far something has come, and who waits for it to come further.
type position struct {
	mu      sync.Mutex // guards all below
	at      uint64
	waiting []waiter // by what they wait for, the nearest first
}

type waiter struct {
	until   uint64
	reached chan struct{} // closed when it is
}

// reach moves the position; it never falls.
func (p *position) reach(at uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.at = max(p.at, at)
	n := 0
	for ; n < len(p.waiting) && p.waiting[n].until <= p.at; n++ {
		close(p.waiting[n].reached)
	}
	p.waiting = slices.Delete(p.waiting, 0, n)
}

// now is the position.
func (p *position) now() uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.at
}

// reset puts the position elsewhere, also back.
func (p *position) reset(at uint64) {
	p.mu.Lock()
	p.at = at
	p.mu.Unlock()
	p.reach(at)
}

// await waits until the position is at least at. The error is that of ctx.
func (p *position) await(ctx context.Context, at uint64) error {
	p.mu.Lock()
	if p.at >= at {
		p.mu.Unlock()
		return nil
	}
	i, _ := slices.BinarySearchFunc(p.waiting, at, func(w waiter, at uint64) int {
		if w.until <= at {
			return -1
		}
		return 1
	})
	w := waiter{at, make(chan struct{})}
	p.waiting = slices.Insert(p.waiting, i, w)
	p.mu.Unlock()
	select {
	case <-w.reached:
		return nil
	case <-ctx.Done():
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting = slices.DeleteFunc(p.waiting, func(other waiter) bool { return other.reached == w.reached })
	return context.Cause(ctx)
}

// fence lets many wait for one round of something together: for one that begins
// after they came.
type fence struct {
	turn sync.Mutex // held by the round that runs

	mu   sync.Mutex // guards next
	next *round
}

type round struct {
	done chan struct{}
	err  error // set before done is closed
}

// pass waits for a whole round of do, its own or that of somebody who came before
// and whose round has not begun.
func (f *fence) pass(do func() error) error {
	f.mu.Lock()
	if r := f.next; r != nil {
		f.mu.Unlock()
		<-r.done
		return r.err
	}
	r := &round{done: make(chan struct{})}
	f.next = r
	f.mu.Unlock()

	f.turn.Lock()
	f.mu.Lock()
	f.next = nil
	f.mu.Unlock()
	r.err = do()
	f.turn.Unlock()
	close(r.done)
	return r.err
}
