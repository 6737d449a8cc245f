package chat

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"parley/internal/conform"
	"parley/proto"
)

// framing are the checks of what a line is, and which command it holds.
var framing = []*conform.Check{
	{
		ID: "line-end", Rule: proto.P2, Step: echoFrom, Points: 2,
		Title: "Each line of the server ends with one newline and nothing else",
		Hint: "println on Windows writes CR LF; a newline in the text and another from println are two; a text without one is no line, " +
			"and a client that reads lines waits for ever.",
		Run: lineEnd,
	},
	{
		ID: "crlf", Rule: proto.P3, Step: forwardFrom, Points: 1,
		Title: "A CR before the newline is no part of the line",
		Hint:  "telnet and Windows end lines with CR LF: drop one CR at the end of a line.",
		Needs: []string{"msg-reaches-others"},
		Run: func(t *conform.T) {
			crlf(t, "\r\n")
			if t.Step() >= helpFrom {
				sameAs(t, "help", "help\r")
			}
		},
	},
	{
		ID: "lone-cr", Rule: proto.P3, Step: forwardFrom, Points: 1, Strict: true,
		Title: "A CR anywhere else ends nothing",
		Hint:  "Many line readers, Java's among them, take a CR alone for the end of a line.",
		Needs: []string{"msg-reaches-others"},
		Run: func(t *conform.T) {
			peers := room(t, "alice", "bob")
			passesOn(t, peers[0], peers[1], t.Text("one\rline"), t.Text("one?line"))
		},
	},
	{
		ID: "trailing-space", Rule: proto.P4, Step: helpFrom, Points: 1,
		Title: "A space after a command changes nothing",
		Hint:  "Trim the line before you look at it: finished clients send a space after a command that has no argument.",
		Run:   func(t *conform.T) { sameAs(t, "help", "help ") },
	},
	{
		ID: "surrounding-space", Rule: proto.P4, Step: helpFrom, Points: 1, Strict: true,
		Title: "White space and control bytes at both ends of a line are no part of it",
		Hint:  "Trim every byte up to the space, at the beginning too: Java's trim() does just that.",
		Run: func(t *conform.T) {
			peers := room(t, "alice", "bob")
			passesOn(t, peers[0], peers[1], t.Text("no space at the end")+" \t ", t.Text("no space at the end"))
			sameAs(t, "help", "  help", "\thelp\t \t", "\x00help\x00", "\x1f \x01help\x1b")
		},
	},
	{
		ID: "empty-line", Rule: proto.P5, Also: []proto.Rule{proto.P30}, Phase: conform.Last, Step: answersFrom, Points: 1,
		Title: "An empty line is answered as an unknown command",
		Hint:  "Somebody presses Enter in nc. The first word of an empty line may not exist: look before you take it.",
		Needs: []string{"unknown-command"},
		Run:   func(t *conform.T) { refuses(t, t.Connect("alice"), "") },
	},
	{
		ID: "blank-line", Rule: proto.P5, Also: []proto.Rule{proto.P4, proto.P30}, Step: answersFrom, Points: 1, Strict: true,
		Title: "A line of white space and control bytes is an empty line",
		Hint:  "Trim first, then look whether anything is left.",
		Needs: []string{"unknown-command"},
		Run: func(t *conform.T) {
			alice := t.Connect("alice")
			for _, sent := range []string{" ", "\t", "\r", "\x00\x00"} {
				refuses(t, alice, sent)
			}
		},
	},
	{
		ID: "command-case", Rule: proto.P13, Also: []proto.Rule{proto.P30}, Step: answersFrom, Points: 1,
		Title: "Commands are lower-case: in capitals they are unknown",
		Hint:  "Compare the command as it came, without toLowerCase() and equalsIgnoreCase().",
		Needs: []string{"unknown-command"},
		Run:   commandCase,
	},
	{
		ID: "command-ends-at-space", Rule: proto.P13, Also: []proto.Rule{proto.P30}, Step: helpFrom, Points: 1, Strict: true,
		Title: "A command ends at the first space, and at nothing else",
		Hint:  "Cut the line at its first space. Splitting at white space takes a TAB for one too.",
		Needs: []string{"unknown-command"},
		Run: func(t *conform.T) {
			peers := room(t, "alice", "bob")
			for _, sent := range []string{"msg\t" + t.Text("hi"), "help  " + t.Text("x"), "help\tme"} {
				refuses(t, peers[0], sent)
			}
			peers[1].Quiet()
		},
	},
	{
		ID: "unfinished-line", Rule: proto.P7, Phase: conform.Last, Step: forwardFrom, Points: 1,
		Title: "A line that has no newline when the connection ends is not obeyed",
		Hint:  "Line readers of libraries return what is left at the end of the stream as if it were a line.",
		Needs: []string{"msg-reaches-others"},
		Run:   unfinishedLine,
	},
	longLine("long-line-1000", 1000, "Messages of people are short, until somebody pastes something: a buffer of a fixed size needs a loop around it."),
	longLine("long-line-4000", 4000, "A line may be longer than one segment and longer than your buffer: read on until the newline comes."),
	{
		ID: "line-too-long", Rule: proto.P8, Also: []proto.Rule{proto.P43}, Phase: conform.Last, Step: answersFrom, Points: 1, Strict: true,
		Title: "A line of 16,384 bytes is taken, a longer one refused once, as soon as it is longer",
		Hint:  "Count while you read. Once past the limit, answer, and throw away what comes until the newline.",
		Run:   lineTooLong,
	},
}

