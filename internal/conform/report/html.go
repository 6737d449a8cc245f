package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"

	"parley/internal/conform"
)

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Parse(pageText))

// view is what the page shows.
type view struct {
	Title, Address  string
	Class, Sentence string
	Setting         string
	Counts          []pageCount
	Likely          []string
	Troubles        []string
	AnyFailed       bool
	Checks          []pageCheck
	Version         string
}

// pageCount is a number of the summary.
type pageCount struct {
	Class, Number, Name string
}

// pageCheck is a check on the page.
type pageCheck struct {
	ID, Rule     string
	Title        template.HTML
	Status, Kind string
	Parts        []pagePart
	Diagram      *diagram
	Transcript   []string // where there is no diagram
	Rerun        string
	Step, Points int
	Took         string
	Open         bool
}

type pagePart struct {
	Name string
	Text template.HTML
}

// WriteHTML writes the report as one page that needs nothing else. It has no
// script, and asks the browser to run none.
func (r *Report) WriteHTML(w io.Writer) error {
	v := view{
		Title: "parley check " + string(r.run.Target), Address: printable(r.run.Address),
		Class: "good", Sentence: r.sentence(), Setting: fmt.Sprintf("%s · seed %d · %s", r.setting(), r.run.Seed, took(r.run.Took)),
		Counts: r.pageCounts(), Likely: r.likelyTexts(), AnyFailed: r.run.Count(conform.Failed) > 0, Version: r.version,
	}
	for _, trouble := range r.troubles() {
		v.Troubles = append(v.Troubles, printable(trouble))
	}
	if r.Verdict() != AllPassed {
		v.Class = "bad"
	}
	for _, status := range []conform.Status{conform.Failed, conform.Remark, conform.Skipped, conform.Passed} {
		for _, e := range r.with(status) {
			v.Checks = append(v.Checks, r.pageCheck(e))
		}
	}
	return page.Execute(w, v)
}

func (r *Report) pageCounts() []pageCount {
	reached, total := r.run.Points()
	counts := []pageCount{{"", fmt.Sprintf("%d/%d", reached, total), "points"}}
	for _, s := range []struct {
		status conform.Status
		name   string
	}{{conform.Passed, "passed"}, {conform.Remark, "with a remark"}, {conform.Failed, "failed"}, {conform.Skipped, "skipped"}} {
		if n := r.run.Count(s.status); n > 0 {
			counts = append(counts, pageCount{string(s.status), fmt.Sprint(n), s.name})
		}
	}
	return counts
}

func (r *Report) pageCheck(e *entry) pageCheck {
	c := pageCheck{
		ID: e.Check.ID, Rule: string(e.Rule), Title: markup(e.Title), Status: string(e.Status), Rerun: printable(e.Rerun),
		Step: e.Check.Step, Points: e.Check.Points, Took: took(e.Took), Open: e.Status == conform.Failed,
	}
	if r.detail != Verdicts {
		c.Kind = string(e.Kind)
	}
	c.Parts = partsOf(e)
	rows := shorten(fold(rowsOf(e.Events, e.Token)))
	if c.Diagram = diagramOf(e, r.run.Target, rows); c.Diagram == nil {
		for i := range rows {
			c.Transcript = append(c.Transcript, fmt.Sprintf("%13s  %s", rows[i].clock(), rows[i].what()))
		}
	}
	return c
}

func partsOf(e *entry) []pagePart {
	var parts []pagePart
	add := func(name string, text template.HTML) {
		if text != "" {
			parts = append(parts, pagePart{name, text})
		}
	}
	escaped := func(text string) template.HTML { return template.HTML(template.HTMLEscapeString(printable(text))) }
	switch e.Status {
	case conform.Skipped:
		add("Why", escaped(e.Message))
	case conform.Failed:
		add("What came", escaped(e.Message))
		add("Expected", escaped(e.Expected))
		add("The cause", escaped(e.Cause))
	default: // a remark is said below
	}
	for _, remark := range e.Remarks {
		add("Remark", escaped(remark))
	}
	add("The rule", markup(e.RuleText))
	if e.Status == conform.Failed {
		add("Usual mistake", markup(e.Hint))
	}
	return parts
}
