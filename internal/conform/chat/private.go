package chat

import (
	"strings"
	"time"

	"parley/internal/conform"
	"parley/proto"
)

// private are the checks of private messages.
var private = []*conform.Check{
	{
		ID: "privmsg-delivered", Rule: proto.P51, Step: privateFrom, Points: 2,
		Title: "A private message reaches its recipient as `privmsg SENDER TEXT`, and its sender gets `msgok 1`",
		Hint:  "What the recipient gets has the sender's name in it: the recipient knows its own.",
		Run:   privmsgDelivered,
	},
	{
		ID: "privmsg-only-recipient", Rule: proto.P51, Step: privateFrom, Points: 2,
		Title: "Nobody but the recipient gets a private message",
		Hint:  "Find the one client that has this name and send to that one, not in the loop that public messages go through.",
		Run:   privmsgOnlyRecipient,
	},
	{
		ID: "privmsg-whole-text", Rule: proto.P51, Also: []proto.Rule{proto.P9}, Step: privateFrom, Points: 1,
		Title: "The text of a private message is everything after the space behind the recipient",
		Hint:  "Split at the first two spaces and no further: the text may have spaces too.",
		Needs: []string{"privmsg-delivered"},
		Run:   privmsgWholeText,
	},
	{
		ID: "privmsg-needs-login", Rule: proto.P52, Step: privateFrom, Points: 1,
		Title: "Without a login a private message is refused with `msgerr unauthorized`",
		Hint:  "Keep for each connection whether it has logged in, and look at that before anything else.",
		Run:   privmsgNeedsLogin,
	},
	{
		ID: "privmsg-unknown-recipient", Rule: proto.P52, Step: privateFrom, Points: 1,
		Title: "A private message to nobody is refused with `msgerr incorrect recipient`",
		Hint:  "When you have gone through all clients and none has the name, say so.",
		Run:   privmsgUnknownRecipient,
	},
	{
		ID: "privmsg-whole-name", Rule: proto.P51, Also: []proto.Rule{proto.P52}, Step: privateFrom, Points: 1,
		Title: "A recipient is found by its whole name, not by a part of it",
		Hint:  "Compare names with `==` or `equals`; `contains`, `in` and `startsWith` find others too.",
		Needs: []string{"privmsg-unknown-recipient"},
		Run:   privmsgWholeName,
	},
	{
		ID: "privmsg-name-case", Rule: proto.P52, Also: []proto.Rule{proto.P21}, Step: privateFrom, Points: 1,
		Title:  "Capitals and small letters in a recipient's name are different",
		Hint:   "Compare names as they are, without lower-casing them.",
		Strict: true,
		Needs:  []string{"privmsg-unknown-recipient"},
		Run:    privmsgNameCase,
	},
	{
		ID: "privmsg-incomplete", Rule: proto.P52, Also: []proto.Rule{proto.P30, proto.P43}, Phase: conform.Last, Step: privateFrom, Points: 1,
		Title: "`privmsg` without a recipient or without a text is an error, and is answered",
		Hint:  "Count the parts of the line before you take them.",
		Needs: []string{"unknown-command"},
		Run:   privmsgIncomplete,
	},
	{
		ID: "privmsg-order-of-errors", Rule: proto.P52, Phase: conform.Last, Step: privateFrom, Points: 1,
		Title:  "Of several errors in a private message the first counts: no login, then something missing, then nobody of that name",
		Hint:   "Look at them one after the other, in this order.",
		Strict: true,
		Needs:  []string{"privmsg-incomplete", "privmsg-needs-login"},
		Run:    privmsgOrderOfErrors,
	},
	{
		ID: "privmsg-to-oneself", Rule: proto.P52, Step: privateFrom, Points: 1,
		Title: "A private message to oneself arrives, before its `msgok 1`",
		Hint:  "Do not leave out the sender when you look for the recipient.",
		Needs: []string{"privmsg-delivered", "privmsg-only-recipient"},
		Run:   privmsgToOneself,
	},
	{
		ID: "privmsg-to-anonymous", Rule: proto.P52, Step: privateFrom, Points: 1,
		Title: "Who has not logged in can receive a private message, under the given name",
		Hint:  "Given names are in the same collection as those of a login.",
		Needs: []string{"privmsg-delivered"},
		Run:   privmsgToAnonymous,
	},
	{
		ID: "privmsg-after-rename", Rule: proto.P22, Also: []proto.Rule{proto.P52}, Step: privateFrom, Points: 1,
		Title:  "After a second login the new name receives, and the old one is nobody's",
		Hint:   "Take the old name out of the map when you put in the new one.",
		Strict: true,
		Needs:  []string{"privmsg-delivered", "privmsg-unknown-recipient"},
		Run:    privmsgAfterRename,
	},
	{
		ID: "privmsg-to-one-who-left", Rule: proto.P52, Also: []proto.Rule{proto.P11}, Step: leavesFrom, Points: 1,
		Title: "Whoever has left is no recipient any more",
		Hint:  "Take a client and its name out of the collection when its reading ends, in `finally`, whatever has ended it.",
		Needs: []string{"privmsg-unknown-recipient"},
		Run:   privmsgToOneWhoLeft,
	},
}

