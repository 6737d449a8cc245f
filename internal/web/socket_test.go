package web_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"go.uber.org/goleak"

	"parley/internal/web"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// echo is a session that answers each line with itself in brackets, and a few
// with what they say.
func echo(nc net.Conn) (ending web.Ending) {
	defer nc.Close()
	for lines := bufio.NewScanner(nc); lines.Scan(); {
		switch line := lines.Text(); line {
		case "stop":
			return web.Stopping
		case "slow":
			return web.NotServed
		case "full":
			fmt.Fprint(nc, "cmderr server full\n")
			return web.Full
		case "leave":
			return web.Done
		case "many":
			fmt.Fprint(nc, strings.Repeat("line\n", 5000))
		default:
			fmt.Fprintf(nc, "[%s]\n", line)
		}
	}
	return web.Done
}

// serve returns the address of a server that talks to echo.
func serve(t *testing.T, origins ...string) (url string) {
	t.Helper()
	var sessions sync.WaitGroup
	var mu sync.Mutex // Close does not wait for handlers whose connection is no longer theirs
	s := httptest.NewServer(web.New(web.Options{Origins: origins, Serve: echo, Go: func(f func()) bool {
		mu.Lock()
		defer mu.Unlock()
		sessions.Go(f)
		return true
	}}))
	t.Cleanup(func() {
		s.Close()
		mu.Lock()
		defer mu.Unlock()
		sessions.Wait()
	})
	return s.URL
}

func dial(t *testing.T, url string, header http.Header) (*websocket.Conn, *http.Response, error) {
	t.Helper()
	c, resp, err := websocket.Dial(t.Context(), url+"/ws", &websocket.DialOptions{
		HTTPHeader: header, Subprotocols: []string{"other", "parley.v1"},
	})
	if err == nil {
		c.SetReadLimit(-1)
		t.Cleanup(func() { c.CloseNow() })
	}
	return c, resp, err
}

// read reads frames until they hold so many lines.
func read(t *testing.T, c *websocket.Conn, lines int) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	var got string
	for strings.Count(got, "\n") < lines {
		kind, frame, err := c.Read(ctx)
		if err != nil || kind != websocket.MessageText || !strings.HasSuffix(string(frame), "\n") {
			t.Fatalf("after %q: %q, %v, %v", got, frame, kind, err)
		}
		got += string(frame)
	}
	return got
}

// Frames hold lines, whole ones; where a frame ends a line ends.
//
// Rules: P-90
func TestFrames(t *testing.T) {
	c, _, err := dial(t, serve(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.Subprotocol() != "parley.v1" {
		t.Errorf("subprotocol %q", c.Subprotocol())
	}
	long := strings.Repeat("æøå", 10_000)
	for frame, want := range map[string]string{
		"one":        "[one]\n",
		"one\n":      "[one]\n",
		"one\ntwo":   "[one]\n[two]\n",
		"one\r\ntwo": "[one]\n[two]\n",
		"":           "[]\n",
		"\n\n":       "[]\n[]\n",
		long:         "[" + long + "]\n",
		"many":       strings.Repeat("line\n", 5000),
	} {
		if err := c.Write(t.Context(), websocket.MessageText, []byte(frame)); err != nil {
			t.Fatal(err)
		}
		if got := read(t, c, strings.Count(want, "\n")); got != want {
			t.Errorf("%.20q: %.40q, want %.40q", frame, got, want)
		}
	}
}

// The close frame says why.
//
// Rules: P-91
func TestCloseCodes(t *testing.T) {
	url := serve(t)
	for _, test := range []struct {
		kind  websocket.MessageType
		frame string
		want  websocket.StatusCode
	}{
		{websocket.MessageText, "stop", websocket.StatusGoingAway},
		{websocket.MessageText, "slow", websocket.StatusPolicyViolation},
		{websocket.MessageText, "full", websocket.StatusTryAgainLater},
		{websocket.MessageText, "leave", websocket.StatusNormalClosure},
		{websocket.MessageBinary, "one", websocket.StatusUnsupportedData},
		{websocket.MessageText, "\xff", websocket.StatusInvalidFramePayloadData},
		{websocket.MessageText, "a\xc3", websocket.StatusInvalidFramePayloadData},
		{websocket.MessageText, "\xed\xa0\x80", websocket.StatusInvalidFramePayloadData},
	} {
		c, _, err := dial(t, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Write(t.Context(), test.kind, []byte(test.frame)); err != nil {
			t.Fatal(err)
		}
		if test.frame == "full" {
			if got := read(t, c, 1); got != "cmderr server full\n" {
				t.Errorf("before the end: %q", got)
			}
		}
		if _, _, err = c.Read(t.Context()); websocket.CloseStatus(err) != test.want {
			t.Errorf("%q: %v, want %d", test.frame, err, test.want)
		}
	}
}

// Pages of other sites may not connect in a visitor's name.
//
// Rules: P-91
func TestOrigin(t *testing.T) {
	url := serve(t, "chat.example")
	own := strings.TrimPrefix(url, "http://")
	for origin, allowed := range map[string]bool{
		"":                     true,
		"http://" + own:        true,
		"https://chat.example": true,
		"https://evil.example": false,
		"null":                 false,
	} {
		header := http.Header{}
		if origin != "" {
			header.Set("Origin", origin)
		}
		_, resp, err := dial(t, url, header)
		if (err == nil) != allowed {
			t.Errorf("%q: %v", origin, err)
		}
		if !allowed && resp.StatusCode != http.StatusForbidden {
			t.Errorf("%q: status %d, want 403", origin, resp.StatusCode)
		}
	}
}
