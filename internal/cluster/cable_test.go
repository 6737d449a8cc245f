package cluster_test

import (
	"io"
	"net"
	"strconv"
	"sync"
	"testing"

	natsserver "github.com/nats-io/nats-server/v2/server"
)

func portOf(s *natsserver.Server) int { return s.Addr().(*net.TCPAddr).Port }

// cable is what a node's connections to NATS run through; it can be cut.
type cable struct {
	listener net.Listener
	to       string
	running  sync.WaitGroup

	mu    sync.Mutex // guards all below
	whole bool
	ends  map[net.Conn]struct{}
}

func newCable(t testing.TB, nats *natsserver.Server) *cable {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cable{
		listener: ln, whole: true, ends: make(map[net.Conn]struct{}),
		to: net.JoinHostPort("127.0.0.1", strconv.Itoa(portOf(nats))),
	}
	c.running.Go(c.accept)
	t.Cleanup(func() {
		_ = ln.Close()
		c.cut()
		c.running.Wait()
	})
	return c
}

func (c *cable) url() string { return "nats://" + c.listener.Addr().String() }

func (c *cable) accept() {
	for {
		near, err := c.listener.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("tcp", c.to)
		if err != nil || !c.hold(near, far) {
			_ = near.Close()
			continue
		}
		for _, pair := range [][2]net.Conn{{near, far}, {far, near}} {
			c.running.Go(func() {
				_, _ = io.Copy(pair[0], pair[1])
				_ = near.Close()
				_ = far.Close()
			})
		}
	}
}

// hold notes the ends of a connection, unless the cable is cut.
func (c *cable) hold(ends ...net.Conn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, end := range ends {
		if !c.whole {
			_ = end.Close()
			continue
		}
		c.ends[end] = struct{}{}
	}
	return c.whole
}

func (c *cable) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.whole = false
	for end := range c.ends {
		_ = end.Close()
	}
	clear(c.ends)
}

func (c *cable) heal() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.whole = true
}
