package e2e

import (
	"bytes"
	"net"
	"slices"
	"sync"
	"testing"
)

// network is what lies between a browser and a server. It can lose connections
// without a word to anybody, as a machine that sleeps does.
type network struct {
	ln     net.Listener
	server string

	mu     sync.Mutex // guards what follows
	flow   *sync.Cond // stuck has changed
	stuck  bool       // new WebSockets get nowhere
	lines  []*between
	closed bool
}

// between is one connection: its two ends, and whether anything passes.
type between struct {
	browser, server net.Conn
	lost            bool
}

// connect lays a network before the page of s, which s is then asked through.
func (s *server) connect() *network {
	s.t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	n := &network{ln: ln, server: s.pages}
	n.flow = sync.NewCond(&n.mu)
	var running sync.WaitGroup
	running.Go(func() { n.accept(&running) })
	s.pages = ln.Addr().String()
	s.t.Cleanup(func() {
		ln.Close()
		n.mu.Lock()
		n.closed = true
		for _, l := range n.lines {
			l.browser.Close()
			l.server.Close()
		}
		n.flow.Broadcast()
		n.mu.Unlock()
		running.Wait()
	})
	return n
}

func (n *network) accept(running *sync.WaitGroup) {
	for {
		browser, err := n.ln.Accept()
		if err != nil {
			return
		}
		running.Go(func() {
			server, err := net.Dial("tcp", n.server)
			if err != nil {
				browser.Close()
				return
			}
			l := &between{browser: browser, server: server}
			n.mu.Lock()
			n.lines = append(n.lines, l)
			n.mu.Unlock()
			running.Go(func() { n.pass(l, server, browser) })
			n.pass(l, browser, server)
		})
	}
}

// wait waits until WebSockets get through.
func (n *network) wait() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for n.stuck && !n.closed {
		n.flow.Wait()
	}
}

// pass hands bytes on, until one end has closed or the connection is lost.
func (n *network) pass(l *between, to, from net.Conn) {
	buf := make([]byte, 16<<10)
	for {
		k, err := from.Read(buf)
		n.mu.Lock()
		lost := l.lost
		n.mu.Unlock()
		switch {
		case lost && err == nil:
			continue
		case lost:
			return
		case err != nil:
			to.Close()
			return
		}
		if bytes.HasPrefix(buf[:k], []byte("GET /ws ")) {
			n.wait()
		}
		if _, err := to.Write(buf[:k]); err != nil {
			from.Close()
			return
		}
	}
}

// sleep loses all connections that there are; nobody is told.
func (n *network) sleep() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, l := range n.lines {
		l.lost = true
	}
}

// cut ends all connections, and both ends see it.
func (n *network) cut() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, l := range n.lines {
		l.browser.Close()
		l.server.Close()
	}
}

// block lets no new WebSocket get anywhere, or lets those that wait go on.
func (n *network) block(stuck bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.stuck = stuck
	n.flow.Broadcast()
}

// notice lets the server see the ends of what is lost, as its pings would.
func (n *network) notice() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, l := range n.lines {
		if l.lost {
			l.server.Close()
		}
	}
}

// A machine sleeps: its connections are gone, and neither the page nor the
// server has been told. The page finds out, misses nothing, doubles nothing, and
// takes its name back when the server has noticed too.
//
// Rules: X-8
func TestSleep(t *testing.T) {
	s := serve(t, "--spam-rate", "0")
	direct := s.dial()
	n := s.connect()
	tb := s.open(1280, 800)
	tb.logIn("alice")
	say := func(from, to int) {
		for _, line := range count("msg line", to)[from:] {
			direct.say(line)
			direct.hear("msgok")
		}
	}
	say(0, 10)
	tb.waitText("line 9")
	n.sleep()
	say(10, 20)
	tb.waitState("claiming") // it has noticed, and alice is still there
	tb.waitText("line 19")
	say(20, 30)
	n.notice()
	tb.waitState("in")
	tb.waitText("line 29")
	if got, want := tb.numbered("line"), count("line", 30); !slices.Equal(got, want) {
		t.Errorf("the log has %q", got)
	}
}
