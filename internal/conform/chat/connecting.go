package chat

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"parley/internal/conform"
	"parley/proto"
)

// The steps of the assignment's list that the checks of connections look at.
const (
	loopFrom    = 3  // accepts again and again
	threadsFrom = 6  // serves several at a time
	readsFrom   = 9  // reads what clients send
	echoFrom    = 11 // sends it back
	idFrom      = 13 // with the client's id in front
	forwardFrom = 14 // to the others, instead of back
	leavesFrom  = 21 // forgets who has left
)

// connecting are the checks of how connections begin, and of several at a time.
var connecting = []*conform.Check{
	{
		ID: "accepts", Rule: proto.P1, Step: 1, Points: 1,
		Title: "The server accepts a connection",
		Hint:  "Is it running, and on this port? A chat server listens on port 1300, on every address of the machine.",
		Run:   func(t *conform.T) { t.Dial("alice").Close() },
	},
	{
		ID: "no-greeting", Rule: proto.P14, Step: threadsFrom, Points: 1,
		Title: "The server says nothing before it is asked",
		Hint:  "No greeting and no prompt: a client that reads one line for each command takes it for the answer to its first one.",
		Run:   noGreeting,
	},
	{
		ID: "answers", Rule: proto.P43, Step: answersFrom, Points: 1,
		Title: "A command has one line as its answer",
		Hint: "Read until there is a newline; then send an answer, with a newline, and flush it. " +
			"Where output is buffered, as in Java's PrintWriter, nothing leaves before flush().",
		Run: answers,
	},
	{
		ID: "second-client-served", Rule: proto.P1, Also: []proto.Rule{proto.P12}, Step: answersFrom, Points: 2,
		Title: "A second client is served while the first is connected and silent",
		Hint:  "Accept in a loop that does nothing else, and start a thread for each client: run() instead of start() is a common slip.",
		Run:   secondClientServed,
	},
	{
		ID: "half-a-line-holds-nobody-up", Rule: proto.P1, Also: []proto.Rule{proto.P6}, Step: answersFrom, Points: 1,
		Title: "A client that has sent half a line holds nobody else up",
		Hint:  "Whoever waits for the rest of a line must be that client's own thread, and hold no lock meanwhile.",
		Run:   halfALineHoldsNobodyUp,
	},
	{
		ID: "one-connection-one-user", Rule: proto.P1, Also: []proto.Rule{proto.P22}, Step: loginFrom, Points: 1,
		Title: "Each connection is a user of its own, with its own name",
		Hint:  "The name belongs into the object of the connection: in a static or global variable the last login counts for everybody.",
		Needs: []string{"login", "msg-reaches-others"},
		Run:   oneConnectionOneUser,
	},
	{
		ID: "member-before-speaking", Rule: proto.P12, Also: []proto.Rule{proto.P40}, Step: forwardFrom, Points: 1,
		Title: "A client hears what others say before it has sent anything itself",
		Hint:  "Put a client into the collection when you accept it, not when its first line comes.",
		Needs: []string{"msg-reaches-others"},
		Run:   memberBeforeSpeaking,
	},
	{
		ID: "no-notices", Rule: proto.P14, Phase: conform.Alone, Step: answersFrom, Points: 1,
		Title: "Nobody is told who comes and goes",
		Hint:  "However friendly, a line that says who has joined is taken by clients for the answer to what they have asked.",
		Run:   noNotices,
	},
	{
		ID: "answers-ascii", Rule: proto.P16, Step: answersFrom, Points: 1, Strict: true,
		Title: "What the server itself makes up is printable ASCII",
		Hint:  "Quotation marks and dashes that an editor has made pretty, or texts in another language than English.",
		Run:   answersASCII,
	},
}

const greets = "it greets whoever connects"

