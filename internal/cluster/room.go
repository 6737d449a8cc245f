package cluster

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"parley/internal/history"
	"parley/internal/hub"
	"parley/proto"
)

// errApart is that the node is not together with the others, or is no longer.
var errApart = errors.New("apart from the other nodes")

// Room is the public room of all nodes, as the sessions of this one meet it.
// Make it with [Open].
type Room struct {
	// Fixed after Open.
	opts Options
	self identity
	hub  *hub.Hub // our own members
	said *history.History
	nats *nats.Conn
	js   jetstream.JetStream
	stop context.CancelFunc

	Stats   Stats
	numbers numbers
	heard   position      // the sequence in the stream of what our members heard last
	pending atomic.Uint64 // blocks that the stream has beyond that
	lost    chan struct{} // NATS cannot be reached; one is enough
	back    chan struct{} // it can again

	running sync.WaitGroup // the keeper of the link

	// order is held while one block is said, and guards what follows.
	order   sync.Mutex
	placing proto.Stamp           // of the block that is being said
	base    int64                 // the ID of the stream's first line
	clock   clock                 // of what the stream brings
	ours    map[string]*utterance // our own blocks that are under way, by their ID in NATS
	count   uint64                // of our own blocks, ever

	mu      sync.Mutex              // guards all below; the hub's comes after it
	link    *link                   // nil: apart
	members map[*hub.Member]*member // all that are in the hub
	conns   map[uint64]*member      // the same, and those on their way in
	joined  uint64                  // how many have ever been
	apart   error                   // why the node is apart; nil if it is not
}

// member is one of our own connections. Its session changes it, and the keeper of
// the link while there is none; the room's lock guards it.
type member struct {
	in       *hub.Member // nil: on its way in
	to       hub.Recipient
	conn     uint64
	name     string
	login    bool
	place    uint64 // the revision of its first claim; 0: never claimed
	claiming string // the name that it is about to get
	revision uint64 // of the key that holds its name; 0: not claimed, or lost
	through  *link  // the link in which its name was claimed; nil: none
}

// Open joins a cluster, or makes it if this is the first node. The error says
// what is wrong with the options or with NATS.
func Open(ctx context.Context, opts Options) (*Room, error) {
	opts = opts.orDefaults()
	r := &Room{
		opts:    opts,
		self:    identityOf(opts.Node, time.Now()),
		lost:    make(chan struct{}, 1),
		back:    make(chan struct{}, 1),
		ours:    make(map[string]*utterance),
		members: make(map[*hub.Member]*member),
		conns:   make(map[uint64]*member),
		apart:   errApart,
	}
	r.numbers.low = make(chan struct{}, 1)
	var err error
	if r.said, err = history.Open(history.Options{Archive: archive{r}, MemoryLines: opts.Remember, Log: opts.Log}); err != nil {
		return nil, err
	}
	r.hub = hub.New(r)
	if err := r.connect(); err != nil {
		return nil, fmt.Errorf("NATS at %s: %w", forPeople(opts.URLs), err)
	}
	l, err := r.join(ctx)
	if err != nil {
		r.nats.Close()
		return nil, fmt.Errorf("NATS at %s: %w", forPeople(opts.URLs), err)
	}
	ctx, r.stop = context.WithCancel(context.Background())
	r.running.Go(func() { r.keep(ctx, l) })
	return r, nil
}

// Part leaves the cluster for good; members that are still there go on apart. Who
// stops calls it when NATS may be what members wait for. It does not wait.
func (r *Room) Part() { r.stop() }

// Close leaves the cluster. Every member has left before.
func (r *Room) Close() {
	r.stop()
	r.running.Wait()
	r.nats.Close()
	r.said.Close()
}

// History is what was said, on all nodes.
func (r *Room) History() *history.History { return r.said }

// Apart is why the node is apart from the others, or nil.
func (r *Room) Apart() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.apart
}

// current is the link to the others, or nil.
func (r *Room) current() *link {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.live()
}

// live is current with the lock held.
func (r *Room) live() *link {
	if r.link != nil && r.link.ctx.Err() != nil {
		return nil // it is just being taken down
	}
	return r.link
}

