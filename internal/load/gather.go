package load

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	// entering is how many clients come in at the same time, where no ramp
	// spreads them.
	entering = 64
	// enough is how many clients may fail to come in before the others do not
	// try any more: a server that is silent costs each of them its timeout.
	enough = 16
)

// gather connects all clients and, once they are connected, logs them in:
// servers exist that lose logins while they accept connections. Those who do
// not make it are left out and counted.
func (r *run) gather(ctx context.Context) {
	all := make([]*client, r.opts.Clients)
	took := make([]time.Duration, r.opts.Clients)
	began := time.Now()
	greeted := r.each(ctx, all, func(i int) error {
		if !sleepUntil(ctx, began.Add(r.joinAt(i))) {
			return context.Cause(ctx)
		}
		defer timed(&took[i])()
		all[i] = newClient(r, i)
		if err := all[i].dial(ctx, nil); err != nil {
			return err
		}
		return all[i].greet(ctx)
	})
	r.clients = r.each(ctx, greeted, func(i int) error {
		defer timed(&took[greeted[i].index])()
		if err := greeted[i].login(ctx); err != nil {
			return err
		}
		r.entered.Add(1)
		r.present.Add(1)
		return nil
	})
	for _, c := range r.clients {
		c.batch.tally.record(entry, took[c.index].Microseconds(), 1)
	}
}

// joinAt is when the i-th client comes, spread over the ramp.
func (r *run) joinAt(i int) time.Duration {
	return r.opts.Ramp * time.Duration(i) / time.Duration(r.opts.Clients)
}

// timed adds what passes until the function it returns is called.
func timed(d *time.Duration) func() {
	began := time.Now()
	return func() { *d += time.Since(began) }
}

// each does something to every client, many at a time, and returns those for
// whom it worked, in their order.
func (r *run) each(ctx context.Context, clients []*client, do func(i int) error) []*client {
	worked := make([]bool, len(clients))
	var wg sync.WaitGroup
	places := make(chan struct{}, entering)
	for i := range clients {
		places <- struct{}{}
		if r.failed() >= enough {
			r.leaveOut(len(clients) - i)
			break
		}
		wg.Go(func() {
			defer func() { <-places }()
			err := do(i)
			switch {
			case err == nil:
				worked[i] = true
			case ctx.Err() != nil:
				r.leaveOut(1)
			default:
				r.fail(clients[i], err)
			}
		})
	}
	wg.Wait()
	var in []*client
	for i, c := range clients {
		if worked[i] {
			in = append(in, c)
		} else if c != nil {
			c.close()
		}
	}
	return in
}

// sleepUntil is false if ctx ends first.
func sleepUntil(ctx context.Context, when time.Time) bool {
	timer := time.NewTimer(time.Until(when))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return ctx.Err() == nil
	}
}

// fail notes that a client did not come in.
func (r *run) fail(c *client, err error) {
	if c != nil {
		c.close()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failures[err.Error()]++
}

func (r *run) failed() (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, count := range r.failures {
		n += count
	}
	return n
}

func (r *run) leaveOut(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.notTried += n
}

// failureList says how often what went wrong.
func (r *run) failureList() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var list []string
	for _, reason := range slices.Sorted(maps.Keys(r.failures)) {
		list = append(list, fmt.Sprintf("%d × %s", r.failures[reason], reason))
	}
	return strings.Join(list, "; ")
}
