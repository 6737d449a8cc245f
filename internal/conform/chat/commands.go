package chat

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"parley/internal/conform"
	"parley/proto"
)

// commands are the checks of public messages, of the small commands and of what
// holds for every command.
var commands = []*conform.Check{
	{
		ID: "msg-reaches-others", Rule: proto.P50, Also: []proto.Rule{proto.P40}, Step: forwardFrom, Points: 2, Vital: true,
		Title: "A public message reaches everybody else at once, as `msg SENDER TEXT`",
		Hint:  "Go through the collection of all clients and send to each but the sender: the word `msg`, the sender's name, the text.",
		Run:   msgReachesOthers,
	},
	{
		ID: "msg-not-to-sender", Rule: proto.P50, Step: forwardFrom, Points: 1,
		Title: "The sender of a public message does not get it",
		Hint:  "Leave the sender out when you go through the collection of clients: compare the handlers themselves, not their names.",
		Run:   msgNotToSender,
	},
	{
		ID: "msg-answered", Rule: proto.P50, Also: []proto.Rule{proto.P43}, Step: answersFrom, Points: 1,
		Title: "The sender of a public message gets `msgok N`",
		Hint:  "After you have sent the message to the others, answer its sender with `msgok` and the number of those others.",
		Run:   msgAnswered,
	},
	{
		ID: "msg-count", Rule: proto.P50, Phase: conform.Alone, Step: answersFrom, Points: 1,
		Title: "`msgok N` counts whoever has come, also without a login",
		Hint:  "Count while you send: one more for each client that the message went to. Put a client into the collection as soon as it is accepted.",
		Needs: []string{"msg-answered", "msg-reaches-others"},
		Run:   msgCount,
	},
	{
		ID: "msg-count-without-sender", Rule: proto.P50, Phase: conform.Alone, Step: answersFrom, Points: 1,
		Title: "`msgok N` does not count the sender: it is `msgok 0` for whoever is alone",
		Hint:  "The size of the collection is one too many, because the sender is in it.",
		Needs: []string{"msg-answered", "msg-reaches-others"},
		Run:   msgCountWithoutSender,
	},
	{
		ID: "msg-given-name", Rule: proto.P20, Also: []proto.Rule{proto.P50}, Step: answersFrom, Points: 1,
		Title: "Without a login one speaks under a given name, everybody under another",
		Hint:  "Give each connection a name of its own when you accept it, from a counter that only counts up.",
		Run:   msgGivenName,
	},
	{
		ID: "msg-sender-name", Rule: proto.P50, Also: []proto.Rule{proto.P22}, Step: loginFrom, Points: 1,
		Title: "After a login one speaks under the name that one has chosen",
		Hint:  "Look up the sender's name when the message is sent, not when the connection was accepted.",
		Needs: []string{"msg-reaches-others"},
		Run:   msgSenderName,
	},
	{
		ID: "msg-without-text", Rule: proto.P50, Also: []proto.Rule{proto.P30}, Step: answersFrom, Points: 1,
		Title: "`msg` without a text is an error and reaches nobody",
		Hint:  "Where you split the line at its first space, there may be no second part: look before you take it.",
		Needs: []string{"unknown-command", "msg-reaches-others"},
		Run:   msgWithoutText,
	},
	{
		ID: "unknown-command", Rule: proto.P30, Step: answersFrom, Points: 1,
		Title: "An unknown command is answered `cmderr command not supported`",
		Hint:  "The last branch, for every command that none of the others took, sends exactly this line, and the connection goes on.",
		Run:   unknownCommand,
	},
	{
		ID: "command-only-begins-right", Rule: proto.P30, Also: []proto.Rule{proto.P13}, Step: answersFrom, Points: 1,
		Title: "A word that only begins like a command is an unknown command",
		Hint:  "Compare the whole word up to the first space with `==` or `equals`. `startsWith` takes `msgs` for `msg`.",
		Needs: []string{"unknown-command"},
		Run:   commandOnlyBeginsRight,
	},
	{
		ID: "login-without-name", Rule: proto.P25, Also: []proto.Rule{proto.P30}, Phase: conform.Last, Step: loginFrom, Points: 1,
		Title: "`login` without a name is an error",
		Hint:  "Where you split the line at its first space, there may be no second part: look before you take it.",
		Needs: []string{"unknown-command"},
		Run:   loginWithoutName,
	},
	{
		ID: "help", Rule: proto.P56, Step: helpFrom, Points: 1,
		Title: "`help` is answered with `supported` and the commands, in one line",
		Hint:  "The word is `supported`, then the commands that your server knows, each after one space.",
		Run:   help,
	},
	{
		ID: "no-argument-taken", Rule: proto.P58, Also: []proto.Rule{proto.P30}, Step: helpFrom, Points: 1,
		Title: "A command that takes no argument is refused with one",
		Hint:  "Compare the whole line where a command has no argument.",
		Needs: []string{"unknown-command"},
		Run:   noArgumentTaken,
	},
	{
		ID: "joke", Rule: proto.P57, Step: conform.ExtraStep, Points: 1,
		Title: "`joke` is answered with `joke` and a joke, in one line",
		Hint:  "A joke of several lines has to be made one: everything after the first LF would be a line of its own.",
		Run:   joke,
	},
	{
		ID: "every-command-answered", Rule: proto.P43, Phase: conform.Last, Step: answersFrom, Points: 2,
		Title: "Every command has exactly one answer, also one that is incomplete",
		Hint:  "Go through your branches: each must send exactly one answer. A client that waits for it hangs if one sends none.",
		Run:   everyCommandAnswered,
	},
	{
		ID: "answers-in-order", Rule: proto.P83, Also: []proto.Rule{proto.P43, proto.P6}, Step: answersFrom, Points: 1,
		Title: "Sixty commands in one segment get sixty answers, in their order",
		Hint:  "Do one command after the other in the connection's thread, and leave none of the lines that a read has brought.",
		Needs: []string{"two-in-one-segment"},
		Run:   answersInOrder,
	},
}