const incorrectRecipient = "msgerr incorrect recipient"

func privmsg(to, text string) string { return "privmsg " + to + " " + text }

func privmsgDelivered(t *conform.T) {
	peers := members(t, "alice", "bob")
	alice, bob, text := peers[0], peers[1], t.Text("for you only")
	alice.PassOver(isMessage)
	alice.Send(privmsg(bob.Name, text))
	bob.Expect(conform.Exactly(privmsg(alice.Name, text)).Because(func(got string) string {
		switch {
		case got == privmsg(bob.Name, text):
			return "it writes the recipient's name where the sender's belongs, or passes on the line as it came"
		case strings.HasPrefix(got, "msg "):
			return "it sends a private message as a public one"
		}
		return ""
	}))
	alice.ExpectLine("msgok 1")
}

func privmsgOnlyRecipient(t *conform.T) {
	peers := members(t, "alice", "bob", "carol")
	alice, bob, carol := peers[0], peers[1], peers[2]
	alice.Send(privmsg(bob.Name, t.Text("for bob only")))
	if _, ok := bob.Line(t.Timeout()); !ok {
		t.Skip("it needs private messages, which do not arrive: see privmsg-delivered")
	}
	first := answer(t, alice)
	hearsNothing(t, carol, "it sends private messages to everybody")
	const backToSender = "it sends private messages back to their sender"
	if isMessage(first) {
		t.Cause(backToSender)
		t.Fail(conform.ExtraLine, "only an answer to alice, who sent the message", "alice got %s", conform.Quote(first+"\n"))
	}
	hearsNothing(t, alice, backToSender)
}

func privmsgWholeText(t *conform.T) {
	peers := members(t, "alice", "bob")
	alice, bob := peers[0], peers[1]
	for _, text := range []string{t.Text("several words, and"), t.Text("two  spaces  and"), t.Text("privmsg " + bob.Name)} {
		alice.Send(privmsg(bob.Name, text))
		bob.Expect(conform.Exactly(privmsg(alice.Name, text)).Because(func(got string) string {
			if got == privmsg(alice.Name, strings.Join(strings.Fields(text), " ")) {
				return "it splits the text at its spaces and puts it together with one space each"
			}
			if rest, ok := strings.CutPrefix(got, privmsg(alice.Name, "")); ok && strings.HasPrefix(text, rest) {
				return "it splits the line at each space and takes only some of the parts"
			}
			return ""
		}))
		answer(t, alice)
	}
}

func privmsgNeedsLogin(t *conform.T) {
	bob, alice := member(t, "bob"), t.Connect("alice")
	alice.Send(privmsg(bob.Name, t.Text("I have no name")))
	alice.Expect(conform.Exactly("msgerr unauthorized").Because(func(got string) string {
		if got == "msgok 1" {
			return "it does not look whether the sender has logged in"
		}
		return ""
	}))
	hearsNothing(t, bob, "it delivers what it refuses")
}

func privmsgUnknownRecipient(t *conform.T) {
	alice := member(t, "alice")
	alice.Send(privmsg(t.Name("nobody"), t.Text("is there anybody?")))
	alice.ExpectLine(incorrectRecipient)
}

func privmsgWholeName(t *conform.T) {
	peers := members(t, "alice", "bob")
	alice, bob := peers[0], peers[1]
	for _, name := range []string{bob.Name[:len(bob.Name)-1], bob.Name + "x", bob.Name[1:]} {
		alice.Send(privmsg(name, t.Text("to nobody")))
		alice.Expect(conform.Exactly(incorrectRecipient).Because(func(string) string {
			return "it takes " + conform.Quote(name) + " for " + conform.Quote(bob.Name) + ": one name only contains the other"
		}))
	}
	hearsNothing(t, bob, "it finds a name that only contains the other")
}

func privmsgNameCase(t *conform.T) {
	peers := members(t, "alice", "bob")
	alice, bob := peers[0], peers[1]
	alice.Send(privmsg(strings.ToUpper(bob.Name), t.Text("to nobody")))
	alice.ExpectLine(incorrectRecipient)
	hearsNothing(t, bob, "it does not tell capitals from small letters")
}

func privmsgIncomplete(t *conform.T) {
	peers := members(t, "alice", "bob")
	alice, bob := peers[0], peers[1]
	lines := []string{"privmsg", "privmsg " + bob.Name}
	if !t.Course() {
		lines = append(lines, privmsg("", bob.Name+" "+t.Text("two spaces")))
	}
	for _, line := range lines {
		refuses(t, alice, line)
	}
	bob.Quiet()
}

