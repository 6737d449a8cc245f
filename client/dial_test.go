package client_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"

	"parley/client"
)

func TestDialFails(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	if _, err := client.Dial(t.Context(), l.Addr().String(), nil); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("got %v, want a refused connection", err)
	}
	var dns *net.DNSError
	if _, err := client.Dial(t.Context(), "no..such.host", nil); !errors.As(err, &dns) {
		t.Errorf("got %v, want a name that is not found", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := client.Dial(ctx, l.Addr().String(), nil); err == nil {
		t.Error("a cancelled context connects")
	}
}

// TestLastWords gives up on a connection whose server wrote its last line and
// closed, its socket included, so that the write of a command fails: the line
// still counts.
//
// Rules: P-15, P-72
func TestLastWords(t *testing.T) {
	for range 50 { // the write and the end race: both orders must do
		addr := listen(t, func(conn net.Conn) {
			_, _ = io.WriteString(conn, "cmderr server full\n")
			conn.Close()
		})
		c := dial(t, addr, nil)
		if err := c.Sync(t.Context()); !errors.Is(err, client.ErrServerFull) {
			t.Fatalf("got %v, want %v", err, client.ErrServerFull)
		}
		<-c.Done()
	}
}

// TestReset ends every call when the network ends the connection.
func TestReset(t *testing.T) {
	addr := listen(t, func(conn net.Conn) {
		_, _ = bufio.NewReader(conn).ReadString('\n')
		_ = conn.(*net.TCPConn).SetLinger(0)
		conn.Close()
	})
	c := dial(t, addr, nil)
	if err := c.Sync(t.Context()); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("got %v, want a reset", err)
	}
	if err := c.Err(); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the end is %v, want a reset", err)
	}
}

// TestHalfClose reads what a server sends before its end, which comes while
// this side is still open.
//
// Rules: P-10, P-15
func TestHalfClose(t *testing.T) {
	addr := listen(t, func(conn net.Conn) {
		_, _ = bufio.NewReader(conn).ReadString('\n')
		_, _ = io.WriteString(conn, "msg bob bye\nmodeok\n")
		_ = conn.(*net.TCPConn).CloseWrite()
		_, _ = io.Copy(io.Discard, conn)
		conn.Close()
	})
	c := dial(t, addr, nil)
	if err := c.Sync(t.Context()); err != nil {
		t.Error(err)
	}
	<-c.Done()
	if err := c.Err(); !errors.Is(err, io.EOF) {
		t.Errorf("the end is %v, want EOF", err)
	}
	if m, err := c.Next(t.Context()); err != nil || m.Text != "bye" {
		t.Errorf("got %v, %v", m, err)
	}
	if _, err := c.Next(t.Context()); !errors.Is(err, io.EOF) {
		t.Errorf("got %v, want EOF", err)
	}
}

// TestClose ends the connection once, whoever asks and however often.
//
// Rules: P-11
func TestClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := dialogue(t, nil, "> users")
		waiting := make(chan error, 1)
		go func() {
			_, err := c.Users(t.Context())
			waiting <- err
		}()
		synctest.Wait()
		var closers sync.WaitGroup
		for range 10 {
			closers.Go(func() {
				if c.Close(); c.Err() == nil {
					t.Error("Close returns before the end")
				}
			})
		}
		closers.Wait()
		<-c.Done()
		if err := <-waiting; !errors.Is(err, client.ErrClosed) {
			t.Errorf("the waiting call got %v", err)
		}
		if err := c.Sync(t.Context()); !errors.Is(err, client.ErrClosed) {
			t.Errorf("a later call got %v", err)
		}
		if err := c.Err(); !errors.Is(err, client.ErrClosed) {
			t.Errorf("the end is %v", err)
		}
	})
}
