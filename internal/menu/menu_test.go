package menu_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/menu"
)

// TestInterrupted ends at once when its context does: at a prompt, while
// connecting and while the server owes an answer.
func TestInterrupted(t *testing.T) {
	tests := map[string]struct{ server, input, last string }{
		"at a prompt":      {"connect\n> sync\n< modeok\n", "1\n", "  9  quit\nYour choice: \nGoodbye.\n"},
		"connecting":       {"connect: silent\n", "1\n", "Your choice: 1\nGoodbye.\n"},
		"switching mode":   {"connect\n> sync\n", "1\n", "Connected to 127.0.0.1:1300.\nGoodbye.\n"},
		"before an answer": {"connect\n> sync\n< modeok\n> joke\n", "1\n8\n", "Your choice: 8\nGoodbye.\n"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &peer{t: t, connections: connections(tt.server)}
				screen := &buffer{}
				in, typed := io.Pipe()
				defer typed.Close() // ends the read that is left behind
				ctx, interrupt := context.WithTimeout(t.Context(), time.Second)
				defer interrupt()
				go func() {
					for line := range strings.Lines(tt.input) {
						synctest.Wait()
						_, _ = screen.Write([]byte(line))
						_, _ = io.WriteString(typed, line)
					}
				}()
				err := menu.Run(ctx, in, screen, menu.Options{Dial: p.dial})
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("got %v", err)
				}
				if got := screen.String(); !strings.HasSuffix(got, tt.last) {
					t.Errorf("the screen ends with %q", got[max(0, len(got)-100):])
				}
				p.playing.Wait()
			})
		})
	}
}

// TestNetwork connects for real, without success.
func TestNetwork(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	tests := map[string]string{
		l.Addr().String(): "No server listens at " + l.Addr().String() + ".\n",
		"no..such.host":   "There is no such address: no..such.host.\n",
		"127.0.0.1:x":     "There is no such address: 127.0.0.1:x.\n",
		"127.0.0.1:99999": "Could not connect to 127.0.0.1:99999: ",
	}
	for addr, want := range tests {
		screen := &buffer{}
		if err := menu.Run(t.Context(), strings.NewReader("1\n9\n"), screen, menu.Options{Address: addr}); err != nil {
			t.Error(err)
		}
		if got := screen.String(); !strings.Contains(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestLastLine takes a last line of input that has no end, and one with CR.
func TestLastLine(t *testing.T) {
	for _, input := range []string{"x\n9", "x\r\n9\r\n", "x\n", "x"} {
		screen := &buffer{}
		if err := menu.Run(t.Context(), strings.NewReader(input), screen, menu.Options{}); err != nil {
			t.Error(err)
		}
		got := screen.String()
		if !strings.Contains(got, `no action "x"`) || strings.Count(got, "no action") != 1 || !strings.HasSuffix(got, "Goodbye.\n") {
			t.Errorf("%q: got %q", input, got)
		}
	}
}

// TestCRLF takes a line end with CR for no part of the text.
func TestCRLF(t *testing.T) {
	p := &peer{t: t, connections: connections("connect\n> sync\n< modeok\n> msg hi\n< msgok 0\n")}
	in := strings.NewReader("1\r\n4\r\nhi\r\n9\r\n")
	if err := menu.Run(t.Context(), in, io.Discard, menu.Options{Dial: p.dial}); err != nil {
		t.Error(err)
	}
	p.playing.Wait()
}

// TestReset tells of a connection that the network ends.
func TestReset(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		conn, err := l.Accept()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = conn.Read(make([]byte, 100))
		_ = conn.(*net.TCPConn).SetLinger(0)
		conn.Close()
	}()
	screen := &buffer{}
	err = menu.Run(t.Context(), strings.NewReader("1\n9\n"), screen, menu.Options{Address: l.Addr().String()})
	if got := screen.String(); err != nil || !strings.Contains(got, "The server broke the connection off. You are disconnected.\n") {
		t.Errorf("got %v, %q", err, got)
	}
}

// TestNoOutput gives up when nobody can see the menu.
func TestNoOutput(t *testing.T) {
	out, w := io.Pipe()
	out.CloseWithError(errGone)
	for name, in := range map[string]io.Reader{"quits": strings.NewReader("9\n"), "goes on": endless{}, "ends": strings.NewReader("")} {
		if err := menu.Run(t.Context(), in, w, menu.Options{}); !errors.Is(err, errGone) {
			t.Errorf("the user %s: got %v", name, err)
		}
	}
}

// endless is a user who never stops.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return copy(p, "x\n"), nil }

// TestNoInput gives up when the user cannot be heard.
func TestNoInput(t *testing.T) {
	in, w := io.Pipe()
	w.CloseWithError(errGone)
	if err := menu.Run(t.Context(), in, io.Discard, menu.Options{}); !errors.Is(err, errGone) {
		t.Errorf("got %v", err)
	}
}

var errGone = errors.New("gone")
