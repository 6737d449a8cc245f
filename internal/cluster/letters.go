package cluster

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"time"

	"github.com/nats-io/nats.go"

	"parley/internal/hub"
	"parley/proto"
)

const (
	// letterTime is how long the answer to a private message may take; then the
	// sender is told that it did not arrive, though it may have (P-43).
	letterTime = 2 * time.Second
	// catchUpTime is how long a letter waits for what its sender said before.
	catchUpTime = time.Second
)

// Answers to a letter. delivered is followed by the time of it.
const (
	delivered = "delivered "
	nobody    = "nobody"
)

// Whisper delivers b to the connection called name, wherever it is (P-51). The only
// error is [hub.ErrNoRecipient]; it also stands for an answer that does not come.
func (r *Room) Whisper(name []byte, b *hub.Block) error {
	if r.hub.Whisper(name, b) == nil {
		return nil
	}
	l := r.current()
	if l == nil {
		return hub.ErrNoRecipient
	}
	if at, ok := l.presence.find(string(name)); ok {
		if err := l.send(at, name, b); err == nil || !errors.Is(err, errNobody) {
			return recipientError(err)
		}
	}
	// Whoever has just logged in elsewhere may not be known here yet (P-84).
	if l.settleNames() != nil {
		return hub.ErrNoRecipient
	}
	if r.hub.Whisper(name, b) == nil {
		return nil
	}
	at, ok := l.presence.find(string(name))
	if !ok {
		return hub.ErrNoRecipient
	}
	return recipientError(l.send(at, name, b))
}

// errNobody is that the node has nobody of that name any more.
var errNobody = errors.New("nobody has that name there")

func recipientError(err error) error {
	if err != nil {
		return hub.ErrNoRecipient
	}
	return nil
}

// send asks another node to deliver a letter and waits for its answer. What our
// members have heard so far the recipient hears first: the sender may have said
// some of it (P-80).
func (l *link) send(to identity, name []byte, b *hub.Block) error {
	r := l.room
	letter := binary.BigEndian.AppendUint64(nil, r.heard.now())
	letter = append(append(letter, name...), '\n')
	letter = append(letter, b.Wire()...)
	ctx, cancel := context.WithTimeout(l.ctx, letterTime)
	defer cancel()
	r.Stats.Letters.Add(1)
	answer, err := r.nats.RequestWithContext(ctx, r.opts.letters(to), letter)
	if errors.Is(err, nats.ErrNoResponders) {
		return errNobody // the node is gone; somebody may have come back elsewhere
	}
	if err != nil {
		r.Stats.Unanswered.Add(1)
		return err
	}
	at, ok := bytes.CutPrefix(answer.Data, []byte(delivered))
	if !ok {
		return errNobody
	}
	b.Place(proto.Stamp{Time: string(at)})
	return nil
}

// receive delivers a letter of another node to one of our members.
func (l *link) receive(m *nats.Msg) {
	r := l.room
	name, line, ok := bytes.Cut(m.Data[min(8, len(m.Data)):], []byte("\n"))
	if !ok || !isMessage(line, proto.PrivateMessage) {
		r.Stats.Invalid.Add(1)
		return
	}
	ctx, cancel := context.WithTimeout(l.ctx, catchUpTime)
	defer cancel()
	if r.heard.await(ctx, binary.BigEndian.Uint64(m.Data)) != nil {
		return // the sender is told that it did not arrive
	}
	b := hub.NewBlock(line, 1)
	answer := []byte(nobody)
	if r.hub.Whisper(name, b) == nil {
		answer = append([]byte(delivered), b.Stamp(0).Time...)
	}
	_ = m.Respond(answer) // the sender does not wait for ever
}
