package main

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"parley/internal/load"
)

// Nobody who reads may be cut for what our own windows let wait.
func TestLoadsMakeSense(t *testing.T) {
	for _, c := range curves() {
		for _, l := range c.lines {
			for i, s := range l.steps {
				o := s.load
				if err := o.Validate(); err != nil || len(o.Warnings()) > 0 {
					t.Errorf("%s at %d: %v, %q", c.name, s.x, err, o.Warnings())
				}
				if c.lines[0].steps[i].x != s.x {
					t.Errorf("%s, %s: step %d is at %d, on the axis it is %d", c.name, l.name, i, s.x, c.lines[0].steps[i].x)
				}
			}
		}
	}
}

func TestFlags(t *testing.T) {
	for want, o := range map[string]load.Options{
		"--scenario fanout --clients 11 --senders 4 --size 512 --duration 5s --window 8":           fanout(10, 4, 8, 512),
		"--scenario latency --clients 300 --senders 4 --size 64 --duration 10s --rate 1 --poll 3s": chat(300, 3e9),
	} {
		if got := strings.Join(flags(o), " "); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestChoose(t *testing.T) {
	if all, err := choose(curves(), ""); err != nil || len(all) != len(curves()) {
		t.Errorf("%d curves, %v", len(all), err)
	}
	if one, err := choose(curves(), "sizes"); err != nil || len(one) != 1 || one[0].name != "sizes" {
		t.Errorf("%v, %v", names(one), err)
	}
	if _, err := choose(curves(), "size"); err == nil || !strings.Contains(err.Error(), `"size" is not one of recipients, windows, senders, sizes, users`) {
		t.Errorf("got %v", err)
	}
}

func TestMedian(t *testing.T) {
	for want, all := range map[float64][]float64{1: {1}, 2: {3, 1, 2}, 2.5: {4, 1, 3, 2}} {
		if got := median(all); got != want {
			t.Errorf("median of %v = %v, want %v", all, got, want)
		}
	}
}

// Runs of a point come together, whatever is measured between them.
func TestResults(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "growth.json")
	r, err := readResults(path)
	if err != nil || len(r.Curves) > 0 {
		t.Fatalf("without a file: %+v, %v", r, err)
	}
	ours, theirs, polled := point{Server: "a", X: 10}, point{Server: "b", X: 10}, point{Server: "a", X: 10, Line: "polled"}
	for _, cost := range []float64{3, 1, 2} {
		r.add("senders", ours, figure{Cost: cost})
		r.add("senders", theirs, figure{Cost: 10 * cost})
		r.add("senders", polled, figure{Cost: 100 * cost})
	}
	for i, want := range []float64{2, 20, 200} {
		if p := r.Curves["senders"][i]; p.Cost != want || len(p.Runs) != 3 {
			t.Errorf("%+v, want %v of three runs", p, want)
		}
	}
	if err := r.write(path); err != nil {
		t.Fatal(err)
	}
	if again, err := readResults(path); err != nil || !reflect.DeepEqual(again, r) {
		t.Errorf("written %+v, read %+v, %v", r, again, err)
	}
	if err := os.WriteFile(path, []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := readResults(path); err == nil {
		t.Error("half a file is taken for results")
	}
}

func TestPlot(t *testing.T) {
	r := &results{Curves: map[string][]point{}}
	c := usersCurve(10, 1000)
	for _, l := range c.lines {
		for _, s := range l.steps {
			for i, server := range servers() {
				r.add(c.name, point{Server: server.name, Line: l.name, X: s.x}, figure{Cost: float64(s.x * (i + 1))})
				r.add(c.name, point{Server: server.name, Line: l.name, X: s.x}, figure{Cost: float64(s.x * (i + 3))})
			}
		}
	}
	p := c.plot(r.Curves[c.name])
	if len(p.Series) != 4 || p.Series[0].Name != "parley, polled" || p.Series[3].Name != "C loop, no polls" || !p.Series[3].Dashed {
		t.Errorf("%+v", p.Series)
	}
	if s := p.Series[1]; !reflect.DeepEqual(s.Points, [][2]float64{{10, 30}, {1000, 3000}}) || !reflect.DeepEqual(s.Ranges, [][2]float64{{20, 40}, {2000, 4000}}) {
		t.Errorf("%+v", s)
	}
	if p.X.Log || p.X.From != 0 || p.X.To != 1050 || p.X.Ticks[1].Label != "1,000" || p.Y.Log || p.Y.To != 4000 {
		t.Errorf("the axes are %+v and %+v", p.X, p.Y)
	}
	c.logX, c.logY = true, true
	if x, y := c.xAxis(), c.yAxis(r.Curves[c.name]); !x.Log || x.From != 8 || x.To != 1250 || !y.Log || y.From != 10 || y.To != 10_000 {
		t.Errorf("the axes are %+v and %+v", x, y)
	}
}

// What is shown is what was measured last: the numbers are complete, each plot is
// made of them, and the page shows it.
func TestPage(t *testing.T) {
	t.Chdir(filepath.Join("..", ".."))
	page, err := os.ReadFile(filepath.Join("docs", "performance.md"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := readResults(filepath.Join(folder, "growth.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range curves() {
		points := 0
		for _, l := range c.lines {
			points += len(l.steps) * len(servers())
		}
		if len(r.Curves[c.name]) != points {
			t.Errorf("%s has %d points, want %d", c.name, len(r.Curves[c.name]), points)
			continue
		}
		picture, err := os.ReadFile(filepath.Join(folder, c.name+".svg"))
		if err != nil || string(picture) != c.plot(r.Curves[c.name]).Image() {
			t.Errorf("%s.svg is not what go run ./bench/growth -runs 0 draws: %v", c.name, err)
		}
		if !strings.Contains(string(page), "(performance/"+c.name+".svg)") {
			t.Errorf("docs/performance.md does not show %s.svg", c.name)
		}
	}
}