// Join makes to a member under the next given name (P-12, P-20). The only error is
// [hub.ErrNoNumber].
func (r *Room) Join(to hub.Recipient) (*hub.Member, string, error) {
	r.mu.Lock()
	r.joined++
	c := &member{to: to, conn: r.joined}
	r.conns[c.conn] = c
	r.mu.Unlock()
	for {
		n, ok := r.numbers.take()
		if !ok {
			r.mu.Lock()
			delete(r.conns, c.conn)
			r.mu.Unlock()
			return nil, "", hub.ErrNoNumber
		}
		name := string(proto.AppendAnonymous(nil, n))
		if err := r.rename(c, name, false); err == nil {
			return c.in, name, nil
		}
	}
}

// Rename gives m another name, at the same place, if no connection of any node has
// it (P-22, P-26). The errors are [hub.ErrNameTaken] and [hub.ErrNamesApart].
func (r *Room) Rename(m *hub.Member, name string) error {
	r.mu.Lock()
	c := r.members[m]
	r.mu.Unlock()
	return r.rename(c, name, true)
}

// rename claims a name for c and gives up the one it had. A new member may have
// its given name also while there is nobody to ask: the number is ours.
func (r *Room) rename(c *member, name string, login bool) error {
	defer r.holding(c, "", false)
	for {
		l := r.current()
		if r.hub.Has(name) {
			return hub.ErrNameTaken
		}
		if l == nil && login {
			return hub.ErrNamesApart
		}
		var revision uint64
		if l != nil {
			var err error
			revision, err = l.claim(name, r.holding(c, name, login))
			switch {
			case errors.Is(err, errApart):
				continue // by now there is no link, or another
			case err != nil:
				return err
			}
		}
		old, ok := r.settle(c, l, name, login, revision)
		if !ok {
			continue // the link is another: what is said there counts
		}
		if l != nil {
			l.release(old)
			l.relyOn(c.conn, name, revision)
		}
		return nil
	}
}

// holding notes which name c claims, and is what the bucket shall say of it.
func (r *Room) holding(c *member, name string, login bool) holder {
	r.mu.Lock()
	defer r.mu.Unlock()
	c.claiming = name
	return holder{r.self, c.conn, login, c.place}
}

// settle gives c a name that is claimed, if the link it was claimed through is
// still the one, and returns what it had before.
func (r *Room) settle(c *member, through *link, name string, login bool, revision uint64) (old member, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.live() != through {
		return member{}, false
	}
	if r.hub.Has(name) {
		return member{}, false // claimed through a link that has come and gone meanwhile
	}
	old = *c
	if c.in == nil {
		c.in = r.hub.Enter(c.to, name)
		r.members[c.in] = c
	} else {
		_ = r.hub.Rename(c.in, name) // nobody has it, and nobody else gets it while we hold the lock
	}
	c.name, c.login, c.revision, c.through = name, login, revision, through
	if c.place == 0 {
		c.place = revision
	}
	return old, true
}

// Leave ends m's membership: nothing more is delivered to it, and its name is free
// (P-11).
func (r *Room) Leave(m *hub.Member) {
	r.hub.Leave(m)
	r.mu.Lock()
	c := r.members[m]
	if c == nil {
		r.mu.Unlock()
		return
	}
	delete(r.members, m)
	delete(r.conns, c.conn)
	l := r.live()
	r.mu.Unlock()
	if l != nil {
		l.reached(l.release(*c))
	}
}

// Users lists the connections of all nodes (P-55), or of this one while it is
// apart.
func (r *Room) Users() []byte {
	if l := r.current(); l != nil {
		return l.presence.answer()
	}
	return r.hub.Users()
}

// SettleNames waits until this node knows of every name what was answered on any
// (P-84). Apart, there is nothing to wait for.
func (r *Room) SettleNames() {
	if l := r.current(); l != nil {
		_ = l.settleNames()
	}
}

// SettleSayings waits until this node's members have what was answered on any
// (P-84). Apart, there is nothing to wait for.
func (r *Room) SettleSayings() {
	if l := r.current(); l != nil {
		_ = l.settleSayings()
	}
}

// Cut calls f at one moment of the order of P-81.
func (r *Room) Cut(f func()) { r.hub.Cut(f) }

// Keep and Time are what the hub asks for, its lock held: the place of a block in
// the stream is known before it is said.

// Keep remembers a block that the stream has brought; one that was said apart has
// no ID and is not kept.
func (r *Room) Keep(wire []byte, n int) (proto.Stamp, hub.Saved) {
	if r.placing.ID == 0 {
		r.said.Lose()
	} else {
		r.said.Record(r.placing, wire, n)
	}
	return r.placing, nil
}

// Time is the stamp of a private message.
func (r *Room) Time() proto.Stamp { return r.said.Time() }
