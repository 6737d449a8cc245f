// Package report writes what a run of the checks has found: as text for people,
// as JSON, as JUnit's XML, as Gradescope's results and as a page with a sequence
// diagram of each check.
//
// What the program under test has sent is hostile until proven otherwise: it
// reaches a terminal, a page and an XML file only by way of [visible] or
// [conform.Quote].
package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"parley/internal/conform"
	"parley/internal/conform/rules"
	"parley/proto"
)

// Detail is how much a report tells.
type Detail string

// The details.
const (
	// Full tells what was expected, the rule, and the usual mistake.
	Full Detail = "full"
	// Own tells what the program did, and nothing of what it should have done.
	Own Detail = "own"
	// Verdicts tells how each check went, and no more.
	Verdicts Detail = "none"
)

// Details lists them. The caller owns the slice.
func Details() []string { return []string{string(Full), string(Own), string(Verdicts)} }

// Options are what a report needs beside what was found.
type Options struct {
	Detail  Detail  // default [Full]
	Version string  // of this program
	Known   []Known // mistakes that a program may be compared with
}

// Report is what a run has found, told with as much detail as is wanted.
type Report struct {
	run     *conform.Report
	detail  Detail
	version string
	book    *rules.Book
	likely  []Likeness
	entries []entry
}

// entry is one result, without what the detail withholds.
type entry struct {
	*conform.Result
	Head     string // the rule and what it is about, or the id where that would tell too much
	Title    string
	Rule     proto.Rule
	Also     []proto.Rule
	Message  string
	Expected string
	Cause    string
	Hint     string
	RuleText string
	Remarks  []string
	Events   []conform.Event
	Rerun    string
}

// New makes a report of what a run has found.
func New(run *conform.Report, opts Options) *Report {
	r := &Report{run: run, detail: opts.Detail, version: opts.Version, book: rules.For(run.Target, run.Step)}
	if r.detail == "" {
		r.detail = Full
	}
	if r.detail == Full {
		r.likely = likenesses(run, opts.Known, r.book.Handout)
	}
	for i := range run.Results {
		r.entries = append(r.entries, r.entry(&run.Results[i]))
	}
	return r
}

func (r *Report) entry(result *conform.Result) entry {
	e := entry{Result: result, Head: head(result.Check, r.detail)}
	if r.detail == Verdicts {
		return e
	}
	e.Message, e.Rerun = result.Message, result.Rerun
	if r.detail == Own {
		e.Message = ownMessage(result)
		e.Events = deedsOf(result.Events)
		return e
	}
	c := result.Check
	rule, _ := r.book.Rule(c.Rule)
	e.Title, e.Rule, e.Also, e.Hint, e.RuleText = c.Title, c.Rule, c.Also, result.Hint(), rule.Text
	e.Expected, e.Cause, e.Remarks, e.Events = result.Expected, result.Cause, result.Remarks, result.Events
	if result.Kind == conform.BrokeOff { // the program is not to blame
		e.Hint, e.RuleText, e.Expected = "", "", ""
	}
	return e
}

// head is how a check is called at the head of what is said of it.
func head(c *conform.Check, detail Detail) string {
	if detail == Full {
		return fmt.Sprintf("%-5s %s", c.Rule, c.Title)
	}
	return c.ID
}

// ownMessage leaves out a remark, which says what the rule is.
func ownMessage(result *conform.Result) string {
	if result.Status == conform.Remark {
		return ""
	}
	return result.Message
}

// deedsOf are the events without the notes, which say what is coming and why.
func deedsOf(events []conform.Event) []conform.Event {
	var deeds []conform.Event
	for _, e := range events {
		if e.Kind != conform.Note {
			deeds = append(deeds, e)
		}
	}
	return deeds
}

// Verdict is what the run as a whole says.
type Verdict int

// The verdicts; their numbers are the exit codes.
const (
	AllPassed Verdict = iota
	SomethingFailed
	CouldNotRun
)

// Verdict tells how the run went. One that ended early without a failure, or in
// which nothing could be checked, has not shown that anything is right.
func (r *Report) Verdict() Verdict {
	shown := 0
	for i := range r.run.Results {
		switch result := &r.run.Results[i]; {
		case result.Status == conform.Failed && result.Kind != conform.BrokeOff:
			return SomethingFailed
		case result.Status == conform.Passed || result.Status == conform.Remark:
			shown++
		}
	}
	switch {
	case r.run.Died != "":
		return SomethingFailed
	case r.run.Broken != "" || shown == 0:
		return CouldNotRun
	}
	return AllPassed
}

// sentence is the verdict in words.
func (r *Report) sentence() string {
	n := r.run.Count(conform.Failed)
	switch verdict := r.Verdict(); {
	case verdict == AllPassed:
		return "Everything that was checked is right."
	case verdict == CouldNotRun:
		return "This says nothing about the program: the checks could not be made."
	case n > 0:
		return fmt.Sprintf("%s of %d failed.", plural(n, "check"), len(r.entries))
	}
	return "The program was gone before everything could be checked."
}

// harmAdvice is what mostly is behind a server that the checks have broken.
const harmAdvice = "a connection that ended badly may still be in the server's list of clients, and whoever sends to it fails too. " +
	"Repair what failed so far, start the server anew and check again"

// troubles are what is to be known before any result.
func (r *Report) troubles() []string {
	var all []string
	if r.run.Died != "" {
		all = append(all, r.run.Died)
	}
	if r.run.Harmed != "" {
		all = append(all, r.run.Harmed)
		if r.detail == Full {
			all = append(all, harmAdvice)
		}
	}
	for _, o := range r.run.Overlooked {
		if r.detail == Full {
			all = append(all, fmt.Sprintf("%s has failed; all other checks overlook just that: %s", o.Check, o.Habit.Says))
		} else {
			all = append(all, o.Check+" has failed; all other checks overlook that")
		}
	}
	if r.run.Broken != "" {
		all = append(all, "the run ended before its end: "+r.run.Broken)
	}
	return all
}

// summary counts, in one line.
func (r *Report) summary() string {
	reached, total := r.run.Points()
	parts := []string{fmt.Sprintf("%s: %d passed", plural(len(r.entries), "check"), r.run.Count(conform.Passed))}
	for _, s := range []struct {
		status conform.Status
		words  string
	}{{conform.Remark, "passed with a remark"}, {conform.Failed, "failed"}, {conform.Skipped, "skipped"}} {
		if n := r.run.Count(s.status); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, s.words))
		}
	}
	return fmt.Sprintf("%s · %d of %s · %s · seed %d", strings.Join(parts, ", "), reached, plural(total, "point"), took(r.run.Took), r.run.Seed)
}

// setting is how strict the run was.
func (r *Report) setting() string {
	if r.run.Step == 0 {
		return fmt.Sprintf("dialect %s", r.run.Dialect)
	}
	return fmt.Sprintf("step %d, dialect %s", r.run.Step, r.run.Dialect)
}

// with returns the entries with a status in the order of the checks. Where a known
// mistake explains the failures, the one that is about it comes first.
func (r *Report) with(status conform.Status) []*entry {
	var found []*entry
	for i := range r.entries {
		switch e := &r.entries[i]; {
		case e.Status != status:
		case len(r.likely) > 0 && r.likely[0].Check == e.Check.ID:
			found = slices.Insert(found, 0, e)
		default:
			found = append(found, e)
		}
	}
	return found
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// took is a time for people.
func took(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}
