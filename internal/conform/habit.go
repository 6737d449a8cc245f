package conform

import (
	"fmt"
	"slices"
)

// Habit is a mistake that shows in much of what a program sends, such as a
// greeting or a CR at the end of each line. The check that is about it fails; all
// others overlook exactly that, so that it neither hides nor causes failures.
type Habit struct {
	Says  string                   // what is overlooked: "one CR at the end of each line"
	First int                      // so many lines come first on each connection, messages of others not counted
	Drop  func(line string) bool   // which lines count for nothing; may be nil
	Read  func(line string) string // what the others count as, the one that is not complete too; may be nil
}

// Overlook says what of the program's lines the other checks overlook if this one
// fails. They then need not be skipped because they need it.
func (t *T) Overlook(h Habit) { t.habit = &h }

// Overlooks reports whether what a check is about has failed, and is overlooked.
func (t *T) Overlooks(id string) bool {
	return slices.ContainsFunc(t.habits, func(o Overlooked) bool { return o.Check == id })
}

// Overlooked is a habit and the check that has named it.
type Overlooked struct {
	Check string
	Habit *Habit
}

// overlooked is what has been found so far, in the order of the checks. The one
// that is about a habit does not overlook it.
func (r *run) overlooked(but string) (all []Overlooked) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.checks {
		if habit := r.results[c.ID].Habit; habit != nil && c.ID != but {
			all = append(all, Overlooked{c.ID, habit})
		}
	}
	return all
}

// noteHabits says in the report what this check overlooks.
func (t *T) noteHabits() {
	for _, o := range t.habits {
		t.Note("%s", o)
	}
}

func (o Overlooked) String() string {
	return fmt.Sprintf("Overlooked, because %s is about it and has failed: %s.", o.Check, o.Habit.Says)
}

// overlook is what a line counts as for this check; ok is false if for nothing.
func (p *Peer) overlook(line string) (read string, ok bool) {
	for _, o := range p.t.habits {
		h := o.Habit
		switch {
		case p.first < h.First && !p.t.isForeign(line):
			p.first++
			return "", false
		case h.Drop != nil && h.Drop(line):
			return "", false
		case h.Read != nil:
			line = h.Read(line)
		}
	}
	return line, true
}
