package conform

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
)

// Read lets what comes to a peer of [T.DialUnread] be read from now on.
func (p *Peer) Read() { p.startReading() }

// Line waits for the next line of this check's own traffic, whatever it says. ok
// is false if none came in time or the stream ended: for what a program may do
// and need not.
func (p *Peer) Line(within time.Duration) (line string, ok bool) {
	line, err := p.next(time.Now().Add(within))
	return line, err == nil
}

// TrySend sends bytes as they are and reports whether that went well: for what a
// program may well hang up on.
func (p *Peer) TrySend(data string) bool { return p.tryWrite(data) == nil }

// Block waits for the answer that says how many lines follow, `inbox N`, and for
// those N. They stand together, so messages of others among them count too; it
// returns all of them.
func (p *Peer) Block(word string) []string {
	head := p.Expect(Matching(word+` (0|[1-9]\d{0,5})`, Quote(word+" N\n")+", N being the number of lines that follow"))
	count := 0
	_, _ = fmt.Sscan(strings.TrimPrefix(head, word+" "), &count) // digits: it has matched
	var lines []string
	for len(lines) < count {
		line, err := p.nextBut(time.Now().Add(p.t.opts.Timeout), func(string) bool { return false })
		expected := fmt.Sprintf("%d messages right after %s", count, Quote(head+"\n"))
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			p.t.fail(MissingLine, expected, "%s got %d of them; no more came within %v", p.Who, len(lines), p.t.opts.Timeout)
		case err != nil:
			p.t.fail(Closed, expected, "%s; %s got %d of them", plainly(err), p.Who, len(lines))
		case !strings.HasPrefix(line, "msg ") && !strings.HasPrefix(line, "privmsg "):
			p.t.fail(WrongLine, expected, "after %d of them, %s got %s", len(lines), p.Who, Quote(line+"\n"))
		}
		lines = append(lines, line)
	}
	return lines
}
