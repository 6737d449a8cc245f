package chat

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"parley/internal/conform"
)

// lane is one connection of the matrix, which sends a line cut in two.
type lane struct {
	*conform.Peer
	before, after string
	got           []string // its answers
}

func (l *lane) line() string { return l.before + strings.TrimSuffix(l.after, "\n") }

// everywhere are the places at which a line can be cut: after each of its bytes,
// the last one's followed by the newline alone.
func everywhere(line string) (places []int) {
	for i := range len(line) {
		places = append(places, i+1)
	}
	return places
}

// insideCharacters are the places inside of characters that have several bytes.
func insideCharacters(line string) (places []int) {
	for i := range len(line) {
		if !utf8.RuneStart(line[i]) {
			places = append(places, i)
		}
	}
	return places
}

// cut sends a line cut in two at each of the places that there are, each on a
// connection of its own, all at once with one gap for all. The line holds the
// name of the connection, whose length is the same for all.
func cut(t *conform.T, connect func(who string) *conform.Peer, places func(line string) []int, lineOf func(name string) string) []*lane {
	whoAt := func(place int) string { return fmt.Sprintf("cut%02d", place) }
	var lanes []*lane
	for _, place := range places(lineOf(t.Name(whoAt(0)))) {
		p := connect(whoAt(place))
		p.PassOver(isMessage)
		line := lineOf(p.Name) + "\n"
		lanes = append(lanes, &lane{Peer: p, before: line[:place], after: line[place:]})
	}
	if t.Step() < answersFrom {
		t.Pause(conform.Silence) // it cannot be asked yet whether it knows of them
	}
	for _, l := range lanes {
		l.SendParts(l.before)
	}
	t.Pause(conform.Gap)
	for _, l := range lanes {
		l.SendParts(l.after)
	}
	return lanes
}

// cutCommand cuts a command that has no argument. Each must be answered as the
// uncut one is, by its first word.
func cutCommand(t *conform.T, command string, connect func(who string) *conform.Peer) {
	uncut := connect("uncut")
	uncut.Send(command)
	usual, _, _ := strings.Cut(answer(t, uncut), " ")
	t.Note("Each connection cuts the line at another place, with %v between the pieces.", conform.Gap)
	lanes := cut(t, connect, everywhere, func(string) string { return command })
	judge(t, lanes, conform.Want{
		Says: fmt.Sprintf("one line that begins with %s, as without the cut", conform.Quote(usual)),
		Is:   func(line string) bool { return line == usual || strings.HasPrefix(line, usual+" ") },
	})
}

// judge wants one answer on each lane, and nothing after it.
func judge(t *conform.T, lanes []*lane, want conform.Want) {
	for _, l := range lanes {
		line, ok := l.Line(t.Timeout())
		if !ok {
			only(lanes, l)
			t.Cause("it does not put the two pieces of %s together", conform.Quote(l.line()))
			line = l.Expect(want) // it says what is wrong
		}
		l.got = append(l.got, line)
		if !want.Is(line) {
			l.condemn(t, lanes, want)
		}
	}
	deadline := time.Now().Add(conform.Silence)
	for i, l := range lanes {
		if extra, ok := l.Line(time.Until(deadline)); ok {
			l.got = append(l.got, extra)
			l.condemn(t, lanes, want)
		}
		if i > 0 {
			l.Hide()
		}
	}
}

// condemn ends the check because of the answers on a lane.
func (l *lane) condemn(t *conform.T, lanes []*lane, want conform.Want) {
	only(lanes, l)
	const enough = 5
	for len(l.got) < enough {
		line, ok := l.Line(conform.Silence)
		if !ok {
			break
		}
		l.got = append(l.got, line)
	}
	kind := conform.ExtraLine
	if len(l.got) == 1 {
		kind = conform.WrongLine
		t.Cause("it answered a piece of %s, not the whole line", conform.Quote(l.line()))
	} else if !slices.ContainsFunc(l.got, isNoAnswer) {
		t.Cause("it answered %s: it took each piece of %s for a line of its own", times(len(l.got)), conform.Quote(l.line()))
	}
	for i, line := range l.got {
		l.got[i] = conform.Quote(line + "\n")
	}
	t.Fail(kind, "to "+l.Who+": "+want.Says+", once", "to %s and, %v later, %s, %s got %s",
		conform.Quote(l.before), conform.Gap, conform.Quote(l.after), l.Who, strings.Join(l.got, ", then "))
}

