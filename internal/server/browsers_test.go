package server_test

import (
	"context"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"parley/internal/server"
)

// browse connects over WebSocket and reads frame by frame.
type browser struct {
	*websocket.Conn
	t *testing.T
}

func browse(t *testing.T, address string) browser {
	t.Helper()
	c, _, err := websocket.Dial(t.Context(), "ws://"+address+"/ws", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.CloseNow() })
	return browser{c, t}
}

func (b browser) say(lines string) {
	b.t.Helper()
	if err := b.Write(b.t.Context(), websocket.MessageText, []byte(lines)); err != nil {
		b.t.Fatal(err)
	}
}

// hear waits until all that has come is what is wanted.
func (b browser) hear(want string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), 10*time.Second)
	defer cancel()
	for got := ""; got != want; {
		_, frame, err := b.Read(ctx)
		if got += string(frame); err != nil || !strings.HasPrefix(want, got) {
			b.t.Fatalf("got %q (%v), want %q", got, err, want)
		}
	}
}

func (b browser) ends(want websocket.StatusCode) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), 10*time.Second)
	defer cancel()
	for {
		_, frame, err := b.Read(ctx)
		if err == nil {
			b.t.Logf("before the end: %.80q", frame)
			continue
		}
		if got := websocket.CloseStatus(err); got != want {
			b.t.Errorf("ended by %v, want %d", err, want)
		}
		return
	}
}

// Who comes by browser and who comes by TCP are in one room.
//
// Rules: P-90
func TestBrowserAndTCP(t *testing.T) {
	opts := options()
	opts.Web = "127.0.0.1:0"
	_, addrs := start(t, opts)
	p := join(t, addrs["chat"])
	p.expect("login alice", "loginok")
	b := browse(t, addrs["web"])
	b.say("login bob\nusers")
	b.hear("loginok\nusers alice bob\n")
	p.expect("msg hi bob", "msgok 1")
	b.hear("msg alice hi bob\n")
	b.say("privmsg alice psst")
	b.hear("msgok 1\n")
	if got := p.line(); got != "privmsg bob psst" {
		t.Errorf("alice got %q", got)
	}
	b.Close(websocket.StatusNormalClosure, "")
	p.until("users", func(a string) bool { return a == "users alice" })
}

// A stop and a full house have their codes.
//
// Rules: P-91, P-72, P-73
func TestHowBrowsersAreClosed(t *testing.T) {
	opts := options()
	opts.Web, opts.MaxConns = "127.0.0.1:0", 2
	srv, addrs := start(t, opts)
	b := browse(t, addrs["web"])
	b.say("help")
	if _, frame, err := b.Read(t.Context()); err != nil || !strings.HasPrefix(string(frame), "supported") {
		t.Fatalf("%q, %v", frame, err)
	}
	second := browse(t, addrs["web"])
	second.say("users")
	second.hear("users Anonymous1 Anonymous2\n")
	full := browse(t, addrs["web"])
	full.hear("cmderr server full\n")
	full.ends(websocket.StatusTryAgainLater)
	ended := make(chan error, 1)
	go func() { ended <- srv.Shutdown(t.Context()) }()
	b.ends(websocket.StatusGoingAway)
	second.ends(websocket.StatusGoingAway)
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// A browser that reads nothing is cut. It is told why if it reads again soon, and
// does not keep the server from stopping if it never does.
//
// Rules: P-71, P-91
func TestSlowBrowser(t *testing.T) {
	opts := options()
	opts.Web, opts.SpamRate, opts.OutboxLimit = "127.0.0.1:0", 0, 512<<10
	srv, addrs := start(t, opts)
	talker := join(t, addrs["chat"])
	late, stuck := browse(t, addrs["web"]), browse(t, addrs["web"])
	for _, b := range []browser{late, stuck} { // a member is one that has an answer
		b.say("joke")
		if _, _, err := b.Read(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	line := "msg " + strings.Repeat("x", 16_000)
	for talker.ask("users") != "users Anonymous1" {
		talker.ask(line)
	}
	late.ends(websocket.StatusPolicyViolation)
	begin := time.Now()
	if err := srv.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("the stop took %v", took)
	}
}

// Where nobody has asked for the page, its port may be taken: that is said, and
// the chat goes on.
func TestUsualWebPortTaken(t *testing.T) {
	// Whoever has the port: it is taken.
	if ln, err := net.Listen("tcp", server.DefaultWeb); err == nil {
		defer ln.Close()
	}
	var log strings.Builder
	opts := options()
	opts.Web, opts.Log = "", slog.New(slog.NewTextHandler(&log, nil))
	srv, addrs := start(t, opts)
	join(t, addrs["chat"]).expect("msg hi", "msgok 0")
	if address, ok := addrs["web"]; ok {
		t.Errorf("there is a page at %s", address)
	}
	srv.Close() // who else writes to the log
	if got := log.String(); !strings.Contains(got, "level=WARN") || !strings.Contains(got, "--web") || !strings.Contains(got, server.DefaultWeb) {
		t.Errorf("the log has %q", got)
	}
}

// Where somebody has asked for it, that is an error.
func TestWebPortTaken(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	opts := options()
	opts.Web = ln.Addr().String()
	if _, err := server.Listen(opts); err == nil || !strings.Contains(err.Error(), "--web "+opts.Web) {
		t.Errorf("%v", err)
	}
}
