package warmup_test

import (
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/warmup"
	"parley/internal/wire"
)

// service is the sum service on a real listener.
type service struct {
	addr      string
	reasons   chan string   // of sessions that have ended
	finishing chan struct{} // a value for each session that is about to close
}

func serve(t *testing.T, opts wire.Options) *service {
	t.Helper()
	s := &service{reasons: make(chan string, 1000), finishing: make(chan struct{}, 1000)}
	var sessions sync.WaitGroup
	s.addr = listen(t, func(nc net.Conn) {
		session := warmup.NewSession(&conn{wire.New(nc, opts), s.finishing})
		t.Cleanup(session.Kill) // runs before the listener's, which waits
		sessions.Go(func() { s.reasons <- session.Run() })
	}, sessions.Wait)
	return s
}

// conn tells when its session is about to close it.
type conn struct {
	*wire.Conn
	finishing chan<- struct{}
}

func (c *conn) Finish() {
	c.finishing <- struct{}{}
	c.Conn.Finish()
}

// listen gives each connection to accept, one after the other. At the end of the
// test it stops listening and then calls wait.
func listen(t *testing.T, accept func(net.Conn), wait func()) (addr string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var accepting sync.WaitGroup
	t.Cleanup(func() {
		ln.Close()
		accepting.Wait()
		wait()
	})
	accepting.Go(func() {
		for {
			nc, err := ln.Accept()
			if err != nil {
				return
			}
			accept(nc)
		}
	})
	return ln.Addr().String()
}

func connect(t *testing.T, addr string) *net.TCPConn {
	t.Helper()
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close() })
	return nc.(*net.TCPConn)
}

// After a half-close the remaining answers come, then the end.
//
// Rules: S-4
func TestHalfClose(t *testing.T) {
	s := serve(t, limits)
	nc := connect(t, s.addr)
	requests := strings.Repeat("20+22\n", 10_000)
	send(nc, requests[:len(requests)/2])
	expect(t, nc, strings.Repeat("42\n", 5_000))
	fmt.Fprint(nc, requests[len(requests)/2:], "2+")
	nc.CloseWrite()
	expectEnd(t, nc, strings.Repeat("42\n", 5_000))
	expectReason(t, s.reasons, "left")
}

// What still comes after game over is read and dropped, or it would make a reset
// of the close, and that would destroy the last answer.
//
// Rules: S-3, S-4
func TestGameOverWithMoreOnItsWay(t *testing.T) {
	s := serve(t, limits)
	nc := connect(t, s.addr)
	fmt.Fprint(nc, "1+1\ngame over\n")
	<-s.finishing
	if _, err := io.WriteString(nc, strings.Repeat("2+2\n", 500_000)); err != nil {
		t.Fatal(err)
	}
	expectEnd(t, nc, "2\n")
	nc.Close()
	expectReason(t, s.reasons, "game_over")
}

func TestReset(t *testing.T) {
	s := serve(t, limits)
	nc := connect(t, s.addr)
	fmt.Fprint(nc, "1+1\n2+")
	expect(t, nc, "2\n")
	nc.SetLinger(0)
	nc.Close()
	expectReason(t, s.reasons, "connection_lost")
}

// A silent client is cut, and the end of the stream is all it sees.
//
// Rules: S-4
func TestIdleOnTCP(t *testing.T) {
	opts := limits
	opts.IdleTimeout = 5 * time.Millisecond
	s := serve(t, opts)
	nc := connect(t, s.addr)
	expectEnd(t, nc, "")
	nc.Close()
	expectReason(t, s.reasons, "idle")
}

// A client that never reads is not read from either, so the answers that wait do
// not grow; and it is cut.
//
// Rules: S-4
func TestNoReaderOnTCP(t *testing.T) {
	opts := limits
	opts.WriteTimeout = 20 * time.Millisecond
	s := serve(t, opts)
	nc := connect(t, s.addr)
	nc.SetReadBuffer(4096)
	flood(nc, s.finishing)
	nc.Close()
	expectReason(t, s.reasons, "slow_reader")
}

// flood sends empty lines, whose answers are six times as long, until it is told
// to stop or nobody takes them any more.
func flood(nc net.Conn, stop <-chan struct{}) {
	lines := []byte(strings.Repeat("\n", 64<<10))
	for {
		select {
		case <-stop:
			return
		default:
		}
		if _, err := nc.Write(lines); err != nil {
			return
		}
	}
}

// Each client gets the answers to its own requests, and one that never reads is
// in nobody's way.
//
// Rules: S-4
func TestManyClientsAtOnce(t *testing.T) {
	const clients, requests = 50, 100
	s := serve(t, limits)
	silent := connect(t, s.addr)
	silent.SetReadBuffer(4096)
	stop := make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() { flood(silent, stop) })

	var asking sync.WaitGroup
	for n := range clients {
		asking.Go(func() { askForSums(t, s.addr, 1+n, requests) })
	}
	asking.Wait()
	close(stop)
	silent.Close()
	all.Wait()
}

// askForSums asks for n+1, n+2, … and says goodbye.
func askForSums(t *testing.T, addr string, n, requests int) {
	ctx := t.Context()
	c, err := warmup.Dial(ctx, addr)
	if err != nil {
		t.Error(err)
		return
	}
	defer c.Close()
	for i := range requests {
		want := fmt.Sprint(n + 1 + i)
		if got, err := c.Ask(ctx, fmt.Sprintf("%d+%d", n, 1+i)); err != nil || got != want {
			t.Errorf("%d+%d: %q (%v), want %s", n, 1+i, got, err, want)
			return
		}
	}
	if err := c.GameOver(ctx); err != nil {
		t.Error(err)
	}
}
