package main

import (
	"container/heap"
	"math"
	"math/rand/v2"
	"slices"
)

// scene is what is played: nodes with users, and lines that somebody says.
type scene struct {
	model
	Nodes  int
	Users  float64 // on each node
	Rate   float64 // lines a second, in all
	Bursty bool    // else they come at random, one by one
	Hop    float64 // µs from a node to NATS, and back
	Lasts  float64 // seconds
}

// Bursty is a tenth of the time, a second each, at eleven times the rate of the rest.
const (
	burstPart   = 0.1
	burstLength = 1e6
	burstRate   = 5.5
	calmRate    = 0.5
)

// watched is how many nodes are played; those beyond are all alike, and only speak.
const watched = 4

// outcome is what came of it.
type outcome struct {
	P50, P90, P99 float64 // ms from a line's being said to a user's having it
	Busy          float64 // part of a core that a node used
	lates         []float64
	used          float64
}

// play lets it happen. Times are µs.
func (s scene) play() outcome {
	p := &player{scene: s, random: rand.New(rand.NewPCG(1, 2))}
	for range min(s.Nodes, watched) {
		p.nodes = append(p.nodes, &node{})
	}
	p.at(0, p.arrive)
	for p.events.Len() > 0 {
		e := heap.Pop(&p.events).(event)
		p.now = e.at
		e.do()
	}
	out := &p.outcome
	slices.Sort(out.lates)
	quantile := func(q float64) float64 {
		if len(out.lates) == 0 {
			return 0
		}
		return out.lates[int(q*float64(len(out.lates)-1))] / 1000
	}
	out.P50, out.P90, out.P99 = quantile(0.5), quantile(0.9), quantile(0.99)
	out.Busy = out.used / float64(len(p.nodes)) / max(p.now, s.Lasts*1e6)
	return *out
}

// player is a scene while it is played.
type player struct {
	scene
	outcome
	random   *rand.Rand
	now      float64
	events   events
	nodes    []*node
	natsFree float64 // when NATS has done all it was given
	turn     float64 // when calm and burst change next
	burst    bool
}

// node has one processor. It takes all that waits, works on it, and takes what has
// come meanwhile: lines that have gathered share their writes.
type node struct {
	busy  bool
	own   []float64 // when each was said: those to be published
	heard []float64 // the same: those that the stream has brought
}

// arrive is that somebody says a line, and when the next is said.
func (p *player) arrive() {
	said := p.now
	if i := p.random.IntN(p.Nodes); i < len(p.nodes) {
		n := p.nodes[i]
		n.own = append(n.own, said)
		p.work(n)
	} else {
		p.at(said+p.Publish, func() { p.order(said) })
	}
	if next := p.next(); next < p.Lasts*1e6 {
		p.at(next, p.arrive)
	}
}

// next is when the next line is said.
func (p *player) next() float64 {
	at := p.now
	for {
		rate := p.Rate / 1e6
		if !p.Bursty {
			return at + p.random.ExpFloat64()/rate
		}
		if p.burst {
			rate *= burstRate
		} else {
			rate *= calmRate
		}
		next := at + p.random.ExpFloat64()/rate
		if next < p.turn {
			return next
		}
		// Nothing more before the change; what comes after it does not depend on that.
		at = max(at, p.turn)
		p.burst = !p.burst
		length := burstLength
		if !p.burst {
			length *= (1 - burstPart) / burstPart
		}
		p.turn = at + p.random.ExpFloat64()*length
	}
}

// order is that NATS gets a line: one after the other, to all nodes.
func (p *player) order(said float64) {
	p.natsFree = max(p.natsFree, p.now+p.Hop) + p.NATS + float64(p.Nodes)*p.NATSNode
	p.at(p.natsFree+p.Hop, func() {
		for _, n := range p.nodes {
			n.heard = append(n.heard, said)
			p.work(n)
		}
	})
}

// work begins a round of a node, unless it is in one.
func (p *player) work(n *node) {
	if n.busy || len(n.own)+len(n.heard) == 0 {
		return
	}
	own, heard := n.own, n.heard
	n.busy, n.own, n.heard = true, nil, nil
	end := p.now
	for _, said := range own {
		end += p.Publish
		p.at(end, func() { p.order(said) })
	}
	lines := float64(len(heard))
	end += lines * (p.Hear + p.Line)
	if lines > 0 {
		writing := p.Users * (p.Write + lines*p.Queue)
		for _, said := range heard {
			for _, part := range []float64{0.1, 0.3, 0.5, 0.7, 0.9} { // of the users have it
				p.lates = append(p.lates, end+part*writing-said)
			}
		}
		end += writing
	}
	p.used += end - p.now
	p.at(end, func() {
		n.busy = false
		p.work(n)
	})
}

// event is something that happens at a time; events are a heap, the next on top.
type event struct {
	at float64
	do func()
}

type events []event

func (e events) Len() int           { return len(e) }
func (e events) Less(i, j int) bool { return e[i].at < e[j].at }
func (e events) Swap(i, j int)      { e[i], e[j] = e[j], e[i] }
func (e *events) Push(x any)        { *e = append(*e, x.(event)) }
func (e *events) Pop() any {
	last := len(*e) - 1
	top := (*e)[last]
	*e = (*e)[:last]
	return top
}

func (p *player) at(when float64, do func()) { heap.Push(&p.events, event{math.Max(when, p.now), do}) }
