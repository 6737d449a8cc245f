package main

import (
	"math"
	"testing"
)

// One server that takes a fixed time for each line: then lines wait as Pollaczek
// and Khinchine say. Here it is NATS, and all else takes no time.
func TestQueueIsAsTheorySays(t *testing.T) {
	for _, load := range []float64{0.3, 0.6, 0.9} {
		const service = 1000.0
		s := scene{Nodes: 1, Users: 1, Rate: load * 1e6 / service, Lasts: 250, model: model{NATS: service}}
		out := s.play()
		mean := 0.0
		for _, late := range out.lates {
			mean += late / float64(len(out.lates))
		}
		want := service + load*service/(2*(1-load))
		if math.Abs(mean-want) > 0.05*want {
			t.Errorf("at %.1f lines took %.0f µs on average, and theory says %.0f", load, mean, want)
		}
	}
}

// With little to do nothing gathers, so nodes are as busy as the formula says; with
// too much, lines share their writes and nobody waits for ever.
func TestBusyIsAsReckoned(t *testing.T) {
	costs := model{Publish: 200, Hear: 100, Line: 5, Write: 4, Queue: 0.1, NATS: 100, NATSNode: 50}
	little := scene{Nodes: 4, Users: 100, Rate: 50, Lasts: 200, model: costs}
	out, want := little.play(), costs.busy(100, 50, 4)
	if math.Abs(out.Busy-want) > 0.05*want {
		t.Errorf("busy %.4f, and the formula says %.4f", out.Busy, want)
	}
	much := scene{Nodes: 4, Users: 10_000, Rate: 100, Lasts: 20, model: costs}
	if costs.busy(10_000, 100, 4) < 2 {
		t.Fatal("that is not much")
	}
	if out := much.play(); out.Busy > 1.001 || out.P99 > 1000 {
		t.Errorf("busy %.2f, p99 %.0f ms", out.Busy, out.P99)
	}
}

// Bursts say as many lines as come one by one, and are later.
func TestBurstsAreLater(t *testing.T) {
	s := scene{Nodes: 2, Users: 1000, Rate: 150, Lasts: 600, model: model{Publish: 200, Hear: 100, Write: 4, NATS: 100}}
	calm := s.play()
	s.Bursty = true
	bursty := s.play()
	if many, wanted := float64(len(bursty.lates)), float64(len(calm.lates)); math.Abs(many-wanted) > 0.15*wanted {
		t.Errorf("%.0f lines, one by one %.0f", many, wanted)
	}
	if bursty.P99 < 1.2*calm.P99 {
		t.Errorf("p99 %.1f ms, one by one %.1f", bursty.P99, calm.P99)
	}
}
