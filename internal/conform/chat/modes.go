package chat

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"parley/internal/conform"
	"parley/proto"
)

// modes are the checks of synchronous mode and the inbox. The assignment asks
// clients for them, and servers never: one that answers `sync` with an error has
// none, and is only told so. Inboxes are looked at alone, for some keep only ten
// messages, of whomever.
var modes = []*conform.Check{
	{
		ID: "sync-mode", Rule: proto.P41, Step: conform.ExtraStep, Points: 1,
		Title: "`sync` and `async` are answered `modeok`, also in that mode already",
		Hint:  "Keep the mode with each connection, and answer `modeok` whatever it was before.",
		Run:   syncMode,
	},
	{
		ID: "sync-holds-messages", Rule: proto.P41, Also: []proto.Rule{proto.P40}, Step: conform.ExtraStep, Points: 1,
		Title: "After `sync` no message comes by itself; after `async` each does again",
		Hint:  "Look at the recipient's mode when you deliver, not at the sender's.",
		Needs: []string{"sync-mode", "msg-reaches-others"},
		Run:   syncHoldsMessages,
	},
	{
		ID: "inbox", Rule: proto.P53, Also: []proto.Rule{proto.P41}, Phase: conform.Alone, Step: conform.ExtraStep, Points: 1,
		Title: "`inbox` gives the number of messages, then each as it would have arrived, the oldest first; then it is empty",
		Hint:  "Keep the whole line, with `msg` or `privmsg` and the sender's name. Clear the inbox when you have sent it.",
		Needs: []string{"sync-mode", "msg-reaches-others", "privmsg-delivered"},
		Run:   inbox,
	},
	{
		ID: "inbox-after-async", Rule: proto.P41, Also: []proto.Rule{proto.P53}, Phase: conform.Alone, Step: conform.ExtraStep, Points: 1,
		Title: "What waits in the inbox stays there after `async`, until it is asked for",
		Hint:  "Switching back neither delivers what waits nor forgets it.",
		Needs: []string{"sync-mode", "msg-reaches-others"},
		Run:   inboxAfterAsync,
	},
	{
		ID: "inbox-ten", Rule: proto.P54, Phase: conform.Alone, Step: conform.ExtraStep, Points: 1,
		Title: "The inbox keeps at least the ten newest messages",
		Hint:  "When the inbox is full, drop the oldest message, not the newest.",
		Needs: []string{"inbox"},
		Run:   func(t *conform.T) { inboxKeeps(t, 2) },
	},
	{
		ID: "inbox-many", Rule: proto.P54, Phase: conform.Alone, Step: conform.ExtraStep, Points: 1,
		Title:  "The inbox keeps more than ten messages",
		Hint:   "Its limit is 1,000 messages.",
		Strict: true,
		Needs:  []string{"inbox-ten"},
		Run:    func(t *conform.T) { inboxKeeps(t, 5) },
	},
	{
		ID: "inbox-belongs-to-connection", Rule: proto.P54, Phase: conform.Alone, Step: conform.ExtraStep, Points: 1,
		Title:  "The inbox stays with its connection through a second login and ends with it",
		Hint:   "Keep the inbox in the handler of the connection, not under the user's name.",
		Strict: true,
		Needs:  []string{"inbox"},
		Run:    inboxBelongsToConnection,
	},
	{
		ID: "switch-loses-nothing", Rule: proto.P42, Also: []proto.Rule{proto.P41, proto.P53}, Phase: conform.Last, Step: conform.ExtraStep, Points: 1,
		Title: "While others speak, no message is lost or doubled when the mode changes",
		Hint:  "Reading the mode, delivering a message, changing the mode and emptying the inbox need one and the same lock.",
		Needs: []string{"inbox", "inbox-after-async", "two-in-one-segment", "crowd-each-once", "crowd-sender-order"},
		Run:   switchLosesNothing,
	},
}

func syncMode(t *conform.T) {
	alice := t.Connect("alice")
	alice.Send("sync")
	if t.Course() {
		if line, ok := alice.Line(t.Timeout()); ok && strings.HasPrefix(line, "cmderr") {
			t.Excuse("this server has no sync mode, for which the assignment does not ask")
		} else if ok && line != "modeok" {
			t.Fail(conform.WrongLine, conform.Quote("modeok\n"), "alice got %s", conform.Quote(line+"\n"))
		} else if !ok {
			t.Fail(conform.MissingLine, conform.Quote("modeok\n")+", or an error from a server that has no sync mode", "it did not come within %v", t.Timeout())
		}
	} else {
		alice.ExpectLine("modeok")
	}
	for _, again := range []string{"sync", "async", "async"} {
		alice.Send(again)
		alice.ExpectLine("modeok")
	}
}

// mode switches p to a mode.
func mode(p *conform.Peer, command string) {
	p.Send(command)
	p.ExpectLine("modeok")
}

