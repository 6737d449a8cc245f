package chat

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"parley/internal/conform"
	"parley/proto"
)

// crowd are the checks of what many connections do at once. Each says no more
// than ten things, or it would be spam.
var crowd = []*conform.Check{
	{
		ID: "crowd-whole-lines", Rule: proto.P2, Phase: conform.Alone, Step: answersFrom, Points: 2,
		Title: "When many speak at once every line arrives whole",
		Hint:  "Several threads write to one socket: each must write its whole line, LF included, while it holds that client's lock.",
		Run:   crowdWholeLines,
	},
	{
		ID: "crowd-each-once", Rule: proto.P82, Also: []proto.Rule{proto.P50}, Phase: conform.Alone, Step: answersFrom, Points: 2,
		Title: "When many speak at once everybody gets each message of the others once",
		Hint:  "The collection of clients is shared by all their threads: every use of it needs the same lock.",
		Needs: []string{"msg-answered", "msg-reaches-others", "two-in-one-segment"},
		Run:   crowdEachOnce,
	},
	{
		ID: "crowd-sender-order", Rule: proto.P80, Phase: conform.Alone, Step: answersFrom, Points: 1,
		Title: "Messages of one sender arrive in the order in which they were sent",
		Hint:  "Send to the clients from the sender's own thread, one message after the other, or through one queue for each client.",
		Needs: []string{"msg-reaches-others", "two-in-one-segment"},
		Run:   crowdSenderOrder,
	},
	{
		ID: "crowd-one-order", Rule: proto.P81, Phase: conform.Alone, Step: answersFrom, Points: 1,
		Title:  "Everybody gets the messages of all in one and the same order",
		Hint:   "Hold one lock while a message is handed to all clients.",
		Strict: true,
		Needs:  []string{"crowd-each-once", "crowd-sender-order"},
		Run:    crowdOneOrder,
	},
	{
		ID: "crowd-delivered-with-answer", Rule: proto.P82, Also: []proto.Rule{proto.P84}, Step: answersFrom, Points: 1,
		Title: "When the sender has `msgok`, the message is on its way to everybody",
		Hint:  "Answer the sender after you have handed the message to the others.",
		Needs: []string{"msg-answered", "msg-reaches-others"},
		Run:   crowdDeliveredWithAnswer,
	},
	{
		ID: "crowd-comes-and-goes", Rule: proto.P11, Also: []proto.Rule{proto.P12, proto.P82}, Phase: conform.Last, Step: answersFrom, Points: 1,
		Title: "While sixty connections come and go, the others go on talking",
		Hint:  "A client that is gone must not end the thread of one who speaks: catch what goes wrong for each recipient, and lock the collection, or loop over a copy of it.",
		Needs: []string{"crowd-each-once"},
		Run:   crowdComesAndGoes,
	},
}

// gathering is a number of people who have all spoken at once.
type gathering struct {
	t        *conform.T
	speakers []*conform.Peer
	said     map[string]int // by text: the index of who said it
	each     int            // how many things each has said
	ears     []*ear
}

// ear is what one connection has heard.
type ear struct {
	*conform.Peer
	texts   []string // of whole messages, in order, doubles and its own included
	answers int
	torn    []string // lines that nobody has said
}

// gather connects so many and lets each say ten things of about this length in
// one segment, all at once. There is one more, who only listens.
func gather(t *conform.T, speakers, length int) *gathering {
	t.Note("%d connections say ten lines each at once; everybody, and one more, listens.", speakers)
	g := &gathering{t: t, said: make(map[string]int), each: 10}
	g.ears = append(g.ears, &ear{Peer: t.Connect("listener")})
	for i := range speakers {
		p := t.Connect(fmt.Sprintf("speaker%d", i+1))
		g.speakers = append(g.speakers, p)
		g.ears = append(g.ears, &ear{Peer: p})
	}
	token := t.Text("")
	for i, p := range g.speakers {
		var lines []string
		for j := range g.each {
			// Full of the token, so that a piece of it is still known as ours.
			text := fmt.Sprintf("%d of %s,%s", j+1, p.Who, strings.Repeat(token, max(1, length/len(token))))
			g.said[text] = i
			lines = append(lines, "msg "+text)
		}
		p.SendTogether(lines...)
	}
	within := t.Timeout()
	for i, e := range g.ears {
		if !g.listen(e, i-1, within) {
			within = conform.Silence // what is late for one is late: no need to wait as long for each
		}
		e.Ignore()
	}
	return g
}

