package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	// joinTime is how long joining may take, catching up left out.
	joinTime = 10 * time.Second
	// farewell is how long giving back the lease may take: P-73 bounds a stop.
	farewell = time.Second
	// rejoinPause is the time between two attempts to join again.
	rejoinPause = time.Second
)

var (
	errNoJetStream = errors.New("it has no JetStream: start nats-server with -js")
	// errStopping ends a link in order.
	errStopping = errors.New("the server stops")
)

// signal says that something has happened to whoever looks; one is enough.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// keep holds the node together with the others: whenever the link ends it makes
// another. It is the keeper of the link, and ends with ctx.
func (r *Room) keep(ctx context.Context, l *link) {
	for ctx.Err() == nil {
		if l != nil {
			r.watch(ctx, l)
			r.part(l)
		}
		select {
		case <-ctx.Done():
		case <-r.back:
		case <-time.After(rejoinPause):
		}
		if ctx.Err() != nil {
			return
		}
		var err error
		if l, err = r.join(ctx); err != nil {
			r.opts.Log.Debug("could not join the cluster again", "error", err)
			continue
		}
		r.opts.Log.Info("together with the other nodes again", "cluster", r.opts.Name)
	}
}

// watch waits until the link ends. It ends it when no NATS server can be reached
// for too long, and in order when the room is closed.
func (r *Room) watch(ctx context.Context, l *link) {
	gone := time.NewTimer(r.opts.Grace)
	gone.Stop()
	for {
		select {
		case <-r.lost:
			gone.Reset(r.opts.Grace)
		case <-r.back:
			if r.nats.IsConnected() { // else this is of an earlier time
				gone.Stop()
			}
		case <-gone.C:
			if !r.nats.IsConnected() {
				l.fail(errors.New("no NATS server can be reached"))
			}
		case <-l.ctx.Done():
			return
		case <-ctx.Done():
			l.giveBack()
			l.fail(errStopping)
			return
		}
	}
}

// giveBack gives the lease back, so that our names are free at once. What is left of
// it goes after a time, else each stop would leave something for ever. Nobody waits
// long for that: without it the lease runs out.
func (l *link) giveBack() {
	ctx, cancel := context.WithTimeout(l.ctx, farewell)
	defer cancel()
	_ = l.bucket.Purge(ctx, l.room.self.lease(), jetstream.PurgeTTL(tombstone))
}

// part goes on apart.
func (r *Room) part(l *link) {
	cause := context.Cause(l.ctx)
	r.mu.Lock()
	r.link, r.apart = nil, cause
	r.mu.Unlock()
	if !errors.Is(cause, errStopping) {
		r.Stats.Partings.Add(1)
		r.opts.Log.Warn("apart from the other nodes: a chat of our own members alone", "cause", cause)
	}
	l.running.Wait() // it can take seconds, with requests under way that nobody answers
}

// join makes a link. From its end on the room is together with the others: every
// member of ours has its name in the bucket, or has been told that it is lost.
func (r *Room) join(ctx context.Context) (*link, error) {
	l := &link{room: r, sweep: make(chan struct{}, 1), stray: make(chan struct{}, 1)}
	l.ctx, l.fail = context.WithCancelCause(context.Background())
	stop := context.AfterFunc(ctx, func() { l.fail(ctx.Err()) })
	defer stop()
	if err := l.begin(ctx); err != nil {
		l.fail(err)
		l.running.Wait()
		return nil, err
	}
	l.running.Go(l.refresh)
	l.running.Go(l.fetchNumbers)
	l.running.Go(l.clear)
	l.running.Go(l.clearOwn)
	return l, nil
}

func (l *link) begin(ctx context.Context) error {
	if err := l.prepare(ctx); err != nil {
		return err
	}
	if err := l.catchUp(); err != nil {
		return err
	}
	return l.enter()
}

// prepare is all of joining that takes a bounded time.
func (l *link) prepare(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, joinTime)
	defer cancel()
	if err := l.patiently(ctx, l.open); err != nil {
		return err
	}
	return l.attend(ctx)
}

// patiently tries something again while NATS has nobody to lead it: its servers,
// when they have just been started, or have lost one, do not answer such requests.
func (l *link) patiently(ctx context.Context, try func(ctx context.Context) error) error {
	for {
		attempt, cancel := context.WithTimeout(ctx, attempt)
		err := try(attempt)
		cancel()
		switch {
		case errors.Is(err, nats.ErrNoResponders):
			return errNoJetStream
		case !mayPass(err):
			return err
		}
		select {
		case <-time.After(maxPause):
		case <-ctx.Done():
			return fmt.Errorf("%w: have its servers a majority, and JetStream?", err)
		}
	}
}

// mayPass reports whether an error is of a time without a leader.
func mayPass(err error) bool {
	const noPeers, notAvailable = 10005, 10008
	if api, ok := errors.AsType[*jetstream.APIError](err); ok {
		return api.ErrorCode == noPeers || api.ErrorCode == notAvailable
	}
	return errors.Is(err, context.DeadlineExceeded)
}

// catchUp waits until our members have heard what was said while they were apart.
func (l *link) catchUp() error {
	for {
		before := l.room.heard.now()
		last, err := l.last()
		if err != nil {
			return context.Cause(l.ctx)
		}
		if l.room.heard.now() >= last {
			return nil
		}
		ctx, cancel := context.WithTimeout(l.ctx, joinTime)
		err = l.room.heard.await(ctx, last)
		cancel()
		if err != nil && l.room.heard.now() == before {
			return errors.New("the stream does not bring what it has")
		}
	}
}
