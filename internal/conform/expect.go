package conform

import (
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"time"
)

// Want is a line that a check waits for.
type Want struct {
	Says string                  // how it is described: `"loginok"`, a line that begins with …
	Is   func(line string) bool  // whether a line is the one
	Why  func(got string) string // what a program does that sent another one; may be nil, and may say nothing
}

// Exactly wants just this line.
func Exactly(line string) Want {
	return Want{Says: Quote(line + "\n"), Is: func(got string) bool { return got == line }}
}

// Matching wants a line that matches all of a regular expression; says describes
// it to people.
func Matching(re, says string) Want {
	compiled := regexp.MustCompile("^(?:" + re + ")$")
	return Want{Says: says, Is: compiled.MatchString}
}

// Because returns w with an explanation for wrong lines.
func (w Want) Because(why func(got string) string) Want {
	w.Why = why
	return w
}

// grace is how long a check goes on listening to tell one kind of failure from
// another, when it has failed already.
const grace = 300 * time.Millisecond

// Expect waits for the next line of this check's own traffic, which must be the
// one that is wanted, and returns it.
func (p *Peer) Expect(want Want) string {
	line, err := p.next(time.Now().Add(p.t.opts.Timeout))
	if err != nil {
		p.missing(want, err)
	}
	if want.Is(line) {
		return line
	}
	p.wrong(want, line)
	panic("unreachable: wrong ends the check")
}

// ExpectLine is Expect with [Exactly].
func (p *Peer) ExpectLine(line string) { p.Expect(Exactly(line)) }

// wrong ends the check because of another line than the one wanted: an extra
// one, if the right one follows.
func (p *Peer) wrong(want Want, got string) {
	kind := WrongLine
	if next, err := p.next(time.Now().Add(grace)); err == nil && want.Is(next) {
		kind = ExtraLine
	}
	if want.Why != nil {
		p.t.cause = want.Why(got)
	}
	if kind == ExtraLine {
		p.t.fail(kind, "as the next line to "+p.Who+": "+want.Says, "%s got %s first, which nobody had asked for", p.Who, Quote(got+"\n"))
	}
	p.t.fail(kind, "as the next line to "+p.Who+": "+want.Says, "%s got %s", p.Who, Quote(got+"\n"))
}

// missing ends the check because the wanted line did not come.
func (p *Peer) missing(want Want, err error) {
	expected := "as the next line to " + p.Who + ": " + want.Says
	part := p.Pending()
	p.t.whyMissing(expected, err)
	switch {
	case !errors.Is(err, os.ErrDeadlineExceeded):
		p.t.fail(Closed, expected, "%s; %s got %s before that", plainly(err), p.Who, nothingOr(part))
	case part != "":
		p.t.fail(Timeout, expected, "%s got %s, which does not end: there is no LF, and nothing more came within %v",
			p.Who, Quote(part), p.t.opts.Timeout)
	case p.answersStill():
		p.t.fail(MissingLine, expected, "it did not come within %v, but the connection answers other commands", p.t.opts.Timeout)
	}
	p.t.fail(Timeout, expected, "nothing came to %s within %v", p.Who, p.t.opts.Timeout)
}

// answersStill tells a program that has left out a line from one that hangs.
func (p *Peer) answersStill() bool {
	f := p.t.fence
	if f == nil || p.tryWrite(f.ask+"\n") != nil {
		return false
	}
	line, err := p.next(time.Now().Add(grace))
	return err == nil && f.is(line)
}

// Quiet proves by a fence, a command whose answer is known, that nothing else
// has come to p: of several commands the answers come in order (P-83). Where the
// program does not answer yet, at an early step, it listens for [Silence].
func (p *Peer) Quiet() {
	f := p.t.fence
	if f == nil {
		p.Silent(Silence)
		return
	}
	p.Send(f.ask)
	p.Expect(Want{Says: "only the answer to " + Quote(f.ask) + ", " + f.says, Is: f.is})
}

// Silent listens for so long that nothing comes to p.
func (p *Peer) Silent(d time.Duration) {
	line, err := p.next(time.Now().Add(d))
	switch {
	case err == nil:
		p.t.fail(ExtraLine, fmt.Sprintf("nothing to %s for %v", p.Who, d), "%s got %s", p.Who, Quote(line+"\n"))
	case !errors.Is(err, os.ErrDeadlineExceeded):
		p.t.fail(Closed, fmt.Sprintf("nothing to %s for %v, and the connection stays", p.Who, d), "%s", plainly(err))
	}
}

// Ended waits for the end of the stream, before which no further line may come.
func (p *Peer) Ended() {
	want := "the end of the stream to " + p.Who
	line, err := p.next(time.Now().Add(p.t.opts.Timeout))
	switch {
	case err == nil:
		p.t.fail(ExtraLine, want, "%s got %s", p.Who, Quote(line+"\n"))
	case errors.Is(err, os.ErrDeadlineExceeded):
		p.t.whyMissing(want, err)
		p.t.fail(Timeout, want, "the connection was still open after %v", p.t.opts.Timeout)
	case !errors.Is(err, io.EOF):
		p.t.fail(Closed, want, "%s", plainly(err))
	case p.Pending() != "":
		p.t.fail(WrongLine, want, "before it, %s got %s, which has no LF", p.Who, Quote(p.Pending()))
	}
}

// Gone waits until the connection is no more, in whatever way.
func (p *Peer) Gone(within time.Duration) {
	for deadline := time.Now().Add(within); ; {
		_, err := p.next(deadline)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			want := fmt.Sprintf("the connection of %s is ended within %v", p.Who, within)
			p.t.whyMissing(want, err)
			p.t.fail(Timeout, want, "it is still open")
		}
		if err != nil {
			return
		}
	}
}

// plainly says what an error of a connection means.
func plainly(err error) string {
	text := err.Error()
	switch {
	case errors.Is(err, io.EOF):
		return "the connection was closed"
	case errors.Is(err, os.ErrDeadlineExceeded):
		return "it did not read it in time"
	case strings.Contains(text, "connection reset"):
		return "the connection was reset, as when a program dies"
	case strings.Contains(text, "broken pipe"):
		return "the connection was closed"
	case strings.Contains(text, "connection refused"):
		return "the connection was refused: nobody listens there"
	}
	return text
}

func nothingOr(part string) string {
	if part == "" {
		return "nothing"
	}
	return Quote(part) + " without an LF"
}
