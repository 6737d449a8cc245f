package chat

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"parley/internal/conform"
	"parley/proto"
)

// spam are the checks of the spam filter, an extra of the assignment: "over 10
// messages a second: blocked for 10 seconds, with an error at least the first
// time". What it leaves open is accepted in its dialect. The two that wait for the
// end of a block need nothing, so that they begin with the first.
var spam = []*conform.Check{
	{
		ID: "spam-eleventh-refused", Rule: proto.P60, Also: []proto.Rule{proto.P61}, Step: conform.ExtraStep, Points: 2,
		Title: "Of eleven messages at once ten go through, and the eleventh is refused",
		Hint:  "Keep the times of a connection's last ten messages: the next is too many if the oldest of them is less than a second ago.",
		Needs: []string{"msg-answered", "two-in-one-segment"},
		Run:   spamEleventhRefused,
	},
	{
		ID: "spam-refused-not-delivered", Rule: proto.P61, Step: conform.ExtraStep, Points: 1,
		Title: "Every message in a block is refused with an answer, and none reaches anybody",
		Hint:  "Ask the filter before you go through the other clients, and answer each message that it refuses.",
		Needs: []string{"spam-eleventh-refused"},
		Run:   spamRefusedNotDelivered,
	},
	{
		ID: "spam-block-ends", Rule: proto.P60, Step: conform.ExtraStep, Points: 1,
		Title: "After the block messages go through again, and ten at once too",
		Hint:  "Keep the time at which the block ends, and forget the earlier messages when it has ended.",
		Needs: []string{"two-in-one-segment"},
		Run:   spamBlockEnds,
	},
	{
		ID: "spam-block-not-prolonged", Rule: proto.P61, Also: []proto.Rule{proto.P60}, Step: conform.ExtraStep, Points: 1,
		Title: "The block lasts as long as it should, and refused messages do not prolong it",
		Hint:  "Set the end of the block when it begins, not with each message that is refused.",
		Needs: []string{"two-in-one-segment"},
		Run:   spamBlockNotProlonged,
	},
	{
		ID: "spam-steady-talk", Rule: proto.P60, Step: conform.ExtraStep, Points: 1,
		Title: "One message every 150 ms is never refused",
		Hint:  "Count the messages of the last second only: a count that never goes down ends by refusing everybody.",
		Needs: []string{"msg-answered", "msg-reaches-others"},
		Run:   spamSteadyTalk,
	},
	{
		ID: "spam-commands-during-block", Rule: proto.P60, Also: []proto.Rule{proto.P43}, Step: conform.ExtraStep, Points: 1,
		Title: "During a block other commands are answered, and messages arrive",
		Hint:  "A block refuses messages. A thread that sleeps for ten seconds instead answers nothing at all.",
		Needs: []string{"spam-eleventh-refused", "msg-reaches-others"},
		Run:   spamCommandsDuringBlock,
	},
	{
		ID: "spam-block-is-for-one", Rule: proto.P60, Step: conform.ExtraStep, Points: 1,
		Title: "The block of one connection is nothing to another",
		Hint:  "The times of messages belong into the handler of each client, not into the server.",
		Needs: []string{"spam-eleventh-refused"},
		Run:   spamBlockIsForOne,
	},
	{
		ID: "spam-login-lifts-nothing", Rule: proto.P60, Step: conform.ExtraStep, Points: 1,
		Title:  "A login does not lift the block",
		Hint:   "The block belongs to the connection, not to the name.",
		Strict: true,
		Needs:  []string{"spam-eleventh-refused"},
		Run:    spamLoginLiftsNothing,
	},
	{
		ID: "spam-counts-messages", Rule: proto.P60, Step: conform.ExtraStep, Points: 1,
		Title:  "Public and private messages count, other lines do not",
		Hint:   "A private message to nobody counts; one without text, one without a login and every other command do not.",
		Strict: true,
		Needs:  []string{"spam-refused-not-delivered", "msg-without-text", "privmsg-needs-login", "privmsg-unknown-recipient"},
		Run:    spamCountsMessages,
	},
}

// rate is how many messages a connection may say in a second.
const rate = 10

// afterBlock is how long after the first refusal a message must go through.
func afterBlock(t *conform.T) time.Duration {
	return t.SpamBlock() + min(500*time.Millisecond, t.SpamBlock()/4)
}

