package cluster

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"math"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"parley/internal/history"
	"parley/proto"
)

// archive is what was said longer ago than this node remembers: the stream.
// Apart, there is nothing in it, and it says that something may be missing.
type archive struct{ room *Room }

// Before is the newest n messages with IDs smaller than id.
func (a archive) Before(id int64, n int) ([]history.Message, error) {
	l := a.room.current()
	if l == nil {
		return nil, nil
	}
	var found []history.Message
	size := 0
	to := min(sequenceOf(a.room.idBase(), id), a.room.heard.now())
	for to > 0 && len(found) < n && size < proto.MaxBlock {
		from := uint64(1)
		if to > oneRead {
			from = to - oneRead + 1
		}
		older, err := l.read(from, to, math.MaxInt, func(m *history.Message) bool { return m.Stamp.ID < id })
		if err != nil {
			return nil, err
		}
		if len(older) == 0 && len(found) > 0 {
			break // the stream has dropped what came before
		}
		found = append(older, found...)
		size += sizeOf(older)
		to = from - 1
	}
	return found[max(0, len(found)-n):], nil
}

// oneRead is how many blocks are read in one go.
const oneRead = 128

func sizeOf(messages []history.Message) (n int) {
	for i := range messages {
		n += len(messages[i].Text)
	}
	return n
}

// After is the oldest n messages with IDs greater than id.
func (a archive) After(id int64, n int) ([]history.Message, error) {
	l := a.room.current()
	if l == nil {
		return nil, nil
	}
	return l.read(max(1, sequenceOf(a.room.idBase(), id)), math.MaxUint64, n,
		func(m *history.Message) bool { return m.Stamp.ID > id })
}

// Lost is the newest ID that the stream may have dropped. How many lines the last
// block had that it dropped is not known: who has seen some of it is told of a gap,
// even if that was all.
func (a archive) Lost() int64 {
	l := a.room.current()
	if l == nil {
		return math.MaxInt64
	}
	state, err := l.state()
	if err != nil {
		return math.MaxInt64
	}
	return idOf(a.room.idBase(), max(state.FirstSeq, 1)) - 1
}

func (r *Room) idBase() int64 {
	r.order.Lock()
	defer r.order.Unlock()
	return r.base
}

// patienceToRead is how long the reading of older messages may take.
const patienceToRead = 5 * time.Second

// read returns up to n of the messages in the blocks from one sequence to another
// that are wanted, oldest first.
func (l *link) read(from, to uint64, n int, wanted func(*history.Message) bool) (found []history.Message, err error) {
	ctx, cancel := context.WithTimeout(l.ctx, patienceToRead)
	defer cancel()
	state, err := l.state()
	if err != nil {
		return nil, err
	}
	from, to = max(from, state.FirstSeq), min(to, state.LastSeq)
	if from > to {
		return nil, nil
	}
	reader, err := l.stream.CreateConsumer(ctx, jetstream.ConsumerConfig{
		DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: from,
		AckPolicy: jetstream.AckNonePolicy, MemoryStorage: true, Replicas: 1, InactiveThreshold: unused,
	})
	if err != nil {
		return nil, err
	}
	defer func() { _ = l.stream.DeleteConsumer(ctx, reader.CachedInfo().Name) }() // else it goes when it is unused
	base, at, left := l.room.idBase(), from-1, reader.CachedInfo().NumPending
	for at < to && left > 0 && len(found) < n && sizeOf(found) < proto.MaxBlock {
		batch, err := reader.Fetch(int(min(left, to-at, uint64(n), proto.MaxPage)), jetstream.FetchMaxWait(attempt))
		if err != nil {
			return nil, err
		}
		before := at
		for m := range batch.Messages() {
			meta, err := m.Metadata()
			if err != nil {
				return nil, err
			}
			if at, left = meta.Sequence.Stream, meta.NumPending; at > to {
				break
			}
			found = appendMessages(found, base, m.Data(), meta, wanted)
		}
		if at == before { // a page that ends here would say that there is nothing more
			return nil, cmp.Or(batch.Error(), errors.New("the stream does not bring what it has"))
		}
	}
	return found[:min(n, len(found))], nil
}

// appendMessages takes a block apart.
func appendMessages(to []history.Message, base int64, wire []byte, meta *jetstream.MsgMetadata, wanted func(*history.Message) bool) []history.Message {
	if countLines(wire) == 0 {
		return to
	}
	at := proto.Stamp{ID: idOf(base, meta.Sequence.Stream), Time: meta.Timestamp.UTC().Format(proto.TimeLayout)}
	for line := range bytes.Lines(wire) {
		m := history.MessageOf(at, line)
		if wanted(&m) {
			to = append(to, m)
		}
		at.ID++
	}
	return to
}