func noGreeting(t *conform.T) {
	t.Note("The client speaks first: nothing may come within %v.", conform.Silence)
	alice := t.Dial("alice")
	first := alice.Greeting()
	alice.Overheard()
	t.Note("A second one comes. Public messages of other people would reach both; a greeting reaches only one.")
	bob := t.Dial("bob")
	second := bob.Greeting()
	news := alice.Greeting()
	if first.IsLike(second) && !news.HasLine() {
		t.Overlook(first.Habit())
	}
	greetsWith(t, alice, first, greets)
	greetsWith(t, bob, second, greets)
	greetsWith(t, alice, news, "it tells those who are there who has come")
	public := alice.Overheard()
	for _, line := range bob.Overheard() {
		if !slices.Contains(public, line) {
			t.Cause(greets)
			t.Fail(conform.ExtraLine, "nothing to bob before he has sent anything", "bob got %s", conform.Quote(line+"\n"))
		}
	}
}

// greetsWith fails the check if something has come to p.
func greetsWith(t *conform.T, p *conform.Peer, g conform.Greeting, cause string) {
	if g.Text != "" {
		t.Cause("%s", cause)
		t.Fail(conform.ExtraLine, "nothing to "+p.Who+" before it is asked for", "%s got %s", p.Who, conform.Quote(g.Text))
	}
}

func answers(t *conform.T) {
	alice := t.Dial("alice")
	alice.Send("help")
	const expected = "one line that begins with `supported`, or with `cmderr` from a server that has no help yet"
	line, ok := filled(alice, t.Timeout())
	switch {
	case !ok && !conform.IsHelp(alice.Pending()):
		alice.Expect(conform.Want{Says: expected, Is: conform.IsHelp}) // it says what is wrong
	case ok && !conform.IsHelp(line):
		t.Fail(conform.WrongLine, expected, "alice got %s", conform.Quote(line+"\n"))
	}
	if next, ok := filled(alice, conform.Silence); ok {
		t.Cause("it answers with several lines; a client takes the second for the answer to its next command")
		overlookMore(t, alice, next)
		t.Fail(conform.ExtraLine, expected, "after it, alice got %s", conform.Quote(next+"\n"))
	}
	alice.Close()
}

// overlookMore has the other checks overlook what follows the answer to help: next
// and the lines behind it. What could be an answer to something else is none.
func overlookMore(t *conform.T, p *conform.Peer, next string) {
	var more []string
	for ok := true; ok; next, ok = filled(p, conform.Silence) {
		if conform.IsHelp(next) || isMessage(next) || len(more) == mostLines {
			return
		}
		more = append(more, next)
	}
	t.Overlook(conform.Habit{
		Says: fmt.Sprintf("each line that reads %s", conform.Quote(strings.Join(more, "\n")+"\n")),
		Drop: func(line string) bool { return slices.Contains(more, line) },
	})
}

// mostLines is how many lines an answer may have that are listened to.
const mostLines = 100

// filled waits for a line that is not empty: line-end is about those.
func filled(p *conform.Peer, within time.Duration) (line string, ok bool) {
	for deadline := time.Now().Add(within); ; {
		line, ok = p.Line(time.Until(deadline))
		if !ok || strings.TrimSpace(line) != "" || time.Now().After(deadline) {
			return line, ok
		}
	}
}

func secondClientServed(t *conform.T) {
	t.Note("Alice connects and says nothing. Then bob connects and asks.")
	alice, bob := t.Dial("alice"), t.Dial("bob")
	bob.Send("help")
	expected := fmt.Sprintf("an answer to bob within %v, while alice is connected", t.Timeout())
	if line, ok := bob.Line(t.Timeout()); ok {
		if !conform.IsHelp(line) {
			t.Fail(conform.WrongLine, expected, "bob got %s", conform.Quote(line+"\n"))
		}
		alice.Close()
		bob.Close()
		return
	}
	t.Note("Nothing comes. Alice leaves.")
	alice.Close()
	if _, ok := bob.Line(t.Timeout()); ok {
		t.Cause("it serves one client after the other: bob was answered as soon as alice had gone")
	}
	t.Fail(conform.Timeout, expected, "nothing came to bob while alice was connected")
}

