package chat

import (
	"strings"
	"time"

	"parley/internal/conform"
	"parley/proto"
)

// leaving are the checks of how connections end.
var leaving = []*conform.Check{
	{
		ID: "name-free-after-close", Rule: proto.P11, Step: leavesFrom, Points: 2,
		Title: "A name is free again when its connection has closed",
		Hint:  "Take the client and its name out of the collection when the reading of its lines has ended.",
		Needs: []string{"login"},
		Run:   func(t *conform.T) { nameFreeAfter(t, (*conform.Peer).Close) },
	},
	{
		ID: "name-free-after-reset", Rule: proto.P11, Phase: conform.Last, Step: leavesFrom, Points: 2,
		Title: "A name is free again when its connection has broken",
		Hint: "A connection that breaks ends with an error in the middle of a read. Take the client out of the collection where that " +
			"always happens: in finally, with, defer.",
		Needs: []string{"login", "name-free-after-close"},
		Run:   func(t *conform.T) { nameFreeAfter(t, (*conform.Peer).Reset) },
	},
	{
		ID: "name-free-after-half-a-line", Rule: proto.P11, Also: []proto.Rule{proto.P7}, Phase: conform.Last, Step: leavesFrom, Points: 1,
		Title: "A name is free again when its connection has closed in the middle of a line",
		Hint:  "A loop that reads until it finds a newline never ends when the stream ends first: look at what read returns at the end.",
		Needs: []string{"login", "name-free-after-close"},
		Run: func(t *conform.T) {
			nameFreeAfter(t, func(p *conform.Peer) {
				p.SendParts("msg " + t.Text("I only wanted to"))
				p.Close()
			})
		},
	},
	{
		ID: "half-close", Rule: proto.P10, Phase: conform.Last, Step: answersFrom, Points: 1,
		Title: "A client that ends its sending side gets every answer, and then the end of the stream",
		Hint: "At the end of the input the lines before it still count: answer them, then close the socket. " +
			"A read that returns nothing is the end, not an empty line.",
		Needs: []string{"msg-reaches-others", "two-in-one-segment"},
		Run:   halfClose,
	},
	{
		ID: "half-close-leaves-first", Rule: proto.P10, Also: []proto.Rule{proto.P11}, Step: leavesFrom, Points: 1, Strict: true,
		Title: "Who sees the end of the stream after a half-close can rely on it: the name is free",
		Hint:  "Take the client out of the collection first, then close its socket.",
		Needs: []string{"login"},
		Run:   halfCloseLeavesFirst,
	},
	{
		ID: "browser-refused", Rule: proto.P17, Step: answersFrom, Points: 1, Strict: true,
		Title: "A web browser's request is refused, and its connection ends",
		Hint:  "Look at the first line of a connection: if it ends in HTTP/1.0 or HTTP/1.1, answer it with the error and close.",
		Needs: []string{"unknown-command"},
		Run:   browserRefused,
	},
	{
		ID: "closes-in-order", Rule: proto.P15, Step: answersFrom, Points: 1, Strict: true,
		Title: "When the server ends a connection its last line arrives",
		Hint:  "Closing a socket that has unread input resets it, and that destroys what is on its way. Close the sending side, read for a second, then close.",
		Needs: []string{"browser-refused"},
		Run:   closesInOrder,
	},
}

// nameFreeAfter lets bob leave; then alice takes his name.
func nameFreeAfter(t *conform.T, leave func(*conform.Peer)) {
	peers := members(t, "alice", "bob")
	alice, bob := peers[0], peers[1]
	alice.PassOver(isMessage)
	leave(bob)
	within := afterLeaving(t)
	t.Note("Bob has gone. Alice takes his name, again and again for %v.", within)
	takes(t, alice, bob.Name, within)
	alice.Send("users")
	list := answer(t, alice)
	if strings.Count(list+" ", " "+bob.Name+" ") > 1 { // that it is there at all is the business of P-55
		t.Cause("it lets the name be taken, but the client that has gone is still in its list")
		t.Fail(conform.WrongLine, "the name of bob once in the answer to `users`", "alice got %s", conform.Quote(list+"\n"))
	}
}

// takes lets p log in with a name that should be free soon.
func takes(t *conform.T, p *conform.Peer, name string, within time.Duration) {
	either := conform.Matching("loginok|loginerr .*", conform.Quote("loginok\n")+", sooner or later")
	got := ""
	for range again(t, within) {
		t.Cause("what ended bob's connection has also ended what serves alice")
		p.Send("login " + name)
		if got = p.Expect(either); got == "loginok" {
			t.Cause("")
			return
		}
	}
	t.Cause("the name stays taken after its connection has ended like this: nothing takes it out of the collection")
	t.Fail(conform.WrongLine, conform.Quote("loginok\n"), "%v after bob had gone, the answer to alice's login with his name was %s",
		within, conform.Quote(got+"\n"))
}

func halfClose(t *conform.T) {
	peers := room(t, "alice", "bob")
	alice, bob := peers[0], peers[1]
	alice.PassOver(isMessage)
	said := t.Text("my last words")
	alice.SendTogether("help", "msg "+said, "help")
	alice.HalfClose()
	t.Cause("it ends the connection at the end of the input, before it has answered what came before")
	fence := conform.Want{Says: "the answer to " + conform.Quote("help\n"), Is: conform.IsHelp}
	alice.Expect(fence)
	answer(t, alice)
	alice.Expect(fence)
	if line, ok := alice.Line(conform.Silence); ok {
		t.Cause("it takes the end of the input for lines, again and again")
		t.Fail(conform.ExtraLine, "the end of the stream to alice, who has ended her sending side", "alice got %s", conform.Quote(line+"\n"))
	}
	t.Cause("it does not notice the end of the input, or does not close the socket then")
	alice.Ended()
	t.Cause("it drops what came right before the end of the input")
	bob.Expect(saidBySomebody(said))
}

func halfCloseLeavesFirst(t *conform.T) {
	peers := members(t, "alice", "bob")
	alice, bob := peers[0], peers[1]
	bob.HalfClose()
	bob.Ended()
	t.Note("Bob has seen the end of the stream: there is nothing to wait for.")
	alice.Send("login " + bob.Name)
	alice.ExpectLine("loginok")
}

func browserRefused(t *conform.T) {
	bob := t.Connect("bob")
	for i, version := range []string{"1.0", "1.1"} {
		browser := t.Dial([]string{"firefox", "chrome"}[i])
		t.Note("The body of a web page's request may hold commands.")
		browser.SendTogether("POST / HTTP/"+version+"\r", "Host: localhost\r", "\r", "msg "+t.Text("forged"))
		browser.ExpectLine(notSupported)
		browser.Ended()
	}
	hearsNothing(t, bob, "it obeys what a web page lets a visitor's browser send")
	t.Note("Later lines are no request.")
	bob.Send("GET / HTTP/1.1")
	bob.ExpectLine(notSupported)
	bob.Quiet()
}

func closesInOrder(t *conform.T) {
	t.Note("Alice sends what makes the server end the connection, and goes on sending.")
	alice := t.Dial("alice")
	alice.SendTogether("GET / HTTP/1.1\r", "Cookie: "+strings.Repeat("x", 4000)+"\r")
	for range 4 {
		t.Pause(conform.Gap)
		alice.TrySend("Cookie: " + strings.Repeat("y", 4000) + "\r\n")
	}
	t.Cause("it closes the socket while there is unread input: that resets the connection, and the last line is lost")
	alice.ExpectLine(notSupported)
	alice.Ended()
}
