package chat

import (
	"slices"

	"parley/internal/conform"
)

// Commanded returns the checks of commands and of what many connections do; the
// others are about connecting, lines and names.
func Commanded() []*conform.Check {
	var own []*conform.Check
	for _, c := range Checks() {
		isOwn := func(other *conform.Check) bool { return other.ID == c.ID }
		if slices.ContainsFunc(slices.Concat(commands, private, modes, lists, spam, crowd, lifetime), isOwn) {
			own = append(own, c)
		}
	}
	return own
}
