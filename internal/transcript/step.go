package transcript

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

func (p *parser) step(number int, line string) error {
	who, rest, _ := strings.Cut(line, " ")
	if who == "connect" || who == "dial" {
		return p.arrive(number, line, who == "connect")
	}
	word, arg, _ := strings.Cut(rest, " ")
	op, ok := operations[word]
	if !ok {
		return fmt.Errorf("unknown step %q", line)
	}
	step := Step{Line: number, Source: line, Who: who, Action: op.action}
	if err := op.parse(&step, arg); err != nil {
		return err
	}
	if err := p.cast.allow(step, op.needs); err != nil {
		return err
	}
	p.now.Steps = append(p.now.Steps, step)
	return nil
}

var whoForm = regexp.MustCompile(`^[a-z][a-z0-9]*$`)

// arrive reads "connect" and "dial". Whoever connects to the chat asks
// something first: a server that has answered knows the connection. The sum
// service has nobody to know.
func (p *parser) arrive(number int, line string, settle bool) error {
	names := strings.Fields(line)[1:]
	if len(names) == 0 {
		return errors.New("nobody to connect")
	}
	for _, who := range names {
		if !whoForm.MatchString(who) || who == "connect" || who == "dial" {
			return fmt.Errorf("%q cannot be the name of a connection", who)
		}
		if err := p.cast.enter(who); err != nil {
			return err
		}
		step := Step{Line: number, Source: line, Who: who, Action: Dial}
		p.now.Steps = append(p.now.Steps, step)
		if settle && p.now.Service == Chat {
			step.Action = Quiet
			p.now.Steps = append(p.now.Steps, step)
		}
	}
	return nil
}

// operation is what a word after the connection's name means.
type operation struct {
	action Action
	needs  open
	parse  func(step *Step, arg string) error
}

var operations = map[string]operation{
	">":          {Send, sending, parseSend},
	">>":         {Send, sending, parseSegments},
	"<":          {Line, receiving, parseExpect},
	"<~":         {Pattern, receiving, parsePattern},
	"<raw":       {Bytes, receiving, parseRaw},
	"quiet":      {Quiet, sending | receiving, parseNothing},
	"poll":       {Poll, sending | receiving, parsePoll},
	"half-close": {HalfClose, sending, parseNothing},
	"close":      {Close, receiving, parseNothing},
	"reset":      {Reset, receiving, parseNothing},
}

func parseNothing(_ *Step, arg string) error {
	if arg != "" {
		return fmt.Errorf("nothing may follow here, but %q does", arg)
	}
	return nil
}

func parseSend(step *Step, arg string) error {
	if err := plain(arg); err != nil {
		return fmt.Errorf("%w: write it with >> in a quoted string", err)
	}
	text, err := parseText(arg)
	step.Texts = []Text{text.add("\n")}
	return err
}

func parseExpect(step *Step, arg string) error {
	if arg == "EOF" {
		step.Action = EOF
		return nil
	}
	if err := plain(arg); err != nil {
		return fmt.Errorf("%w: write it with <raw in a quoted string", err)
	}
	text, err := parseText(arg)
	step.Texts = []Text{text}
	return err
}

func parsePoll(step *Step, arg string) error {
	if err := plain(arg); err != nil {
		return err
	}
	text, err := parseText(arg)
	step.Texts = []Text{text}
	return err
}

// plain refuses what a reader of the file would overlook.
func plain(arg string) error {
	switch {
	case arg == "":
		return errors.New("an empty line")
	case strings.TrimSpace(arg) != arg:
		return errors.New("space at an end")
	}
	return nil
}

func parsePattern(step *Step, arg string) error {
	if arg == "" {
		return errors.New("no regular expression")
	}
	var err error
	step.Regexp, err = regexp.Compile(`\A(?:` + arg + `)\z`)
	return err
}

func parseSegments(step *Step, arg string) error {
	for rest := strings.TrimSpace(arg); rest != ""; rest = strings.TrimSpace(rest) {
		quoted, err := strconv.QuotedPrefix(rest)
		if err != nil || quoted[0] == '\'' {
			return fmt.Errorf("not a Go string in double or back quotes: %s", rest)
		}
		rest = rest[len(quoted):]
		bytes, _ := strconv.Unquote(quoted) // QuotedPrefix has found it well formed
		if bytes == "" {
			return errors.New("an empty segment cannot be sent")
		}
		text, err := parseText(bytes)
		if err != nil {
			return err
		}
		step.Texts = append(step.Texts, text)
	}
	if step.Texts == nil {
		return errors.New("nothing to send")
	}
	return nil
}

func parseRaw(step *Step, arg string) error {
	if err := parseSegments(step, arg); err != nil {
		return err
	}
	if len(step.Texts) > 1 {
		return errors.New("<raw takes one string: who receives cannot see segments")
	}
	return nil
}
