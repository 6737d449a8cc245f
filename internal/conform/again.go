package conform

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// secondLook is how long a run looks again at what failed. Of a server that fails
// everywhere the later checks keep what was found first.
const secondLook = 20 * time.Second

// What is said of a check that is right alone and failed beside others.
const (
	besideCause = "alone it passes: this happens only while other connections are busy"
	besideHint  = "Threads share something without a lock, such as the list of clients, which one changes while another goes through it. " +
		"Or what one connection sends gets into the lines of another."
)

// again looks a second time, alone, at what failed beside other checks: by the
// bytes alone, a list that two threads change at once looks like a cut line that
// was not put together. It belongs to the run's goroutine.
type again struct {
	*run
	seen   map[string]bool
	until  time.Time
	beside string // the first check that is right alone: one failure for one cause
}

func (r *run) again() {
	a := &again{run: r, seen: make(map[string]bool), until: time.Now().Add(secondLook)}
	for _, c := range r.checks {
		a.settle(c)
	}
}

// isDoubtful reports whether a result may be due to what else was going on. A
// program that is started for each check has nothing else going on.
func (r *run) isDoubtful(result *Result) bool {
	return r.opts.Programs == nil && result.Check.Phase == Together && !result.Excused &&
		(result.Status == Failed && result.Kind != BrokeOff || result.Status == Skipped)
}

// settle makes the result of c final, after those of what it needs.
func (a *again) settle(c *Check) {
	first := a.resultOf(c.ID)
	if a.seen[c.ID] || c.Phase != Together || !a.isDoubtful(&first) {
		return
	}
	a.seen[c.ID] = true
	for _, need := range a.checks {
		if slices.Contains(c.Needs, need.ID) {
			a.settle(need)
		}
	}
	a.lookForHarm(c.ID, "fails now that many checks have run")
	if time.Now().Before(a.until) {
		first = a.look(&first)
	}
	a.keep(&first)
	a.announce(&first)
}

// look is the second look: where it sees something else, the result is that of
// the check alone, as long as the server lives. Names and texts are others, for the
// first ones may still be there.
func (a *again) look(first *Result) Result {
	alone := a.attempt(first.Check, first.Check.ID+" alone")
	switch {
	case a.isOver() || alone.Status == Failed && alone.Kind == first.Kind:
		return *first
	case first.Status == Skipped || alone.Status == Failed || alone.Status == Skipped:
		return alone
	case a.beside == "":
		a.beside = first.Check.ID
		first.Beside, first.Cause = true, besideCause
		if a.opts.Again != nil {
			first.Rerun = a.opts.Again(fmt.Sprintf("--seed %d", a.opts.Seed))
		}
		return *first
	}
	alone.Status = Remark
	alone.Remarks = append(slices.Clone(alone.Remarks), "it is right alone, and was not beside other checks: see "+a.beside)
	alone.Message = strings.Join(alone.Remarks, "; ")
	return alone
}
