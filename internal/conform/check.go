package conform

import (
	"fmt"
	"slices"
	"strings"

	"parley/proto"
)

// Target is the kind of program that a check is about.
type Target string

// The targets.
const (
	Server    Target = "server"
	SumServer Target = "sum-server"
	Client    Target = "client"
	SumClient Target = "sum-client"
)

// Phase says beside whom a check may run.
type Phase int

// The phases, in the order in which a run goes through them.
const (
	// Together: beside other checks and other people. Most are.
	Together Phase = iota
	// Alone: no other check runs, because something must be counted exactly or
	// because the load would disturb others.
	Alone
	// Last: as Alone, and it may bring a bad server down. After each, the run
	// looks whether the program is still there.
	Last
)

// ExtraStep is the number that stands for "extra" in the assignment's lists of
// steps: above all of them.
const ExtraStep = 22

// Check is one thing that a right program does.
type Check struct {
	ID     string     // unique over all targets; lower-case words and hyphens
	Rule   proto.Rule // the rule that it is about
	Also   []proto.Rule
	Target Target
	Phase  Phase
	Step   int // the assignment's step from which it holds
	Until  int // the last step at which it holds; 0 is without end
	Points int
	Title  string // what a right program does: a sentence without a full stop
	Hint   string // the usual mistake of a program that does not
	Strict bool   // runs in [DialectParley] only: the assignment does not ask for it
	Needs  []string

	// Vital: once it fails that has passed, the program is broken for all that
	// needs this check. One of a target's checks may be.
	Vital bool

	// Run does the checking. It ends early by the methods of t that fail or
	// skip, as a test does.
	Run func(t *T)
}

// HoldsAt reports whether a program that has come to this step must pass c;
// step 0 is a finished program.
func (c *Check) HoldsAt(step int) bool {
	if step == 0 {
		step = ExtraStep
	}
	return c.Step <= step && (c.Until == 0 || step <= c.Until)
}

// isAbout reports whether name is the check's id or one of its rules, as
// `--only` names them.
func (c *Check) isAbout(name string) bool {
	return c.ID == name || string(c.Rule) == name || slices.Contains(c.Also, proto.Rule(name))
}

// Select returns the checks that hold in opts, in their order. Of those, only
// the ones named in opts.Only and what they need, if any is named; a name that
// is no check and no rule is an error.
func Select(all []*Check, opts *Options) ([]*Check, error) {
	var held []*Check
	for _, c := range all {
		if c.HoldsAt(opts.Step) && (!c.Strict || opts.Dialect == DialectParley) {
			held = append(held, c)
		}
	}
	if len(opts.Only) == 0 {
		return held, nil
	}
	wanted := make(map[string]bool)
	for _, name := range opts.Only {
		if err := want(wanted, held, all, name); err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(held, func(c *Check) bool { return !wanted[c.ID] }), nil
}

// want marks what name stands for, and what that needs.
func want(wanted map[string]bool, held, all []*Check, name string) error {
	found := false
	for _, c := range held {
		if c.isAbout(name) {
			found = true
			wanted[c.ID] = true
			for _, need := range c.Needs {
				wanted[need] = true
			}
		}
	}
	switch {
	case found:
		return nil
	case slices.ContainsFunc(all, func(c *Check) bool { return c.isAbout(name) }):
		return fmt.Errorf("%s does not hold at this step and in this dialect", name)
	}
	return fmt.Errorf("no check and no rule of these is called %q; `parley check list` shows them", strings.TrimSpace(name))
}
