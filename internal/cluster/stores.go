package cluster

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"

	"parley/internal/history"
)

const (
	// seenTwice is how long NATS knows the ID of a block, so that a second
	// attempt is no second message.
	seenTwice = time.Minute
	// baseField is where the stream says what its IDs begin with.
	baseField = "parley-first-id"
)

// open finds the stream and the bucket, or makes them.
func (l *link) open(ctx context.Context) (err error) {
	r := l.room
	l.bucket, err = r.js.KeyValue(ctx, r.opts.bucket())
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		l.bucket, err = r.js.CreateKeyValue(ctx, l.bucketConfig())
	}
	if err != nil {
		return fmt.Errorf("the bucket %s: %w", r.opts.bucket(), err)
	}
	l.stream, err = r.js.Stream(ctx, r.opts.stream())
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		l.stream, err = l.makeStream(ctx)
	}
	if err != nil {
		return fmt.Errorf("the stream %s: %w", r.opts.stream(), err)
	}
	if err := l.setLimits(ctx); err != nil {
		return fmt.Errorf("other limits for %s: %w", r.opts.stream(), err)
	}
	if err := l.setBase(); err != nil {
		return err
	}
	return l.skip()
}

// skip uses up the sequences of what NATS has lost: our members know them by the IDs
// of other messages.
func (l *link) skip() error {
	var filling errgroup.Group
	filling.SetLimit(claimsAtOnce)
	for last := l.stream.CachedInfo().State.LastSeq; last < l.room.heard.now(); last++ {
		filling.Go(func() error {
			return l.publish(nats.NewMsg(l.room.opts.sayings()))
		})
	}
	return filling.Wait()
}

// setLimits gives the stream and the bucket what our options say, where that was
// something else: the node that was started last is right.
func (l *link) setLimits(ctx context.Context) (err error) {
	opts := &l.room.opts
	config := l.stream.CachedInfo().Config
	was := config
	config.MaxMsgs, config.MaxAge, config.Replicas = keepMessages(opts.Keep), opts.Keep.For, opts.Replicas
	if was.MaxMsgs == config.MaxMsgs && was.MaxAge == config.MaxAge && was.Replicas == config.Replicas {
		return nil
	}
	opts.Log.Info("the stream gets other limits", "stream", config.Name,
		"messages", config.MaxMsgs, "age", config.MaxAge, "replicas", config.Replicas)
	if l.stream, err = l.room.js.UpdateStream(ctx, config); err != nil || was.Replicas == config.Replicas {
		return err
	}
	_, err = l.room.js.UpdateKeyValue(ctx, l.bucketConfig())
	return err
}

func (l *link) bucketConfig() jetstream.KeyValueConfig {
	opts := &l.room.opts
	return jetstream.KeyValueConfig{
		Bucket: opts.bucket(), Description: "who is present in the parley cluster " + opts.Name,
		LimitMarkerTTL: tombstone, Replicas: opts.Replicas,
	}
}

// makeStream makes the stream, unless another node is faster.
func (l *link) makeStream(ctx context.Context) (jetstream.Stream, error) {
	r := l.room
	first := max(time.Now().UnixMicro(), r.said.Newest()+1)
	s, err := r.js.CreateStream(ctx, jetstream.StreamConfig{
		Name: r.opts.stream(), Description: "what is said in the parley cluster " + r.opts.Name,
		Subjects: []string{r.opts.sayings()},
		MaxMsgs:  keepMessages(r.opts.Keep), MaxAge: r.opts.Keep.For,
		Duplicates: seenTwice, Replicas: r.opts.Replicas,
		Metadata: map[string]string{baseField: strconv.FormatInt(first, 10)},
	})
	if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
		return r.js.Stream(ctx, r.opts.stream())
	}
	return s, err
}

func keepMessages(keep history.Keep) int64 {
	if keep.Lines == 0 {
		return -1
	}
	return int64(keep.Lines)
}

// setBase takes the IDs of this stream. If it is another one than before, what it
// has is new to us from its beginning.
func (l *link) setBase() error {
	r := l.room
	info := l.stream.CachedInfo()
	base, err := strconv.ParseInt(info.Config.Metadata[baseField], 10, 64)
	if err != nil {
		return fmt.Errorf("the stream %s was not made by parley: give --cluster-name another name", r.opts.stream())
	}
	r.order.Lock()
	defer r.order.Unlock()
	switch first := r.base == 0; {
	case first:
		l.past = info.State.LastSeq
		r.heard.reset(max(info.State.FirstSeq, 1) - 1)
		if most := uint64(r.opts.Remember); info.State.LastSeq > most {
			r.heard.reach(info.State.LastSeq - most)
		}
	case r.base != base:
		r.opts.Log.Warn("the stream is another one than before", "stream", r.opts.stream())
		r.heard.reset(0)
	case r.heard.now() > info.State.LastSeq:
		r.opts.Log.Error("NATS has lost messages that it had taken", "stream", r.opts.stream(),
			"last", info.State.LastSeq, "heard", r.heard.now())
	case r.heard.now()+1 < info.State.FirstSeq: // our members miss what the stream has dropped meanwhile
		r.said.Start(idOf(base, info.State.FirstSeq))
	}
	if r.base != base {
		r.said.Start(base)
	}
	r.base = base
	return nil
}
