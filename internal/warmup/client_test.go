package warmup_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"

	"parley/internal/warmup"
	"parley/proto"
)

// peer starts a server that gives each connection to serve and then closes it.
func peer(t *testing.T, serve func(conn *net.TCPConn, lines *bufio.Scanner)) (addr string) {
	t.Helper()
	return listen(t, func(nc net.Conn) {
		defer nc.Close()
		serve(nc.(*net.TCPConn), bufio.NewScanner(nc))
	}, func() {})
}

// answering is a peer that answers the requests with these bytes, in order, and
// closes when it is asked once more or left.
func answering(t *testing.T, answers ...string) (addr string) {
	t.Helper()
	return peer(t, func(conn *net.TCPConn, lines *bufio.Scanner) {
		for i := 0; lines.Scan() && i < len(answers); i++ {
			io.WriteString(conn, answers[i])
		}
	})
}

func dial(t *testing.T, addr string) *warmup.Client {
	t.Helper()
	c, err := warmup.Dial(t.Context(), addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// expectError checks the words of an error, and that none of it acts upon a
// terminal.
func expectError(t *testing.T, err error, words string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), words) {
		t.Errorf("the error is %v, want one that says %q", err, words)
	}
	if err != nil && proto.Visible(err.Error()) != err.Error() {
		t.Errorf("the error %q would act upon a terminal", err)
	}
}

// Rules: S-1, S-2
func TestAsk(t *testing.T) {
	c := dial(t, serve(t, limits).addr)
	for expr, want := range map[string]string{
		"2+3":  "5",
		"0+1":  "error",
		"":     "error",
		"1+æø": "error",
		strings.Repeat("1", 9000) + "+" + strings.Repeat("2", 5000): strings.Repeat("1", 4000) + strings.Repeat("3", 5000),
	} {
		if got, err := c.Ask(t.Context(), expr); got != want || err != nil {
			t.Errorf("Ask(%.20q) is %.20q (%v), want %.20q", expr, got, err, want)
		}
	}
}

// What other servers may do and the client puts up with: a CR, and answers in
// pieces.
func TestAskOtherServers(t *testing.T) {
	c := dial(t, peer(t, func(conn *net.TCPConn, lines *bufio.Scanner) {
		lines.Scan()
		io.WriteString(conn, "4")
		io.WriteString(conn, "2\r")
		io.WriteString(conn, "\n")
		lines.Scan()
		io.WriteString(conn, "error\r\n")
	}))
	for _, want := range []string{"42", "error"} {
		if got, err := c.Ask(t.Context(), "20+22"); got != want || err != nil {
			t.Errorf("the answer is %q (%v), want %s", got, err, want)
		}
	}
}

// The server breaks the protocol: there is a clear error, and no second question
// on a connection that cannot be trusted.
func TestAskFails(t *testing.T) {
	for name, tt := range map[string]struct{ answer, want string }{
		"closes":               {"", `no answer to "2+3": the server closed the connection: EOF`},
		"closes within a line": {"5", "closed the connection in the middle of a line"},
		"nonsense":             {"Hello!\n", `the server sent "Hello!", which is neither a number nor error`},
		"empty line":           {"\n", `the server sent ""`},
		"negative":             {"-5\n", `the server sent "-5"`},
		"space":                {"5 \n", `the server sent "5 "`},
		"other digits":         {"٥\n", `the server sent "٥"`},
		"almost error":         {"Error\n", `the server sent "Error"`},
		"terminal sequences":   {"\x1b[2J\a\u202e5\n", `the server sent "\x1b[2J\a\u202e5"`},
		"no UTF-8":             {"\xff\xfe\n", `the server sent "\xff\xfe"`},
		"a long line":          {strings.Repeat("x", 5000) + "\n", strings.Repeat("x", 60) + `"..., which`},
		"an endless line":      {strings.Repeat("1", proto.MaxServerLine+1), "without an end of line"},
	} {
		t.Run(name, func(t *testing.T) {
			c := dial(t, peer(t, func(conn *net.TCPConn, lines *bufio.Scanner) {
				lines.Scan()
				io.WriteString(conn, tt.answer)
				conn.CloseWrite()
				io.Copy(io.Discard, conn) // a reset would be another story
			}))
			answer, err := c.Ask(t.Context(), "2+3")
			if expectError(t, err, tt.want); answer != "" {
				t.Errorf("there is an answer too: %q", answer)
			}
			if _, err := c.Ask(t.Context(), "2+2"); !errors.Is(err, net.ErrClosed) {
				t.Errorf("the next question: %v, want %v", err, net.ErrClosed)
			}
		})
	}
}

func TestAskAndReset(t *testing.T) {
	c := dial(t, peer(t, func(conn *net.TCPConn, lines *bufio.Scanner) {
		lines.Scan()
		conn.SetLinger(0)
	}))
	_, err := c.Ask(t.Context(), "2+3")
	expectError(t, err, "no answer to")
}

