package chat

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"parley/internal/conform"
	"parley/proto"
)

// lifetime are the checks of what a server must live through: connections that
// do not read, floods, rubbish.
var lifetime = []*conform.Check{
	{
		ID: "silent-reader-stalls-nobody", Rule: proto.P71, Also: []proto.Rule{proto.P82}, Phase: conform.Last, Step: conform.ExtraStep, Points: 2,
		Title: "One connection that never reads holds up nobody else",
		Hint:  "A write to a client waits when that client does not read. Give each client a queue and a thread that writes from it; put a message into the queue without waiting.",
		Needs: []string{"long-line-4000", "crowd-each-once", "crowd-sender-order"},
		Run:   func(t *conform.T) { talkPastSilent(t, t.Connect("alice")) },
	},
	{
		ID: "silent-reader-disconnected", Rule: proto.P71, Phase: conform.Last, Step: conform.ExtraStep, Points: 1,
		Title:  "A connection that never reads is ended when too much waits for it",
		Hint:   "Bound the queue of each client, and close the connection when it is full: or one client takes all the memory.",
		Strict: true,
		Needs:  []string{"silent-reader-stalls-nobody", "users"},
		Run:    silentReaderDisconnected,
	},
	{
		ID: "late-reader-loses-nothing", Rule: proto.P71, Also: []proto.Rule{proto.P82}, Phase: conform.Last, Step: conform.ExtraStep, Points: 1,
		Title: "A connection that reads late gets every line, and holds up nobody meanwhile",
		Hint:  "Keep what a client has not yet taken, up to some hundred KiB; do not drop it and do not wait for it.",
		Needs: []string{"long-line-4000", "crowd-each-once", "crowd-sender-order"},
		Run:   lateReaderLosesNothing,
	},
	{
		ID: "effects-before-answers", Rule: proto.P84, Step: conform.ExtraStep, Points: 1,
		Title:  "Whoever has an answer can rely on it: everything sent afterwards sees its effect",
		Hint:   "Do first what a command asks for, then answer.",
		Strict: true,
		Needs:  []string{"users", "name-taken"},
		Run:    effectsBeforeAnswers,
	},
	{
		ID: "many-connections", Rule: proto.P1, Phase: conform.Last, Step: answersFrom, Points: 1,
		Title: "Two hundred connections at once are all served",
		Hint:  "Accept in a loop that does nothing else, and give each client a thread of its own: a pool with few threads leaves the next client waiting.",
		Run:   manyConnections,
	},
	{
		ID: "connect-and-reset", Rule: proto.P11, Phase: conform.Last, Step: answersFrom, Points: 1,
		Title: "The server survives two hundred connections that break at once",
		Hint:  "An error on one connection, already while it is accepted, must end that connection and nothing else.",
		Needs: []string{"msg-answered", "msg-reaches-others"},
		Run:   connectAndReset,
	},
	{
		ID: "garbage", Rule: proto.P30, Also: []proto.Rule{proto.P9}, Phase: conform.Last, Step: answersFrom, Points: 1,
		Title: "The server survives random bytes",
		Hint:  "Bytes that are no text must not raise an error that nobody catches: say what to put in their place when you decode them.",
		Needs: []string{"msg-answered", "msg-reaches-others"},
		Run:   garbage,
	},
	{
		ID: "endless-line", Rule: proto.P8, Phase: conform.Last, Step: answersFrom, Points: 1,
		Title: "The server survives a line of 1 MiB without an end",
		Hint:  "A buffer needs a limit, and reaching it must end neither the server nor the others' connections.",
		Needs: []string{"msg-answered", "msg-reaches-others"},
		Run:   endlessLine,
	},
}

// The flood past a silent reader: 8 MiB, which no buffer of a system holds back,
// in lines that are well within P-8.
const (
	floodLine     = 8000
	floodSpeakers = 105
)

// lastingLine is a message that long; each has another number.
func lastingLine(t *conform.T, number int) string {
	token := t.Text("")
	return fmt.Sprintf("line %d,%s", number, strings.Repeat(token, (floodLine-20)/len(token)))
}

