package zoo

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// chat is a chat server with one flaw, or with none: a thread for each
// connection, and one lock under which every command runs (P-84).
type chat struct {
	flaw string
	opts Options

	mu      sync.Mutex // guards all below, and what members say is guarded by it
	members []*member  // in the order of connecting
	given   int        // the number in the last name given
	memory  memory
}

// memory is what only flawed servers remember.
type memory struct {
	taken map[string]bool // names that were ever in use
	users string          // what the next one is told who asks for them
}

// member is one connection.
type member struct {
	conn net.Conn
	out  *outbox

	// Guarded by the server's lock.
	name       string
	authorized bool
	waiting    bool // in sync mode: messages wait in the inbox
	gone       bool
	inbox      inbox
	spam       spamFilter

	// What only flawed servers count, under the same lock.
	second    time.Time // when the counting began
	delivered int
}

// chatServer returns a chat server with a flaw; without a name it is correct.
func chatServer(flaw string) func(context.Context, net.Listener, Options) {
	return func(ctx context.Context, l net.Listener, opts Options) {
		c := &chat{flaw: flaw, opts: opts, memory: memory{taken: make(map[string]bool)}}
		accept(ctx, l, flaw == "one-client-at-a-time", func(conn net.Conn) error {
			err := c.serve(conn)
			if errors.Is(err, errDies) {
				return err
			}
			return nil // each other end is one connection's alone
		})
	}
}

// accept serves each connection in a thread of its own, or one after the other,
// until ctx ends or one returns an error, which brings the whole server down. It
// returns when all of them have ended.
func accept(ctx context.Context, l net.Listener, oneByOne bool, serve func(net.Conn) error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(ctx, func() { _ = l.Close() })()
	var sessions sync.WaitGroup
	defer sessions.Wait()
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		session := func() {
			defer conn.Close()
			defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
			if serve(conn) != nil {
				cancel()
			}
		}
		if oneByOne {
			session()
		} else {
			sessions.Go(session)
		}
	}
}

// serve is the life of one connection. It returns how it ended.
func (c *chat) serve(conn net.Conn) error {
	m := c.join(conn)
	var writer sync.WaitGroup
	writer.Go(func() { m.out.write(conn) })
	err := c.converse(m)
	switch {
	case errors.Is(err, errDies):
		m.out.fail() // nothing is tidied up
	case c.flaw != "ghost-after-reset" || errors.Is(err, io.EOF):
		c.leave(m)
	}
	m.out.finish()
	writer.Wait()
	hangUp(conn)
	return err
}

// hangUp closes in order (P-15): the other side sees the end of the stream, and
// what it still sends is read, so that no reset destroys the last line.
func hangUp(conn net.Conn) {
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
	_ = conn.SetReadDeadline(time.Now().Add(time.Second))
	_, _ = io.Copy(io.Discard, conn)
}

// join makes a connection a member (P-12, P-20).
func (c *chat) join(conn net.Conn) *member {
	c.mu.Lock()
	defer c.mu.Unlock()
	m := &member{conn: conn, out: newOutbox(), spam: spamFilter{block: c.opts.SpamBlock}}
	for m.name == "" || c.find(m.name) != nil {
		c.given++
		m.name = "Anonymous" + strconv.Itoa(c.given)
	}
	c.members = append(c.members, m)
	if c.flaw == "greets" {
		c.answer(m, "welcome, "+m.name)
	}
	c.prompt(m)
	return m
}

// leave ends a membership (P-11).
func (c *chat) leave(m *member) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.remove(m)
	if c.flaw == "announces-leaves" {
		c.say(m, "msg server "+m.name+" has left")
	}
}

func (c *chat) remove(m *member) {
	m.gone = true
	c.members = slices.DeleteFunc(c.members, func(other *member) bool { return other == m })
}

// converse answers one line after the other until the other side has none left.
func (c *chat) converse(m *member) error {
	next := linesOf(m.conn, c.flaw)
	for first := true; ; first = false {
		m.out.awaitRoom()
		line, err := next()
		answer := ""
		switch {
		case errors.Is(err, errTooLong):
			answer = c.handle(m, func() string { return "cmderr line too long" })
		case err != nil:
			return err
		case first && isOfBrowser(line):
			c.handle(m, func() string { return unsupported })
			return io.EOF
		default:
			answer = c.handle(m, func() string { return c.obey(m, line) })
		}
		if c.flaw == "closes-after-an-error" && answer == unsupported {
			return io.EOF
		}
	}
}

// isOfBrowser reports whether a first line is that of a web browser (P-17).
func isOfBrowser(line string) bool {
	line = trim(line)
	return strings.HasSuffix(line, " HTTP/1.0") || strings.HasSuffix(line, " HTTP/1.1")
}

// handle lets one command take effect, and answers it.
func (c *chat) handle(m *member, command func() string) (answer string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if m.gone {
		return silence
	}
	answer = command()
	if answer != silence {
		c.answer(m, answer)
	}
	return answer
}
