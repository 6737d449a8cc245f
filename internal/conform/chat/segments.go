package chat

import (
	"fmt"
	"strings"

	"parley/internal/conform"
	"parley/proto"
)

const oneRead = "One recv() or read() is taken for one line. Read until there is a newline, and keep what comes behind it for the next line."

// segments are the checks of how a stream is cut: the matrix of every line cut
// everywhere, and other ways.
var segments = []*conform.Check{
	{
		ID: "cut-msg", Rule: proto.P6, Step: forwardFrom, Points: 2,
		Title: "A public message that is cut anywhere arrives whole", Hint: oneRead,
		Needs: []string{"msg-reaches-others"},
		Run: func(t *conform.T) {
			cutMessages(t, t.Connect, everywhere, func(from, _ string) string { return "msg " + from + " hello" })
		},
	},
	{
		ID: "cut-unknown", Rule: proto.P6, Also: []proto.Rule{proto.P30}, Step: answersFrom, Points: 1,
		Title: "An unknown command that is cut anywhere is answered once", Hint: oneRead,
		Run: func(t *conform.T) { cutCommand(t, "dance", t.Connect) },
	},
	{
		ID: "cut-help", Rule: proto.P6, Also: []proto.Rule{proto.P56}, Step: helpFrom, Points: 2,
		Title: "`help` that is cut anywhere is answered once", Hint: oneRead,
		Run: func(t *conform.T) { cutCommand(t, "help", t.Connect) },
	},
	{
		ID: "cut-login", Rule: proto.P6, Also: []proto.Rule{proto.P22}, Step: loginFrom, Points: 1,
		Title: "`login` that is cut anywhere is answered once", Hint: oneRead,
		Needs: []string{"login"},
		Run: func(t *conform.T) {
			t.Note("Each connection logs in with a name of its own, and cuts the line at another place.")
			lanes := cut(t, t.Connect, everywhere, func(name string) string { return "login " + name })
			judge(t, lanes, conform.Exactly("loginok"))
		},
	},
	{
		ID: "cut-users", Rule: proto.P6, Also: []proto.Rule{proto.P55}, Step: listFrom, Points: 1,
		Title: "`users` that is cut anywhere is answered once", Hint: oneRead,
		Run: func(t *conform.T) { cutCommand(t, "users", t.Connect) },
	},
	{
		ID: "cut-privmsg", Rule: proto.P6, Also: []proto.Rule{proto.P51}, Step: privateFrom, Points: 1,
		Title: "A private message that is cut anywhere arrives whole", Hint: oneRead,
		Needs: []string{"login", "privmsg-delivered"},
		Run: func(t *conform.T) {
			cutMessages(t, t.Login, everywhere, func(from, to string) string { return privmsg(to, from+" hi") })
		},
	},
	{
		ID: "cut-character", Rule: proto.P6, Also: []proto.Rule{proto.P9}, Phase: conform.Last, Step: forwardFrom, Points: 2,
		Title: "A message that is cut inside a character arrives whole",
		Hint:  "Decode whole lines, not what one read has brought: a character of UTF-8 has up to four bytes, and the cut may be between them.",
		Needs: []string{"msg-reaches-others", "text-letters"},
		Run: func(t *conform.T) {
			cutMessages(t, t.Connect, insideCharacters, func(from, _ string) string { return "msg " + from + " æøå 你好 👋" })
		},
	},
	{
		ID: "cut-crlf", Rule: proto.P6, Also: []proto.Rule{proto.P3}, Step: forwardFrom, Points: 1,
		Title: "A line that is cut between CR and LF is one line",
		Hint:  "The LF that comes alone in the next segment belongs to the line before, and is no empty line.",
		Needs: []string{"msg-reaches-others", "crlf"},
		Run:   func(t *conform.T) { crlf(t, "\r", "\n") },
	},
	{
		ID: "bytewise", Rule: proto.P6, Step: forwardFrom, Points: 1,
		Title: "A line that comes one byte at a time is one line", Hint: oneRead,
		Needs: []string{"msg-reaches-others"},
		Run: func(t *conform.T) {
			inPieces(t, []string{"msg " + t.Name("") + " hi"}, func(stream string) []string { return strings.Split(stream, "") })
		},
	},
	{
		ID: "two-in-one-segment", Rule: proto.P6, Step: forwardFrom, Points: 2,
		Title: "Two lines in one segment are two lines",
		Hint:  "What comes behind the first newline is thrown away with the buffer, or taken for a part of the first line.",
		Needs: []string{"msg-reaches-others"},
		Run: func(t *conform.T) {
			inPieces(t, []string{"msg " + t.Text("first"), "msg " + t.Text("second")}, inOne)
		},
	},
	{
		ID: "ten-in-one-segment", Rule: proto.P6, Step: forwardFrom, Points: 1,
		Title: "Ten lines in one segment are ten lines, in order",
		Hint:  "As long as there is a newline in what you have read, there is a line to be obeyed; only then read again.",
		Needs: []string{"msg-reaches-others"},
		Run:   func(t *conform.T) { inPieces(t, ten(t), inOne) },
	},
	{
		ID: "cut-beside-the-ends", Rule: proto.P6, Step: forwardFrom, Points: 1,
		Title: "Segments that end anywhere, with ends of lines inside, change nothing",
		Hint:  "Keep what is behind the last newline, and put the next segment behind it.",
		Needs: []string{"msg-reaches-others"},
		Run: func(t *conform.T) {
			inPieces(t, ten(t), func(stream string) []string { return atRandom(t, stream, 40) })
		},
	},
	{
		ID: "line-and-end", Rule: proto.P10, Also: []proto.Rule{proto.P6}, Step: forwardFrom, Points: 1,
		Title: "A line counts that comes together with the end of the connection",
		Hint:  "Look first at what a read has brought, and only then at whether the stream has ended.",
		Needs: []string{"msg-reaches-others"},
		Run:   lineAndEnd,
	},
}

