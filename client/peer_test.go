package client_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"parley/client"
)

// dialogue connects a client to a server that plays these steps:
//
//	"> line"  it must be sent this line
//	"< line"  it sends this line
//	"<|text"  it sends this text, and no line end
//	"close"   it closes
//
// After the last step it must be sent nothing more.
func dialogue(t *testing.T, opts *client.Options, steps ...string) *client.Client {
	t.Helper()
	ours, theirs := net.Pipe()
	c := client.New(ours, opts)
	played := make(chan struct{})
	go func() {
		defer close(played)
		play(t, theirs, steps)
	}()
	t.Cleanup(func() {
		c.Close()
		<-played
	})
	return c
}

func play(t *testing.T, conn net.Conn, steps []string) {
	defer conn.Close()
	lines := bufio.NewReader(conn)
	for _, step := range steps {
		switch want, _ := strings.CutPrefix(step, "> "); {
		case step == "close":
			return
		case want != step:
			if got, err := lines.ReadString('\n'); got != want+"\n" {
				t.Errorf("the server was sent %q (%v), want %q", got, err, want+"\n")
				return
			}
		default:
			send(conn, step)
		}
	}
	if more, _ := lines.Peek(1); len(more) > 0 {
		t.Errorf("the server was sent something beyond its script, beginning with %q", more)
	}
}

// send plays one "<" step. A client that has gone is no failure of the script.
func send(conn net.Conn, step string) {
	if text, ok := strings.CutPrefix(step, "<|"); ok {
		_, _ = io.WriteString(conn, text)
		return
	}
	_, _ = io.WriteString(conn, strings.TrimPrefix(step, "< ")+"\n")
}

// listen starts a real listener that gives each connection to serve, and
// returns its address.
func listen(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			serve(conn)
		}
	}()
	t.Cleanup(func() {
		l.Close()
		<-served
	})
	return l.Addr().String()
}

func dial(t *testing.T, addr string, opts *client.Options) *client.Client {
	t.Helper()
	c, err := client.Dial(t.Context(), addr, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// brief is messages without their stamps.
func brief(messages []client.Message) []string {
	all := make([]string, 0, len(messages))
	for _, m := range messages {
		all = append(all, fmt.Sprintf("{%v %s %s}", m.Private, m.Sender, m.Text))
	}
	return all
}
