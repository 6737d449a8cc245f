package client_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"parley/client"
)

// TestCancelledWait gives up on an answer, which comes late and is nobody's: the
// next call gets its own.
//
// Rules: P-43, P-83
func TestCancelledWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := dialogue(t, nil,
			"> joke", "> inbox", "> users",
			"< joke late", "< inbox 1", "< msg bob late too", "< users bob",
		)
		short, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start := time.Now()
		if _, err := c.Joke(short); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("joke: got %v", err)
		}
		if waited := time.Since(start); waited != time.Minute {
			t.Errorf("it waited %v", waited)
		}
		given, giveUp := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, giveUp)
		if _, err := c.Inbox(given); !errors.Is(err, context.Canceled) {
			t.Errorf("inbox: got %v", err)
		}
		if users, err := c.Users(t.Context()); err != nil || users[0] != "bob" {
			t.Errorf("users: got %v, %v", users, err)
		}
		if late := c.Take(); late != nil {
			t.Errorf("the late inbox came as %v", late)
		}
	})
}

// TestCancelledBefore sends nothing for a call whose context has ended.
func TestCancelledBefore(t *testing.T) {
	c := dialogue(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 100 { // the turn is free: a choice at random must not send
		if err := c.Sync(ctx); !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v", err)
		}
	}
}

// TestCancelledTurn gives up while another call's line is on its way, and sends
// nothing; then the other one is cut, which ends the connection.
//
// Rules: P-2
func TestCancelledTurn(t *testing.T) {
	for range 20 { // the third call finds the turn and the end, and must not choose
		synctest.Test(t, cutTheFirstOfThree)
	}
}

func cutTheFirstOfThree(t *testing.T) {
	ours, theirs := net.Pipe()
	c := client.New(ours, nil)
	defer c.Close()
	long, cut := context.WithCancel(t.Context())
	first := make(chan error, 1)
	go func() { first <- c.Login(long, "bob") }()
	_, _ = io.ReadFull(theirs, make([]byte, 3)) // half a line
	synctest.Wait()

	short, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	expect(t, c.Sync(short), "sync not sent: context deadline exceeded", context.DeadlineExceeded)
	if c.Err() != nil {
		t.Fatalf("the connection ended: %v", c.Err())
	}

	third := make(chan error, 1)
	go func() { third <- c.Async(t.Context()) }()
	synctest.Wait()
	cut()
	expect(t, <-first, "login not sent: context canceled", context.Canceled)
	const why = "the connection was closed on this side: a login was cut off while it was sent"
	<-c.Done()
	expect(t, <-third, "async not sent: "+why, client.ErrClosed)
	expect(t, c.Err(), why, client.ErrClosed)
	if errors.Is(c.Err(), context.Canceled) {
		t.Error("others are told that their own context ended")
	}
}

// TestLateCut cancels calls at any moment of a connection in health: none of
// that may end it, or touch the line of another call.
func TestLateCut(t *testing.T) {
	addr := listen(t, func(conn net.Conn) {
		defer conn.Close()
		for lines := bufio.NewScanner(conn); lines.Scan(); {
			if line := lines.Text(); line != "sync" {
				t.Errorf("the server was sent %q", line)
			}
			_, _ = io.WriteString(conn, "modeok\n")
		}
	})
	c := dial(t, addr, nil)
	for range 1000 {
		ctx, cancel := context.WithCancel(t.Context())
		sent := make(chan error, 1)
		go func() { sent <- c.Sync(ctx) }()
		cancel()
		if err := c.Sync(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := <-sent; err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
}

// TestCutTooLate cancels a call while its line is being written, to a server that
// takes it: the line goes out, and the next one too, however much later.
func TestCutTooLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		c := hooked(t, func(write func()) {
			cancel()
			synctest.Wait() // by now the cancellation has done what it does
			write()
		}, "> sync", "< modeok", "> sync", "< modeok")
		if err := c.Sync(ctx); err != nil && !errors.Is(err, context.Canceled) { // the answer may be faster
			t.Error(err)
		}
		time.Sleep(time.Hour) //nolint:forbidigo // in the bubble's time
		if err := c.Sync(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// TestAnswerBeforeEnd returns an answer though the connection has ended since.
func TestAnswerBeforeEnd(t *testing.T) {
	for range 20 { // a choice at random must not lose it
		synctest.Test(t, func(t *testing.T) {
			c := hooked(t, func(write func()) {
				write()
				synctest.Wait() // by now everything has come
			}, "> sync", "< modeok", "close")
			if err := c.Sync(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// hooked is a dialogue whose client writes through a hook.
func hooked(t *testing.T, hook func(write func()), steps ...string) *client.Client {
	ours, theirs := net.Pipe()
	go play(t, theirs, steps)
	c := client.New(hookedConn{ours, hook}, nil)
	t.Cleanup(func() { c.Close() })
	return c
}

type hookedConn struct {
	net.Conn
	hook func(write func())
}

func (h hookedConn) Write(p []byte) (n int, err error) {
	h.hook(func() { n, err = h.Conn.Write(p) })
	return n, err
}

// TestSilentServer asks a server that reads and never answers, again and again:
// what is under way stays bounded, and every call ends in time.
func TestSilentServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		c := client.New(ours, nil)
		read := make(chan int64)
		go func() {
			n, _ := io.Copy(io.Discard, theirs)
			read <- n
		}()
		for range client.MaxUnanswered + 10 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			if err := c.Sync(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Fatal(err)
			}
			cancel()
		}
		c.Close()
		if n := <-read; n != client.MaxUnanswered*int64(len("sync\n")) {
			t.Errorf("the server was sent %d bytes", n)
		}
	})
}

// TestDeadWrite ends a connection that takes nothing and brings nothing, though
// nobody gives up.
func TestDeadWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		defer theirs.Close()
		c := client.New(unwritable{ours}, nil)
		defer c.Close()
		expect(t, c.Sync(t.Context()), "no answer to sync: the connection broke: no route", errNoRoute)
	})
}

var errNoRoute = errors.New("no route")

// unwritable is a connection on which every write fails and no read ends.
type unwritable struct{ net.Conn }

func (unwritable) Write([]byte) (int, error) { return 0, errNoRoute }
