package chatclient

import (
	"fmt"
	"strings"

	"parley/internal/conform"
	"parley/proto"
)

func listing() []*conform.Check {
	return []*conform.Check{
		{
			ID: "client-users", Rule: proto.P55, Step: stepUsers, Points: 3, Needs: needLogin, Run: users,
			Title: "Listing users sends “users”, and shows every name",
			Hint:  "The command is another one: capture what a finished client sends. Or the list is cut at its first or last name.",
		},
		{
			ID: "client-users-many", Rule: proto.P8, Also: []proto.Rule{proto.P55}, Step: stepUsers, Points: 2, Needs: needLogin, Run: usersMany,
			Title: "It shows all of 100 names",
			Hint:  "A buffer of a fixed size holds the beginning of a line only: read until there is a line feed.",
		},
		{
			ID: "client-long-line", Rule: proto.P8, Step: stepUsers, Points: 1, Needs: needLogin, Run: longLine,
			Title: "It takes a line of 1 MiB",
			Hint:  "The reader has a limit (64 KiB in Go's Scanner and Python's StreamReader) or gets slower with each byte.",
		},
	}
}

// lists has the program list these users, and waits until all of shown are.
func lists(t *conform.T, p *conform.Peer, names, shown []string) {
	from := len(t.Screen())
	t.Choose("users")
	p.Expect(sends("users"))
	p.Send("users " + strings.Join(names, " "))
	t.Shows(from, shown...)
}

func users(t *conform.T) {
	p := loggedIn(t)
	names := []string{t.Name("bob"), "Anonymous17", t.Name("carol")}
	lists(t, p, names, names)
	t.Note("and again, with another in the list")
	names = append(names, t.Name("dave"))
	lists(t, p, names, names)
}

func usersMany(t *conform.T) {
	p := loggedIn(t)
	var names []string
	for i := range 100 {
		names = append(names, t.Name(fmt.Sprintf("user%d", i)))
	}
	shown := names
	if t.ByHand() {
		shown = []string{names[0], names[99]}
	}
	lists(t, p, names, shown)
}

// longest is what a reader takes at least (P-8).
const longest = 1 << 20

func longLine(t *conform.T) {
	p := loggedIn(t)
	first, last := t.Name("first"), t.Name("last")
	names := []string{first}
	for size := len("users ") + len(first) + 1; ; {
		name := fmt.Sprintf("%032d", len(names)) // the longest that there are (P-21)
		if size += len(name) + 1; size+len(last)+1 > longest {
			break
		}
		names = append(names, name)
	}
	names = append(names, last)
	lists(t, p, names, []string{first, last})
	t.Note("and then a short one")
	names = []string{t.Name("bob")}
	lists(t, p, names, names)
}

func extra() []*conform.Check {
	return []*conform.Check{
		{
			ID: "client-joke", Rule: proto.P57, Step: stepJoke, Points: 1, Needs: needLogin, Run: joke,
			Title: "Asking for a joke sends “joke”, and shows it",
			Hint:  "The command is another one: capture what a finished client sends. Or only a part of the joke is shown.",
		},
	}
}

func joke(t *conform.T) {
	p := loggedIn(t)
	text := t.Text("Why do chickens cross networks? To reach the other site.")
	from := len(t.Screen())
	t.Choose("joke")
	p.Expect(sends("joke"))
	p.Send("joke " + text)
	t.Shows(from, text)
}
