package cluster

import (
	"context"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// gathered is how many blocks may have come and not been said yet.
const gathered = 512

// attend begins to follow the bucket and the stream, and to take letters. When it
// returns the node knows who is present.
func (l *link) attend(ctx context.Context) error {
	r := l.room
	l.presence = newPresence(r.self, mercy, func() { signal(l.sweep) }, l.own)
	if err := l.lease(); err != nil {
		return err
	}
	if err := l.follow(ctx, "KV_"+r.opts.bucket(), jetstream.ConsumerConfig{
		DeliverPolicy:  jetstream.DeliverLastPerSubjectPolicy,
		FilterSubjects: l.keys(),
	}, l.see); err != nil {
		return err
	}
	if l.settleNames() != nil || l.takeNumbers() != nil {
		return context.Cause(l.ctx)
	}
	for subject, handle := range map[string]nats.MsgHandler{
		r.opts.letters(r.self): l.receive,
		r.opts.asking():        l.tell,
	} {
		sub, err := r.nats.Subscribe(subject, handle)
		if err != nil {
			return err
		}
		context.AfterFunc(l.ctx, func() { _ = sub.Unsubscribe() }) // with NATS gone it is gone too
	}
	return l.attendStream(ctx)
}

func (l *link) attendStream(ctx context.Context) error {
	brought := make(chan jetstream.Msg, gathered)
	if err := l.follow(ctx, l.room.opts.stream(), jetstream.ConsumerConfig{
		DeliverPolicy: jetstream.DeliverByStartSequencePolicy,
		OptStartSeq:   l.room.heard.now() + 1,
	}, func(m jetstream.Msg) {
		select {
		case brought <- m:
		case <-l.ctx.Done():
		}
	}); err != nil {
		return err
	}
	l.running.Go(func() { l.listen(brought) })
	return nil
}

// keys are those of the bucket that concern us: names, leases, and our own fence.
func (l *link) keys() []string {
	prefix := "$KV." + l.room.opts.bucket() + "."
	return []string{prefix + "*", prefix + leasePrefix + ">", prefix + l.room.self.fence()}
}

// see takes in one change of the bucket.
func (l *link) see(m jetstream.Msg) {
	meta, err := m.Metadata()
	if err != nil {
		return
	}
	header := m.Headers()
	reason := header.Get(jetstream.MarkerReasonHeader)
	l.presence.apply(change{
		key:      m.Subject()[len("$KV.")+len(l.room.opts.bucket())+1:],
		value:    m.Data(),
		gone:     reason != "" || header.Get("KV-Operation") != "",
		expired:  reason == "MaxAge",
		revision: meta.Sequence.Stream,
	})
}

// own ends the link if a name is another's, or nobody's, that a member of ours has,
// and has a name cleared away that no connection of ours has.
func (l *link) own(had, has *entry) {
	r := l.room
	if gone := has == nil || has.identity != r.self || had != nil && had.Conn != has.Conn; gone && had != nil && r.relies(had) {
		l.fail(errNamesLost)
	}
	if has != nil && has.identity == r.self && !r.has(has.Conn, has.name) {
		signal(l.stray)
	}
}

// relies reports whether a member of ours has a name by what was claimed then. Who
// gives a name up does not rely on it any more by the time it is given back.
func (r *Room) relies(e *entry) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := r.conns[e.Conn]
	return c != nil && c.name == e.name && c.revision == e.revision
}
