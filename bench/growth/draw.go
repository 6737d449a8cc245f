package main

import (
	"slices"
	"strconv"

	"github.com/dustin/go-humanize"

	"parley/internal/load"
)

// plot draws a curve: a colour for each server, and dashes for all lines but the
// first. Each point has the range of its runs.
func (c *curve) plot(points []point) *load.Plot {
	p := &load.Plot{Title: c.y + ", by " + c.x, X: c.xAxis(), Y: c.yAxis(points), Height: 320}
	for i, l := range c.lines {
		for j, s := range servers() {
			one := load.Series{Name: s.name, Colour: j + 1, Dashed: i > 0}
			if l.name != "" {
				one.Name += ", " + l.name
			}
			for _, q := range points {
				if q.Server == s.name && q.Line == l.name {
					one.Points = append(one.Points, [2]float64{float64(q.X), q.Cost})
					one.Ranges = append(one.Ranges, [2]float64{slices.Min(q.costs()), slices.Max(q.costs())})
				}
			}
			p.Series = append(p.Series, one)
		}
	}
	return p
}

// xAxis has a tick for each step, and some room on both sides.
func (c *curve) xAxis() load.Axis {
	steps := c.lines[0].steps
	first, last := float64(steps[0].x), float64(steps[len(steps)-1].x)
	a := load.Axis{Name: c.x, To: 1.05 * last}
	if c.logX {
		a = load.Axis{Name: c.x, From: first / 1.25, To: last * 1.25, Log: true}
	}
	for _, s := range steps {
		a.Ticks = append(a.Ticks, load.Tick{At: float64(s.x), Label: humanize.Comma(int64(s.x))})
	}
	return a
}

func (c *curve) yAxis(points []point) load.Axis {
	var all []float64
	for _, p := range points {
		all = append(all, p.costs()...)
	}
	label := func(f float64) string { return strconv.FormatFloat(f, 'g', 4, 64) }
	if c.logY {
		return load.Logarithmic(c.y, slices.Min(all), slices.Max(all), label)
	}
	return load.Linear(c.y, slices.Max(all), label)
}
