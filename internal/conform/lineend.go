package conform

import "strings"

// LineEnd waits for a line and looks at how it ends. It returns the line, and the
// next if one follows at once. Whether any comes, and what it says, is the business
// of others: so there may be none.
func (p *Peer) LineEnd() (lines []string) {
	const expected = "a line that ends with one LF, without a CR"
	line, ok := p.Line(p.t.opts.Timeout)
	if !ok && p.Pending() == "" {
		return nil
	}
	if !ok {
		p.t.Cause("it writes lines without a newline; a client that reads lines waits for ever")
		p.t.fail(Timeout, expected, "%s got %s, which does not end", p.Who, Quote(p.Pending()))
	}
	lines = append(lines, line)
	if next, more := p.Line(Silence); more {
		lines = append(lines, next)
	}
	isEmpty := func(line string) bool { return strings.TrimSuffix(line, "\r") == "" }
	blank := isEmpty(line) || isEmpty(lines[len(lines)-1])
	if strings.HasSuffix(line, "\r") {
		p.t.Cause("it ends its lines with CR LF, as println does on Windows")
		habit := EndingIn("\r", "the CR at the end of each line")
		if blank {
			habit.Says, habit.Drop = habit.Says+", and empty lines", isEmpty
		}
		p.t.Overlook(habit)
		p.t.fail(WrongLine, expected, "%s got %s", p.Who, Quote(line+"\n"))
	}
	if blank {
		p.t.Cause("it writes two newlines: one of them makes an empty line, which a client takes for an answer")
		p.t.Overlook(Habit{Says: "empty lines", Drop: isEmpty})
		p.t.fail(ExtraLine, expected, "%s got %s, and a newline more", p.Who, Quote(strings.Join(lines, "")+"\n"))
	}
	return lines
}

// EndingIn is the habit of a program that puts something before each LF.
func EndingIn(end, says string) Habit {
	return Habit{Says: says, Read: func(line string) string { return strings.TrimSuffix(line, end) }}
}
