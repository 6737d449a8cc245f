package chatclient

import (
	"regexp"
	"slices"
	"strings"

	"parley/internal/conform"
	"parley/proto"
)

func switching() []*conform.Check {
	return []*conform.Check{
		{
			ID: syncID, Rule: proto.P41, Step: stepSync, Points: 3, Needs: needConnect, Run: sync,
			Title: "Right after connecting, before anything else, it sends “sync”",
			Hint:  "Without it the server sends messages whenever somebody speaks, and a client that reads one answer for each command takes them for answers.",
		},
		{
			ID: "client-line-end", Rule: proto.P2, Also: []proto.Rule{proto.P3}, Step: stepSync, Points: 2, Needs: needSync, Run: lineEnd,
			Title: "Each command ends with a line feed, and has no carriage return",
			Hint:  "println() ends lines as the system does, with CR LF on Windows: write \"\\n\" yourself.",
		},
		{
			ID: "client-no-empty-lines", Rule: proto.P5, Also: []proto.Rule{proto.P43}, Step: stepSync, Points: 2, Needs: needSync, Run: noEmptyLines,
			Title: "Each command ends with one line feed: no empty line follows",
			Hint:  "println() adds a line end to a text that has one. The server answers the empty line too, with an error, and from then on every answer is that of the command before.",
		},
		{
			ID: "client-bare-commands", Rule: proto.P13, Also: []proto.Rule{proto.P4}, Step: stepSync, Points: 1, Needs: needSync, Run: bareCommands,
			Title: "A command without arguments has no space behind it",
			Hint:  "send_command() puts a space between command and arguments, also where there are none.",
		},
		{
			ID: "client-modeok", Rule: proto.P41, Also: []proto.Rule{proto.P30}, Step: stepAnswer, Points: 2, Needs: needSync, Run: modeok,
			Title: "It checks the answer to “sync”, and shows an error for anything but “modeok”",
			Hint:  "The answer is read and thrown away. A server without sync mode answers “cmderr command not supported”.",
		},
		{
			ID: "client-server-full", Rule: proto.P72, Step: stepAnswer, Points: 1, Strict: true, Needs: needSync, Run: serverFull,
			Title: "When the server is full, it says so and can connect again",
			Hint:  "The line is thrown away with the connection.",
		},
	}
}

func sync(t *conform.T) {
	p := begin(t)
	if line, ok := p.Line(t.Timeout()); ok && sends("sync").Is(line) {
		return
	} else if ok {
		t.Fail(conform.WrongLine, conform.Quote("sync\n"), "it sent %s", conform.Quote(line+"\n"))
	}
	if p.IsEnded() || t.ByHand() || t.Step() < stepLogin {
		p.Expect(sends("sync")) // it says what is wrong
	}
	t.Note("No “sync” comes. If it goes on without, so can the other checks.")
	name := user(t)
	t.Choose("login", name)
	line, ok := p.Line(t.Timeout())
	if ok && sends("login "+name).Is(line) {
		t.Overlook(conform.Habit{Says: "that no “sync” comes"})
	}
	t.Cause("it sends no “sync”")
	t.Fail(conform.MissingLine, conform.Quote("sync\n"), "it connected, and sent nothing for %v", t.Timeout())
}

// asksForSync wants sync where the check is nothing without it.
func asksForSync(t *conform.T, p *conform.Peer) {
	if t.Overlooks(syncID) {
		t.Skip("it needs “sync”, which does not come: see %s", syncID)
	}
	p.Expect(sends("sync"))
}

// command is one that a tour of the menu makes the program send.
type command struct {
	step   int
	action string
	args   []string
	line   string
	answer string
}

func commands(t *conform.T) []command {
	name, other, text := user(t), t.Name("bob"), t.Text("hello")
	return []command{
		{stepLogin, "login", []string{name}, "login " + name, "loginok"},
		{stepPublic, "public", []string{text}, "msg " + text, "msgok 1"},
		{stepUsers, "users", nil, "users", "users " + name + " " + other},
		{stepPrivate, "private", []string{other, text}, "privmsg " + other + " " + text, "msgok 1"},
		{stepJoke, "joke", nil, "joke", "joke " + t.Text("two bytes walk into a bar")},
		{stepInbox, "inbox", nil, "inbox", "inbox 0"},
	}
}

