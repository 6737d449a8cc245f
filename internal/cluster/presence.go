package cluster

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"time"
)

// presence is a node's replica of the bucket: who is present, where, in which
// order. The changes of the bucket are applied one after the other.
type presence struct {
	// Fixed after construction.
	self  identity
	mercy time.Duration         // how long a node may be without its lease before its names are free
	freed func()                // called when names have become free that nobody gave back; must not wait
	ours  func(had, has *entry) // called when a name has changed that was ours or is; nil is nobody; must not wait

	applied position // the revision of the newest change that is in

	mu     sync.Mutex // guards all below
	nodes  map[identity]*node
	names  map[string]*entry // every name in the bucket
	list   []*entry          // the connections of nodes that are alive, by place
	others int               // those in list that are not ours
	users  []byte            // the answer to users; nil when out of date
}

// node is what is known of one run of a node.
type node struct {
	alive bool
	conns map[uint64]*entry // each connection by its newest name, which it is listed by
	end   *time.Timer       // runs while the lease is missing; nil while it is not
}

// entry is a name and who has it.
type entry struct {
	holder
	name     string
	revision uint64
	place    uint64
	before   *entry // the name that the connection had before, while the bucket has both
}

func newPresence(self identity, mercy time.Duration, freed func(), ours func(had, has *entry)) *presence {
	p := &presence{
		self: self, mercy: mercy, freed: freed, ours: ours,
		nodes: make(map[identity]*node), names: make(map[string]*entry),
	}
	p.nodeOf(self).alive = true // whatever became of our lease, to us we are alive
	return p
}

// change is one change of the bucket.
type change struct {
	key      string
	value    []byte // of a put
	gone     bool   // the key is
	expired  bool   // nobody took it away: its time was over
	revision uint64
}

// apply takes in the next change.
func (p *presence) apply(c change) {
	p.mu.Lock()
	var had *entry
	if id, ok := leaseOf(c.key); ok {
		p.applyLease(id, c)
	} else if !strings.Contains(c.key, keySeparator) {
		had = p.names[c.key]
		p.applyName(c)
	}
	has := p.names[c.key]
	p.mu.Unlock()
	if had != has && (had != nil && had.identity == p.self || has != nil && has.identity == p.self) {
		p.ours(had, has)
	}
	p.applied.reach(c.revision)
}

func (p *presence) applyLease(id identity, c change) {
	if id == p.self {
		return
	}
	n := p.nodeOf(id)
	switch {
	case !c.gone:
		if n.end != nil {
			n.end.Stop()
			n.end = nil
		}
		if !n.alive {
			n.alive = true
			p.rebuild()
		}
	case !c.expired:
		p.bury(id, n)
	case n.alive && n.end == nil:
		var end *time.Timer
		end = time.AfterFunc(p.mercy, func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			if n.end == end {
				p.bury(id, n)
			}
		})
		n.end = end
	default:
		p.forgetIfEmpty(id) // what is left of a lease is news of a node that is not known any more
	}
}

// bury makes the names of a node free.
func (p *presence) bury(id identity, n *node) {
	if n.end != nil {
		n.end.Stop()
		n.end = nil
	}
	n.alive = false
	p.rebuild()
	p.forgetIfEmpty(id)
	p.freed()
}

func (p *presence) applyName(c change) {
	if old := p.names[c.key]; old != nil {
		p.drop(old)
	}
	if c.gone {
		return
	}
	h, ok := parseHolder(c.value)
	if !ok {
		return // not one of ours; a claim finds that it is taken
	}
	e := &entry{holder: h, name: c.key, revision: c.revision, place: cmp.Or(h.Place, c.revision)}
	p.names[e.name] = e
	n := p.nodeOf(h.identity)
	if e.before = n.conns[h.Conn]; e.before != nil {
		p.unlist(e.before) // a rename: the old name's key is about to go
	}
	n.conns[h.Conn] = e
	if n.alive {
		p.enlist(e)
	}
}

// drop takes a name out. If it was the newest of a connection that has an older one
// too, a rename has come to nothing: the connection goes on by the older one.
func (p *presence) drop(e *entry) {
	delete(p.names, e.name)
	n := p.nodes[e.identity]
	if newest := n.conns[e.Conn]; newest != e {
		for newest.before != e {
			newest = newest.before
		}
		newest.before = e.before
		return
	}
	p.unlist(e)
	if e.before == nil {
		delete(n.conns, e.Conn)
		p.forgetIfEmpty(e.identity)
		return
	}
	n.conns[e.Conn] = e.before
	if n.alive {
		p.enlist(e.before)
	}
}

