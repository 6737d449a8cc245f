package cluster

import (
	"bytes"
	"context"
	"errors"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"parley/internal/hub"
	"parley/proto"
)

// utterance is a block of ours on its way through the stream.
type utterance struct {
	from  *hub.Member
	block *hub.Block
	said  chan int // takes to how many it went, once; room for one
}

// Say delivers b to every member of every node but from and returns how many those
// are (P-50). It comes back when NATS has the block and our own members have it
// too, so whoever has the answer finds its effect here (P-84). Apart, b goes to
// our own members at once.
func (r *Room) Say(from *hub.Member, b *hub.Block, wake []hub.Recipient) (n int, all []hub.Recipient) {
	l := r.current()
	if l == nil {
		return r.sayApart(from, b, wake)
	}
	began := time.Now()
	u := &utterance{from: from, block: b, said: make(chan int, 1)}
	id := r.begin(u)
	m := nats.NewMsg(r.opts.sayings())
	m.Data = b.Wire()
	m.Header.Set(jetstream.MsgIDHeader, id)
	if err := l.publish(m); err != nil {
		return r.sayApartAfterAll(id, u, wake)
	}
	patience := time.AfterFunc(r.opts.Patience, func() { l.fail(errors.New("the stream does not bring what it took")) })
	defer patience.Stop()
	select {
	case n = <-u.said:
		if r.Stats.Said != nil {
			r.Stats.Said(time.Since(began))
		}
		return n, wake
	case <-l.ctx.Done():
		return r.sayApartAfterAll(id, u, wake)
	}
}

// begin notes that a block is under way and returns its ID in NATS, by which the
// stream knows a second attempt and we our own.
func (r *Room) begin(u *utterance) (id string) {
	r.order.Lock()
	defer r.order.Unlock()
	r.count++
	id = r.ownPrefix() + strconv.FormatUint(r.count, 36)
	r.ours[id] = u
	return id
}

func (r *Room) ownPrefix() string { return r.self.Node + keySeparator + r.self.Start + keySeparator }

// publish puts a message into the stream.
func (l *link) publish(m *nats.Msg) error {
	return l.do(func(ctx context.Context) error {
		_, err := l.room.js.PublishMsg(ctx, m, jetstream.WithRetryAttempts(0))
		return err
	})
}

// sayApart delivers b to our own members, without an ID.
func (r *Room) sayApart(from *hub.Member, b *hub.Block, wake []hub.Recipient) (n int, all []hub.Recipient) {
	r.order.Lock()
	defer r.order.Unlock()
	n = r.sayAlone(from, b)
	return n, wake
}

// sayAlone says a block without an ID. It wakes who has to write: the session may have
// to wait for the other nodes before it would, if they are together again by then.
func (r *Room) sayAlone(from *hub.Member, b *hub.Block) (n int) {
	n, woken := r.sayHere(from, b, r.said.Time(), nil)
	wakeAll(woken)
	return n
}

// sayApartAfterAll does so with a block that was meant for all, unless our members
// have it already. Whether the others get it nobody knows: if the stream brings it all
// the same, it is one of ours that is not under way any more.
func (r *Room) sayApartAfterAll(id string, u *utterance, wake []hub.Recipient) (n int, all []hub.Recipient) {
	r.order.Lock()
	defer r.order.Unlock()
	select {
	case n := <-u.said:
		return n, wake
	default:
	}
	delete(r.ours, id)
	return r.sayAlone(u.from, u.block), wake
}

// sayHere says a block to our own members at its place. The order is held.
func (r *Room) sayHere(from *hub.Member, b *hub.Block, at proto.Stamp, wake []hub.Recipient) (n int, all []hub.Recipient) {
	r.placing = at
	if at.ID == 0 {
		r.Stats.Apart.Add(1)
	}
	return r.hub.Say(from, b, wake)
}

// listen says to our own members what the stream brings. It lets what has come
// already be said before it wakes who has to write.
func (l *link) listen(brought <-chan jetstream.Msg) {
	var wake []hub.Recipient
	pace := pace{}
	for {
		select {
		case <-l.ctx.Done():
			wakeAll(wake)
			return
		case m := <-brought:
			wake = l.hear(m, wake)
			if len(brought) == 0 || len(wake) > maxWake {
				runtime.Gosched() // first those who are told that theirs is said (decision 20)
				wakeAll(wake)
				wake = wake[:0]
			}
			pace.keep(l, m)
		}
	}
}

