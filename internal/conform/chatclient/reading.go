package chatclient

import (
	"fmt"
	"strings"

	"parley/internal/conform"
	"parley/proto"
)

func reading() []*conform.Check {
	return []*conform.Check{
		{
			ID: "client-inbox", Rule: proto.P53, Step: stepInbox, Points: 3, Needs: needLogin, Run: inbox,
			Title: "Reading the inbox shows the sender and the text of every message",
			Hint:  "One line is read, like of every other answer: “inbox N” says how many more lines there are.",
		},
		{
			ID: "client-inbox-empty", Rule: proto.P53, Step: stepInbox, Points: 2, Needs: needLogin, Run: inboxEmpty,
			Title: "Of an empty inbox it reads no further line",
			Hint:  "A line is read before it is known whether there is one: the program waits for ever.",
		},
		{
			ID: "client-inbox-kinds", Rule: proto.P53, Also: []proto.Rule{proto.P51}, Step: stepInbox, Points: 2, Needs: needLogin, Run: inboxKinds,
			Title: "Public and private messages can be told apart in what it shows",
			Hint:  "The word that each line begins with, “msg” or “privmsg”, is thrown away.",
		},
		{
			ID: "client-inbox-hundred", Rule: proto.P53, Also: []proto.Rule{proto.P54}, Step: stepInbox, Points: 2, Needs: needLogin, Run: inboxHundred,
			Title: "Of 100 messages it shows every one",
			Hint:  "A fixed number of lines is read, or what one recv() brings: the rest is taken for the next answers.",
		},
		{
			ID: "client-inbox-segments", Rule: proto.P6, Also: []proto.Rule{proto.P53}, Step: stepInbox, Points: 2, Needs: needLogin, Run: inboxSegments,
			Title: "An inbox that comes in many segments is one inbox",
			Hint:  "The count or a line is used before it is whole: read until there is a line feed.",
		},
		{
			ID: "client-inbox-utf8", Rule: proto.P9, Step: stepInbox, Points: 2, Needs: needLogin, Run: inboxUTF8,
			Title: "A message with æøå is shown right",
			Hint:  "The bytes are decoded as the system does or one by one: name UTF-8 wherever bytes become text.",
		},
		{
			ID: "client-utf8-cut", Rule: proto.P9, Also: []proto.Rule{proto.P6}, Step: stepInbox, Points: 2, Needs: needLogin, Run: utf8Cut,
			Title: "An æ, ø or å whose two bytes come in two segments is shown right",
			Hint:  "Each recv() is decoded by itself: collect bytes until the line is whole, then decode.",
		},
		{
			ID: "client-inbox-cut-off", Rule: proto.P7, Also: []proto.Rule{proto.P53}, Step: stepInbox, Points: 2, Needs: needLogin, Run: inboxCutOff,
			Title: "When the server closes in the middle of an inbox, it goes back to the menu and can connect again",
			Hint:  "The loop that reads the lines of the inbox does not look for the end of the stream; or readLine() returns half a line there, and it is taken for a message.",
		},
		{
			ID: "client-crlf", Rule: proto.P3, Step: stepInbox, Points: 1, Strict: true, Needs: needLogin, Run: crlf,
			Title: "A carriage return before the line feed is no part of the line",
			Hint:  "“inbox 2\\r” is not a number: strip the line before it is taken apart.",
		},
	}
}

func inbox(t *conform.T) {
	p := loggedIn(t)
	bob, carol := t.Name("bob"), t.Name("carol")
	first, second, third := t.Text("good morning to you"), t.Text("between you and me"), t.Text("and good night")
	t.Cause("it does not read as many lines as “inbox N” says")
	showsInbox(t, p,
		[]string{"msg " + bob + " " + first, "privmsg " + carol + " " + second, "msg " + carol + " " + third},
		bob, first, carol, second, third)
	readsOn(t, p)
}

func inboxEmpty(t *conform.T) {
	p := loggedIn(t)
	asksForInbox(t, p)
	p.Send("inbox 0")
	t.Cause("it waits for a line of an inbox that has none")
	readsOn(t, p)
}