func halfALineHoldsNobodyUp(t *conform.T) {
	alice := t.Connect("alice")
	alice.PassOver(isMessage)
	t.Note("Alice sends half a line. Before the other half comes, bob connects and asks.")
	alice.SendParts("msg this is not")
	bob := t.Dial("bob")
	bob.Send("help")
	if _, ok := bob.Line(t.Timeout()); !ok {
		t.Cause("while it waits for the rest of one client's line it serves nobody else")
		t.Fail(conform.Timeout, "an answer to bob, while alice's line is not complete", "nothing came to bob within %v", t.Timeout())
	}
	alice.Ignore()
}

func oneConnectionOneUser(t *conform.T) {
	peers := members(t, "alice", "bob", "carol")
	alice, bob, carol := peers[0], peers[1], peers[2]
	for _, p := range []*conform.Peer{alice, bob} {
		said := t.Text("I am " + p.Who)
		say(t, p, said)
		carol.Expect(conform.Exactly("msg " + p.Name + " " + said).Because(func(got string) string {
			for _, other := range peers {
				if other != p && got == "msg "+other.Name+" "+said {
					return "what " + p.Who + " says comes under the name of " + other.Who + ": it keeps one name for all connections"
				}
			}
			return ""
		}))
	}
}

func memberBeforeSpeaking(t *conform.T) {
	alice := room(t, "alice")[0]
	t.Note("Bob connects and sends nothing. Alice speaks, again if need be, until he has heard her.")
	bob := t.Dial("bob")
	for range int(t.Timeout()/poll)/2 + 1 {
		t.Pause(poll)
		said := t.Text("hello, new one")
		say(t, alice, said)
		if line, ok := bob.Line(poll); ok {
			if !saidBySomebody(said).Is(line) {
				t.Skip("it needs public messages, which come as %s: see msg-reaches-others", conform.Quote(line+"\n"))
			}
			bob.Ignore()
			return
		}
	}
	t.Cause("it counts a client in only when that has sent something")
	t.Fail(conform.MissingLine, "a public message to bob, who is connected", "nothing came to bob within %v", t.Timeout())
}

// noticeRounds is how often somebody has to come before a message at that moment
// is no chance.
const noticeRounds = 5

func noNotices(t *conform.T) {
	alice := t.Connect("alice")
	t.Note("Somebody comes and says nothing. If alice gets a message at that moment, %d times, it is no other people's.", noticeRounds)
	for round := 1; ; round++ {
		hears(t, alice)
		alice.Overheard()
		t.Connect("bob").Close()
		hears(t, alice)
		lines := alice.Overheard()
		if len(lines) == 0 {
			break
		}
		if round == noticeRounds {
			t.Cause("it tells everybody who has come")
			t.Fail(conform.ExtraLine, "nothing to alice, while nobody says anything", "alice got %s", conform.Quote(lines[0]+"\n"))
		}
	}
	if t.Step() < loginFrom {
		return
	}
	t.Note("Carol takes a name, and leaves.")
	carol := t.Login("carol")
	hearsNothing(t, alice, "it tells everybody who has logged in")
	carol.Close()
	if line, ok := alice.Line(conform.Silence); ok {
		t.Cause("it tells everybody who has gone")
		t.Fail(conform.ExtraLine, "nothing to alice when carol leaves", "alice got %s", conform.Quote(line+"\n"))
	}
}

func answersASCII(t *conform.T) {
	alice := t.Connect("alice")
	alice.PassOver(isMessage)
	commands := []string{"dance", "msg " + t.Text("hi"), "help"}
	if t.Step() >= loginFrom {
		commands = append(commands, "login not a name", "login "+alice.Name, "login "+alice.Name)
	}
	if t.Step() >= privateFrom {
		commands = append(commands, privmsg(t.Name("nobody"), t.Text("hi")))
	}
	for _, command := range commands {
		alice.Send(command)
		line := answer(t, alice)
		if i := strings.IndexFunc(line, func(c rune) bool { return c < ' ' || c > '~' }); i >= 0 {
			t.Fail(conform.WrongLine, "an answer in printable ASCII to "+conform.Quote(command+"\n"), "alice got %s", conform.Quote(line+"\n"))
		}
	}
}
