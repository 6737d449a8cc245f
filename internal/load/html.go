package load

import (
	_ "embed"
	"html/template"
	"io"
	"math"
	"strconv"
	"time"
)

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Parse(pageText))

// view is what the page shows.
type view struct {
	*Report
	Day      string
	Measured string
	Rows     []pageRow
	Times    []pageTimes
	Plots    []pagePlot
}

type pageRow struct{ Name, Text string }

type pageTimes struct {
	Name  string
	Cells []string
}

type pagePlot struct {
	Title, About string
	SVG          template.HTML
}

// WriteHTML writes the report as one page that needs nothing else.
func (rep *Report) WriteHTML(w io.Writer) error {
	v := view{Report: rep, Day: rep.Started.Format(time.DateTime) + " UTC", Measured: seconds(rep.Seconds)}
	for _, r := range rep.rows() {
		v.Rows = append(v.Rows, pageRow{r.name, r.text})
	}
	for _, r := range rep.timeRows() {
		t := rep.Times[r.key]
		v.Times = append(v.Times, pageTimes{r.name, []string{
			ms(t.P50MS), ms(t.P90MS), ms(t.P99MS), ms(t.P999MS), ms(t.MaxMS), rate(float64(t.Count)),
		}})
	}
	v.Plots = rep.plots()
	return page.Execute(w, v)
}

// plots are those for which there is something to draw.
func (rep *Report) plots() []pagePlot {
	var plots []pagePlot
	if p, ok := rep.curvePlot(); ok {
		plots = append(plots, pagePlot{"How long it took", "What part of all took no longer than that. To the right are the rare ones: " +
			"99% is 1 in 100 that took longer. Both axes are logarithmic.", p.svg()})
	}
	delivered := func(m Moment) float64 { return float64(m.Delivered) / m.Seconds }
	answered := func(m Moment) float64 { return float64(m.Answered) / m.Seconds }
	slowest := func(m Moment) float64 { return m.SlowestMS }
	for _, t := range []struct {
		title, about string
		value        func(Moment) float64
		label        func(float64) string
		colour       int
	}{
		{"Lines delivered a second", "All clients together.", delivered, short, 1},
		{rep.answersTitle(), "All clients together; a dip to nothing is a server that stood still, or a generator that did.", answered, short, 2},
		{"The slowest delivery", "Of each stretch of time, the one line that came latest.", slowest, ms, 4},
	} {
		if p, ok := rep.timePlot(t.title, t.value, t.label, t.colour); ok {
			plots = append(plots, pagePlot{t.title, t.about, p.svg()})
		}
	}
	return plots
}

func (rep *Report) answersTitle() string {
	if rep.Scenario == Connect {
		return "Entries a second"
	}
	return "Answers a second"
}

// curvePlot has the percentiles of all that was timed.
func (rep *Report) curvePlot() (p Plot, ok bool) {
	p.Title, p.Height = "percentiles", 320
	lowest, highest, nines := math.Inf(1), 0.0, 1.0
	for i, r := range rep.timeRows() {
		s := Series{Name: r.name, Colour: i + 1}
		for _, point := range rep.Times[r.key].Curve {
			if point.Part < 1 {
				s.Points = append(s.Points, [2]float64{1 / (1 - point.Part), max(point.MS, 0.001)})
				lowest, highest = min(lowest, max(point.MS, 0.001)), max(highest, point.MS)
				nines = max(nines, 1/(1-point.Part))
			}
		}
		p.Series = append(p.Series, s)
	}
	if highest == 0 {
		return p, false
	}
	p.Y = Logarithmic("", lowest, highest, ms)
	p.X = Logarithmic("part of all", 1, nines, percentile)
	p.X.To = max(nines, 10) // no room to the right of the last point
	for len(p.X.Ticks) > 0 && p.X.Ticks[len(p.X.Ticks)-1].At > p.X.To {
		p.X.Ticks = p.X.Ticks[:len(p.X.Ticks)-1]
	}
	return p, true
}

// percentile labels 1 in n with the part of all that is below.
func percentile(n float64) string {
	return strconv.FormatFloat(100-100/n, 'f', max(0, int(math.Round(math.Log10(n)))-2), 64) + "%"
}

// timePlot draws a value over the time of the run.
func (rep *Report) timePlot(title string, value func(Moment) float64, label func(float64) string, colour int) (p Plot, ok bool) {
	p.Title, p.Height, p.Filled = title, 220, true
	s := Series{Name: title, Colour: colour}
	top, end := 0.0, 0.0
	for _, m := range rep.Over {
		v := value(m)
		s.Points = append(s.Points, [2]float64{m.AtS + m.Seconds/2, v})
		top, end = max(top, v), m.AtS+m.Seconds
	}
	p.Series = []Series{s}
	p.Y = Linear("", top, label)
	p.X = Linear("seconds since the start", end, func(f float64) string { return strconv.FormatFloat(f, 'g', 4, 64) })
	p.X.To = end
	for len(p.X.Ticks) > 0 && p.X.Ticks[len(p.X.Ticks)-1].At > end {
		p.X.Ticks = p.X.Ticks[:len(p.X.Ticks)-1]
	}
	return p, top > 0 && len(s.Points) > 1
}

// short is a number in little room: 2.5M.
func short(f float64) string {
	switch {
	case f >= 1e6:
		return strconv.FormatFloat(f/1e6, 'g', 4, 64) + " M"
	case f >= 1e4:
		return strconv.FormatFloat(f/1e3, 'g', 4, 64) + " k"
	}
	return strconv.FormatFloat(f, 'g', 4, 64)
}