// A wait that is called off ends the connection, or the answer that comes late
// would be taken for the next one.
func TestAskCancelled(t *testing.T) {
	asked, left := make(chan struct{}), make(chan struct{})
	c := dial(t, peer(t, func(_ *net.TCPConn, lines *bufio.Scanner) {
		lines.Scan()
		close(asked)
		lines.Scan()
		close(left)
	}))
	ctx, cancel := context.WithCancelCause(t.Context())
	tired := errors.New("tired of waiting")
	go func() {
		<-asked
		cancel(tired)
	}()
	if _, err := c.Ask(ctx, "2+3"); !errors.Is(err, tired) {
		t.Errorf("Ask: %v, want %v", err, tired)
	}
	<-left
}

func TestAskCancelledBefore(t *testing.T) {
	c := dial(t, answering(t, "5\n"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if answer, err := c.Ask(ctx, "2+3"); answer != "" || !errors.Is(err, context.Canceled) {
		t.Errorf("Ask: %q, %v, want %v", answer, err, context.Canceled)
	}
}

// What is not one line is not sent, and the connection goes on.
func TestAskRefusesLocally(t *testing.T) {
	c := dial(t, serve(t, limits).addr)
	for expr, want := range map[string]string{
		"1+1\n2+2":     `"1+1\n2+2" not sent: there is a line break in it`,
		"1+1\r2+2":     "line break",
		"1+1\n":        "line break",
		"1+1\r":        "line break",
		"\x1b[2J\n1+1": "line break",
		strings.Repeat("1", proto.MaxLine-1) + "+1": "it has 16385 bytes, 16384 are allowed",
	} {
		_, err := c.Ask(t.Context(), expr)
		expectError(t, err, want)
		if _, ok := errors.AsType[*warmup.InputError](err); !ok {
			t.Errorf("Ask(%.20q): %T, want an InputError", expr, err)
		}
	}
	if got, err := c.Ask(t.Context(), "2+3"); got != "5" || err != nil {
		t.Errorf("the next question: %q (%v), want 5", got, err)
	}
}

// Rules: S-3
func TestClientGameOver(t *testing.T) {
	s := serve(t, limits)
	c := dial(t, s.addr)
	if err := c.GameOver(t.Context()); err != nil {
		t.Error(err)
	}
	c.Close()
	if _, err := c.Ask(t.Context(), "2+2"); !errors.Is(err, net.ErrClosed) {
		t.Errorf("a question after it: %v, want %v", err, net.ErrClosed)
	}
	expectReason(t, s.reasons, "game_over")
}

func TestClientGameOverFails(t *testing.T) {
	for answer, want := range map[string]string{
		"bye\x1b[2J\n": `the server answered game over with "bye\x1b[2J", and must close`,
		"error\n":      `with "error"`,
		"bye":          "the server did not close after game over: the server closed the connection in the middle of a line",
	} {
		c := dial(t, peer(t, func(conn *net.TCPConn, lines *bufio.Scanner) {
			lines.Scan()
			io.WriteString(conn, answer)
		}))
		expectError(t, c.GameOver(t.Context()), want)
		if _, err := c.Ask(t.Context(), "2+2"); !errors.Is(err, net.ErrClosed) {
			t.Errorf("a question after it: %v, want %v", err, net.ErrClosed)
		}
	}
}

func TestDialFails(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ln.Close()
	_, err = warmup.Dial(t.Context(), ln.Addr().String())
	expectError(t, err, "no connection to "+ln.Addr().String()+": ")
	if strings.Count(err.Error(), "127.0.0.1") > 1 {
		t.Errorf("%v: says the address twice", err)
	}
}

func TestDialAddsThePort(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // the error shows the address
	for addr, want := range map[string]string{
		"example.org":      "example.org:1301",
		"example.org:":     "example.org:1301",
		"example.org:7":    "example.org:7",
		"192.0.2.1":        "192.0.2.1:1301",
		"2001:db8::1":      "[2001:db8::1]:1301",
		"[2001:db8::1]":    "[2001:db8::1]:1301",
		"[2001:db8::1]:80": "[2001:db8::1]:80",
	} {
		_, err := warmup.Dial(ctx, addr)
		expectError(t, err, "no connection to "+want+": context canceled")
	}
}

// Whatever a server sends, what comes of it can be shown.
func FuzzAsk(f *testing.F) {
	for _, sent := range []string{"5\n", "error\n", "", "5", "\n", "-5\n", "Hello!\r\n", "\x1b[2J\n", "\xff\n"} {
		f.Add([]byte(sent))
	}
	f.Fuzz(func(t *testing.T, sent []byte) {
		_, unused := net.Pipe()
		c := warmup.NewClient(scripted{unused, strings.NewReader(string(sent)), io.Discard})
		switch answer, err := c.Ask(t.Context(), "2+3"); {
		case err != nil:
			expectError(t, err, `no answer to "2+3": the server `)
		case answer != "error" && strings.Trim(answer, "0123456789") != "" || answer == "":
			t.Errorf("the server sent %q, and the answer is %q", sent, answer)
		case !strings.HasPrefix(string(sent), answer):
			t.Errorf("the server sent %q, and the answer is %q", sent, answer)
		}
	})
}
