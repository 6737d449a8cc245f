package transcript

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"parley/proto"
)

// Parse reads the conversations of one file. An error names the file and the
// line and says what is wrong there.
func Parse(name string, data []byte) ([]Conversation, error) {
	p := parser{file: name, ids: map[string]bool{}}
	for i, line := range strings.Split(string(data), "\n") {
		if err := p.read(i+1, line); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, i+1, err)
		}
	}
	if err := p.finish(); err != nil {
		return nil, fmt.Errorf("%s:%d: %w", name, p.now.Line, err)
	}
	return p.done, nil
}

type parser struct {
	file string
	ids  map[string]bool
	done []Conversation

	now   *Conversation // nil in the comment before the first section
	heads map[string]bool
	body  bool // past the empty line after the headers
	cast  cast
}

func (p *parser) read(number int, line string) error {
	id, isHeading := heading(line)
	switch {
	case isHeading:
		if err := p.finish(); err != nil {
			return fmt.Errorf("%s, begun in line %d, %w", p.now.ID, p.now.Line, err)
		}
		return p.begin(number, id)
	case p.now == nil:
		return nil
	case !readable(line):
		return errors.New("a byte that cannot be seen: write it with >> or <raw in a quoted string")
	case strings.TrimSpace(line) == "":
		p.body = true
		return nil
	case !p.body:
		return p.header(line)
	case strings.HasPrefix(line, "#"):
		return nil
	}
	return p.step(number, line)
}

// heading recognises txtar's marker of a section. We read txtar by ourselves
// since we need line numbers.
func heading(line string) (id string, ok bool) {
	line, ok = strings.CutPrefix(strings.TrimRight(line, " "), "-- ")
	if !ok {
		return "", false
	}
	return strings.CutSuffix(line, " --")
}

func readable(line string) bool {
	return utf8.ValidString(line) && !strings.ContainsFunc(line, unicode.IsControl)
}

var idForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

func (p *parser) begin(number int, id string) error {
	switch {
	case !idForm.MatchString(id):
		return fmt.Errorf("id %q: only small letters and digits, joined by single hyphens", id)
	case p.ids[id]:
		return fmt.Errorf("id %q is in this file already", id)
	}
	p.ids[id] = true
	p.now = &Conversation{ID: id, File: p.file, Line: number, Service: Chat}
	p.heads, p.body, p.cast = map[string]bool{}, false, newCast()
	return nil
}

func (p *parser) finish() error {
	switch {
	case p.now == nil:
		return nil
	case p.now.Title == "":
		return errors.New("has no title")
	case p.now.Rules == nil:
		return errors.New("has no rules")
	case p.now.Steps == nil:
		return errors.New("has no steps")
	}
	p.done = append(p.done, *p.now)
	return nil
}

func (p *parser) header(line string) error {
	key, value, ok := strings.Cut(line, ":")
	value = strings.TrimSpace(value)
	read, known := headers[key]
	switch {
	case !ok:
		return fmt.Errorf("%q is no header; an empty line ends the headers", line)
	case !known:
		return fmt.Errorf("unknown header %q", key)
	case value == "":
		return fmt.Errorf("header %q is empty", key)
	case p.heads[key]:
		return fmt.Errorf("header %q comes twice", key)
	}
	p.heads[key] = true
	return read(p.now, value)
}

var headers = map[string]func(*Conversation, string) error{
	"title":   func(c *Conversation, value string) error { c.Title = value; return nil },
	"rules":   readRules,
	"service": readService,
	"dialect": readDialect,
	"server":  readServer,
}

func readRules(c *Conversation, value string) error {
	known := proto.Rules()
	for word := range strings.FieldsSeq(value) {
		rule := proto.Rule(word)
		if !slices.Contains(known, rule) {
			return fmt.Errorf("there is no rule %q", word)
		}
		if slices.Contains(c.Rules, rule) {
			return fmt.Errorf("rule %s comes twice", word)
		}
		c.Rules = append(c.Rules, rule)
	}
	return nil
}

func readService(c *Conversation, value string) error {
	c.Service = Service(value)
	if c.Service != Chat && c.Service != Sum {
		return fmt.Errorf("service %q: it is %q or %q", value, Chat, Sum)
	}
	return nil
}

func readDialect(c *Conversation, value string) error {
	c.Dialect = value
	if value != Parley {
		return fmt.Errorf("dialect %q: it can only be %q", value, Parley)
	}
	return nil
}

// settings are the flags of a server that a conversation may ask for.
var settings = []string{
	"idle-timeout", "inbox-bytes", "inbox-limit", "max-conns", "max-conns-per-ip",
	"max-line", "outbox-limit", "spam-block", "spam-rate", "write-timeout",
}

func readServer(c *Conversation, value string) error {
	c.Settings = map[string]string{}
	for word := range strings.FieldsSeq(value) {
		if word == "fresh" {
			c.Fresh = true
			continue
		}
		key, value, _ := strings.Cut(word, "=")
		switch {
		case !slices.Contains(settings, key):
			return fmt.Errorf("a server has no setting %q; there are: fresh %s", key, strings.Join(settings, " "))
		case value == "":
			return fmt.Errorf("setting %q has no value", key)
		}
		c.Settings[key] = value
	}
	return nil
}
