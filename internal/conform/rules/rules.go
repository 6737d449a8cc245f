// Package rules has what can be said about a rule: its text, as docs/protocol.md
// has it, why it exists and how programs usually break it.
package rules

import (
	_ "embed"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/BurntSushi/toml"

	"parley/docs"
	"parley/internal/conform"
	"parley/proto"
)

// Rule is what can be said about a rule. Its texts are in Markdown, each without
// a line break.
type Rule struct {
	ID      proto.Rule
	Text    string
	Why     string
	Mistake string
}

// Book has the rules of one edition of the protocol's page.
type Book struct {
	rules   map[proto.Rule]Rule
	Handout bool // whether it leaves out what students are to find
}

// Rule returns a rule of the book.
func (b *Book) Rule(id proto.Rule) (Rule, bool) {
	r, ok := b.rules[id]
	return r, ok
}

// The steps of the assignment at which a student has found the commands that it
// does not document.
const (
	foundByClients = 7
	foundByServers = 19
)

// For returns the book for a program that has come to a step; 0 is a finished
// one.
func For(target conform.Target, step int) *Book {
	found := foundByServers
	if target == conform.Client {
		found = foundByClients
	}
	if step != 0 && step < found {
		return handout()
	}
	return full()
}

var (
	full    = sync.OnceValue(func() *Book { return newBook(docs.Protocol, false) })
	handout = sync.OnceValue(func() *Book { return newBook(docs.Handout, true) })
)

// row is a row of the page's tables of rules: the id, and one or two cells.
var row = regexp.MustCompile(`(?m)^\| ([PSX]-[0-9]+) \| (.*) \|$`)

//go:embed rules.toml
var reasons string

// newBook reads a page and the reasons. Both are part of the program, and tests
// read them too, so what is wrong with them is a panic.
func newBook(page string, handout bool) *Book {
	var more map[proto.Rule]struct{ Why, Mistake string }
	if _, err := toml.Decode(reasons, &more); err != nil {
		panic(fmt.Sprintf("rules.toml: %v", err))
	}
	b := &Book{rules: make(map[proto.Rule]Rule), Handout: handout}
	for _, found := range row.FindAllStringSubmatch(page, -1) {
		id := proto.Rule(found[1])
		b.rules[id] = Rule{ID: id, Text: join(found[2]), Why: more[id].Why, Mistake: more[id].Mistake}
	}
	return b
}

// earlier is one of the servers of the course that the page calls by a short name,
// and explains at its beginning.
var earlier = regexp.MustCompile(`\bR2[01]\b`)

// join makes one text of the cells of a row: what is sent, if anything, and what
// comes back. Who reads it has not read the page, so it says what R20 is.
func join(cells string) string {
	text := strings.Replace(strings.TrimPrefix(cells, "| "), " | ", " → ", 1)
	if at := earlier.FindStringIndex(text); at != nil {
		text = text[:at[0]] + "the course's old server " + text[at[0]:]
	}
	return text
}