func privmsgOrderOfErrors(t *conform.T) {
	bob, alice := member(t, "bob"), t.Connect("alice")
	nobody := t.Name("nobody")
	t.Note("Before alice's login that counts first, whatever else is wrong.")
	for _, line := range []string{"privmsg", "privmsg " + nobody, privmsg(nobody, t.Text("hi"))} {
		alice.Send(line)
		alice.ExpectLine("msgerr unauthorized")
	}
	alice.Send("login " + alice.Name)
	if answer(t, alice) != "loginok" {
		t.Skip("it needs a login, which fails here: see the checks of P-22")
	}
	t.Note("After it, a text that is missing counts before a recipient who is not there.")
	alice.Send("privmsg " + nobody)
	alice.ExpectLine(notSupported)
	bob.Quiet()
}

func privmsgToOneself(t *conform.T) {
	alice := member(t, "alice")
	text := t.Text("a note to myself")
	alice.Send(privmsg(alice.Name, text))
	if !t.Course() {
		alice.ExpectLine(privmsg(alice.Name, text))
		alice.ExpectLine("msgok 1")
		return
	}
	either := conform.Matching(`msgok 1|privmsg .*|(msg|cmd)err .*`, conform.Quote(privmsg(alice.Name, text)+"\n")+" and "+conform.Quote("msgok 1\n"))
	switch first := alice.Expect(either); {
	case isError(first):
		t.Remark("it refuses a private message to oneself: %s; parley delivers it", conform.Quote(first+"\n"))
	case isMessage(first):
		alice.ExpectLine("msgok 1")
	default:
		alice.ExpectLine(privmsg(alice.Name, text))
		t.Remark("`msgok 1` comes before the private message to oneself; with parley it comes after it")
	}
}

func privmsgToAnonymous(t *conform.T) {
	alice, bob := member(t, "alice"), t.Connect("bob")
	text := t.Text("what is my name?")
	bob.Send("msg " + text)
	given := heardPublicly(t, alice, text)
	bob.PassOver(func(line string) bool { return strings.HasSuffix(line, text) }) // his own, should it come back
	answer(t, bob)
	alice.Send(privmsg(given, t.Text("it is "+given)))
	switch got := answer(t, alice); {
	case got == "msgok 1":
		bob.ExpectLine(privmsg(alice.Name, t.Text("it is "+given)))
	case t.Course() && isError(got):
		t.Remark("it answers a private message to %s, who has not logged in, with %s; parley delivers it", conform.Quote(given), conform.Quote(got+"\n"))
	default:
		t.Fail(conform.WrongLine, conform.Quote("msgok 1\n"), "alice got %s", conform.Quote(got+"\n"))
	}
}

func privmsgAfterRename(t *conform.T) {
	peers := members(t, "alice", "bob")
	alice, bob, newName := peers[0], peers[1], t.Name("robert")
	bob.Send("login " + newName)
	if got := answer(t, bob); got != "loginok" {
		t.Skip("it needs a second login, which is answered %s: see the checks of P-22", conform.Quote(got+"\n"))
	}
	alice.Send(privmsg(bob.Name, t.Text("to nobody")))
	alice.ExpectLine(incorrectRecipient)
	alice.Send(privmsg(newName, t.Text("to robert")))
	bob.ExpectLine(privmsg(alice.Name, t.Text("to robert")))
	alice.ExpectLine("msgok 1")
}

// poll lies between two questions whether something has come about: messages,
// too, may be asked so often.
const poll = 150 * time.Millisecond

// afterLeaving is how long a server may take to notice that a client has gone
// without a word (P-11).
func afterLeaving(t *conform.T) time.Duration {
	if t.Course() {
		return t.Timeout()
	}
	return time.Second
}

// again yields, with a pause behind each round, until so much time has passed. Of a
// round that takes long only a part counts: then the machine is busy, and the
// program under test has had its turn as seldom as we.
func again(t *conform.T, within time.Duration) func(yield func() bool) {
	return func(yield func() bool) {
		for passed := time.Duration(0); passed <= within; {
			began := time.Now()
			if !yield() {
				return
			}
			t.Pause(poll)
			passed += min(time.Since(began), 2*poll)
		}
	}
}

func privmsgToOneWhoLeft(t *conform.T) {
	peers := members(t, "alice", "bob")
	alice, bob := peers[0], peers[1]
	alice.PassOver(isMessage) // whatever may be said of his leaving
	bob.Close()
	got := ""
	for range again(t, afterLeaving(t)) {
		alice.Send(privmsg(bob.Name, t.Text("are you there?")))
		if got = answer(t, alice); got == incorrectRecipient {
			return
		}
	}
	t.Cause("the name stays in the server's collection after its connection has closed")
	t.Fail(conform.WrongLine, conform.Quote(incorrectRecipient+"\n"), "%v after bob had closed his connection, alice got %s", afterLeaving(t), conform.Quote(got+"\n"))
}
