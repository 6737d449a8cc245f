package chatclient

import (
	"time"

	"parley/internal/conform"
	"parley/proto"
)

func loggingIn() []*conform.Check {
	return []*conform.Check{
		{
			ID: loginID, Rule: proto.P22, Step: stepLogin, Points: 3, Needs: needSync, Run: login,
			Title: "Logging in sends “login NAME”, once",
			Hint:  "The name is asked for but not sent, sent twice, or sent with something around it.",
		},
		{
			ID: "client-login-refused", Rule: proto.P24, Also: []proto.Rule{proto.P23}, Step: stepLogin, Points: 3, Needs: needSync, Run: loginRefused,
			Title: "It shows the reason of a refused login, and one can try again",
			Hint:  "Only “loginok” is looked for, or the text behind “loginerr” is thrown away.",
		},
		{
			ID: "client-segments", Rule: proto.P6, Step: stepLogin, Points: 4, Needs: needSync, Run: segments,
			Title: "An answer that comes in two segments is one answer, wherever it is cut",
			Hint:  "One recv() is taken for one answer. A segment is not a line: read until there is a line feed.",
		},
		{
			ID: "client-late-answer", Rule: proto.P43, Step: stepLogin, Points: 2, Needs: needSync, Run: lateAnswer,
			Title: "It waits for an answer that comes a second late",
			Hint:  "A short timeout of the socket is taken for an answer or for the end; the answer that comes later is then taken for that of the next command.",
		},
		{
			ID: "client-byte-by-byte", Rule: proto.P6, Step: stepLogin, Points: 1, Needs: needSync, Run: byteByByte,
			Title: "An answer that comes byte by byte is one answer",
			Hint:  "One recv() is taken for one answer. A segment is not a line: read until there is a line feed.",
		},
		{
			ID: "client-cut-off", Rule: proto.P7, Step: stepLogin, Points: 3, Needs: needSync, Run: cutOff,
			Title: "When the server closes in the middle of a line, it goes back to the menu and can connect again",
			Hint:  "The loop that reads until a line feed does not look for the end of the stream: recv() returns nothing for ever.",
		},
		{
			ID: "client-cmderr", Rule: proto.P30, Step: stepLogin, Points: 2, Needs: needSync, Run: cmderr,
			Title: "When the server does not support a command, it goes on",
			Hint:  "An answer that nobody has thought of ends the program, or is waited for no further than “ok”.",
		},
		{
			ID: "client-before-modeok", Rule: proto.P44, Step: stepLogin, Points: 2, Needs: needSync, Run: beforeModeok,
			Title: "Messages that come before “modeok” are not taken for the answer",
			Hint:  "Until the server has read “sync” it sends what others say at once: read on until a line comes that is an answer.",
		},
		{
			ID: "client-lines-together", Rule: proto.P6, Also: []proto.Rule{proto.P44}, Step: stepLogin, Points: 2, Needs: needSync, Run: linesTogether,
			Title: "Several lines in one segment are several lines",
			Hint:  "One recv() is taken for one answer. Read bytes until there is a line feed, and keep what comes behind it for the next time.",
		},
	}
}

func login(t *conform.T) {
	p := connected(t)
	logIn(t, p, "loginok")
	t.Note("nothing more may come by itself")
	t.Cause("it logs in twice")
	p.Silent(conform.Silence)
}

func loginRefused(t *conform.T) {
	p := connected(t)
	for _, reason := range []string{taken, noName} {
		from := len(t.Screen())
		logIn(t, p, "loginerr "+reason)
		t.Cause("it throws the reason away")
		t.Shows(from, reason)
		t.Cause("")
	}
	t.Note("a third time, and now the name is free")
	logIn(t, p, "loginok")
}

// segments cuts an answer at every place. A person is spared most of them.
func segments(t *conform.T) {
	p := connected(t)
	const answer = "loginerr " + taken + "\n"
	places := t.Rand.Perm(len(answer) - 1)
	if t.ByHand() {
		places = places[:2]
	}
	for _, i := range places {
		before, after := answer[:i+1], answer[i+1:]
		from := len(t.Screen())
		asksToLogIn(t, p)
		t.Cause("it takes %s, the part before the cut, for the whole answer", conform.Quote(before))
		p.SendParts(before, after)
		t.Shows(from, taken)
	}
}

func byteByByte(t *conform.T) {
	p := connected(t)
	var parts []string
	for _, b := range []byte("loginerr " + taken + "\n") {
		parts = append(parts, string(b))
	}
	from := len(t.Screen())
	asksToLogIn(t, p)
	t.Cause("it takes a part of the answer for all of it")
	p.SendParts(parts...)
	t.Shows(from, taken)
	inStep(t, p)
}

// late is the time by which the late answer is late.
const late = time.Second

func lateAnswer(t *conform.T) {
	p := connected(t)
	from := len(t.Screen())
	asksToLogIn(t, p)
	t.Note("the answer comes after %v", late)
	t.Pause(late)
	t.Cause("it does not wait so long")
	p.Send("loginerr " + taken)
	t.Shows(from, taken)
	t.Cause("")
	logIn(t, p, "loginok")
}

func cutOff(t *conform.T) {
	p := connected(t)
	asksToLogIn(t, p)
	t.Note("the server dies in the middle of its answer")
	p.SendParts("logino")
	p.Close()
	connectsAgain(t)
}

func cmderr(t *conform.T) {
	p := connected(t)
	const answer = "cmderr command not supported"
	from := len(t.Screen())
	logIn(t, p, answer)
	t.ShowsAnything(from, "that it did not work")
	logIn(t, p, "loginok")
	for _, c := range commands(t) {
		if c.action == "login" || t.Step() < c.step || !t.Offers(c.action, c.args...) {
			continue
		}
		t.Choose(c.action, c.args...)
		p.Expect(begins(c.line))
		p.Send(answer)
	}
	connectsAgain(t)
}

func beforeModeok(t *conform.T) {
	p := begin(t)
	asksForSync(t, p)
	t.Note("somebody spoke before the server had read “sync”")
	p.Send("msg "+t.Name("bob")+" "+t.Text("good morning"), "privmsg "+t.Name("carol")+" "+t.Text("psst"), "modeok")
	inStep(t, p)
}

func linesTogether(t *conform.T) {
	p := begin(t)
	asksForSync(t, p)
	t.Note("three lines in one segment")
	p.SendTogether("msg "+t.Name("bob")+" "+t.Text("good morning"), "msg "+t.Name("carol")+" "+t.Text("hi"), "modeok")
	inStep(t, p)
}
