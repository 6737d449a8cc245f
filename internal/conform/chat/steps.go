package chat

import (
	"regexp"
	"strings"

	"parley/internal/conform"
	"parley/proto"
)

// steps are the checks of a server that is only coming to be: what the
// assignment's first steps do and later ones replace.
var steps = []*conform.Check{
	{
		ID: "second-connects", Rule: proto.P1, Step: loopFrom, Until: threadsFrom - 1, Points: 1,
		Title: "A second client can connect, even if it has to wait",
		Hint:  "Accept in a loop: when one client is done, the next one's turn has come.",
		Run: func(t *conform.T) {
			t.Note("At this step the second one is served after the first. Here it only must not be turned away.")
			t.Dial("alice")
			t.Dial("bob")
		},
	},
	{
		ID: "two-at-once", Rule: proto.P1, Step: threadsFrom, Until: echoFrom - 1, Points: 1,
		Title: "Two clients are connected at the same time",
		Hint:  "Start a thread for each client that you accept, and go back to accept.",
		Run:   twoAtOnce,
	},
	{
		ID: "stays-connected", Rule: proto.P1, Step: readsFrom, Until: echoFrom - 1, Points: 1,
		Title: "A client stays connected while it sends line after line",
		Hint:  "Read in a loop. Close the socket when the client has ended the connection, not before.",
		Run:   staysConnected,
	},
	{
		ID: "echo", Rule: proto.P43, Step: echoFrom, Until: idFrom - 1, Points: 2,
		Title: "Each line that a client sends comes back to it",
		Hint:  "Read until there is a newline; then send the line back, with a newline, and flush it.",
		Run:   echo,
	},
	{
		ID: "echo-with-id", Rule: proto.P20, Step: idFrom, Until: forwardFrom - 1, Points: 2,
		Title: "A message comes back with the client's id in front of its text",
		Hint:  "To `msg hello` the third client gets `msg user3 hello`: the command, its id, the text.",
		Run:   func(t *conform.T) { idOf(t, t.Dial("alice")) },
	},
	{
		ID: "echo-ids-differ", Rule: proto.P20, Step: idFrom, Until: forwardFrom - 1, Points: 1,
		Title: "Each client has an id of its own, and keeps it",
		Hint:  "Take the next number of a counter when you accept a client, and keep it in the client's object.",
		Needs: []string{"echo-with-id"},
		Run:   idsDiffer,
	},
	{
		ID: "second-echoed", Rule: proto.P1, Step: echoFrom, Until: forwardFrom - 1, Points: 2,
		Title: "A second client gets its echo while the first is connected and silent",
		Hint:  "Start a thread for each client that you accept: run() instead of start() is a common slip.",
		Run:   secondEchoed,
	},
	{
		ID: "echo-cut", Rule: proto.P6, Step: echoFrom, Until: forwardFrom - 1, Points: 2,
		Title: "A line that is cut anywhere has one echo", Hint: oneRead,
		Run: echoCut,
	},
	{
		ID: "echo-two-in-one-segment", Rule: proto.P6, Step: echoFrom, Until: forwardFrom - 1, Points: 1,
		Title: "Two lines in one segment have two echoes",
		Hint:  "What comes behind the first newline is thrown away with the buffer, or taken for a part of the first line.",
		Run: func(t *conform.T) {
			alice := t.Dial("alice")
			texts := []string{t.Text("first"), t.Text("second")}
			alice.SendTogether("msg "+texts[0], "msg "+texts[1])
			for i, text := range texts {
				t.Cause("%s", whyForgot(i, 1))
				alice.Expect(echoed(text).Because(whyMerged(texts, i, 1)))
			}
		},
	},
}

func twoAtOnce(t *conform.T) {
	t.Note("Nothing is sent; both must be there still after %v.", conform.Silence)
	alice, bob := t.Dial("alice"), t.Dial("bob")
	t.Pause(conform.Silence)
	for _, p := range []*conform.Peer{alice, bob} {
		if p.IsEnded() {
			t.Remark("it ended the connection of %s, which had sent nothing: from step %d on it must stay", p.Who, readsFrom)
		}
	}
}

func staysConnected(t *conform.T) {
	alice := t.Dial("alice")
	alice.Ignore()
	for _, text := range []string{"hello", "again", "and once more"} {
		alice.Send("msg " + t.Text(text))
		t.Pause(conform.Gap)
	}
	t.Pause(conform.Silence)
	if alice.IsEnded() {
		t.Cause("it reads one line, or none, and closes the socket")
		t.Fail(conform.Closed, "the connection of alice to stay until she ends it", "it was ended")
	}
}

