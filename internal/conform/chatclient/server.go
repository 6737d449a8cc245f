package chatclient

import (
	"fmt"
	"strings"

	"parley/internal/conform"
)

// us is the name of our side in reports.
const us = "server"

// sends wants a command as every server reads it: white space at its ends is no
// matter (P-4).
func sends(command string) conform.Want {
	return conform.Want{
		Says: conform.Quote(command + "\n"),
		Is:   func(got string) bool { return strings.TrimSpace(got) == command },
	}
}

func isBlank(line string) bool { return strings.TrimSpace(line) == "" }

// begin starts the program and has it connect.
func begin(t *conform.T) *conform.Peer {
	t.StartProgram()
	return accept(t, us)
}

// accept has the program connect. What it sends without need is the matter of a
// few checks; the others pass over empty lines and what comes at the end.
func accept(t *conform.T, who string) *conform.Peer {
	t.Choose("connect")
	p := t.Accept(who)
	p.PassOver(isBlank)
	p.Ignore()
	return p
}

// connected is begin and, in programs that have come so far, the switch to sync
// mode.
func connected(t *conform.T) *conform.Peer {
	p := begin(t)
	switchMode(t, p)
	return p
}

// switchMode answers sync. Whether it comes is the matter of one check: for the
// others it may be missing, and be there in a program that is said to have come
// less far.
func switchMode(t *conform.T, p *conform.Peer) {
	if t.Overlooks(syncID) {
		return
	}
	within := t.Timeout()
	if t.Step() < stepSync {
		within = conform.Silence
	}
	if line, ok := p.Line(within); ok && sends("sync").Is(line) {
		p.Send("modeok")
	}
}

// loggedIn is connected, and logged in.
func loggedIn(t *conform.T) *conform.Peer {
	p := connected(t)
	logIn(t, p, "loginok")
	return p
}

// logIn has the program log in, and answers.
func logIn(t *conform.T, p *conform.Peer, answer string) {
	asksToLogIn(t, p)
	p.Send(answer)
}

func asksToLogIn(t *conform.T, p *conform.Peer) {
	name := user(t)
	t.Choose("login", name)
	p.Expect(sends("login " + name))
}

// user is the name to log in with.
func user(t *conform.T) string { return t.Name("alice") }

const (
	taken   = "username already in use"
	noName  = "incorrect username format"
	nobody  = "incorrect recipient"
	blocked = "spam, blocked for 7 s"
)

// inStep shows by a refused login that the program takes the next answer for
// what it is.
func inStep(t *conform.T, p *conform.Peer) {
	t.Note("the next answer must be taken for what it is")
	from := len(t.Screen())
	asksToLogIn(t, p)
	t.Cause(outOfStep)
	p.Send("loginerr " + taken)
	t.Shows(from, taken)
	t.Cause("")
}

const outOfStep = "it takes each answer for that of another command: it is out of step"

// readsOn shows by an inbox that the program takes the next answer for what it
// is.
func readsOn(t *conform.T, p *conform.Peer) {
	t.Note("the next inbox must be taken for what it is")
	text := t.Text("the next")
	from := len(t.Screen())
	asksForInbox(t, p)
	t.Cause(outOfStep)
	p.SendTogether("inbox 1", "msg "+t.Name("carol")+" "+text)
	t.Shows(from, text)
	t.Cause("")
}

// asksForInbox has the program ask for its inbox.
func asksForInbox(t *conform.T, p *conform.Peer) {
	t.Choose("inbox")
	p.Expect(sends("inbox"))
}

// showsInbox answers with an inbox of these lines, and waits until all texts are
// shown.
func showsInbox(t *conform.T, p *conform.Peer, lines []string, texts ...string) {
	from := len(t.Screen())
	asksForInbox(t, p)
	p.SendTogether(block(lines)...)
	t.Shows(from, texts...)
}

func block(lines []string) []string {
	return append([]string{fmt.Sprintf("inbox %d", len(lines))}, lines...)
}

// whenSettled is how much the program has shown when its menu stands.
func whenSettled(t *conform.T) (shown int) {
	if t.ByHand() {
		return 0
	}
	return len(t.Settled(0))
}

// connectsAgain shows that the program goes on after its connection has ended:
// the user disconnects, which it may have noticed by itself, and connects.
func connectsAgain(t *conform.T) {
	t.Note("the menu must react, so that one can connect again")
	t.Choose("disconnect")
	switchMode(t, accept(t, us+" again"))
}
