package web_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"parley/internal/web"
)

// pipes is a listener without a network, whose connections a bubble can wait
// for.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	conn, ok := <-p
	if !ok {
		return nil, net.ErrClosed
	}
	return conn, nil
}

func (p pipes) Close() error   { return nil }
func (p pipes) Addr() net.Addr { return &net.TCPAddr{} }

// meet connects over a pipe to a server whose sessions are run by session, and
// returns a function that waits, once the session has begun, until nothing of
// it is left.
func meet(t *testing.T, session func(net.Conn) web.Ending, opts websocket.DialOptions) (c *websocket.Conn, wait func()) {
	t.Helper()
	var sessions sync.WaitGroup
	ln := make(pipes)
	s := http.Server{Handler: web.New(web.Options{
		Serve: session,
		Go:    func(f func()) bool { sessions.Go(f); return true },
	})}
	served := make(chan error, 1)
	go func() { served <- s.Serve(ln) }()
	opts.HTTPClient = &http.Client{Transport: &http.Transport{
		DialContext: func(context.Context, string, string) (net.Conn, error) {
			near, far := net.Pipe()
			ln <- far
			return near, nil
		},
	}}
	c, _, err := websocket.Dial(t.Context(), "ws://parley.example/ws", &opts) //nolint:bodyclose // it has none
	if err != nil {
		t.Fatal(err)
	}
	return c, func() {
		sessions.Wait()
		c.CloseNow()
		close(ln)
		s.Close()
		<-served
	}
}

// silent is a session that says nothing, and tells how long it has lasted.
func silent(lasted chan<- time.Duration) func(net.Conn) web.Ending {
	return func(nc net.Conn) web.Ending {
		start := time.Now()
		_, _ = io.Copy(io.Discard, nc)
		lasted <- time.Since(start)
		_ = nc.Close()
		return web.Done
	}
}

// A browser is pinged every 20 s, and lives as long as it answers.
//
// Rules: P-70
func TestPing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lasted := make(chan time.Duration, 1)
		pings := 0 // only the reader below counts
		c, wait := meet(t, silent(lasted), websocket.DialOptions{
			OnPingReceived: func(context.Context, []byte) bool { pings++; return true },
		})
		const hours = 3
		ctx, cancel := context.WithTimeout(t.Context(), hours*time.Hour+time.Second)
		defer cancel()
		if _, _, err := c.Read(ctx); !errors.Is(err, context.DeadlineExceeded) { // which closes it
			t.Errorf("before %d hours were over: %v", hours, err)
		}
		if got, want := <-lasted, hours*time.Hour+time.Second; got != want {
			t.Errorf("the session lasted %v, want %v", got, want)
		}
		wait()
		if want := hours * 180; pings != want {
			t.Errorf("%d pings, want %d", pings, want)
		}
	})
}

// A browser that does not answer a ping within 10 s has gone.
func TestNoPong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lasted := make(chan time.Duration, 1)
		c, wait := meet(t, silent(lasted), websocket.DialOptions{
			OnPingReceived: func(context.Context, []byte) bool { return false },
		})
		if _, _, err := c.Read(t.Context()); err == nil {
			t.Error("the server said something")
		}
		if got, want := <-lasted, 30*time.Second; got != want {
			t.Errorf("the session lasted %v, want %v", got, want)
		}
		wait()
	})
}

// Who reads nothing at all cannot be told so, and is not waited for: whatever
// the session has ended for, all is gone soon after.
//
// Rules: P-71, P-91
func TestStuckReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan time.Time, 1)
		_, wait := meet(t, func(nc net.Conn) web.Ending {
			_ = nc.SetWriteDeadline(time.Now().Add(time.Second))
			if _, err := io.WriteString(nc, strings.Repeat("line\n", 5000)); err == nil {
				t.Error("somebody took it all")
			}
			_ = nc.Close()
			ended <- time.Now()
			return web.NotServed
		}, websocket.DialOptions{})
		since := <-ended
		wait()
		if took := time.Since(since); took > 3*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}