// listen takes what comes to e, the speaker of this index, until all is there
// that must come. It reports whether it was.
func (g *gathering) listen(e *ear, speaker int, within time.Duration) bool {
	left := make(map[string]bool)
	for text, who := range g.said {
		if who != speaker {
			left[text] = true
		}
	}
	answers := g.each
	if speaker < 0 {
		answers = 0
	}
	for len(left) > 0 || e.answers < answers {
		line, ok := e.Line(within)
		if !ok {
			return false
		}
		text, known := g.take(e, line)
		if known {
			delete(left, text)
		}
	}
	e.Send("help") // what comes before its answer is too much
	for {
		line, ok := e.Line(within)
		if !ok || conform.IsHelp(line) {
			return ok
		}
		g.take(e, line)
	}
}

// take notes a line that has come to e, and returns the text of a message.
func (g *gathering) take(e *ear, line string) (text string, known bool) {
	if msgok.Is(line) || isError(line) {
		e.answers++
		return "", false
	}
	if rest, ok := strings.CutPrefix(line, "msg "); ok {
		_, text, _ = strings.Cut(rest, " ")
		_, known = g.said[text]
	}
	if known {
		e.texts = append(e.texts, text)
	} else {
		e.torn = append(e.torn, line)
	}
	return text, known
}

// whole skips the check if lines were torn: another is about that.
func (g *gathering) whole() {
	for _, e := range g.ears {
		if len(e.torn) > 0 {
			g.t.Skip("it needs whole lines, and %s got %s: see crowd-whole-lines and the checks of P-6 and P-8", e.Who, conform.Quote(e.torn[0]+"\n"))
		}
	}
}

// crowdWholeLines needs no other check: where lines get mixed, anything may fail.
func crowdWholeLines(t *conform.T) {
	g := gather(t, 24, 600)
	for _, e := range g.ears {
		for _, line := range e.torn {
			if !g.isOneAlone(line) {
				t.Cause("threads write to one socket at the same time, or a line is written in pieces, so that pieces of several mix")
				t.Fail(conform.WrongLine, "only lines as they were said, and `msgok N`, to "+e.Who, "%s got %s", e.Who, conform.Quote(line+"\n"))
			}
		}
	}
	g.whole()
}

// isOneAlone reports whether a line is what one speaker has said, cut short or
// with something behind it: that is the doing of whoever read it, not of many
// who write.
func (g *gathering) isOneAlone(line string) bool {
	_, text, _ := strings.Cut(strings.TrimPrefix(line, "msg "), " ")
	for said := range g.said {
		if strings.HasPrefix(said, text) || strings.HasPrefix(text, said) {
			return true
		}
	}
	return false
}

func crowdEachOnce(t *conform.T) {
	g := gather(t, 40, 40)
	g.whole()
	for i, e := range g.ears {
		got := make(map[string]int)
		for _, text := range e.texts {
			got[text]++
		}
		for text, who := range g.said {
			n, own := got[text], who == i-1
			switch {
			case own: // msg-not-to-sender is about that
			case n == 0:
				t.Fail(conform.MissingLine, fmt.Sprintf("each of the others' %d messages to %s", len(g.said), e.Who), "%s never got %s", e.Who, conform.Quote(text))
			case n > 1:
				t.Fail(conform.ExtraLine, fmt.Sprintf("each of the others' messages once to %s", e.Who), "%s got %s %d times", e.Who, conform.Quote(text), n)
			}
		}
		if i > 0 && e.answers != g.each {
			t.Fail(conform.MissingLine, fmt.Sprintf("%d answers to %s", g.each, e.Who), "%s got %d", e.Who, e.answers)
		}
	}
}

