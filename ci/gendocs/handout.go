package main

import (
	"fmt"
	"regexp"
	"strings"
)

// edit is a change that makes the handout of the protocol's page. What it
// replaces is there exactly once, so that no change of the page goes by unseen.
type edit struct{ from, to string }

// edits leave out what the assignment leaves for students to find: two commands,
// their rules and their traces in other rules.
var edits = []edit{
	{"# The protocol\n", "<!-- Made of protocol.md by `make docs`: change that page, not this one. -->\n\n# The protocol\n"},
	{"parley is wrong.\n", "parley is wrong. What the assignment leaves\nfor you to find out is not on it.\n"},
	{"> users\n< users alice Anonymous2\n", ""},
	{": sync mode, inbox, jokes)", ": sync mode, inbox)"},
	{"(R20; real clients send `sync ` and `users `)", "(R20; real clients send `sync `)"},
	{" at least 1 MiB (`users` grows with its users).", " at least 1 MiB."},
	{"the name is free and gone from `users`.", "the name is free."},
	{"counted in `msgok`, listed in `users`, reached by", "counted in `msgok`, reached by"},
	{" `users` is never empty.", ""},
	{"given names, built-in jokes)", "given names)"},
	{" A joke is never empty.", ""},
	{
		"| P-56 | `help` | `supported login msg privmsg users help sync async inbox joke`, extensions after these (R20's line is its beginning). |",
		"| P-56 | `help` | `supported` and the commands there are, separated by spaces: `login`, `msg`, `privmsg`, `help`, `sync`, `async` and `inbox` " +
			"among them; extensions come last. |",
	},
	{"| P-58 | `help`, `users`, `sync`, `async`, `inbox`, `joke` with", "| P-58 | `help`, `sync`, `async`, `inbox` with"},
	{"is gone from `users` within 15 s", "is no member any more within 15 s"},
}

// secretRules are left out as a whole.
var secretRules = regexp.MustCompile(`(?m)^\| P-5[57] \|.*\n`)

// secrets must not be left in the handout.
var secrets = regexp.MustCompile("(?i)joke|`users|users`|[<>] users|P-5[57]\\b")

// handout makes the page for students.
func handout(page string) (string, error) {
	for _, e := range edits {
		if n := strings.Count(page, e.from); n != 1 {
			return "", fmt.Errorf("docs/protocol.md has %q %d times, want once: see the edits in ci/gendocs/handout.go", e.from, n)
		}
		page = strings.Replace(page, e.from, e.to, 1)
	}
	page = secretRules.ReplaceAllString(page, "")
	if left := secrets.FindString(page); left != "" {
		return "", fmt.Errorf("%q is left in the handout: it needs one more edit in ci/gendocs/handout.go", left)
	}
	return page, nil
}