// talk has so many, one after the other, say ten long lines each; the listeners
// must have each.
func talk(t *conform.T, speakers int, listeners ...*conform.Peer) (said []string) {
	for i := range speakers {
		speaker := t.Dial(fmt.Sprintf("speaker%d", i+1))
		speaker.PassOver(isMessage)
		var lines []string
		for j := range 10 {
			text := lastingLine(t, i*10+j+1)
			said = append(said, text)
			lines = append(lines, "msg "+text)
		}
		speaker.SendTogether(lines...)
		for range lines {
			speaker.Expect(msgok)
		}
		for _, text := range said[len(said)-len(lines):] {
			for _, listener := range listeners {
				listener.Expect(saidBySomebody(text))
			}
		}
		speaker.Close()
	}
	return said
}

// needsLongLines skips the check unless a long line comes through at all.
func needsLongLines(t *conform.T) {
	peers := room(t, "caller", "hearer")
	text := lastingLine(t, 0)
	peers[0].PassOver(isMessage)
	peers[0].Send("msg " + text)
	first, ok := peers[0].Line(t.Timeout())
	got, heard := peers[1].Line(t.Timeout())
	if !ok || !msgok.Is(first) || !heard || !saidBySomebody(text).Is(got) {
		t.Skip("it needs lines of %d bytes, and one of them does not come through here", floodLine)
	}
	peers[0].Close()
	peers[1].Close()
}

// readsLittle makes what the system keeps for a connection that does not read as
// small as it can be.
func readsLittle(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetReadBuffer(4096) // with a larger one the check only needs more
	}
}

// unread connects somebody who reads nothing, and returns when the server knows
// of it: the witness has heard what it says.
func unread(t *conform.T, who string, prepare func(net.Conn), witness *conform.Peer) *conform.Peer {
	p := t.DialUnread(who, prepare)
	text := t.Text(who + " says line 1 of 1")
	p.Send("msg " + text)
	heardPublicly(t, witness, text)
	return p
}

// talkPastSilent floods past a connection that does not read; a listener must
// have every line all the same.
func talkPastSilent(t *conform.T, listener *conform.Peer) *conform.Peer {
	needsLongLines(t)
	listener.PassOver(func(line string) bool {
		return isMessage(line) && (!strings.Contains(line, " line ") || strings.Contains(line, " line 0,"))
	})
	silent := unread(t, "silent", readsLittle, listener)
	silent.Send("login " + silent.Name)
	t.Note("Silent never reads. Beside it %d connections, one after the other, say ten lines of %d bytes each: %d MiB in all.",
		floodSpeakers, floodLine, floodSpeakers*10*floodLine>>20)
	t.Cause("the server waits until the silent connection takes what it writes to it, and everybody else waits with it")
	talk(t, floodSpeakers, listener)
	t.Cause("")
	settled(listener)
	return silent
}

// noticing is how long a server may take to be rid of a silent reader (P-71).
const noticing = 15 * time.Second

func silentReaderDisconnected(t *conform.T) {
	alice := member(t, "alice")
	silent := talkPastSilent(t, alice)
	alice.PassOver(isMessage)
	for began := time.Now(); time.Since(began) < noticing; t.Pause(poll) {
		if !slices.Contains(namesAsked(alice), silent.Name) {
			return
		}
	}
	t.Fail(conform.WrongLine, fmt.Sprintf("no %s in `users` %v after the last of %d MiB, of which it has read nothing",
		silent.Name, noticing, floodSpeakers*10*floodLine>>20), "it is still there")
}

func lateReaderLosesNothing(t *conform.T) {
	needsLongLines(t)
	alice := t.Connect("alice")
	late := unread(t, "late", nil, alice)
	late.PassOver(func(line string) bool { return strings.Contains(line, " late says ") }) // its own, should it come back
	const speakers = 12                                                                    // more than 1 MiB may end it (P-71)
	t.Note("Late reads nothing while %d others say ten lines of %d bytes each, %d KiB in all; alice has them at once.",
		speakers, floodLine, speakers*10*floodLine>>10)
	t.Cause("the server waits until the late connection takes what it writes to it, and everybody else waits with it")
	said := talk(t, speakers, alice)
	t.Note("Now late begins to read. All of it must be there.")
	t.Cause("what a client does not take at once is dropped, or the client is disconnected after very little")
	late.Read()
	late.Expect(msgok) // to what it said when it came
	for _, text := range said {
		late.Expect(saidBySomebody(text))
	}
	settled(alice, late)
}

