package report

import (
	"fmt"
	"regexp"
	"slices"

	"parley/internal/conform"
	"parley/proto"
)

// Known is a mistake of which it is known what fails because of it.
type Known struct {
	Name   string
	Target conform.Target
	Rule   proto.Rule
	Check  string // the one that is about it
	About  string // what such a program does: "takes one recv() for one message"
	Fails  map[string]conform.Kind
}

// Likeness is a known mistake that the failures look like.
type Likeness struct {
	Known
	Common int // failures of this program that the mistake has too
	All    int // failures of this program
}

// enough is how much of all failures, of this program and of the mistake
// together, must be common to both.
const enough = 0.6

// mostLikely is how many mistakes that fit equally well are named.
const mostLikely = 3

// likenesses are the known mistakes that explain the failures best, if any does
// well enough.
func likenesses(run *conform.Report, known []Known, handout bool) []Likeness {
	failed, ran := failuresOf(run)
	best, score := []Likeness(nil), enough
	for _, k := range known {
		if k.Target != run.Target || failed[k.Check] == "" || handout && secret.MatchString(k.About) {
			continue
		}
		overlap, common := compare(failed, ran, k.Fails)
		switch {
		case overlap > score:
			best, score = nil, overlap
			fallthrough
		case overlap == score:
			best = append(best, Likeness{k, common, len(failed)})
		}
	}
	if len(best) > mostLikely {
		return nil
	}
	slices.SortFunc(best, func(a, b Likeness) int { return b.Common - a.Common })
	return best
}

// secret is what students are to find alone.
var secret = regexp.MustCompile(`(?i)joke|\busers\b`)

// failuresOf returns how the checks of a run failed, by id, and which have a
// verdict.
func failuresOf(run *conform.Report) (failed map[string]conform.Kind, ran map[string]bool) {
	failed, ran = make(map[string]conform.Kind), make(map[string]bool)
	for i := range run.Results {
		result := &run.Results[i]
		if result.Status == conform.Failed && result.Kind != conform.BrokeOff {
			failed[result.Check.ID] = result.Kind
		}
		ran[result.Check.ID] = result.Status != conform.Skipped
	}
	return failed, ran
}

// compare tells how much of all failures is common to both; the same check with
// another kind of failure counts half. Checks that have no verdict count nothing.
func compare(failed map[string]conform.Kind, ran map[string]bool, known map[string]conform.Kind) (overlap float64, common int) {
	all, alike := len(failed), 0.0
	for id, kind := range known {
		switch {
		case failed[id] == kind:
			alike++
			common++
		case failed[id] != "":
			alike += 0.5
			common++
		case ran[id]:
			all++
		}
	}
	if all == 0 {
		return 0, 0
	}
	return alike / float64(all), common
}

// likelyTexts say what the program looks like, in words.
func (r *Report) likelyTexts() []string {
	var texts []string
	for i, l := range r.likely {
		begin := "This looks like"
		if i > 0 {
			begin = "Or like"
		}
		texts = append(texts, fmt.Sprintf("%s a %s that %s: of %s here, such a program has %d too (%s; parley zoo has it as %s).",
			begin, noun(l.Target), l.About, plural(l.All, "failure"), l.Common, l.Rule, l.Name))
	}
	return texts
}

func noun(target conform.Target) string {
	switch target {
	case conform.Client, conform.SumClient:
		return "client"
	default:
		return "server"
	}
}