// refusal wants the answer to a message that is refused. In the course's dialect
// any message error is one.
func refusal(t *conform.T) conform.Want {
	most := int(math.Ceil(t.SpamBlock().Seconds()))
	want := conform.Want{
		Says: fmt.Sprintf("%s, N being 1 to %d", conform.Quote("msgerr spam, blocked for N s\n"), most),
		Is:   func(line string) bool { return isRefusal(line, most) },
	}
	if t.Course() {
		want.Says += ", or another message error"
		want.Is = isMessageError
	}
	return want
}

func isMessageError(line string) bool { return strings.HasPrefix(line, "msgerr") }

func isRefusal(line string, most int) bool {
	rest, ok := strings.CutPrefix(line, "msgerr spam, blocked for ")
	seconds, s := strings.CutSuffix(rest, " s")
	n, err := strconv.Atoi(seconds)
	return ok && s && err == nil && strconv.Itoa(n) == seconds && 1 <= n && n <= most
}

// burst lets p say eleven things in one segment and returns the answer to the
// last. p passes over what may come back to it.
func burst(t *conform.T, p *conform.Peer) string {
	p.PassOver(isMessage)
	var lines []string
	for i := range rate + 1 {
		lines = append(lines, "msg "+t.Text(fmt.Sprintf("%s %d", p.Who, i+1)))
	}
	p.SendTogether(lines...)
	for range rate {
		p.Expect(msgok.Because(func(got string) string {
			if strings.HasPrefix(got, "msgerr") {
				return "it refuses one of ten messages; only the eleventh within a second is too many"
			}
			return ""
		}))
	}
	return p.Expect(conform.Want{Says: "an answer to the eleventh message", Is: func(string) bool { return true }})
}

// block is a connection that is blocked for spam.
type block struct {
	*conform.Peer
	begun time.Time // not after the block did
}

// blocked connects somebody and has it blocked. Where that fails the check is
// skipped: another is about that.
func blocked(t *conform.T, connect func(string) *conform.Peer) block {
	for _, who := range []string{"alice", "alicia"} { // a server that counts by the clock's seconds may begin a new one
		p := connect(who)
		begun := time.Now()
		if isMessageError(burst(t, p)) {
			return block{p, begun}
		}
		p.Close()
	}
	t.Skip("it needs a block for spam, which did not begin: see spam-eleventh-refused")
	panic("unreachable: Skip ends the check")
}

func spamEleventhRefused(t *conform.T) {
	t.Note("Eleven messages in one segment.")
	got := burst(t, t.Connect("alice"))
	if msgok.Is(got) && t.Course() {
		t.Note("All went through. A server that counts by the clock's seconds may have begun a new one: once more.")
		got = burst(t, t.Connect("bob"))
	}
	want := refusal(t)
	if !want.Is(got) {
		if msgok.Is(got) {
			t.Cause("there is no spam filter, or it lets more than ten messages through in a second")
		}
		t.Fail(conform.WrongLine, "as the answer to the eleventh message: "+want.Says, "it was %s", conform.Quote(got+"\n"))
	}
	if most := int(math.Ceil(t.SpamBlock().Seconds())); !isRefusal(got, most) {
		t.Remark("it refuses with %s; parley says for how long: %s", conform.Quote(got+"\n"), conform.Quote(fmt.Sprintf("msgerr spam, blocked for %d s\n", most)))
	}
}

func spamRefusedNotDelivered(t *conform.T) {
	bob := t.Connect("bob")
	alice := blocked(t, t.Connect)
	alice.Send("msg " + t.Text("once more"))
	answered := stillRefused(t, alice, "it lets through what follows a refused message")
	for _, line := range hears(t, bob) {
		if strings.HasSuffix(line, t.Text(fmt.Sprintf("%s %d", alice.Who, rate+1))) || strings.HasSuffix(line, t.Text("once more")) {
			t.Cause("it answers with an error, but sends the message all the same")
			t.Fail(conform.ExtraLine, "only the ten messages that had `msgok`, to bob", "bob got %s", conform.Quote(line+"\n"))
		}
	}
	switch {
	case answered:
	case t.Course():
		t.Remark("later messages in a block get no answer; with parley each gets one (P-43)")
	default:
		t.Fail(conform.MissingLine, refusal(t).Says+", to each message in the block", "nothing came to %s within %v", alice.Who, t.Timeout())
	}
}

// stillRefused takes the answer to a message within the block, and reports
// whether there was one. Only spam-refused-not-delivered is about that.
func stillRefused(t *conform.T, p block, cause string) (answered bool) {
	line, ok := p.Line(t.Timeout())
	switch {
	case !ok || isMessageError(line):
	case time.Since(p.begun) >= t.SpamBlock():
		t.Skip("the block of %v was over before it could be looked at: all was too slow", t.SpamBlock())
	default:
		t.Cause("%s", cause)
		t.Fail(conform.WrongLine, refusal(t).Says, "%s got %s", p.Who, conform.Quote(line+"\n"))
	}
	return ok
}