func msgReachesOthers(t *conform.T) {
	peers := room(t, "alice", "bob", "carol")
	first := t.Name("hello") // known as ours, should it come alone
	text := first + " everybody, how are you?"
	said := "msg " + text
	peers[0].Ignore()
	peers[0].Send(said)
	for _, p := range peers[1:] {
		p.Expect(saidBySomebody(text).Because(func(got string) string {
			switch {
			case got == said:
				return "it passes on the line as it came, without the sender's name"
			case got == text:
				return "it passes on the text alone, without `msg` and the sender's name"
			case strings.HasSuffix(got, first):
				return "it splits the line at every space and passes on the first word of the text only"
			}
			return ""
		}))
	}
}

func msgNotToSender(t *conform.T) {
	peers := room(t, "alice", "bob")
	text := t.Text("not to myself")
	peers[0].Send("msg " + text)
	heardPublicly(t, peers[1], text)
	for {
		line, ok := peers[0].Line(conform.Silence)
		if !ok {
			peers[0].Ignore() // an answer that is late, or that there should not be yet, is another's business
			return
		}
		if strings.Contains(line, text) {
			t.Cause("it sends a public message to every connection, the sender's own included")
			t.Fail(conform.ExtraLine, "only an answer to alice, who sent the message", "alice got %s", conform.Quote(line+"\n"))
		}
	}
}

func msgAnswered(t *conform.T) {
	alice := t.Connect("alice")
	alice.PassOver(isMessage)
	alice.Send("msg " + t.Text("is anybody here?"))
	alice.Expect(msgok)
}

// rounds is how often an exact count is tried: somebody may come or go in the
// middle of one, and servers need time to notice who has left.
const rounds = 8

const betweenRounds = 100 * time.Millisecond

func msgCount(t *conform.T) {
	t.Note("Alice says something, bob and carol come, alice says something again: it goes to two more.")
	t.Note("If the count is another one, this is tried again, %d times in all: somebody else may have come or gone.", rounds)
	var before, after int
	for range rounds {
		alice := t.Connect("alice")
		before = countOf(t, alice)
		bob, carol := t.Connect("bob"), t.Connect("carol")
		after = countOf(t, alice)
		for _, p := range []*conform.Peer{alice, bob, carol} {
			p.Close()
		}
		if after == before+2 {
			return
		}
		t.Pause(betweenRounds)
	}
	if after == before {
		t.Cause("the number does not follow who is there: it is always the same, or counts only who has logged in")
	}
	t.Fail(conform.WrongLine, fmt.Sprintf("`msgok %d` once two more had come after `msgok %d`", before+2, before), "it was `msgok %d`", after)
}

// countOf lets p say something and returns to how many it went.
func countOf(t *conform.T, p *conform.Peer) int {
	p.PassOver(isMessage)
	p.Send("msg " + t.Text("how many are we?"))
	return count(p.Expect(msgok))
}

func count(msgok string) int {
	n, err := strconv.Atoi(strings.TrimPrefix(msgok, "msgok "))
	if err != nil {
		return -1
	}
	return n
}