// tour has the program send each command that it has come to. read reads one and
// judges it.
func tour(t *conform.T, p *conform.Peer, read func(want string)) {
	if !t.Overlooks(syncID) {
		read("sync")
		p.Send("modeok")
	}
	for _, c := range commands(t) {
		if t.Step() < c.step || !t.Offers(c.action, c.args...) {
			continue
		}
		t.Choose(c.action, c.args...)
		read(c.line)
		p.Send(c.answer)
	}
}

// begins wants the same word as a command: what follows it is the matter of
// other checks.
func begins(command string) conform.Want {
	word, _, _ := strings.Cut(command, " ")
	return conform.Want{
		Says: "a line that begins with " + conform.Quote(word),
		Is:   func(got string) bool { return slices.Index(strings.Fields(got), word) == 0 },
	}
}

// The checks of how lines end do not look at what stands in them.

func lineEnd(t *conform.T) {
	p := begin(t)
	tour(t, p, func(want string) {
		p.Expect(conform.Want{
			Says: conform.Quote(want + "\n"),
			Is:   func(got string) bool { return !strings.Contains(got, "\r") },
			Why:  func(string) string { return "it ends lines with CR LF" },
		})
	})
}

func noEmptyLines(t *conform.T) {
	p := begin(t)
	p.PassOver(nil) // for once they are what it is about
	why := "it ends commands with more than one line feed"
	tour(t, p, func(want string) {
		p.Expect(conform.Want{
			Says: conform.Quote(want+"\n") + ", and no empty line before it",
			Is:   func(got string) bool { return !isBlank(got) },
			Why:  func(string) string { return why },
		})
	})
	t.Cause("%s", why)
	p.PassOver(func(line string) bool { return !isBlank(line) })
	p.Silent(conform.Silence)
}

func bareCommands(t *conform.T) {
	p := begin(t)
	tour(t, p, func(want string) {
		bare := !strings.Contains(want, " ") // or it has an argument, and others are about it
		p.Expect(conform.Want{
			Says: conform.Quote(want + "\n"),
			Is:   func(got string) bool { return !bare || !strings.HasSuffix(strings.TrimSuffix(got, "\r"), " ") },
			Why:  func(string) string { return "it puts a space behind a command that has no arguments" },
		})
	})
}

// modeok compares what the program shows for the right answer with what it shows
// for an error: an error can be told in any words, but it must be told.
func modeok(t *conform.T) {
	const answer = "cmderr command not supported"
	if t.StartProgram(); t.ByHand() {
		answerToSync(t, answer)
		t.Sees("Does it show an error?", "to show an error")
		connectsAgain(t)
		return
	}
	right := fold(t.Settled(answerToSync(t, "modeok")))
	t.Note("the program is started afresh, and now “sync” is refused")
	t.StartProgram()
	from := answerToSync(t, answer)
	if !t.AwaitShown(func() bool { return !strings.HasPrefix(right, fold(t.Screen()[from:])) }) {
		t.Cause("it does not look at the answer")
		t.Fail(conform.NotShown, "to show an error", "for an error it shows just what it shows for “modeok”: %s", t.ShownSince(from))
	}
	connectsAgain(t)
}

// answerToSync has a program that was just started connect, and answers. It
// returns how much had been shown before.
func answerToSync(t *conform.T, answer string) (from int) {
	from = whenSettled(t)
	p := accept(t, us)
	asksForSync(t, p)
	p.Send(answer)
	return from
}

var digits = regexp.MustCompile(`[0-9]+`)

// fold takes out of a screen what differs each time: times and ports.
func fold(shown string) string { return digits.ReplaceAllString(strings.TrimSpace(shown), "0") }

func serverFull(t *conform.T) {
	t.StartProgram()
	from := whenSettled(t)
	p := accept(t, us)
	asksForSync(t, p)
	p.Send("cmderr server full")
	p.HalfClose()
	t.Shows(from, "server full")
	p.Close()
	connectsAgain(t)
}