// longLine is the check that a public message of so many bytes arrives.
func longLine(id string, length int, hint string) *conform.Check {
	return &conform.Check{
		ID: id, Rule: proto.P8, Also: []proto.Rule{proto.P6}, Step: forwardFrom, Points: 1,
		Title: fmt.Sprintf("A line of %d bytes is one line", length),
		Hint:  hint,
		Needs: []string{"msg-reaches-others"},
		Run: func(t *conform.T) {
			peers := room(t, "alice", "bob")
			text := longText(t, length-len("msg "))
			passesOn(t, peers[0], peers[1], text, text)
			quiet(t, peers...)
		},
	}
}

// longText is a text of so many bytes, full of the check's own word.
func longText(t *conform.T, length int) string {
	return strings.Repeat(t.Name("")+" ", length)[:length-1] + "."
}

// passesOn has from say something, which must reach to as it should.
func passesOn(t *conform.T, from, to *conform.Peer, text, arrives string) {
	from.PassOver(isMessage)
	from.Send("msg " + text)
	to.Expect(saidBySomebody(arrives).Because(func(line string) string {
		if _, got := parted(line); got == text {
			return "it passes on the text just as it came"
		}
		return whyAltered(arrives)(line)
	}))
	if t.Step() < answersFrom {
		from.Ignore()
		return
	}
	answer(t, from)
}

// quiet lets nothing more come to any of them.
func quiet(t *conform.T, peers ...*conform.Peer) {
	if t.Step() < answersFrom {
		return // the check listens at its end anyway
	}
	for _, p := range peers {
		p.Quiet()
	}
}

func lineEnd(t *conform.T) {
	alice := t.Dial("alice")
	if t.Step() < forwardFrom {
		alice.Send("msg " + t.Text("hello"))
		alice.LineEnd()
		return
	}
	var lines []string
	if t.Step() >= answersFrom {
		alice.Send("help")
		lines = alice.LineEnd()
	}
	bob := t.Dial("bob")
	t.Pause(conform.Silence)
	alice.Send("msg " + t.Text("hello"))
	alice.Ignore()
	lines = append(lines, bob.LineEnd()...)
	isRight := func(line string) bool { return !strings.HasSuffix(line, " ") }
	if len(lines) > 1 && !slices.ContainsFunc(lines, isRight) {
		t.Cause("it puts a space at the end of each line")
		t.Overlook(conform.EndingIn(" ", "the space at the end of each line"))
		t.Fail(conform.WrongLine, "a line that ends with one LF, and nothing before it", "bob got %s", conform.Quote(lines[1]+"\n"))
	}
}

