package conform

import (
	"fmt"
	"strings"
)

// Greeting is what comes to somebody who has sent nothing.
type Greeting struct {
	Text string // all of it; empty where nothing comes

	lines  int
	prompt string // what has no LF
}

// longestGreeting is how many lines of a greeting are listened to.
const longestGreeting = 100

// Greeting listens to p until nothing comes for [Silence]. Whether the connection
// ends is another check's business.
func (p *Peer) Greeting() (g Greeting) {
	for g.lines < longestGreeting {
		line, ok := p.Line(Silence)
		if !ok {
			break
		}
		g.Text += line + "\n"
		g.lines++
	}
	if part := p.Pending(); !p.t.isForeign(part) && !strings.Contains(part, "\n") {
		g.prompt = part
	}
	g.Text += g.prompt
	return g
}

// IsLike reports whether others get as much to read, in whatever words.
func (g Greeting) IsLike(other Greeting) bool {
	return g.lines == other.lines && g.prompt == other.prompt
}

// HasLine reports whether anything came that a client would take for a line.
func (g Greeting) HasLine() bool { return g.lines > 0 }

// Habit is what is to be overlooked of a greeting that everybody gets.
func (g Greeting) Habit() Habit {
	h := Habit{First: g.lines}
	var says []string
	switch {
	case g.lines == 1:
		says = append(says, "the first line of each connection")
	case g.lines > 1:
		says = append(says, fmt.Sprintf("the first %d lines of each connection", g.lines))
	}
	if g.prompt != "" {
		says = append(says, fmt.Sprintf("the prompt %s before a line", Quote(g.prompt)))
		h.Read = func(line string) string { return strings.TrimPrefix(line, g.prompt) }
	}
	h.Says = strings.Join(says, ", and ")
	return h
}