func effectsBeforeAnswers(t *conform.T) {
	alice, bob := member(t, "alice"), member(t, "bob")
	alice.PassOver(isMessage)
	bob.PassOver(isMessage)
	for i := range 20 {
		name := t.Name(fmt.Sprintf("bob%d", i))
		bob.Send("login " + name)
		if got := answer(t, bob); got != "loginok" {
			t.Skip("it needs a second login, which is answered %s: see the checks of P-22", conform.Quote(got+"\n"))
		}
		if i%2 == 0 {
			listed(t, namesAsked(alice), name)
			continue
		}
		alice.Send("login " + name)
		alice.ExpectLine("loginerr username already in use")
	}
}

// stillServes fails the check unless these two, who were there before, can still
// talk, and somebody new is served too.
func stillServes(t *conform.T, alice, bob *conform.Peer) {
	t.Note("Alice and bob, who were there before, go on talking; somebody new comes.")
	text := t.Text("still here")
	alice.PassOver(isMessage)
	bob.PassOver(func(line string) bool { return isMessage(line) && !strings.HasSuffix(line, text) })
	alice.Send("msg " + text)
	bob.Expect(saidBySomebody(text))
	alice.Expect(msgok)
	newcomer := t.Dial("newcomer")
	newcomer.PassOver(isMessage)
	settled(alice, bob, newcomer)
}

// untilStill takes what comes to p until nothing does for a while, so that the
// server has had time to read what was sent to it.
func untilStill(t *conform.T, p *conform.Peer) {
	for began := time.Now(); time.Since(began) < t.Timeout(); {
		if _, ok := p.Line(conform.Silence); !ok {
			return
		}
	}
}

func manyConnections(t *conform.T) {
	const many = 200
	t.Note("%d connect, and all stay. Then each asks for something.", many)
	peers := make([]*conform.Peer, many)
	for i := range peers {
		peers[i] = t.Dial(fmt.Sprintf("client%d", i+1))
		peers[i].Ignore()
	}
	for _, p := range peers {
		p.Send("help")
	}
	t.Cause("fewer than %d connections are served at a time", many)
	for i, p := range peers {
		p.Expect(conform.Want{Says: fmt.Sprintf("the answer to \"help\\n\", for each of %d", many), Is: func(line string) bool {
			return conform.IsHelp(line)
		}, Why: func(string) string { return fmt.Sprintf("%d of %d connections were served", i, many) }})
	}
}

func connectAndReset(t *conform.T) {
	peers := room(t, "alice", "bob")
	t.Note("Two hundred connect and break off at once, some after a piece of a line.")
	for i := range 200 {
		p := t.Dial(fmt.Sprintf("broken%d", i+1))
		if i%2 == 1 {
			p.TrySend("msg " + t.Text("I never sa"))
		}
		p.Reset()
	}
	stillServes(t, peers[0], peers[1])
}

func garbage(t *conform.T) {
	peers := room(t, "alice", "bob")
	t.Note("64 KiB of random bytes.")
	rubbish := make([]byte, 64<<10)
	for i := range rubbish {
		rubbish[i] = byte(t.Rand.Uint32())
	}
	g := t.Dial("garbage")
	g.Ignore()
	g.TrySend(string(rubbish) + "\n")
	untilStill(t, g)
	stillServes(t, peers[0], peers[1])
}

func endlessLine(t *conform.T) {
	peers := room(t, "alice", "bob")
	t.Note("1 MiB without an LF.")
	e := t.Dial("endless")
	e.Ignore() // it hears alice, as everybody does
	sent := e.TrySend("msg " + t.Text(strings.Repeat("x", 1<<20)))
	if t.Course() {
		untilStill(t, e)
	} else {
		if !sent {
			t.Fail(conform.Closed, "the connection stays open, and the line is read", "the server did not read it all")
		}
		e.ExpectLine("cmderr line too long")
		t.Note("Once is enough. After the LF the connection goes on.")
		e.TrySend("\n")
		e.Quiet()
	}
	stillServes(t, peers[0], peers[1])
}