func syncHoldsMessages(t *conform.T) {
	alice, bob := t.Connect("alice"), t.Connect("bob")
	mode(alice, "sync")
	say(t, bob, t.Text("while alice is in sync mode"))
	hearsNothing(t, alice, "it delivers to a connection in sync mode")
	mode(alice, "async")
	text := t.Text("after alice has left it")
	say(t, bob, text)
	alice.Expect(saidBySomebody(text))
}

// read asks for the inbox and returns those lines of it that are this check's.
func read(t *conform.T, p *conform.Peer) []string {
	p.Send("inbox")
	return own(t, p.Block("inbox"))
}

func own(t *conform.T, lines []string) []string {
	token := t.Text("")
	return slices.DeleteFunc(lines, func(line string) bool { return !strings.HasSuffix(line, token) })
}

// compare holds what an inbox had to what it must have.
func compare(t *conform.T, p *conform.Peer, got, want []string) {
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got):
			t.Fail(conform.MissingLine, fmt.Sprintf("message %d of %s's inbox to be %s", i+1, p.Who, conform.Quote(want[i]+"\n")), "there were %d", len(got))
		case i >= len(want):
			t.Fail(conform.ExtraLine, fmt.Sprintf("%d of this check's messages in %s's inbox", len(want), p.Who), "there was %s too", conform.Quote(got[i]+"\n"))
		case got[i] != want[i]:
			t.Fail(conform.WrongLine, fmt.Sprintf("message %d of %s's inbox to be %s", i+1, p.Who, conform.Quote(want[i]+"\n")), "it was %s", conform.Quote(got[i]+"\n"))
		}
	}
}

func inbox(t *conform.T) {
	peers := members(t, "alice", "bob", "carol")
	alice, bob, carol := peers[0], peers[1], peers[2]
	mode(alice, "sync")
	var want []string
	for i, speaker := range []*conform.Peer{bob, carol, bob} {
		text := t.Text("to all " + strconv.Itoa(i))
		say(t, speaker, text)
		want = append(want, "msg "+speaker.Name+" "+text)
		text = t.Text("to alice " + strconv.Itoa(i))
		speaker.Send(privmsg(alice.Name, text))
		answer(t, speaker)
		want = append(want, privmsg(speaker.Name, text))
	}
	compare(t, alice, read(t, alice), want)
	t.Note("Now the inbox is empty.")
	t.Cause("the inbox is not emptied when it has been sent")
	compare(t, alice, read(t, alice), nil)
	t.Cause("")
	settled(peers...)
}

func inboxAfterAsync(t *conform.T) {
	alice, bob := member(t, "alice"), member(t, "bob")
	mode(alice, "sync")
	text := t.Text("for the inbox")
	say(t, bob, text)
	mode(alice, "async")
	hearsNothing(t, alice, "it delivers what waits in the inbox when the mode changes")
	compare(t, alice, read(t, alice), []string{"msg " + bob.Name + " " + text})
	settled(alice, bob)
}

// inboxKeeps lets so many others say ten things each.
func inboxKeeps(t *conform.T, speakers int) {
	alice := t.Connect("alice")
	mode(alice, "sync")
	var want []string
	for i := range speakers {
		speaker := member(t, fmt.Sprintf("speaker%d", i+1))
		speaker.Ignore() // it hears the speakers after it
		for j := range 10 {
			text := t.Text(fmt.Sprintf("number %d", i*10+j+1))
			say(t, speaker, text)
			want = append(want, "msg "+speaker.Name+" "+text)
		}
	}
	alice.Send("inbox")
	all := alice.Block("inbox")
	settled(alice)
	kept := len(all)
	got := own(t, all)
	if t.Course() && kept < len(want) {
		keepsNewest(t, kept, got, want)
		return
	}
	compare(t, alice, got, want)
}

// keepsNewest judges the inbox of a server that keeps few messages, some of
// which others may have said.
func keepsNewest(t *conform.T, kept int, got, want []string) {
	const least = 10
	if kept < least {
		t.Fail(conform.MissingLine, fmt.Sprintf("at least %d of %d messages in the inbox", least, len(want)), "there were %d", kept)
	}
	if newest := want[len(want)-len(got):]; !slices.Equal(got, newest) {
		t.Fail(conform.WrongLine, fmt.Sprintf("the newest of %d messages in the inbox, in their order: %q", len(want), newest), "there were %q", got)
	}
	t.Remark("of %d messages the inbox had kept the newest %d; parley keeps 1,000", len(want), kept)
}