func (p *presence) nodeOf(id identity) *node {
	n := p.nodes[id]
	if n == nil {
		n = &node{conns: make(map[uint64]*entry)}
		p.nodes[id] = n
	}
	return n
}

func (p *presence) forgetIfEmpty(id identity) {
	if n := p.nodes[id]; !n.alive && len(n.conns) == 0 && n.end == nil {
		delete(p.nodes, id)
	}
}

// byPlace orders entries. Places are all different only as long as NATS keeps its
// files: members keep theirs when it comes back without, and new ones get the same
// again.
func byPlace(a, b *entry) int {
	return cmp.Or(cmp.Compare(a.place, b.place),
		cmp.Compare(a.Node, b.Node), cmp.Compare(a.Start, b.Start), cmp.Compare(a.Conn, b.Conn))
}

func (p *presence) enlist(e *entry) {
	i, _ := slices.BinarySearchFunc(p.list, e, byPlace)
	p.list = slices.Insert(p.list, i, e)
	p.count(e, 1)
}

func (p *presence) unlist(e *entry) {
	i, found := slices.BinarySearchFunc(p.list, e, byPlace)
	if found && p.list[i] == e {
		p.list = slices.Delete(p.list, i, i+1)
		p.count(e, -1)
	}
}

func (p *presence) count(e *entry, by int) {
	p.users = nil
	if e.identity != p.self {
		p.others += by
	}
}

// rebuild makes the list anew after a node came or went.
func (p *presence) rebuild() {
	p.list, p.others, p.users = nil, 0, nil
	for _, n := range p.nodes {
		for _, e := range n.conns {
			if n.alive {
				p.list = append(p.list, e)
				p.count(e, 1)
			}
		}
	}
	slices.SortFunc(p.list, byPlace)
}

// find tells where the connection is that has a name.
func (p *presence) find(name string) (at identity, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	e := p.names[name]
	if e == nil || !p.lives(e.identity) || p.nodes[e.identity].conns[e.Conn] != e {
		return identity{}, false
	}
	return e.identity, true
}

// holds tells the revision of a name's key if that connection has it.
func (p *presence) holds(name string, who holder) (revision uint64, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	e := p.names[name]
	if e == nil || e.identity != who.identity || e.Conn != who.Conn {
		return 0, false
	}
	return e.revision, true
}

// alive reports whether a node has its lease.
func (p *presence) alive(id identity) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lives(id)
}

// elsewhere is how many connections other nodes have.
func (p *presence) elsewhere() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.others
}

// answer is the answer to users, a whole line with its LF (P-55). Nobody may
// change it.
func (p *presence) answer() []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.users == nil {
		p.users = append(p.users, "users"...)
		for _, e := range p.list {
			p.users = append(append(p.users, ' '), e.name...)
		}
		p.users = append(p.users, '\n')
	}
	return p.users
}

// living lists the nodes that are alive, ourselves included, with how many
// connections each has.
func (p *presence) living() map[identity]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	living := make(map[identity]int)
	for id, n := range p.nodes {
		if n.alive {
			living[id] = len(n.conns)
		}
	}
	return living
}

// first reports whether we are the first of those alive: one is enough to clear
// up.
func (p *presence) first() bool {
	for id := range p.living() {
		if c := cmp.Or(cmp.Compare(id.Node, p.self.Node), cmp.Compare(id.Start, p.self.Start)); c < 0 {
			return false
		}
	}
	return true
}

// orphans are the names whose node is not alive, own those that are ours by the
// bucket.
func (p *presence) orphans() []entry {
	return p.pick(func(e *entry) bool { return !p.lives(e.identity) })
}

func (p *presence) own() []entry {
	return p.pick(func(e *entry) bool { return e.identity == p.self })
}

func (p *presence) pick(which func(*entry) bool) []entry {
	p.mu.Lock()
	defer p.mu.Unlock()
	var picked []entry
	for _, e := range p.names {
		if which(e) {
			picked = append(picked, *e)
		}
	}
	return picked
}

// lives is alive with the lock held.
func (p *presence) lives(id identity) bool {
	n := p.nodes[id]
	return n != nil && n.alive
}
