package load

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"
)

// Plot is a drawing of lines over two axes. Its colours come from the page that
// it is part of, or from [Plot.Image].
type Plot struct {
	Title  string // for those who cannot see it
	X, Y   Axis
	Series []Series
	Height int
	Filled bool // the area below the line too
}

// Series is one line of a plot.
type Series struct {
	Name   string
	Colour int // 1 to 4
	Dashed bool
	Points [][2]float64
	Ranges [][2]float64 // if there are any, points are marked, each with its range of y
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

func (p *Plot) xy(x, y float64) (float64, float64) {
	return leftMargin + p.X.place(x)*innerWidth, float64(p.top()) + (1-p.Y.place(y))*float64(p.floor()-p.top())
}

// top and floor are where the inner part of the drawing begins and ends.
func (p *Plot) top() int {
	if len(p.Series) > 1 {
		return topMargin + legendHeight
	}
	return topMargin
}

func (p *Plot) floor() int { return p.Height - bottomMargin }

// svg draws the plot. Names and labels are ours, so nothing in it needs
// escaping.
func (p *Plot) svg() template.HTML {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg viewBox="0 0 %d %d" role="img" aria-label="%s">`+"\n", plotWidth, p.Height, p.Title)
	p.draw(&b)
	b.WriteString("</svg>")
	return template.HTML(b.String()) //nolint:gosec // see above
}

func (p *Plot) draw(b *strings.Builder) {
	p.drawAxes(b)
	for _, s := range p.Series {
		p.drawSeries(b, s)
	}
	if len(p.Series) > 1 {
		p.drawLegend(b)
	}
}

func (p *Plot) drawAxes(b *strings.Builder) {
	for _, t := range p.Y.Ticks {
		_, y := p.xy(p.X.From, t.At)
		fmt.Fprintf(b, `<line class="grid" x1="%d" x2="%d" y1="%.1f" y2="%.1f"/>`, leftMargin, plotWidth-rightMargin, y, y)
		fmt.Fprintf(b, `<text class="label" x="%d" y="%.1f" text-anchor="end" dominant-baseline="middle">%s</text>`+"\n", leftMargin-labelGap, y, t.Label)
	}
	for _, t := range p.X.Ticks {
		x, _ := p.xy(t.At, p.Y.From)
		fmt.Fprintf(b, `<line class="grid" x1="%.1f" x2="%.1f" y1="%d" y2="%d"/>`, x, x, p.top(), p.floor())
		fmt.Fprintf(b, `<text class="label" x="%.1f" y="%d" text-anchor="middle">%s</text>`+"\n", x, p.floor()+2*labelGap, t.Label)
	}
	fmt.Fprintf(b, `<text class="label" x="%d" y="%d" text-anchor="middle">%s</text>`+"\n",
		leftMargin+innerWidth/2, p.Height-axisNameFromTheEdge, p.X.Name)
	if p.Y.Name != "" {
		fmt.Fprintf(b, `<text class="label" transform="translate(%d %d) rotate(-90)" text-anchor="middle">%s</text>`+"\n",
			2*axisNameFromTheEdge, (p.top()+p.floor())/2, p.Y.Name)
	}
}

func (p *Plot) drawSeries(b *strings.Builder, s Series) {
	var path strings.Builder
	var x float64
	for i, point := range s.Points {
		var y float64
		if x, y = p.xy(point[0], point[1]); i == 0 {
			fmt.Fprintf(&path, "M%.1f %.1f", x, y)
			continue
		}
		fmt.Fprintf(&path, "L%.1f %.1f", x, y)
	}
	if p.Filled && len(s.Points) > 0 {
		first, floor := p.xy(s.Points[0][0], p.Y.From)
		fmt.Fprintf(b, `<path class="area c%d" d="%sL%.1f %.1fL%.1f %.1fZ"/>`+"\n", s.Colour, path.String(), x, floor, first, floor)
	}
	fmt.Fprintf(b, `<path class="%s" d="%s"/>`+"\n", s.class(), path.String())
	for i, r := range s.Ranges {
		x, y := p.xy(s.Points[i][0], s.Points[i][1])
		_, low := p.xy(s.Points[i][0], r[0])
		_, high := p.xy(s.Points[i][0], r[1])
		fmt.Fprintf(b, `<line class="range c%d" x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f"/>`, s.Colour, x, x, low, high)
		fmt.Fprintf(b, `<circle class="dot c%d" cx="%.1f" cy="%.1f" r="4"/>`+"\n", s.Colour, x, y)
	}
}

func (s *Series) class() string {
	class := "line c" + strconv.Itoa(s.Colour)
	if s.Dashed {
		class += " dashed"
	}
	return class
}

func (p *Plot) drawLegend(b *strings.Builder) {
	for i, s := range p.Series {
		x := leftMargin + i*legendStep
		fmt.Fprintf(b, `<line class="%s" x1="%d" x2="%d" y1="10" y2="10"/>`, s.class(), x, x+legendTextOffset-6)
		fmt.Fprintf(b, `<text class="label" x="%d" y="10" dominant-baseline="middle">%s</text>`+"\n", x+legendTextOffset, s.Name)
	}
}
