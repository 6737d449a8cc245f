package cluster

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	// attempt is how long one request to NATS may take before it is made again.
	attempt = 2 * time.Second
	// Pauses before that.
	minPause = 20 * time.Millisecond
	maxPause = 500 * time.Millisecond
	// mercy is how long a node may be without its lease before its names are
	// free: when NATS elects a new leader, leases that nobody could refresh
	// expire together, and come back at once.
	mercy = 2 * time.Second
)

// link is one stretch of time in which the node is together with the others. It
// ends when NATS has failed for too long; the room then goes on apart, and its
// keeper makes another.
type link struct {
	// Fixed after joining.
	room     *Room
	ctx      context.Context //nolint:containedctx // it is the life of the link
	fail     context.CancelCauseFunc
	bucket   jetstream.KeyValue
	stream   jetstream.Stream
	presence *presence
	past     uint64 // what the stream has up to here was said before this node was there

	names, sayings fence         // of those who wait for the others
	sweep          chan struct{} // there are names of other nodes to clear away; one is enough
	stray          chan struct{} // there are names of ours that nobody has; one is enough

	running sync.WaitGroup // all goroutines of the link
}

// do tries something until it succeeds, fails for good, or the link ends. What
// NATS says of keys is for good; everything else may pass. What fails for longer
// than the node's patience ends the link.
func (l *link) do(try func(ctx context.Context) error) error {
	pause, began := minPause, time.Now()
	for {
		err := l.once(try)
		switch {
		case err == nil, errors.Is(err, jetstream.ErrKeyExists), errors.Is(err, jetstream.ErrKeyNotFound), isConflict(err):
			return err
		case l.ctx.Err() != nil:
			return errApart
		case time.Since(began) > l.room.opts.Patience:
			l.fail(fmt.Errorf("NATS does not do what it is asked: %w", err))
			return errApart
		}
		l.room.Stats.Retries.Add(1)
		select {
		case <-time.After(pause):
		case <-l.ctx.Done():
			return errApart
		}
		pause = min(2*pause, maxPause)
	}
}

func (l *link) once(try func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(l.ctx, attempt)
	defer cancel()
	return try(ctx)
}

// isConflict reports whether somebody else changed a key first. Replicated
// streams have a code of their own for it.
func isConflict(err error) bool {
	const replicated = 10164
	var api *jetstream.APIError
	return errors.As(err, &api) && (api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence || api.ErrorCode == replicated)
}

// put writes a key with header fields that the library's own calls do not know; an
// update there would drop the time to live.
func (l *link) put(key string, value []byte, header map[string]string) (revision uint64, err error) {
	m := nats.NewMsg("$KV." + l.room.opts.bucket() + "." + key)
	m.Data = value
	for field, value := range header {
		m.Header.Set(field, value)
	}
	err = l.do(func(ctx context.Context) error {
		ack, err := l.room.js.PublishMsg(ctx, m, jetstream.WithRetryAttempts(0))
		if err == nil {
			revision = ack.Sequence
		}
		return err
	})
	return revision, err
}

// await waits until what NATS has taken has come back to us. If that takes too
// long the link ends. The error is errApart.
func (l *link) await(p *position, at uint64) error {
	if p.now() >= at {
		return nil
	}
	ctx, cancel := context.WithTimeout(l.ctx, l.room.opts.Patience)
	defer cancel()
	if p.await(ctx, at) == nil {
		return nil
	}
	l.fail(errors.New("NATS does not bring what it has taken"))
	return errApart
}

// reached waits until a change of the bucket is known here.
func (l *link) reached(revision uint64) {
	_ = l.await(&l.presence.applied, revision) // apart, our own members are all there is
}

// settleNames waits until every change of the bucket that was answered to anybody
// is known here (P-84): it writes one, and waits for that.
func (l *link) settleNames() error {
	return l.names.pass(func() error {
		revision, err := l.put(l.room.self.fence(), nil, map[string]string{jetstream.MsgTTLHeader: tombstone.String()})
		if err != nil {
			return err
		}
		return l.await(&l.presence.applied, revision)
	})
}

// settleSayings waits until what was acknowledged to anybody has been said here.
func (l *link) settleSayings() error {
	return l.sayings.pass(func() error {
		last, err := l.last()
		if err != nil {
			return err
		}
		return l.await(&l.room.heard, last)
	})
}

// last is the sequence of the newest block that the stream has, or 0. It need not be
// the last that the stream gave out: blocks are dropped, and operators delete some, and
// what is not there does not come.
func (l *link) last() (sequence uint64, err error) {
	err = l.do(func(ctx context.Context) error {
		m, err := l.stream.GetLastMsgForSubject(ctx, l.room.opts.sayings())
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			return nil
		}
		if err == nil {
			sequence = m.Sequence
		}
		return err
	})
	return sequence, err
}

// state is what the stream has.
func (l *link) state() (state jetstream.StreamState, err error) {
	err = l.do(func(ctx context.Context) error {
		info, err := l.stream.Info(ctx)
		if err == nil {
			state = info.State
		}
		return err
	})
	return state, err
}

// refresh renews the lease, again and again. Who cannot for as long as it lasts is
// apart, whatever else works.
func (l *link) refresh() {
	for {
		select {
		case <-l.ctx.Done():
			return
		case <-time.After(l.room.opts.Lease * 3 / 10):
		}
		if l.lease() != nil {
			return
		}
	}
}

// lease writes our lease, with its time to live.
func (l *link) lease() error {
	_, err := l.put(l.room.self.lease(), nil, map[string]string{
		jetstream.MsgTTLHeader: l.room.opts.Lease.String(),
	})
	return err
}
