package conform

import (
	"slices"
	"time"

	"parley/proto"
)

// Status is how a check went.
type Status string

// The statuses. A remark is a pass that has something to say.
const (
	Passed  Status = "passed"
	Remark  Status = "remark"
	Failed  Status = "failed"
	Skipped Status = "skipped"
)

// Kind is the way in which a check failed.
type Kind string

// The kinds. The empty one is that of a result that is no failure.
const (
	WrongLine    Kind = "wrong line"    // another line than the one expected
	MissingLine  Kind = "missing line"  // the program answers, but not with this
	ExtraLine    Kind = "extra line"    // something came that nobody asked for
	Closed       Kind = "closed"        // the connection ended
	Timeout      Kind = "timeout"       // nothing came in time: it hangs
	NotConnected Kind = "not connected" // there was no connection
	NotShown     Kind = "not shown"     // a client did not show its user what it must
	Crashed      Kind = "crashed"       // a client program ended by itself
	BrokeOff     Kind = "broke off"     // the check itself could not go on
)

// Result is what one check found.
type Result struct {
	Check    *Check
	Status   Status
	Kind     Kind   // of a failure
	Message  string // what happened, in words, or why it was skipped
	Expected string // of a failure: what a right program does here
	Cause    string // of a failure: what the program must have done, where the bytes show it
	Beside   bool   // failed beside other checks, and passed alone
	Excused  bool   // skipped because the assignment does not ask for it: no points are lost
	Habit    *Habit // of a failure: what the other checks overlook because of it; nil if nothing
	Remarks  []string
	Events   []Event
	Token    string // in every name and text of the check's own; empty where it did not run
	Seed     uint64
	Rerun    string // the command that runs just this again
	Took     time.Duration
}

// Report is what a run found. Results are in the order of the checks.
type Report struct {
	Target  Target
	Address string // or the command of a client
	Dialect Dialect
	Step    int
	Seed    uint64
	Results []Result
	Took    time.Duration
	Broken  string // why the run ended before its end, if it did
	Died    string // how the server was found to be gone, if it was
	Harmed  string // how it was found to be broken by the checks, if it was

	Overlooked []Overlooked // failures that all checks but their own have overlooked
}

// Count returns how many results have a status.
func (r *Report) Count(s Status) int {
	n := 0
	for i := range r.Results {
		if r.Results[i].Status == s {
			n++
		}
	}
	return n
}

// Points returns the points reached and those there were.
func (r *Report) Points() (reached, total int) {
	for i := range r.Results {
		got, of := r.Results[i].Points()
		reached += got
		total += of
	}
	return reached, total
}

// Points returns the points reached and those there were.
func (r *Result) Points() (reached, of int) {
	switch {
	case r.Excused:
		return 0, 0
	case r.Status == Passed || r.Status == Remark:
		return r.Check.Points, r.Check.Points
	}
	return 0, r.Check.Points
}

// isRightAlone reports whether the program does it right where nothing else goes
// on.
func (r *Result) isRightAlone() bool {
	return r.Status == Passed || r.Status == Remark || r.Beside
}

// hasSent reports whether the check has sent anything, so that what happened may
// be due to it.
func (r *Result) hasSent() bool {
	return slices.ContainsFunc(r.Events, func(e Event) bool { return e.Kind == Sent || e.Kind == EndSent })
}

// Hint returns the usual mistake behind a failure.
func (r *Result) Hint() string {
	if r.Beside {
		return besideHint
	}
	return r.Check.Hint
}

// Rules lists the rules of a result, the one it is about first.
func (r *Result) Rules() []proto.Rule { return append([]proto.Rule{r.Check.Rule}, r.Check.Also...) }