func inboxBelongsToConnection(t *conform.T) {
	alice, bob := member(t, "alice"), member(t, "bob")
	mode(alice, "sync")
	first, second := t.Text("to the first name"), t.Text("to the second")
	say(t, bob, first)
	alice.Send("login " + t.Name("alicia"))
	if got := answer(t, alice); got != "loginok" {
		t.Skip("it needs a second login, which is answered %s: see the checks of P-22", conform.Quote(got+"\n"))
	}
	say(t, bob, second)
	compare(t, alice, read(t, alice), []string{"msg " + bob.Name + " " + first, "msg " + bob.Name + " " + second})

	t.Note("What still waits when alice leaves is not for whoever takes her name.")
	say(t, bob, t.Text("lost"))
	alice.HalfClose()
	alice.Ended()
	next := t.Connect("next")
	next.Send("login " + t.Name("alicia"))
	if got := answer(t, next); got != "loginok" {
		t.Skip("it needs the name of who has left, and gets %s: see the checks of P-11", conform.Quote(got+"\n"))
	}
	mode(next, "sync")
	t.Cause("the inbox belongs to the name and not to the connection")
	compare(t, next, read(t, next), nil)
	settled(bob, next)
}

// switchLosesNothing has somebody speak while alice changes her mode and reads
// her inbox without waiting for answers: what comes when is up to the server.
// She empties her inbox after each ten messages, for some keep no more.
func switchLosesNothing(t *conform.T) {
	t.Note("Eight speakers, one after the other, say ten numbered lines each, while alice changes her mode and reads her inbox.")
	alice := t.Connect("alice")
	s := &switched{heard: make(map[string]int), last: make(map[string]int)}
	for i := range 8 {
		speaker := t.Connect(fmt.Sprintf("speaker%d", i+1))
		speaker.PassOver(isMessage)
		var lines, want []string
		for number := range 10 {
			text := t.Text(fmt.Sprintf("%d of %s,", number+1, speaker.Who))
			want = append(want, text)
			lines = append(lines, "msg "+text)
		}
		for len(lines) > 0 {
			n := 1 + t.Rand.IntN(min(len(lines), 4))
			speaker.SendTogether(lines[:n]...)
			lines = lines[n:]
			s.sends(alice, []string{"sync", "inbox", "async", "sync"}[t.Rand.IntN(4)])
		}
		for range want {
			answer(t, speaker)
		}
		speaker.Close()
		s.sends(alice, "async")
		s.sends(alice, "inbox")
		for len(s.sent) > 0 {
			s.takes(t, alice)
		}
		s.judge(t, want)
	}
	settled(alice)
}

// switched is what one connection that changes its mode has heard.
type switched struct {
	sent  []string       // commands whose answers are to come
	sync  bool           // the mode, by the answers so far
	heard map[string]int // how often which text
	last  map[string]int // the last number of a speaker: live lines and inbox apart
}

func (s *switched) sends(p *conform.Peer, command string) {
	p.Send(command)
	s.sent = append(s.sent, command)
}

// takes takes the answer to the oldest command, and the messages before it.
func (s *switched) takes(t *conform.T, p *conform.Peer) {
	p.PassOver(func(line string) bool {
		if isMessage(line) {
			s.hears(t, line, "live ")
		}
		return isMessage(line)
	})
	defer p.PassOver(nil)
	command := s.sent[0]
	s.sent = s.sent[1:]
	if command != "inbox" {
		p.ExpectLine("modeok")
		s.sync = command == "sync"
		return
	}
	for _, line := range p.Block("inbox") {
		if strings.HasSuffix(line, t.Text("")) {
			s.hears(t, line, "inbox ")
		}
	}
}

// hears notes a message. where is how it came.
func (s *switched) hears(t *conform.T, line, where string) {
	if where == "live " && s.sync {
		t.Cause("a thread that delivers has looked at the mode before it changed, and sends after `modeok`")
		t.Fail(conform.ExtraLine, "no message after the `modeok` of `sync`, until `async`", "alice got %s", conform.Quote(line+"\n"))
	}
	_, text, _ := strings.Cut(strings.TrimPrefix(line, "msg "), " ")
	var number int
	var speaker string
	if _, err := fmt.Sscanf(text, "%d of %s", &number, &speaker); err != nil {
		t.Fail(conform.WrongLine, "only what the others say", "alice got %s", conform.Quote(line+"\n"))
	}
	if number < s.last[where+speaker] {
		t.Fail(conform.WrongLine, "the lines of each speaker in the order in which they were said", "alice got %s after number %d",
			conform.Quote(line+"\n"), s.last[where+speaker])
	}
	s.last[where+speaker] = number
	s.heard[text]++
}

func (s *switched) judge(t *conform.T, want []string) {
	for _, text := range want {
		switch n := s.heard[text]; {
		case n == 0:
			t.Cause("a message was on its way while the mode changed or the inbox was read: it came neither at once nor in the inbox")
			t.Fail(conform.MissingLine, "every message once, at once or in the inbox", "%s did not come to alice", conform.Quote(text))
		case n > 1:
			t.Cause("a message was on its way while the mode changed: it came at once and in the inbox too")
			t.Fail(conform.ExtraLine, "every message once, at once or in the inbox", "%s came to alice %d times", conform.Quote(text), n)
		}
	}
}