// crlf has alice end her line in these segments: what stands before the CR must
// reach bob, and have one answer.
func crlf(t *conform.T, ends ...string) {
	peers := room(t, "alice", "bob")
	alice, bob, text := peers[0], peers[1], t.Text("with a CR at the end")
	alice.PassOver(isMessage)
	alice.SendParts(append([]string{"msg " + text + ends[0]}, ends[1:]...)...)
	bob.Expect(saidBySomebody(text).Because(func(got string) string {
		if strings.HasSuffix(got, "\r") || strings.HasSuffix(got, "?") {
			return "it keeps the CR as if it belonged to the text"
		}
		return ""
	}))
	if t.Step() < answersFrom {
		alice.Ignore()
		return
	}
	answer(t, alice)
	t.Cause("it takes the CR, or the LF behind it, for a line of its own")
	t.Pause(conform.Gap) // so that what Quiet sends is no segment with the LF
	alice.Quiet()
}

// sameAs wants each of these lines to be answered as the usual one is.
func sameAs(t *conform.T, usually string, lines ...string) {
	p := t.Connect("carol")
	p.Send(usually)
	want := answer(t, p)
	for _, line := range lines {
		t.Note("%s is the same as %s.", conform.Quote(line+"\n"), conform.Quote(usually+"\n"))
		p.Send(line)
		p.Expect(conform.Exactly(want).Because(func(string) string {
			return "it takes " + conform.Quote(line) + " for another command than " + conform.Quote(usually)
		}))
	}
	p.Quiet()
}

func commandCase(t *conform.T) {
	peers := room(t, "alice", "bob")
	alice, bob := peers[0], peers[1]
	lines := []string{"MSG " + t.Text("hi"), "Msg " + t.Text("hi")}
	if t.Step() >= helpFrom {
		lines = append(lines, "HELP", "Help")
	}
	if t.Step() >= loginFrom {
		lines = append(lines, "LOGIN "+alice.Name)
	}
	for _, line := range lines {
		alice.Send(line)
		alice.Expect(conform.Matching("cmderr .*", "a line that begins with "+conform.Quote("cmderr")).Because(func(string) string {
			return "it takes capitals for small letters"
		}))
	}
	hearsNothing(t, bob, "it takes capitals for small letters")
}

func unfinishedLine(t *conform.T) {
	peers := room(t, "alice", "bob")
	alice, bob := peers[0], peers[1]
	text := t.Text("I hereby give you my")
	t.Note("There is no LF behind it when alice ends her sending side.")
	alice.SendParts("msg " + text)
	alice.HalfClose()
	alice.Ignore()
	for deadline := time.Now().Add(t.Timeout()); !alice.IsEnded() && time.Now().Before(deadline); {
		t.Pause(conform.Gap) // a server that does not end the connection has its time, too
	}
	got := hears(t, bob)
	switch {
	case len(got) == 0:
	case t.Course():
		t.Remark("it obeys an unfinished line when the connection ends: bob got %s; parley discards it, since a connection that breaks must not say half a message",
			conform.Quote(got[0]+"\n"))
	default:
		t.Cause("it takes what is left at the end of the stream for a line")
		t.Fail(conform.ExtraLine, "nothing to bob", "bob got %s", conform.Quote(got[0]+"\n"))
	}
}

// limit is how long a line may be (P-8).
const limit = 16384

func lineTooLong(t *conform.T) {
	peers := room(t, "alice", "bob")
	alice, bob := peers[0], peers[1]
	t.Note("First a line of exactly %d bytes.", limit)
	text := longText(t, limit-len("msg "))
	passesOn(t, alice, bob, text, text)
	t.Note("Now one byte more, and no LF yet: the answer does not wait for it.")
	alice.SendParts("msg " + longText(t, limit-len("msg ")+1))
	alice.ExpectLine("cmderr line too long")
	t.Note("What still comes of the line is skipped.")
	alice.SendParts("help", strings.Repeat("x", 2*limit)+"\n")
	quiet(t, alice, bob)
}
