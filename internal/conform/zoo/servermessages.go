package zoo

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// msg says something to everybody else (P-50).
func (c *chat) msg(m *member, text string) string {
	if c.flaw == "login-before-speaking" && !m.authorized {
		return "msgerr unauthorized"
	}
	if refused, answer := c.isSpam(m); refused {
		return answer
	}
	reached := c.say(m, "msg "+m.name+" "+c.clean(text))
	switch c.flaw {
	case "counts-the-sender":
		reached++
	case "counts-the-authorized":
		reached = 0
		for _, other := range c.members {
			if other != m && other.authorized {
				reached++
			}
		}
	}
	return fmt.Sprintf("msgok %d", reached)
}

// privmsg says something to one (P-51), after the questions of P-52.
func (c *chat) privmsg(m *member, arg string) string {
	name, text, _ := strings.Cut(arg, " ")
	switch {
	case !m.authorized && c.flaw != "anyone-sends-private":
		return "msgerr unauthorized"
	case text == "" && c.flaw == "silent-without-text":
		return silence
	case name == "" || text == "":
		return c.unsupported()
	}
	if refused, answer := c.isSpam(m); refused {
		return answer
	}
	to := c.recipient(name)
	sender := m.name
	switch {
	case to == nil && c.flaw == "sends-to-nobody":
		return "msgok 1"
	case to == nil:
		return "msgerr incorrect recipient"
	case c.flaw == "private-to-everybody":
		c.say(m, "privmsg "+sender+" "+c.clean(text))
		return "msgok 1"
	case c.flaw == "private-from-the-recipient":
		sender = to.name
	}
	c.deliver(to, "privmsg "+sender+" "+c.clean(text))
	return "msgok 1"
}

// clean makes a text fit for other people's terminals (P-9).
func (c *chat) clean(text string) string {
	switch c.flaw {
	case "first-word-only":
		text, _, _ = strings.Cut(text, " ")
	case "forwards-control-bytes":
		return text
	case "speaks-ascii":
		return strings.Map(func(r rune) rune {
			if r > '~' {
				return '?'
			}
			return r
		}, text)
	}
	var clean strings.Builder
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		if r < ' ' && r != '\t' || 0x7f <= r && r < 0xa0 {
			r = '?'
		}
		clean.WriteRune(r) // a byte that is no UTF-8 was decoded as U+FFFD
		text = text[size:]
	}
	return clean.String()
}

// say delivers a line to everybody but one, and returns how many that were.
func (c *chat) say(from *member, line string) (reached int) {
	for _, m := range slices.Clone(c.members) {
		switch {
		case m == from && c.flaw == "echoes":
			c.deliver(m, line)
		case m != from && c.deliver(m, line):
			reached++
		}
	}
	return reached
}

// deliver hands a line to one member: at once, or into its inbox. One for whom
// too much waits is a member no more, and it is not delivered (P-71).
func (c *chat) deliver(m *member, line string) bool {
	if m.waiting {
		m.inbox.add(line)
		return true
	}
	line += c.lineEnd()
	switch c.flaw {
	case "waits-for-the-slow":
		_ = m.conn.SetWriteDeadline(time.Time{})
		_, err := io.WriteString(m.conn, line)
		return err == nil
	case "tears-lines":
		if m.deliveredNow(time.Now()) > few {
			c.tear(m, line)
			return true
		}
	case "a-thread-for-each-message":
		if n := m.deliveredNow(time.Now()); n > few && n%2 == 1 {
			time.AfterFunc(20*time.Millisecond, func() { m.out.add(line, true) })
			return true
		}
	case "loses-what-is-too-much":
		if m.deliveredNow(time.Now()) > many {
			return true
		}
	}
	if !m.out.add(line, true) {
		c.remove(m)
		m.out.fail()
		_ = m.conn.Close()
		return false
	}
	return true
}

// Where a flaw shows under load only: how many messages within a second go well,
// as they do while a programmer tries it out.
const (
	few  = 20
	many = 100
)

// tear writes a line in two pieces, and anybody may write in between.
func (c *chat) tear(m *member, line string) {
	c.mu.Unlock()
	defer c.mu.Lock()
	_, _ = io.WriteString(m.conn, line[:len(line)/2])
	pause(2 * time.Millisecond)
	_, _ = io.WriteString(m.conn, line[len(line)/2:])
}

// deliveredNow counts what is delivered to a member within a second.
func (m *member) deliveredNow(now time.Time) int {
	if now.Sub(m.second) >= time.Second {
		m.second, m.delivered = now, 0
	}
	m.delivered++
	return m.delivered
}

// answer sends a line, or a block of lines, to the one who asked.
func (c *chat) answer(m *member, answer string) {
	m.out.add(answer+c.lineEnd(), false)
	c.prompt(m)
}

func (c *chat) prompt(m *member) {
	if c.flaw == "prompts" {
		m.out.add(prompt, false)
	}
}

// lineEnd is what the server writes after each line (P-2).
func (c *chat) lineEnd() string {
	switch c.flaw {
	case "forgets-the-newline":
		return ""
	case "writes-two-newlines":
		return "\n\n"
	case "writes-crlf":
		return "\r\n"
	case "writes-a-space":
		return " \n"
	}
	return "\n"
}

// The bounds of an inbox (P-54).
const (
	maxInboxLines = 1000
	maxInboxBytes = 1 << 20
)

// inbox holds the newest messages of one in sync mode.
type inbox struct {
	lines []string
	bytes int
}

func (b *inbox) add(line string) {
	b.lines = append(b.lines, line)
	b.bytes += len(line) + 1
	for len(b.lines) > maxInboxLines || b.bytes > maxInboxBytes {
		b.bytes -= len(b.lines[0]) + 1
		b.lines = b.lines[1:]
	}
}

// spamRate is how many messages one may send within a second (P-60).
const spamRate = 10

// spamFilter is that of one connection.
type spamFilter struct {
	block time.Duration
	until time.Time   // blocked until then
	times []time.Time // of the last messages, at most spamRate
}

// left takes a message into account. It returns for how long messages are
// refused, this one too, and whether that begins with it.
func (f *spamFilter) left(now time.Time) (left time.Duration, begins bool) {
	if now.Before(f.until) {
		return f.until.Sub(now), false
	}
	if len(f.times) == spamRate && now.Sub(f.times[0]) < time.Second {
		f.until, f.times = now.Add(f.block), nil
		return f.block, true
	}
	if len(f.times) == spamRate {
		f.times = f.times[1:]
	}
	f.times = append(f.times, now)
	return 0, false
}

// isSpam reports whether a message of m is refused, and with which answer (P-61).
func (c *chat) isSpam(m *member) (refused bool, answer string) {
	left, begins := m.spam.left(time.Now())
	switch {
	case left == 0 || c.flaw == "no-spam-filter":
		return false, ""
	case c.flaw == "blocks-for-ever":
		m.spam.until, left = time.Now().Add(time.Hour), m.spam.block
	case c.flaw == "prolongs-the-block":
		m.spam.until = time.Now().Add(m.spam.block)
	case c.flaw == "silent-while-blocked" && !begins:
		return true, silence
	}
	seconds := (left + time.Second - 1) / time.Second
	return true, fmt.Sprintf("msgerr spam, blocked for %d s", seconds)
}
