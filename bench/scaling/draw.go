package main

import (
	"fmt"

	"github.com/dustin/go-humanize"

	"parley/internal/load"
)

// hop is the way between a node and NATS, in µs: a quarter of a millisecond, which
// is assumed.
const hop = 250

var (
	lateUsers = []float64{100, 300, 1_000, 3_000, 10_000, 30_000}
	lateNodes = 20
)

// played is a room of twenty nodes.
func (c model) played(users, rate float64, bursty bool) outcome {
	return scene{model: c, Nodes: lateNodes, Users: users, Rate: rate, Bursty: bursty, Hop: hop, Lasts: 60}.play()
}

func lateTable(c model) string {
	rows := [][]string{{"users on each of 20 nodes", "lines a second", "node busy", "one by one: p50, ms", "p99, ms", "in bursts: p50, ms", "p99, ms"}}
	for _, users := range lateUsers {
		for _, rate := range []float64{10, 100} {
			calm, bursty := c.played(users, rate, false), c.played(users, rate, true)
			rows = append(rows, []string{
				humanize.Comma(int64(users)), short(rate), short(calm.Busy), short(calm.P50), short(calm.P99), short(bursty.P50), short(bursty.P99),
			})
		}
	}
	return table(rows...)
}

// latePlot is how late lines are by how many users a node has.
func latePlot(c model) *load.Plot {
	p := &load.Plot{
		Title: "p99 of the delivery in ms, by users on each of 20 nodes", Height: 320,
		X: load.Logarithmic("users on each of 20 nodes", lateUsers[0], lateUsers[len(lateUsers)-1], humanize.Commaf),
	}
	lowest, highest := 1000.0, 0.0
	for i, rate := range []float64{10, 100} {
		for _, bursty := range []bool{false, true} {
			s := load.Series{Name: fmt.Sprintf("%g a second", rate), Colour: i + 1, Dashed: bursty}
			if bursty {
				s.Name += ", bursty"
			}
			for _, users := range lateUsers {
				out := c.played(users, rate, bursty)
				s.Points = append(s.Points, [2]float64{users, out.P99})
				lowest, highest = min(lowest, out.P99), max(highest, out.P99)
			}
			p.Series = append(p.Series, s)
		}
	}
	p.Y = load.Logarithmic("p99 of the delivery, ms", lowest, highest, humanize.Commaf)
	return p
}

// nodesPlot is how many nodes a room needs.
func nodesPlot(c model) *load.Plot {
	p := &load.Plot{
		Title: "nodes that a room needs, by connections", Height: 320,
		X: load.Logarithmic("connections", roomSizes[0], roomSizes[len(roomSizes)-1], humanize.Commaf),
	}
	highest := 1.0
	for i, rate := range []float64{1, 10, 100, 1000} {
		s := load.Series{Name: fmt.Sprintf("%g lines a second", rate), Colour: i + 1}
		for n := 1000.0; n < 1.01e6; n *= 1.2589254 {
			if k := c.nodes(n, rate); k > 0 {
				s.Points = append(s.Points, [2]float64{n, float64(k)})
				highest = max(highest, float64(k))
			}
		}
		p.Series = append(p.Series, s)
	}
	p.Y = load.Logarithmic("nodes", 1, highest, humanize.Commaf)
	return p
}