// isNoAnswer reports whether a line has none of the words with which answers
// begin: then something else is wrong than what is cut where.
func isNoAnswer(line string) bool {
	word, _, _ := strings.Cut(line, " ")
	return !slices.Contains([]string{"supported", "cmderr", "loginok", "loginerr", "msgok", "msgerr", "users"}, word)
}

func times(n int) string {
	if n == 2 {
		return "twice"
	}
	return fmt.Sprintf("%d times", n)
}

// only leaves of the lanes only this one in the report.
func only(lanes []*lane, shown *lane) {
	for _, l := range lanes {
		if l != shown {
			l.Hide()
		}
	}
}

// cutMessages cuts a message of each connection to bob, which begins with the
// name of the connection. Bob must get each, once and whole.
func cutMessages(t *conform.T, connect func(who string) *conform.Peer, places func(line string) []int, lineOf func(from, to string) string) {
	bob := connect("bob")
	t.Note("Each connection cuts its line at another place, with %v between the pieces.", conform.Gap)
	lanes := cut(t, connect, places, func(name string) string { return lineOf(name, bob.Name) })
	if t.Step() >= answersFrom {
		judge(t, lanes, msgok)
	}
	left := make(map[string]*lane) // by what bob must get
	for _, l := range lanes {
		l.Ignore()
		left[arriving(l.line(), bob.Name)] = l
	}
	for range lanes {
		line, ok := bob.Line(t.Timeout())
		if !ok {
			lost(t, bob, lanes, left)
		}
		word, _, _ := strings.Cut(line, " ")
		_, text := parted(line)
		if left[word+" "+text] == nil {
			spoiled(t, lanes, line)
		}
		delete(left, word+" "+text)
	}
}

// arriving is a message as it arrives, without its sender.
func arriving(line, to string) string {
	if text, ok := strings.CutPrefix(line, privmsg(to, "")); ok {
		return "privmsg " + text
	}
	return line
}

// lost ends the check because of a message that has not come.
func lost(t *conform.T, bob *conform.Peer, lanes []*lane, left map[string]*lane) {
	for _, l := range lanes {
		message := arriving(l.line(), bob.Name)
		if left[message] != l {
			continue
		}
		only(lanes, l)
		t.Cause("it does not put the two pieces of %s together, which was cut behind %s", conform.Quote(l.line()), conform.Quote(l.before))
		word, text, _ := strings.Cut(message, " ")
		bob.Expect(conform.Want{
			Says: conform.Quote(word + " SENDER " + text + "\n"),
			Is:   func(line string) bool { return strings.HasPrefix(line, word+" ") && strings.HasSuffix(line, " "+text) },
		})
		return
	}
}

// spoiled ends the check because of a message that nobody has sent like this.
func spoiled(t *conform.T, lanes []*lane, line string) {
	_, text := parted(line)
	for _, l := range lanes {
		switch {
		case strings.HasPrefix(text, l.Name) && strings.ContainsAny(text, "?\ufffd"):
			t.Cause("it decodes each segment by itself: the character that was cut behind %s has become rubbish", conform.Quote(l.before))
		case strings.Contains(l.line(), text):
			t.Cause("it takes a piece of %s, which was cut behind %s, for the whole", conform.Quote(l.line()), conform.Quote(l.before))
		default:
			continue
		}
		only(lanes, l)
		break
	}
	t.Fail(conform.WrongLine, "to bob, each message once and as it was sent", "bob got %s", conform.Quote(line+"\n"))
}
