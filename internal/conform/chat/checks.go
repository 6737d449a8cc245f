// Package chat has the checks of chat servers.
package chat

import (
	"slices"

	"parley/internal/conform"
)

// basics are the checks that all others need, each of them those before it: what
// they are about would make everything else fail too, and hide what else is
// wrong.
var basics = []string{"accepts", "no-greeting", "echo", "echo-with-id", "answers", "line-end", "second-client-served", "second-echoed"}

// Checks returns the checks of chat servers, in the order of a report.
func Checks() []*conform.Check {
	all := slices.Concat(connecting, leaving, segments, text, framing, names, steps,
		commands, private, lists, crowd, modes, spam, lifetime)
	for i, c := range all {
		complete := *c
		complete.Target = conform.Server
		complete.Needs = slices.Concat(before(c.ID), c.Needs)
		all[i] = &complete
	}
	return all
}

// before returns the basics that come before a check.
func before(id string) []string {
	if i := slices.Index(basics, id); i >= 0 {
		return basics[:i]
	}
	return basics
}