func inOne(stream string) []string { return []string{stream} }

// ten are ten lines, not all of them messages where there is something else.
func ten(t *conform.T) (lines []string) {
	for i := range 10 {
		if i%3 == 1 && t.Step() >= answersFrom {
			lines = append(lines, "help")
		} else {
			lines = append(lines, "msg "+t.Text(fmt.Sprintf("number %d", i+1)))
		}
	}
	return lines
}

// atRandom cuts a stream into pieces of at most so many bytes.
func atRandom(t *conform.T, stream string, most int) (pieces []string) {
	for stream != "" {
		n := min(len(stream), 1+t.Rand.IntN(most))
		pieces, stream = append(pieces, stream[:n]), stream[n:]
	}
	return pieces
}

// inPieces has alice send these lines, the stream cut as cut says. What they say
// must reach bob, once and in order, and each must have one answer.
func inPieces(t *conform.T, lines []string, cut func(stream string) []string) {
	peers := room(t, "alice", "bob")
	alice, bob := peers[0], peers[1]
	alice.PassOver(isMessage)
	pieces := cut(strings.Join(lines, "\n") + "\n")
	t.Note("%s in %s.", plural(len(lines), "line"), plural(len(pieces), "segment"))
	alice.SendParts(pieces...)
	for i, line := range lines {
		if text, said := strings.CutPrefix(line, "msg "); said {
			t.Cause("%s", whyForgot(i, len(pieces)))
			bob.Expect(saidBySomebody(text).Because(whyMerged(lines, i, len(pieces))))
		}
	}
	if t.Step() < answersFrom {
		alice.Ignore()
		return
	}
	for i, line := range lines {
		t.Cause("%s", whyForgot(i, len(pieces)))
		if strings.HasPrefix(line, "msg ") {
			alice.Expect(msgok)
		} else {
			alice.Expect(conform.Want{Says: "the answer to " + conform.Quote(line+"\n"), Is: conform.IsHelp})
		}
	}
	t.Cause("it takes a piece of a line for a line of its own, or a line twice")
	quiet(t, alice, bob)
}

func plural(n int, word string) string {
	if n == 1 {
		return "one " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

// whyForgot says why a line may be missing after others.
func whyForgot(taken, pieces int) string {
	switch {
	case pieces > 1:
		return "it takes what one read brings for one line, or forgets what stands behind the end of a line"
	case taken == 0:
		return ""
	case taken == 1:
		return "it obeyed the first line of a segment, and forgot what stands behind it"
	}
	return fmt.Sprintf("it obeyed the first %d lines of a segment, and forgot what stands behind them", taken)
}

// whyMerged says what a server does that passed on something else as line i.
func whyMerged(lines []string, i, pieces int) func(line string) string {
	return func(line string) string {
		_, got := parted(line)
		text := strings.TrimPrefix(lines[i], "msg ")
		switch {
		case got == "":
			return ""
		case i+1 < len(lines) && strings.Contains(got, text) && strings.Contains(got, lines[i+1]):
			return "it takes the lines of one segment for one line"
		case strings.HasPrefix(text, got):
			return fmt.Sprintf("it takes %s, the part before the cut, for the whole", conform.Quote(got))
		case i > 0 && strings.HasSuffix(lines[i-1], got):
			return "it takes a line twice"
		}
		return whyForgot(i, pieces)
	}
}

func lineAndEnd(t *conform.T) {
	peers := room(t, "alice", "bob")
	alice, bob := peers[0], peers[1]
	alice.Ignore()
	text := t.Text("I must go")
	alice.SendParts("msg " + text + "\n")
	alice.HalfClose()
	t.Cause("it drops what comes right before the end of the connection")
	bob.Expect(saidBySomebody(text))
}
