package main

import (
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Both servers are built, started and measured, and nothing is wrong with
// either: the C loop, too, knows all that a load says.
func TestMeasure(t *testing.T) {
	t.Chdir(filepath.Join("..", ".."))
	few, polled := fanout(5, 2, 4, 64), chat(5, 50*time.Millisecond)
	few.Duration, polled.Duration = 200*time.Millisecond, 200*time.Millisecond
	c := fanoutCurve("few", "recipients", false, step{5, few})
	u := usersCurve(5)
	u.lines = []line{{"polled", []step{{5, polled}}}}
	r := &results{Curves: map[string][]point{"few": {{X: 7}}, "other": {{X: 8}}}}
	if err := measure(t.Context(), []curve{c, u}, 2, r, io.Discard); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{c.name, u.name} {
		if points := r.Curves[name]; len(points) != 2 || points[0].Server != "parley" || points[1].Server != "C loop" {
			t.Fatalf("%s: %+v", name, points)
		}
		for _, p := range r.Curves[name] {
			for _, f := range p.Runs {
				if len(p.Runs) != 2 || f.Cost <= 0 || f.PerSecond <= 0 || f.MemoryMiB <= 0 || len(f.Findings) > 0 {
					t.Errorf("%s: %+v", name, p)
				}
			}
		}
	}
	if len(r.Curves["other"]) != 1 || r.Machine.Cores < 1 || !strings.HasPrefix(r.Machine.Go, "go") {
		t.Errorf("%+v", r)
	}
}

// A server that does not come up is named.
func TestServerThatEnds(t *testing.T) {
	s := server{"none", func(string, int) []string { return []string{"true"} }}
	if _, err := s.start(t.Context(), ""); err == nil || !strings.Contains(err.Error(), "none does not listen") {
		t.Errorf("got %v", err)
	}
}
