//go:build unix

package faults_test

import (
	"bufio"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// peer is a client, as simple as can be.
type peer struct {
	t       testing.TB
	name    string
	conn    net.Conn
	answers chan string // whole blocks; closed at the end of the stream

	mu    sync.Mutex // guards all below
	heard []string
	more  chan struct{} // closed, and made anew, with every line; and at the end
}

// connect makes a client of a node. It is a member when this returns.
func (n *node) connect() *peer {
	n.t.Helper()
	p, answer := n.tryConnect()
	if answer != "modeok" {
		n.t.Fatalf("%s: a new connection is told %q", n.name, answer)
	}
	return p
}

// tryConnect tells what a new connection is told.
func (n *node) tryConnect() (p *peer, answer string) {
	n.t.Helper()
	conn, err := n.dial(n.address)
	if err != nil {
		n.t.Fatal(err)
	}
	n.t.Cleanup(func() { conn.Close() })
	p = &peer{t: n.t, conn: conn, answers: make(chan string, 4096), more: make(chan struct{})}
	go p.read()
	return p, p.ask("async")
}

// join makes a client that has a name.
func (n *node) join(name string) *peer {
	n.t.Helper()
	p := n.connect()
	p.must("login "+name, "loginok")
	p.name = name
	return p
}

// read takes the stream apart: what others say, and answers.
func (p *peer) read() {
	defer close(p.answers)
	defer p.tell("")
	lines := bufio.NewScanner(p.conn)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		verb, rest, _ := strings.Cut(line, " ")
		switch {
		case verb == "msg", verb == "privmsg", strings.HasPrefix(verb, "@"):
			p.tell(line)
			continue
		case verb == "inbox", verb == "history":
			count, _, _ := strings.Cut(rest, " ")
			n, _ := strconv.Atoi(count)
			for range n {
				lines.Scan()
				line += "\n" + lines.Text()
			}
		}
		p.answers <- line
	}
}

func (p *peer) tell(line string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if line != "" {
		p.heard = append(p.heard, line)
	}
	close(p.more)
	p.more = make(chan struct{})
}

// send writes whole lines; that they arrive is seen by their answers.
func (p *peer) send(lines string) { fmt.Fprint(p.conn, lines) }

// What stands for an answer that does not come.
const (
	nothing = "(nothing)"
	theEnd  = "(the end)"
)

func (p *peer) answer() string {
	select {
	case answer, ok := <-p.answers:
		if !ok {
			return theEnd
		}
		return answer
	case <-time.After(patience):
		return nothing
	}
}

// ask sends a command and returns its answer.
func (p *peer) ask(command string) string {
	p.send(command + "\n")
	return p.answer()
}

func (p *peer) must(command, want string) {
	p.t.Helper()
	if got := p.ask(command); got != want {
		p.t.Errorf("%s: %s: got %q, want %q", p.name, command, got, want)
	}
}

// leaves closes in order; when it returns the name is free (P-11).
func (p *peer) leaves() {
	p.t.Helper()
	if err := p.conn.(*net.TCPConn).CloseWrite(); err != nil {
		p.t.Error(err)
	}
	if got := p.answer(); got != theEnd {
		p.t.Errorf("%s leaves and is told %q", p.name, got)
	}
}

// users is who is present, by this one's node.
func (p *peer) users() []string {
	names := strings.Fields(p.ask("users"))
	return slices.Sorted(slices.Values(names[min(1, len(names)):]))
}

// said is what it has heard so far.
func (p *peer) said() (lines []string, more <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clip(p.heard), p.more
}

// hears waits for a line with a text, and returns all lines up to now. The end of
// a line is enough: what is before it depends on stamps.
func (p *peer) hears(text string) []string {
	p.t.Helper()
	late := time.After(patience)
	for from := 0; ; {
		lines, more := p.said()
		for _, line := range lines[from:] {
			if strings.HasSuffix(line, text) {
				return lines
			}
		}
		from = len(lines)
		select {
		case <-more:
		case <-late:
			p.t.Fatalf("%s does not hear %q; the last of %d lines: %q", p.name, text, len(lines), lines[max(0, len(lines)-3):])
		}
	}
}
