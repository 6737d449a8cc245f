package chat

import (
	"fmt"
	"regexp"
	"strings"

	"parley/internal/conform"
)

// The steps of the assignment from which a server does what checks ask about in
// passing.
const (
	answersFrom = 16 // every command has an answer
	helpFrom    = 17
	loginFrom   = 18
	listFrom    = 19
	privateFrom = 20
)

const notSupported = "cmderr command not supported"

// msgok is the answer to a public message where anybody may be on the server.
var msgok = conform.Matching(`msgok (0|[1-9]\d*)`, conform.Quote("msgok N\n")+", N being the number of those it went to")

func isMessage(line string) bool {
	return strings.HasPrefix(line, "msg ") || strings.HasPrefix(line, "privmsg ")
}

// room connects these and returns when the server knows of all.
func room(t *conform.T, who ...string) []*conform.Peer {
	peers := make([]*conform.Peer, len(who))
	for i, name := range who {
		peers[i] = t.Connect(name)
	}
	if t.Step() < answersFrom {
		t.Pause(conform.Silence) // it cannot be asked yet whether it knows of them
	}
	return peers
}

// members connects these and logs them in.
func members(t *conform.T, who ...string) []*conform.Peer {
	peers := make([]*conform.Peer, len(who))
	for i, name := range who {
		peers[i] = member(t, name)
	}
	return peers
}

// member connects somebody and logs in. Notices of logins and the like, which
// there should not be, are passed over: no-notices is about them.
func member(t *conform.T, who string) *conform.Peer {
	p := t.Login(who)
	token := t.Text("")
	p.PassOver(func(line string) bool { return strings.HasPrefix(line, "msg ") && !strings.HasSuffix(line, token) })
	return p
}

// say says something in public and takes the answer, whatever it is. From then
// on messages to the speaker are passed over: whether its own come back to it is
// another check's business.
func say(t *conform.T, speaker *conform.Peer, text string) {
	speaker.PassOver(isMessage)
	speaker.Send("msg " + text)
	if t.Step() < answersFrom {
		speaker.Ignore()
		return
	}
	answer(t, speaker)
}

// answer takes the answer to a message, whatever it is. Without one the check is
// skipped: others are about that.
func answer(t *conform.T, p *conform.Peer) string {
	line, ok := p.Line(t.Timeout())
	if !ok {
		t.Skip("it needs an answer to each message, which does not come to %s: see every-command-answered", p.Who)
	}
	return line
}

// hears returns the messages that have come to p: those before the answer to a
// command that it sends now.
func hears(t *conform.T, p *conform.Peer) (messages []string) {
	within := t.Timeout()
	if t.Step() < answersFrom {
		within = conform.Silence
	} else {
		p.Send("help")
	}
	for {
		line, ok := p.Line(within)
		if !ok || !isMessage(line) {
			return messages
		}
		messages = append(messages, line)
	}
}

// hearsNothing fails the check if a message has come to p, with its cause.
func hearsNothing(t *conform.T, p *conform.Peer, cause string) {
	if got := hears(t, p); len(got) > 0 {
		t.Cause("%s", cause)
		t.Fail(conform.ExtraLine, "no message to "+p.Who, "%s got %s", p.Who, conform.Quote(got[0]+"\n"))
	}
}

// settled proves for each, by a command and its answer, that nothing more has
// come. It spares the check the silence at its end, which is time where checks
// run one after the other.
func settled(peers ...*conform.Peer) {
	for _, p := range peers {
		p.Quiet()
		p.Ignore()
	}
}

// heardPublicly takes the public message with this text that has come to p, and
// returns its sender's name. Where it does not come the check is skipped.
func heardPublicly(t *conform.T, p *conform.Peer, text string) (sender string) {
	line, ok := p.Line(t.Timeout())
	if !ok {
		t.Skip("it needs a public message to reach %s, which it does not: see msg-reaches-others", p.Who)
	}
	sender, rest, _ := strings.Cut(strings.TrimPrefix(line, "msg "), " ")
	if !strings.HasPrefix(line, "msg ") || rest != text {
		t.Skip("it needs public messages, which come as %s: see msg-reaches-others", conform.Quote(line+"\n"))
	}
	return sender
}

// saidBySomebody wants a public message with this text under whatever name.
func saidBySomebody(text string) conform.Want {
	return conform.Want{
		Says: conform.Quote("msg SENDER "+text+"\n") + ", SENDER being the sender's name",
		Is: func(line string) bool {
			rest, isPublic := strings.CutPrefix(line, "msg ")
			sender, said, _ := strings.Cut(rest, " ")
			return isPublic && sender != "" && said == text
		},
	}
}

// refuses takes the answer to a line that is no command (P-30). The assignment
// names this answer but not every case: in its dialect another error is accepted.
func refuses(t *conform.T, p *conform.Peer, sent string) {
	t.Note("%s is no command that the server supports.", conform.Quote(sent+"\n"))
	p.Send(sent)
	want := conform.Exactly(notSupported)
	if t.Course() {
		want.Is = isError
	}
	if line := p.Expect(want); line != notSupported {
		t.Remark("it answers %s with %s; parley answers %s", conform.Quote(sent+"\n"), conform.Quote(line+"\n"), conform.Quote(notSupported+"\n"))
	}
}

func isError(line string) bool {
	word, _, _ := strings.Cut(line, " ")
	return word == "cmderr" || word == "msgerr" || word == "loginerr"
}

// refusesArgument is refuses for a command that takes no argument (P-58). In the
// course's dialect it may do as if there were none.
func refusesArgument(t *conform.T, p *conform.Peer, command, usually string) {
	sent := command + " " + t.Text("please")
	p.Send(sent)
	want := conform.Exactly(notSupported)
	if t.Course() {
		want.Says += " or the usual answer to " + conform.Quote(command+"\n")
		want.Is = func(line string) bool {
			word, _, _ := strings.Cut(line, " ")
			return isError(line) || word == usually
		}
	}
	if line := p.Expect(want); line != notSupported {
		t.Remark("it answers %s with %s; parley takes no argument there and answers %s",
			conform.Quote(sent+"\n"), conform.Quote(line+"\n"), conform.Quote(notSupported+"\n"))
	}
}

// overlookWords has the other checks take an answer for the right one that begins
// with its word, but for capitals and spaces, and means nothing else. name may
// stand in it. It says what such a server does.
func overlookWords(t *conform.T, got, right, name string) (why string) {
	word, _, _ := strings.Cut(right, " ")
	if !strings.HasPrefix(strings.ReplaceAll(strings.ToLower(got), " ", ""), word) {
		return ""
	}
	form, says := regexp.QuoteMeta(got), got
	if name != "" {
		form, says = strings.ReplaceAll(form, name, "[A-Za-z0-9]+"), strings.ReplaceAll(got, name, "NAME")
	}
	same := regexp.MustCompile("^" + form + "$")
	t.Overlook(conform.Habit{
		Says: fmt.Sprintf("%s instead of %s", conform.Quote(says+"\n"), conform.Quote(right+"\n")),
		Read: func(line string) string {
			if same.MatchString(line) {
				return right
			}
			return line
		},
	})
	return "it says the right thing in other words: clients compare the line as it stands in the protocol"
}
