package chat

import (
	"fmt"
	"slices"
	"strings"

	"parley/internal/conform"
	"parley/proto"
)

// lists are the checks of the list of users.
var lists = []*conform.Check{
	{
		ID: "users", Rule: proto.P55, Step: listFrom, Points: 1,
		Title: "`users` is answered with `users` and every name once, the asker's own too",
		Hint:  "One line: the word `users`, then each name after one space. Nobody is left out.",
		Run:   users,
	},
	{
		ID: "users-anonymous", Rule: proto.P55, Also: []proto.Rule{proto.P12, proto.P20}, Step: listFrom, Points: 1,
		Title: "`users` lists those who have not logged in too, by their given names",
		Hint:  "A client is in the collection from when it is accepted, not from its login.",
		Needs: []string{"users", "msg-reaches-others"},
		Run:   usersAnonymous,
	},
	{
		ID: "users-order", Rule: proto.P55, Step: listFrom, Points: 1,
		Title: "`users` lists names in the order of connecting",
		Hint:  "Keep the clients in a list; a map has no order.",
		Needs: []string{"users"},
		Run:   usersOrder,
	},
	{
		ID: "users-rename", Rule: proto.P55, Also: []proto.Rule{proto.P22, proto.P84}, Step: listFrom, Points: 1,
		Title: "After a second login `users` has the new name, in the old one's place",
		Hint:  "Change the name where it is, instead of taking the client out and putting it in again.",
		Needs: []string{"users"},
		Run:   usersRename,
	},
	{
		ID: "users-gone-after-close", Rule: proto.P11, Also: []proto.Rule{proto.P55}, Step: leavesFrom, Points: 2,
		Title: "Whoever has closed the connection is gone from `users`",
		Hint:  "When a read says that the stream has ended, take the client out of the collection.",
		Needs: []string{"users"},
		Run:   func(t *conform.T) { usersGone(t, (*conform.Peer).Close) },
	},
	{
		ID: "users-gone-after-reset", Rule: proto.P11, Also: []proto.Rule{proto.P55}, Phase: conform.Last, Step: leavesFrom, Points: 1,
		Title: "Whoever's connection has broken, in the middle of a line, is gone from `users`",
		Hint:  "An error while reading ends a client's thread just as the end of the stream does: take it out of the collection in `finally`.",
		Needs: []string{"users"},
		Run: func(t *conform.T) {
			usersGone(t, func(p *conform.Peer) {
				p.SendParts("msg never " + t.Name("said"))
				p.Reset()
			})
		},
	},
}

// namesAsked asks p for the names of all.
func namesAsked(p *conform.Peer) []string {
	p.Send("users")
	line := p.Expect(conform.Matching(`users( \S+)+`, "`users` and the names, each after one space"))
	return strings.Fields(line)[1:]
}

// listed fails the check unless each of names is in the list just once.
func listed(t *conform.T, list []string, names ...string) {
	for _, name := range names {
		n := 0
		for _, in := range list {
			if in == name {
				n++
			}
		}
		if n != 1 {
			t.Fail(conform.WrongLine, fmt.Sprintf("the name %s once in the list", conform.Quote(name)), "it was there %d times: %q", n, list)
		}
	}
}

func users(t *conform.T) {
	peers := members(t, "alice", "bob")
	for _, p := range peers {
		listed(t, namesAsked(p), peers[0].Name, peers[1].Name)
	}
}

func usersAnonymous(t *conform.T) {
	alice, bob := member(t, "alice"), t.Connect("bob")
	text := t.Text("what is my name?")
	say(t, bob, text)
	given := heardPublicly(t, alice, text)
	t.Note("Bob, who has not logged in, is called %s.", given)
	listed(t, namesAsked(alice), alice.Name, given)
}

// mine returns those of the list that are in names.
func mine(list []string, names ...string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(name string) bool { return !slices.Contains(names, name) })
}

// inOrder fails the check unless the names are in the list in this order. The
// assignment says nothing of it.
func inOrder(t *conform.T, list []string, names ...string) {
	listed(t, list, names...)
	got := mine(list, names...)
	switch {
	case slices.Equal(got, names):
	case t.Course():
		t.Remark("the names stand as %q; parley lists them in order of connecting, %q", got, names)
	default:
		t.Fail(conform.WrongLine, fmt.Sprintf("the names in order of connecting, %q", names), "they stand as %q", got)
	}
}

func usersOrder(t *conform.T) {
	peers := room(t, "first", "second", "third", "fourth")
	t.Note("They log in in another order than they have connected in.")
	for _, i := range []int{2, 0, 3, 1} {
		peers[i].Send("login " + peers[i].Name)
		if got := answer(t, peers[i]); got != "loginok" {
			t.Skip("it needs a login, which fails here: see the checks of P-22")
		}
	}
	inOrder(t, namesAsked(peers[3]), peers[0].Name, peers[1].Name, peers[2].Name, peers[3].Name)
}

func usersRename(t *conform.T) {
	peers := members(t, "alice", "bob", "carol")
	alice, bob, carol, newName := peers[0], peers[1], peers[2], t.Name("robert")
	bob.Send("login " + newName)
	if got := answer(t, bob); got != "loginok" {
		t.Skip("it needs a second login, which is answered %s: see the checks of P-22", conform.Quote(got+"\n"))
	}
	list := namesAsked(alice)
	if slices.Contains(list, bob.Name) {
		t.Cause("a second login leaves the old name where it was")
		t.Fail(conform.WrongLine, fmt.Sprintf("no %s in the list any more", conform.Quote(bob.Name)), "it was %q", list)
	}
	inOrder(t, list, alice.Name, newName, carol.Name)
}

// usersGone lets bob leave, and alice ask until his name is gone.
func usersGone(t *conform.T, leave func(*conform.Peer)) {
	peers := members(t, "alice", "bob")
	alice, bob := peers[0], peers[1]
	alice.PassOver(isMessage)
	if !slices.Contains(namesAsked(alice), bob.Name) {
		t.Skip("it needs a list that has bob in it while he is there: see the checks of P-55")
	}
	leave(bob)
	for range again(t, afterLeaving(t)) {
		if !slices.Contains(namesAsked(alice), bob.Name) {
			return
		}
	}
	t.Cause("the client's thread has ended, or still waits, and its name stays in the collection")
	t.Fail(conform.WrongLine, fmt.Sprintf("no %s in the list any more", conform.Quote(bob.Name)),
		"it was still there %v after bob's connection had ended", afterLeaving(t))
}