// maxWake is how many members wait at the most until they are woken.
const maxWake = 4096

func wakeAll(wake []hub.Recipient) {
	for _, to := range wake {
		to.Wake()
	}
	clear(wake)
}

// hear says one block of the stream.
func (l *link) hear(m jetstream.Msg, wake []hub.Recipient) []hub.Recipient {
	r := l.room
	meta, err := m.Metadata()
	if err != nil || meta.Sequence.Stream <= r.heard.now() {
		return wake
	}
	wire, id := m.Data(), m.Headers().Get(jetstream.MsgIDHeader)
	lines := countLines(wire)
	r.order.Lock()
	defer r.order.Unlock()
	defer r.heard.reach(meta.Sequence.Stream)
	r.pending.Store(meta.NumPending)
	at := proto.Stamp{ID: idOf(r.base, meta.Sequence.Stream), Time: r.clock.tell(meta.Timestamp)}
	own := strings.HasPrefix(id, r.ownPrefix())
	u := r.ours[id]
	delete(r.ours, id)
	switch {
	case len(wire) == 0: // see skip
	case lines == 0:
		r.Stats.Invalid.Add(1)
		r.opts.Log.Warn("the stream has something that no node has said", "sequence", meta.Sequence.Stream)
	case own && u == nil, meta.Sequence.Stream <= l.past:
		r.placing = at
		r.hub.Cut(func() { r.Keep(wire, lines) }) // our own have it, or nobody was here yet
	case own:
		n, all := r.sayHere(u.from, u.block, at, wake)
		wake = all
		u.said <- n + l.presence.elsewhere()
	default:
		_, wake = r.sayHere(nil, hub.NewBlock(wire, lines), at, wake)
	}
	r.Stats.Heard.Add(1)
	return wake
}

// countLines is how many lines a block has, or 0 if it is none.
func countLines(wire []byte) (n int) {
	for line := range bytes.Lines(wire) {
		if !isMessage(line, proto.PublicMessage) {
			return 0
		}
		n++
	}
	if n > hub.MaxLines {
		return 0
	}
	return n
}

// isMessage reports whether a line is a message as a node passes it on, whole: whoever
// may write to NATS might have put there anything.
func isMessage(line []byte, kind proto.Kind) bool {
	text, whole := bytes.CutSuffix(line, []byte("\n"))
	said, err := proto.ParseServerLine(text)
	return whole && err == nil && said.Kind == kind && said.Stamp.Time == "" &&
		proto.ValidName(said.Sender) && proto.IsText(said.Text)
}

// idOf is the ID of the first line of a block; the others have the IDs after it
// . base is the time in µs at which the stream was made, so the IDs of a
// stream that is made anew lie above.
func idOf(base int64, sequence uint64) int64 { return base + (int64(sequence)-1)*hub.MaxLines }

// sequenceOf is which block of the stream an ID is in.
func sequenceOf(base, id int64) uint64 {
	if id < base {
		return 0
	}
	return uint64((id-base)/hub.MaxLines) + 1
}

// clock makes texts of times, one for each millisecond; they never fall.
type clock struct {
	last int64 // ms since 1970
	text string
}

func (c *clock) tell(at time.Time) string {
	if ms := at.UnixMilli(); ms > c.last || c.text == "" {
		c.last, c.text = ms, at.UTC().Format(proto.TimeLayout)
	}
	return c.text
}

// Limits of what a node that has been away makes up for: who reads slower than
// that would be cut as a slow reader (P-71).
const (
	oldNews   = 5 * time.Second // older than this is made up for
	paceBytes = 256 << 10       // in a
	paceTime  = time.Second / 4
)

// pace slows down what is made up for.
type pace struct{ bytes int }

func (p *pace) keep(l *link, m jetstream.Msg) {
	meta, err := m.Metadata()
	if err != nil || meta.Sequence.Stream <= l.past || time.Since(meta.Timestamp) < oldNews {
		p.bytes = 0
		return
	}
	if p.bytes += len(m.Data()); p.bytes < paceBytes {
		return
	}
	p.bytes = 0
	select {
	case <-l.ctx.Done():
	case <-time.After(paceTime):
	}
}