// inboxKinds compares what stands around public messages with what stands around
// private ones. They may also be shown in two groups.
func inboxKinds(t *conform.T) {
	p := loggedIn(t)
	bob := t.Name("bob")
	var lines, texts []string
	for i, kind := range []string{"msg", "privmsg", "msg", "privmsg"} {
		text := t.Text([]string{"apple", "berry", "lemon", "peach"}[i])
		texts = append(texts, text)
		lines = append(lines, kind+" "+bob+" "+text)
	}
	from, fromRaw := len(t.Screen()), len(t.RawScreen())
	showsInbox(t, p, lines, texts...)
	if t.ByHand() {
		t.Sees("Can one see which of them are private?", "to show which messages are private")
		return
	}
	if !toldApart(strings.ReplaceAll(t.RawScreen()[fromRaw:], bob, "NAME"), texts) {
		t.Fail(conform.NotShown, "to show which messages are private", "public and private ones look alike; it showed %s", t.ShownSince(from))
	}
}

// toldApart reports whether a screen shows these texts, public and private ones
// in turn, in two groups or with something different between them.
func toldApart(screen string, texts []string) bool {
	var at [4]int
	for i, text := range texts {
		at[i] = strings.Index(screen, text)
	}
	inTurn := at[0] < at[1] && at[1] < at[2] && at[2] < at[3]
	if !inTurn {
		return true
	}
	between := func(i int) string { return fold(screen[at[i]+len(texts[i]) : at[i+1]]) }
	return between(0) != between(1)
}

func inboxHundred(t *conform.T) {
	p := loggedIn(t)
	bob := t.Name("bob")
	var lines, texts []string
	for i := range 100 {
		texts = append(texts, t.Text(fmt.Sprintf("message number %d", i)))
		lines = append(lines, "msg "+bob+" "+texts[i])
	}
	if t.ByHand() {
		texts = []string{texts[0], texts[99]}
	}
	showsInbox(t, p, lines, texts...)
	readsOn(t, p)
}

// inboxSegments cuts the block within its count, between its lines and within
// each of them.
func inboxSegments(t *conform.T) {
	p := loggedIn(t)
	bob := t.Name("bob")
	parts := []string{"inbox 1", "2\n"}
	var texts []string
	for i := range 12 {
		text := t.Text(fmt.Sprintf("piece %d", i))
		texts = append(texts, text)
		line := "msg " + bob + " " + text + "\n"
		if i%2 == 1 {
			line = "priv" + line
		}
		cut := 1 + t.Rand.IntN(len(line)-1)
		parts = append(parts, line[:cut], line[cut:])
	}
	from := len(t.Screen())
	asksForInbox(t, p)
	t.Cause("it takes a segment for a line, or “inbox 1”, the part before the first cut, for the whole line")
	p.SendParts(parts...)
	t.Shows(from, texts...)
	readsOn(t, p)
}

const porridge = "blåbærgrøt på lørdag"

func inboxUTF8(t *conform.T) {
	p := loggedIn(t)
	bob := t.Name("bob")
	text := t.Text(porridge)
	t.Cause("it does not read UTF-8, or does not write what the terminal reads")
	showsInbox(t, p, []string{"msg " + bob + " " + text, "privmsg " + bob + " " + text}, text)
}

// utf8Cut cuts within each character that has two bytes.
func utf8Cut(t *conform.T) {
	p := loggedIn(t)
	bob := t.Name("bob")
	for i, b := range []byte(porridge) {
		if b < 0x80 || b >= 0xc0 { // no byte that continues a character
			continue
		}
		text := t.Text(porridge)
		from := len(t.Screen())
		asksForInbox(t, p)
		t.Cause("it decodes each segment by itself, and half a character is none")
		p.SendParts("inbox 1\nmsg "+bob+" "+text[:i], text[i:]+"\n")
		t.Shows(from, text)
		if t.ByHand() {
			return
		}
	}
}

func inboxCutOff(t *conform.T) {
	p := loggedIn(t)
	asksForInbox(t, p)
	bob := t.Name("bob")
	t.Note("five messages are announced; two and a half come, then the server dies")
	p.SendParts("inbox 5\nmsg " + bob + " " + t.Text("one") + "\nmsg " + bob + " " + t.Text("two") + "\nmsg " + bob)
	p.Close()
	connectsAgain(t)
}

func crlf(t *conform.T) {
	p := loggedIn(t)
	bob, text := t.Name("bob"), t.Text("from Windows")
	from := len(t.Screen())
	asksForInbox(t, p)
	t.Cause("the carriage return is taken for a part of the line")
	p.SendParts("inbox 2\r\nmsg " + bob + " " + text + "\r\nprivmsg " + bob + " " + text + "\r\n")
	t.Shows(from, bob, text)
	readsOn(t, p)
}