func crowdSenderOrder(t *conform.T) {
	g := gather(t, 20, 40)
	g.whole()
	for _, e := range g.ears {
		last := make(map[string]int)
		for _, text := range e.texts {
			var number int
			var speaker string
			if _, err := fmt.Sscanf(text, "%d of %s", &number, &speaker); err != nil {
				continue // it is one of g.said, so it has both
			}
			if number < last[speaker] {
				t.Cause("each message is sent by a thread of its own, and a later one was quicker")
				t.Fail(conform.WrongLine, "the messages of each speaker in the order in which they were sent", "%s got number %d after number %d: %s",
					e.Who, number, last[speaker], conform.Quote(text))
			}
			last[speaker] = number
		}
	}
}

func crowdOneOrder(t *conform.T) {
	g := gather(t, 30, 40)
	g.whole()
	place := make(map[string]int) // in what the listener has heard
	for i, text := range g.ears[0].texts {
		place[text] = i
	}
	for _, e := range g.ears[1:] {
		others := slices.DeleteFunc(slices.Clone(e.texts), func(text string) bool { _, ok := place[text]; return !ok })
		for i := 1; i < len(others); i++ {
			if place[others[i]] < place[others[i-1]] {
				t.Cause("two messages go to the clients at the same time, and meet them in different orders")
				t.Fail(conform.WrongLine, "the messages in the order in which the listener got them", "%s got %s before %s; the listener got them the other way round",
					e.Who, conform.Quote(others[i-1]), conform.Quote(others[i]))
			}
		}
	}
}

func crowdDeliveredWithAnswer(t *conform.T) {
	alice, bob := t.Connect("alice"), t.Connect("bob")
	alice.PassOver(isMessage)
	t.Note("Each time that alice has her `msgok`, bob asks for something: the message must come before his answer.")
	for i := range 10 {
		text := t.Text(fmt.Sprintf("number %d", i+1))
		alice.Send("msg " + text)
		answer(t, alice)
		bob.Send("help")
		first := answer(t, bob)
		if isMessage(first) {
			answer(t, bob)
			continue
		}
		heardPublicly(t, bob, text)
		if !t.Course() {
			t.Fail(conform.WrongLine, "message "+conform.Quote(text)+" first, since alice has its `msgok`", "bob got %s first", conform.Quote(first+"\n"))
		}
		t.Remark("the answer `msgok` comes before the message is on its way to all; with parley whoever has `msgok` can rely on it")
		return
	}
}

func crowdComesAndGoes(t *conform.T) {
	const guests, at = 60, 6 // a message of alice at every sixth
	bob, alice := t.Connect("bob"), t.Connect("alice")
	alice.PassOver(isMessage)
	own := t.Text("alice")
	bob.PassOver(func(line string) bool { return isMessage(line) && !strings.HasSuffix(line, own) })
	t.Note("Sixty connect and go again, some without a word, some by a reset. Alice speaks meanwhile, and bob must hear her.")
	t.Cause("the coming or going of another has ended the thread of alice or bob, or has left a lock taken")
	var staying []*conform.Peer
	for i := range guests {
		guest := t.Dial(fmt.Sprintf("guest%d", i+1))
		guest.Ignore()
		if staying = append(staying, guest); len(staying) > at {
			leaves(t, staying[0], i)
			staying = staying[1:]
		}
		if i%at == 0 {
			text := fmt.Sprintf("%d says %s", i/at+1, own)
			alice.Send("msg " + text)
			bob.Expect(saidBySomebody(text))
			alice.Expect(msgok)
		}
	}
	for i, guest := range staying {
		leaves(t, guest, i)
	}
	settled(alice, bob)
}

// leaves ends a guest's connection in one of several ways.
func leaves(t *conform.T, guest *conform.Peer, way int) {
	switch way % 4 {
	case 0:
		guest.Close()
	case 1:
		guest.Reset()
	case 2:
		guest.TrySend("msg " + t.Text("bye") + "\n")
		guest.Close()
	case 3:
		guest.TrySend("msg " + t.Text("I never sa"))
		guest.Reset()
	}
}
