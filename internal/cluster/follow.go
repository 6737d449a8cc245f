package cluster

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

const (
	// beat is how often NATS says that it has nothing new; two that are missing are
	// the end of a consumer.
	beat = time.Second
	// unused is how long NATS keeps a consumer that nobody asks any more.
	unused = 10 * time.Second
)

// follower hands over what a stream has and gets, in order, each once. The library
// has such a thing, its ordered consumer; but that one waits 10 s for an answer
// that was lost together with a connection, and so does whoever stops it meanwhile:
// a NATS server that stands still for 2 s would make everybody wait for 10 s more.
type follower struct {
	// Fixed after construction.
	link   *link
	stream string
	each   func(jetstream.Msg)

	// Of the goroutine that runs it.
	from jetstream.ConsumerConfig // where the next consumer begins
}

// follow hands over what a stream has and gets, in order, as long as the link
// lasts.
func (l *link) follow(ctx context.Context, stream string, from jetstream.ConsumerConfig, each func(jetstream.Msg)) error {
	from.AckPolicy, from.MemoryStorage, from.Replicas = jetstream.AckNonePolicy, true, 1
	from.InactiveThreshold = unused
	f := &follower{link: l, stream: stream, each: each, from: from}
	messages, err := f.begin(ctx)
	if err != nil {
		return err
	}
	l.running.Go(func() { f.run(messages) })
	return nil
}

// begin makes a consumer.
func (f *follower) begin(ctx context.Context) (jetstream.MessagesContext, error) {
	stream, err := f.link.room.js.Stream(ctx, f.stream)
	if err != nil {
		return nil, err
	}
	if last := stream.CachedInfo().State.LastSeq; last+1 < f.from.OptStartSeq {
		f.link.fail(fmt.Errorf("NATS has lost what it had taken: %s ends at %d", f.stream, last))
		return nil, errApart
	}
	consumer, err := stream.CreateConsumer(ctx, f.from)
	if err != nil {
		return nil, err
	}
	return consumer.Messages(jetstream.PullHeartbeat(beat))
}

// run goes from one consumer to the next, where the last one ended.
func (f *follower) run(messages jetstream.MessagesContext) {
	for {
		f.read(messages)
		messages.Stop()
		err := f.link.do(func(ctx context.Context) (err error) {
			messages, err = f.begin(ctx)
			return err
		})
		if err != nil {
			return // the link has ended
		}
	}
}

// read hands over what a consumer brings, until it breaks or leaves something out.
func (f *follower) read(messages jetstream.MessagesContext) {
	for next := uint64(1); ; next++ {
		m, err := messages.Next(jetstream.NextContext(f.link.ctx))
		if err != nil {
			return
		}
		meta, err := m.Metadata()
		if err != nil || meta.Sequence.Consumer != next {
			return
		}
		f.from.DeliverPolicy, f.from.OptStartSeq = jetstream.DeliverByStartSequencePolicy, meta.Sequence.Stream+1
		f.each(m)
	}
}
