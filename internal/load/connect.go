package load

import (
	"context"
	"net"
	"net/netip"
	"runtime"
	"sync/atomic"
	"time"
)

// connectScenario has several workers connect, log in and leave, again and
// again.
func (r *run) connectScenario(ctx context.Context) (*Report, error) {
	own := watchOwn()
	measuring := r.begin(ctx)
	var begun atomic.Int64
	for w := range r.opts.workers() {
		r.writing.Go(func() { r.comeAndGo(measuring, w, &begun) })
	}
	r.await(measuring)
	use := own.stop()
	r.writing.Wait()
	if r.entered.Load() == 0 {
		return nil, r.nobody(ctx)
	}
	return r.report(use, stopCause(ctx, measuring)), nil
}

// comeAndGo is one worker. With a rate, what it takes counts from when it was
// due, as in [pace.onTime].
func (r *run) comeAndGo(ctx context.Context, worker int, begun *atomic.Int64) {
	gap := time.Duration(0)
	if r.opts.Rate > 0 {
		gap = time.Duration(float64(time.Second) / r.opts.Rate)
	}
	due := r.start.Add(gap * time.Duration(worker) / time.Duration(r.opts.workers()))
	for sleepUntil(ctx, due) {
		if gap == 0 {
			due = time.Now()
		}
		n := begun.Add(1) - 1
		c := newClient(r, int(n))
		if gap > 0 {
			c.batch.tally.record(lateness, time.Since(due).Microseconds(), 1)
		}
		if err := r.visit(ctx, c); err != nil {
			if ctx.Err() != nil {
				return
			}
			if r.fail(c, err); r.failed() >= enough {
				r.stop(errFailing)
			}
			continue
		}
		now := r.now()
		c.batch.add(entry, due.Sub(r.start).Microseconds(), now, r.slotWidth)
		c.batch.flush(now, r.slotWidth)
		r.entered.Add(1)
		due = due.Add(gap)
	}
}

func (r *run) visit(ctx context.Context, c *client) error {
	defer c.close()
	if err := c.dial(ctx, sourceOf(c.index, r.target.Addr())); err != nil {
		return err
	}
	if err := c.greet(ctx); err != nil {
		return err
	}
	return c.login(ctx)
}

// sourceOf is where the n-th connection comes from. One address has some 28,000
// ports, and each stays taken for a minute after its connection; Linux has all
// of 127.0.0.0/8 to come from.
func sourceOf(n int, target netip.Addr) net.Addr {
	if runtime.GOOS != "linux" || !target.Is4() || !target.IsLoopback() {
		return nil
	}
	return &net.TCPAddr{IP: net.IPv4(127, 0, 0, byte(2+n/1000%60))}
}