// echoed is the echo of a public message: the line as it came, the text alone, or
// the text with an id in front.
func echoed(text string) conform.Want {
	return conform.Matching(`(msg )?(\S+ )?(msg )?`+regexp.QuoteMeta(text), "its echo, "+conform.Quote("msg "+text+"\n"))
}

func echo(t *conform.T) {
	alice := t.Dial("alice")
	for _, base := range []string{"hello", "hello again"} {
		text := t.Text(base)
		alice.Send("msg " + text)
		line, ok := filled(alice, t.Timeout())
		switch {
		case ok && strings.HasSuffix(strings.TrimSpace(line), text):
		case ok:
			t.Fail(conform.WrongLine, "its echo to alice, "+conform.Quote("msg "+text+"\n"), "alice got %s", conform.Quote(line+"\n"))
		case !strings.HasSuffix(alice.Pending(), text):
			alice.Expect(echoed(text)) // it says what is wrong
		default:
			return // the line does not end: line-end is about that
		}
	}
	alice.Close()
}

// idOf lets p say something, and returns the id in its echo.
func idOf(t *conform.T, p *conform.Peer) string {
	text := t.Text("hello")
	p.Send("msg " + text)
	line, ok := filled(p, t.Timeout())
	if !ok {
		line = p.Pending()
	}
	if line == "" {
		p.Expect(echoed(text)) // it says what is wrong
	}
	match := regexp.MustCompile(`^msg (\S+) (msg )?` + regexp.QuoteMeta(text) + `\s*$`).FindStringSubmatch(line)
	if match == nil {
		if strings.TrimSpace(line) == "msg "+text || strings.TrimSpace(line) == text {
			t.Cause("it sends back the line without an id")
		}
		t.Fail(conform.WrongLine, conform.Quote("msg ID "+text+"\n")+", ID being the client's", "%s got %s", p.Who, conform.Quote(line+"\n"))
	}
	if match[2] != "" {
		t.Remark("it repeats the command behind the id: %s; only the text belongs there", conform.Quote(line))
	}
	return match[1]
}

func idsDiffer(t *conform.T) {
	alice, bob := t.Dial("alice"), t.Dial("bob")
	id := idOf(t, alice)
	if other := idOf(t, bob); other == id {
		t.Cause("all clients share one id, or count from the beginning")
		t.Fail(conform.WrongLine, "another id for bob than "+conform.Quote(id)+", which is alice's", "bob is %s too", conform.Quote(other))
	}
	if now := idOf(t, alice); now != id {
		t.Cause("it counts lines instead of clients, or gives the last id to everybody")
		t.Fail(conform.WrongLine, "alice to keep her id, "+conform.Quote(id), "now it is %s", conform.Quote(now))
	}
}

func secondEchoed(t *conform.T) {
	t.Note("Alice connects and says nothing. Then bob connects and speaks.")
	alice, bob := t.Dial("alice"), t.Dial("bob")
	text := t.Text("is it my turn?")
	bob.Send("msg " + text)
	line, ok := bob.Line(t.Timeout())
	if !ok {
		t.Note("Nothing comes. Alice leaves.")
		alice.Close()
		if _, ok := bob.Line(t.Timeout()); ok {
			t.Cause("it serves one client after the other: bob got his echo as soon as alice had gone")
		}
		t.Fail(conform.Timeout, "its echo to bob, while alice is connected", "nothing came to bob while alice was connected")
	}
	if !echoed(text).Is(line) {
		t.Fail(conform.WrongLine, "its echo to bob", "bob got %s", conform.Quote(line+"\n"))
	}
	alice.Close()
	bob.Close()
}

func echoCut(t *conform.T) {
	t.Note("Each connection cuts its line at another place, with %v between the pieces.", conform.Gap)
	lanes := cut(t, t.Dial, everywhere, func(name string) string { return "msg " + name + " hello" })
	for _, l := range lanes {
		l.PassOver(nil)
		want := echoed(l.Name + " hello")
		line, ok := l.Line(t.Timeout())
		if !ok {
			only(lanes, l)
			line = l.Expect(want) // it says what is wrong
		}
		if !want.Is(line) {
			l.got = append(l.Overheard(), line) // what a piece without our word in it got
			l.condemn(t, lanes, want)
		}
	}
	for _, l := range lanes[1:] {
		l.Hide()
	}
}