// lets fails the check unless a message of p goes through now.
func lets(t *conform.T, p *conform.Peer, text, cause string) {
	p.Send("msg " + t.Text(text))
	p.Expect(msgok.Because(func(string) string { return cause }))
}

func spamBlockEnds(t *conform.T) {
	alice := blocked(t, t.Connect)
	t.Note("Alice says nothing for %v, then ten things at once.", afterBlock(t))
	t.Pause(afterBlock(t))
	for i := range rate {
		lets(t, alice.Peer, fmt.Sprintf("after the block %d", i+1), "the block has not ended, or what was said before it still counts")
	}
}

func spamBlockNotProlonged(t *conform.T) {
	alice := blocked(t, t.Connect)
	refused, late := time.Now(), t.SpamBlock()*7/10
	t.Note("After %v, within the block of %v, alice says something once more.", late, t.SpamBlock())
	t.Pause(late)
	alice.Send("msg " + t.Text("too early"))
	stillRefused(t, alice, "the block has ended too early")
	t.Note("%v after the first refusal the block is over.", afterBlock(t))
	t.Pause(afterBlock(t) - time.Since(refused))
	lets(t, alice.Peer, "after the block", "a message that is refused begins the block anew, or the block is too long")
}

func spamSteadyTalk(t *conform.T) {
	alice := t.Connect("alice")
	alice.PassOver(isMessage)
	for i := range rate + 2 {
		if i > 0 {
			t.Pause(150 * time.Millisecond)
		}
		lets(t, alice, fmt.Sprintf("steady %d", i+1), "it counts messages that are more than a second old")
	}
}

func spamCommandsDuringBlock(t *conform.T) {
	bob := member(t, "bob")
	alice := blocked(t, func(who string) *conform.Peer { return member(t, who) })
	alice.PassOver(nil)
	t.Note("Alice is blocked. That is about her messages, not about her other commands.")
	for _, command := range []string{"help", "users"} {
		alice.Send(command)
		line := alice.Expect(conform.Want{Says: "an answer to " + conform.Quote(command+"\n"), Is: func(string) bool { return true }})
		switch {
		case !isMessageError(line):
		case t.Course():
			t.Remark("during a block it answers %s with %s; parley blocks only messages", conform.Quote(command+"\n"), conform.Quote(line+"\n"))
		default:
			t.Fail(conform.WrongLine, "the usual answer to "+conform.Quote(command+"\n"), "alice got %s", conform.Quote(line+"\n"))
		}
	}
	bob.Ignore() // he has heard alice before her block
	bob.PassOver(isMessage)
	text := t.Text("can you hear me?")
	bob.Send("msg " + text)
	alice.Expect(conform.Exactly("msg " + bob.Name + " " + text))
	answer(t, bob)
}

func spamBlockIsForOne(t *conform.T) {
	blocked(t, t.Connect)
	bob := t.Connect("bob")
	bob.PassOver(isMessage)
	lets(t, bob, "it was not me", "the messages of all connections are counted together, or those of an address")
}

func spamLoginLiftsNothing(t *conform.T) {
	alice := blocked(t, t.Connect)
	alice.Send("login " + alice.Name)
	alice.ExpectLine("loginok")
	alice.Send("msg " + t.Text("under another name"))
	stillRefused(t, alice, "the block is kept under the name")
}

func spamCountsMessages(t *conform.T) {
	alice := t.Connect("alice")
	alice.PassOver(isMessage)
	t.Note("None of these is a message that counts.")
	nobody := t.Name("nobody")
	for _, line := range []string{"help", "dance", "msg", "privmsg", privmsg(nobody, t.Text("hi"))} {
		for range 3 {
			alice.Send(line)
			answer(t, alice)
		}
	}
	alice.Send("login " + alice.Name)
	alice.ExpectLine("loginok")
	t.Note("Five private messages to nobody and five public ones do; the next is the eleventh.")
	lines := slices.Repeat([]string{privmsg(nobody, t.Text("hi")), "msg " + t.Text("hi")}, rate/2+1)
	alice.SendTogether(lines...)
	for i := range lines {
		want := refusal(t)
		if i < rate {
			want = []conform.Want{conform.Exactly(incorrectRecipient), msgok}[i%2]
		}
		alice.Expect(want)
	}
}