func msgCountWithoutSender(t *conform.T) {
	if t.Step() < listFrom {
		msgCountAlone(t)
		return
	}
	t.Note("Alice says something and asks at once who is there. If the numbers differ, this is tried again, %d times in all:", rounds)
	t.Note("somebody else may have come or gone in between.")
	var n, others int
	for range rounds {
		alice := member(t, "alice")
		n = countOf(t, alice)
		alice.Send("users")
		list := answer(t, alice)
		names := strings.Fields(strings.TrimPrefix(list, "users"))
		if !strings.HasPrefix(list, "users") {
			t.Skip("it needs the answer to `users`, to know how many are there")
		}
		others = len(names)
		if slices.Contains(names, alice.Name) {
			others--
		}
		alice.Close()
		if n == others {
			return
		}
		t.Pause(betweenRounds)
	}
	if n == others+1 {
		t.Cause("it counts the sender too")
	}
	t.Fail(conform.WrongLine, fmt.Sprintf("`msgok %d`, %d others being in the answer to `users`", others, others), "it was `msgok %d`", n)
}

// msgCountAlone is msgCountWithoutSender for a server that cannot be asked yet
// who is there: that somebody else is there can then not be ruled out.
func msgCountAlone(t *conform.T) {
	n := 0
	for range rounds {
		alice := t.Connect("alice")
		n = countOf(t, alice)
		alice.Close()
		if n == 0 {
			return
		}
		t.Pause(betweenRounds)
	}
	t.Remark("the only connection of this check got `msgok %d`: right if %d others are on the server; if nobody is, it counts the sender or those who left", n, n)
}

func msgGivenName(t *conform.T) {
	peers := room(t, "alice", "bob", "carol")
	var names []string
	for _, speaker := range peers[1:] {
		text := t.Text("who am I?")
		speaker.PassOver(isMessage)
		speaker.Send("msg " + text)
		speaker.Expect(msgok.Because(func(string) string { return "it lets nobody speak who has not logged in" }))
		names = append(names, heardPublicly(t, peers[0], text))
	}
	if names[0] == names[1] {
		t.Fail(conform.WrongLine, "bob and carol, who have not logged in, under names of their own", "both speak as %s", conform.Quote(names[0]))
	}
	isOurs := regexp.MustCompile(`^Anonymous[1-9]\d*$`)
	switch {
	case isOurs.MatchString(names[0]):
	case t.Course():
		t.Remark("given names are such as %s; those of parley are such as Anonymous1", conform.Quote(names[0]))
	default:
		t.Fail(conform.WrongLine, "a name such as Anonymous1", "bob speaks as %s", conform.Quote(names[0]))
	}
}

func msgSenderName(t *conform.T) {
	alice, bob := member(t, "alice"), t.Connect("bob")
	text := t.Text("it is me")
	alice.PassOver(isMessage)
	alice.Send("msg " + text)
	bob.Expect(conform.Exactly("msg " + alice.Name + " " + text).Because(func(got string) string {
		if strings.HasSuffix(got, " "+text) {
			return "it goes on with the name that alice had before her login"
		}
		return ""
	}))
	answer(t, alice)
}

func msgWithoutText(t *conform.T) {
	peers := room(t, "alice", "bob")
	peers[0].PassOver(isMessage)
	refuses(t, peers[0], "msg")
	peers[1].Quiet()
}

func unknownCommand(t *conform.T) {
	alice := t.Connect("alice")
	for _, sent := range []string{"dance", "dance " + t.Text("with me")} {
		alice.Send(sent)
		alice.Expect(conform.Exactly(notSupported).Because(func(got string) string {
			if strings.Contains(got, "dance") {
				return "it sends back what it got"
			}
			return overlookWords(t, got, notSupported, "")
		}))
	}
}

func commandOnlyBeginsRight(t *conform.T) {
	alice, bob := t.Connect("alice"), t.Connect("bob")
	words := []string{"msgs " + t.Text("hi"), "msghi " + t.Text("hi"), "helpme"}
	if t.Step() >= loginFrom {
		words = append(words, "logins "+t.Name("al"))
	}
	if t.Step() >= privateFrom {
		words = append(words, "usersx", "privmsgs "+bob.Name+" "+t.Text("hi"))
	}
	for _, sent := range words {
		alice.Send(sent)
		word, _, _ := strings.Cut(sent, " ")
		want := conform.Matching("cmderr .*", "a line that begins with "+conform.Quote("cmderr"))
		alice.Expect(want.Because(func(string) string { return "it looks only at how " + conform.Quote(word) + " begins" }))
	}
	hearsNothing(t, bob, "it looks only at how the command begins")
}

func loginWithoutName(t *conform.T) { refuses(t, t.Connect("alice"), "login") }

// standard is the answer to help (P-56); extensions come after it.
const standard = "supported login msg privmsg users help sync async inbox joke"

