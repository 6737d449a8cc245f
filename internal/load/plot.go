package load

import (
	"fmt"
	"html/template"
	"math"
	"strings"
)

// plot is a drawing of lines over two axes. Its colours come from the page.
type plot struct {
	title  string // for those who cannot see it
	x, y   axis
	series []series
	height int
	filled bool // the area below the line too
}

// series is one line of a plot.
type series struct {
	name   string
	colour int // 1 to 4
	points [][2]float64
}

// axis maps values to a length between 0 and 1.
type axis struct {
	name     string
	from, to float64
	log      bool
	ticks    []tick
}

// tick is a value with a line and, if there is room, a label.
type tick struct {
	at    float64
	label string
}

// The drawing, in its own units.
const (
	plotWidth                     = 720
	leftMargin, rightMargin       = 64, 20
	topMargin, bottomMargin       = 10, 44
	legendHeight                  = 18
	innerWidth                    = plotWidth - leftMargin - rightMargin
	legendStep, legendTextOffset  = 150, 22
	labelGap, axisNameFromTheEdge = 8, 8
)

func (a axis) place(v float64) float64 {
	if a.log {
		return (math.Log(max(v, a.from)) - math.Log(a.from)) / (math.Log(a.to) - math.Log(a.from))
	}
	return (v - a.from) / (a.to - a.from)
}

func (p *plot) xy(x, y float64) (float64, float64) {
	return leftMargin + p.x.place(x)*innerWidth, float64(p.top()) + (1-p.y.place(y))*float64(p.floor()-p.top())
}

// top and floor are where the inner part of the drawing begins and ends.
func (p *plot) top() int {
	if len(p.series) > 1 {
		return topMargin + legendHeight
	}
	return topMargin
}

func (p *plot) floor() int { return p.height - bottomMargin }

// svg draws the plot. Names and labels are ours, so nothing in it needs
// escaping.
func (p *plot) svg() template.HTML {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg viewBox="0 0 %d %d" role="img" aria-label="%s">`+"\n", plotWidth, p.height, p.title)
	p.drawAxes(&b)
	for _, s := range p.series {
		p.drawSeries(&b, s)
	}
	if len(p.series) > 1 {
		p.drawLegend(&b)
	}
	b.WriteString("</svg>")
	return template.HTML(b.String()) //nolint:gosec // see above
}

func (p *plot) drawAxes(b *strings.Builder) {
	for _, t := range p.y.ticks {
		_, y := p.xy(p.x.from, t.at)
		fmt.Fprintf(b, `<line class="grid" x1="%d" x2="%d" y1="%.1f" y2="%.1f"/>`, leftMargin, plotWidth-rightMargin, y, y)
		fmt.Fprintf(b, `<text class="label" x="%d" y="%.1f" text-anchor="end" dominant-baseline="middle">%s</text>`+"\n", leftMargin-labelGap, y, t.label)
	}
	for _, t := range p.x.ticks {
		x, _ := p.xy(t.at, p.y.from)
		fmt.Fprintf(b, `<line class="grid" x1="%.1f" x2="%.1f" y1="%d" y2="%d"/>`, x, x, p.top(), p.floor())
		fmt.Fprintf(b, `<text class="label" x="%.1f" y="%d" text-anchor="middle">%s</text>`+"\n", x, p.floor()+2*labelGap, t.label)
	}
	fmt.Fprintf(b, `<text class="label" x="%d" y="%d" text-anchor="middle">%s</text>`+"\n",
		leftMargin+innerWidth/2, p.height-axisNameFromTheEdge, p.x.name)
}

func (p *plot) drawSeries(b *strings.Builder, s series) {
	var path strings.Builder
	var x float64
	for i, point := range s.points {
		var y float64
		if x, y = p.xy(point[0], point[1]); i == 0 {
			fmt.Fprintf(&path, "M%.1f %.1f", x, y)
			continue
		}
		fmt.Fprintf(&path, "L%.1f %.1f", x, y)
	}
	if p.filled && len(s.points) > 0 {
		first, floor := p.xy(s.points[0][0], p.y.from)
		fmt.Fprintf(b, `<path class="area c%d" d="%sL%.1f %.1fL%.1f %.1fZ"/>`+"\n", s.colour, path.String(), x, floor, first, floor)
	}
	fmt.Fprintf(b, `<path class="line c%d" d="%s"/>`+"\n", s.colour, path.String())
}

func (p *plot) drawLegend(b *strings.Builder) {
	for i, s := range p.series {
		x := leftMargin + i*legendStep
		fmt.Fprintf(b, `<line class="line c%d" x1="%d" x2="%d" y1="10" y2="10"/>`, s.colour, x, x+legendTextOffset-6)
		fmt.Fprintf(b, `<text class="label" x="%d" y="10" dominant-baseline="middle">%s</text>`+"\n", x+legendTextOffset, s.name)
	}
}

// linear is an axis from 0 that holds top, with some round ticks.
func linear(name string, top float64, label func(float64) string) axis {
	step := roundStep(top / 5)
	a := axis{name: name, to: max(math.Ceil(top/step), 1) * step}
	for i := 0; float64(i)*step <= a.to*1.001; i++ {
		a.ticks = append(a.ticks, tick{float64(i) * step, label(float64(i) * step)})
	}
	return a
}

// roundStep is the next of 1, 2 and 5 times a power of ten.
func roundStep(f float64) float64 {
	if f <= 0 {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(f)))
	for _, m := range []float64{1, 2, 5} {
		if f <= m*power*1.001 {
			return m * power
		}
	}
	return 10 * power
}

// logarithmic is an axis of whole powers of ten around from and to.
func logarithmic(name string, from, to float64, label func(float64) string) axis {
	lowest, highest := math.Floor(math.Log10(from)), math.Ceil(math.Log10(to))
	highest = max(highest, lowest+1)
	a := axis{name: name, from: math.Pow(10, lowest), to: math.Pow(10, highest), log: true}
	for e := lowest; e <= highest; e++ {
		a.ticks = append(a.ticks, tick{math.Pow(10, e), label(math.Pow(10, e))})
	}
	return a
}
