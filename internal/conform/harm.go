package conform

import (
	"fmt"
	"slices"
)

// vital is the check without which others mean nothing; nil if none is.
func (r *run) vital() *Check {
	for _, c := range r.checks {
		if c.Vital {
			return c
		}
	}
	return nil
}

// lookForHarm repeats the vital check if suspect has failed; since says when it
// was, should that fail too. A server may live
// on and be of no use to anybody: one connection that ended badly stays in its
// list of clients, and each message fails there. What needs the vital check is
// then skipped, with that reason, and not blamed on rules that are kept.
func (r *run) lookForHarm(suspect, since string) {
	vital := r.vital()
	if vital == nil || vital.ID == suspect || r.isOver() || r.resultOf(suspect).Status != Failed {
		return
	}
	if before := r.resultOf(vital.ID); r.harmed != "" || !before.isRightAlone() {
		return
	}
	again := r.try(vital, vital.ID+" after "+suspect)
	r.mu.Lock()
	defer r.mu.Unlock()
	if again.Status != Failed || r.ctx.Err() != nil {
		return
	}
	r.harmed = fmt.Sprintf("the server is not what it was any more: %s passed at first and %s", vital.ID, since)
}

// restsOnVital reports whether c is the vital check, or needs it through however
// many others.
func (r *run) restsOnVital(c *Check) bool {
	return c.Vital || slices.ContainsFunc(r.checks, func(need *Check) bool {
		return slices.Contains(c.Needs, need.ID) && r.restsOnVital(need)
	})
}