func help(t *conform.T) {
	alice := t.Dial("alice")
	alice.Send("help")
	line := alice.Expect(conform.Matching(`supported( \S+)+`, "`supported` and the commands, each after one space"))
	if !t.Course() && t.Step() == conform.ExtraStep && line != standard && !strings.HasPrefix(line, standard+" ") {
		t.Fail(conform.WrongLine, conform.Quote(standard+"\n"), "alice got %s", conform.Quote(line+"\n"))
	}
	known := []string{"msg", "help"}
	for _, c := range []struct {
		from int
		name string
	}{{loginFrom, "login"}, {listFrom, "users"}, {privateFrom, "privmsg"}} {
		if t.Step() >= c.from {
			known = append(known, c.name)
		}
	}
	for _, name := range known {
		if !slices.Contains(strings.Fields(line)[1:], name) {
			t.Fail(conform.WrongLine, conform.Quote(name)+" among the commands", "alice got %s", conform.Quote(line+"\n"))
		}
	}
}

func noArgumentTaken(t *conform.T) {
	alice := t.Connect("alice")
	refusesArgument(t, alice, "help", "supported")
	if t.Step() >= listFrom {
		refusesArgument(t, alice, "users", "users")
	}
	if t.Step() == conform.ExtraStep {
		refusesArgument(t, alice, "joke", "joke")
		refusesArgument(t, alice, "sync", "modeok")
		refusesArgument(t, alice, "async", "modeok")
	}
}

func joke(t *conform.T) {
	alice := t.Connect("alice")
	want := conform.Matching(`joke .*\S.*`, "`joke` and a joke, in one line")
	if !t.Course() {
		want = conform.Matching(`joke [!-~][ -~]*`, "`joke` and a joke in printable ASCII (P-16), in one line")
	}
	for range 5 { // they are random: one of them may have two lines
		alice.Send("joke")
		alice.Expect(want)
		alice.Quiet()
	}
}

func everyCommandAnswered(t *conform.T) {
	alice := t.Connect("alice")
	alice.PassOver(isMessage)
	alice.Send("help")
	usual := answer(t, alice)
	for _, command := range allKinds(t, alice.Name) {
		alice.Send(command)
		first := alice.Expect(conform.Want{Says: "an answer to " + conform.Quote(command+"\n"), Is: func(string) bool { return true }})
		alice.Send("help")
		if next := answer(t, alice); next != usual {
			t.Fail(conform.ExtraLine, "one answer to "+conform.Quote(command+"\n"),
				"alice got %s and then %s, before the answer to the next command", conform.Quote(first+"\n"), conform.Quote(next+"\n"))
		}
	}
}

// allKinds are commands of every kind that have one line as an answer at this
// step, right ones and wrong ones, before and after a login as name.
func allKinds(t *conform.T, name string) []string {
	kinds := []string{"dance", "msg", "msg " + t.Text("hi")}
	var private, extra []string
	if t.Step() >= privateFrom {
		private = []string{"users", "privmsg", "privmsg " + name, "privmsg " + t.Name("nobody") + " " + t.Text("hi"), "privmsg " + name + " " + t.Text("hi")}
	}
	if t.Step() == conform.ExtraStep {
		extra = []string{"joke", "async"}
	}
	kinds = append(kinds, private...)
	if t.Step() >= loginFrom {
		kinds = append(kinds, "login", "login not a name", "login "+name, "login "+name)
	}
	kinds = append(kinds, private...)
	return append(kinds, extra...)
}

func answersInOrder(t *conform.T) {
	alice := t.Connect("alice")
	alice.PassOver(isMessage)
	t.Note("First each command alone, to see how its answer begins.")
	kinds := []string{"dance", "help"}
	if t.Step() >= loginFrom {
		kinds = append(kinds, "login not a name")
	}
	if t.Step() >= listFrom {
		kinds = append(kinds, "users")
	}
	if t.Step() == conform.ExtraStep {
		kinds = append(kinds, "joke")
	}
	say := "msg " + t.Text("hi")
	begins := make(map[string]string)
	for _, command := range append(kinds, say) {
		alice.Send(command)
		begins[command], _, _ = strings.Cut(answer(t, alice), " ")
	}
	var lines []string
	for i := range 60 {
		if i%10 == 5 { // few: more than ten a second are spam
			lines = append(lines, say)
		} else {
			lines = append(lines, kinds[t.Rand.IntN(len(kinds))])
		}
	}
	t.Note("Now %d of them in one segment.", len(lines))
	alice.SendTogether(lines...)
	for i, command := range lines {
		alice.Expect(conform.Want{
			Says: fmt.Sprintf("answer %d, to %s: a line that begins with %s", i+1, conform.Quote(command+"\n"), conform.Quote(begins[command])),
			Is:   func(line string) bool { return line == begins[command] || strings.HasPrefix(line, begins[command]+" ") },
			Why: func(string) string {
				return "an answer is missing, is there twice or has overtaken another"
			},
		})
	}
	alice.Quiet()
}
