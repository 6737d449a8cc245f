// Package hub knows who is present: members, their names and their order, and
// it hands what is said to all of them in one order. It is values and a lock:
// no goroutine, no I/O, no clock.
package hub

import (
	"errors"
	"slices"
	"sync"

	"parley/proto"
)

// What the hub refuses; a refusal changes nothing.
var (
	ErrNameTaken   = errors.New("name is in use")       // P-24
	ErrNoRecipient = errors.New("nobody has that name") // P-52

	// Only where several servers share the names.
	ErrNamesApart = errors.New("names cannot be asked for now")   // P-27
	ErrNoNumber   = errors.New("there is no number left to give") // P-20, P-72
)

// Recipient takes what others say. Deliver is called with the hub's lock held:
// it queues and returns, whatever the state of the peer (P-71). If it reports
// true, somebody must Wake it soon: it has begun to have something to write.
// NameLost ends a peer whose name belongs to somebody else by now, which only
// happens where several servers share the names.
type Recipient interface {
	Deliver(b *Block) (wake bool)
	Wake()
	NameLost()
}

// Keeper gives public messages their place and keeps them; package history does.
// It is called with the hub's lock held and never waits.
type Keeper interface {
	// Keep takes a block of n lines, which nobody changes any more, and returns
	// the stamp of the first.
	Keep(wire []byte, n int) (first proto.Stamp, saved Saved)
	// Time is the stamp of a private message.
	Time() proto.Stamp
}

// Member is one connection's place in a hub (P-12). Its fields belong to the
// hub and are guarded by its lock, but for the fixed ones.
type Member struct {
	// Fixed after joining.
	place int // in the order of connecting; also how members are found
	to    Recipient

	name string
}

// Hub is one public room. The zero value is not ready: use [New].
type Hub struct {
	keeper Keeper // fixed after construction

	mu      sync.Mutex         // guards all below; never held while anything waits
	members []*Member          // in the order of connecting (P-55)
	names   map[string]*Member // every member, by its name
	given   int                // the number in the name given last (P-20)
	joined  int                // how many have ever joined
	users   []byte             // the answer to users; nil when out of date
}

// New returns an empty hub, where what is said in public goes to keeper.
func New(keeper Keeper) *Hub { return &Hub{keeper: keeper, names: make(map[string]*Member)} }

// Join makes to a member under a name that nobody has (P-12, P-20). The error is
// always nil: here numbers do not run out.
func (h *Hub) Join(to Recipient) (m *Member, name string, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	m = h.enter(to, h.nextName())
	return m, m.name, nil
}

// Enter makes to a member under a name that its caller has made sure of: no
// other member has it.
func (h *Hub) Enter(to Recipient, name string) *Member {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.enter(to, name)
}

func (h *Hub) enter(to Recipient, name string) *Member {
	h.joined++
	m := &Member{place: h.joined, to: to, name: name}
	h.members = append(h.members, m)
	h.names[name] = m
	h.users = nil
	return m
}

// nextName is the next given name that nobody has logged in with (P-20).
func (h *Hub) nextName() string {
	for {
		h.given++
		name := string(proto.AppendAnonymous(nil, h.given))
		if h.names[name] == nil {
			return name
		}
	}
}

// Leave ends m's membership: its name is free, nothing more is delivered to it
// (P-11). It may be called again.
func (h *Hub) Leave(m *Member) {
	h.mu.Lock()
	defer h.mu.Unlock()
	i, found := slices.BinarySearchFunc(h.members, m.place, func(m *Member, place int) int {
		return m.place - place
	})
	if !found {
		return
	}
	h.members = slices.Delete(h.members, i, i+1)
	delete(h.names, m.name)
	h.users = nil
}

// Rename gives m another name, at the same place (P-22, P-55). Of many that
// ask for one name exactly one gets it (P-26), the others [ErrNameTaken].
func (h *Hub) Rename(m *Member, name string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.names[name] != nil {
		return ErrNameTaken
	}
	delete(h.names, m.name)
	m.name = name
	h.names[name] = m
	h.users = nil
	return nil
}

// Say delivers b to every member but from and returns how many those are; from may
// be nil, for somebody who is a member elsewhere. All members get all blocks in
// one order (P-81). It appends to wake whom the caller has to wake.
func (h *Hub) Say(from *Member, b *Block, wake []Recipient) (n int, all []Recipient) {
	h.mu.Lock()
	defer h.mu.Unlock()
	b.first, b.saved = h.keeper.Keep(b.wire, b.n)
	n = len(h.members)
	for _, m := range h.members {
		switch {
		case m == from:
			n--
		case m.to.Deliver(b):
			wake = append(wake, m.to)
		}
	}
	return n, wake
}

// Whisper delivers b to the member called name, which may be the one that asks
// (P-52). The only error is [ErrNoRecipient].
func (h *Hub) Whisper(name []byte, b *Block) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	m := h.names[string(name)]
	if m == nil {
		return ErrNoRecipient
	}
	b.first = h.keeper.Time()
	if m.to.Deliver(b) {
		m.to.Wake()
	}
	return nil
}

// Has reports whether a member has that name.
func (h *Hub) Has(name string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.names[name] != nil
}

// SettleNames returns at once: who is in this hub is here.
func (h *Hub) SettleNames() {}

// SettleSayings returns at once: what is said in this hub is here.
func (h *Hub) SettleSayings() {}

// Cut calls f at one moment of the order of P-81: what was said before is
// delivered, what will be said is not. f must not wait.
func (h *Hub) Cut(f func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f()
}

// Users is the answer to users, a whole line with its LF (P-55). Nobody may
// change it.
func (h *Hub) Users() []byte {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.users == nil {
		h.users = h.appendUsers(nil)
	}
	return h.users
}

func (h *Hub) appendUsers(dst []byte) []byte {
	size := len("users\n")
	for _, m := range h.members {
		size += 1 + len(m.name)
	}
	dst = append(slices.Grow(dst, size), "users"...)
	for _, m := range h.members {
		dst = append(append(dst, ' '), m.name...)
	}
	return append(dst, '\n')
}
