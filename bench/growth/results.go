package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"parley/internal/load"
)

// results are what growth.json holds.
type results struct {
	Machine machine            `json:"machine"`
	Curves  map[string][]point `json:"curves"`
}

// machine is where it was measured.
type machine struct {
	Cores  int    `json:"cores"`
	Kernel string `json:"kernel"`
	Go     string `json:"go"`
}

// point is what a load costs a server.
type point struct {
	Server string   `json:"server"`
	Line   string   `json:"line,omitempty"`
	X      int      `json:"x"`
	Load   string   `json:"load"` // the flags of parley load
	Cost   float64  `json:"cost"` // the median of the runs, in what the y axis says
	Runs   []figure `json:"runs"`
}

// figure is what came of one run.
type figure struct {
	Cost      float64  `json:"cost"`
	PerSecond float64  `json:"delivered_per_second"`
	P50MS     float64  `json:"delivery_p50_ms"`
	P99MS     float64  `json:"delivery_p99_ms"`
	MemoryMiB float64  `json:"memory_mib"`
	Findings  []string `json:"findings,omitempty"` // what was wrong
}

func figureOf(cost float64, r *load.Report) figure {
	return figure{
		Cost: cost, PerSecond: r.PerSecond.Delivered, P50MS: r.Times["delivery"].P50MS, P99MS: r.Times["delivery"].P99MS,
		MemoryMiB: r.Server.MemoryMiB, Findings: r.Findings,
	}
}

// add enters a run.
func (r *results) add(curve string, p point, f figure) {
	points := r.Curves[curve]
	i := slices.IndexFunc(points, func(q point) bool { return q.Server == p.Server && q.Line == p.Line && q.X == p.X })
	if i < 0 {
		i, points = len(points), append(points, p)
	}
	points[i].Runs = append(points[i].Runs, f)
	points[i].Cost = median(points[i].costs())
	r.Curves[curve] = points
}

func (p *point) costs() (all []float64) {
	for _, f := range p.Runs {
		all = append(all, f.Cost)
	}
	return all
}

// median of at least one value.
func median(all []float64) float64 {
	sorted := slices.Sorted(slices.Values(all))
	half := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[half]
	}
	return (sorted[half-1] + sorted[half]) / 2
}

// readResults reads what was measured before; that may be nothing.
func readResults(path string) (*results, error) {
	r := &results{Curves: map[string][]point{}}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if err != nil {
		return nil, err
	}
	return r, json.Unmarshal(text, r)
}

func (r *results) write(path string) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}

func thisMachine() machine {
	kernel, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		kernel = []byte("unknown")
	}
	return machine{runtime.NumCPU(), strings.TrimSpace(string(kernel)), runtime.Version()}
}
