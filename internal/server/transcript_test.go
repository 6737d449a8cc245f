package server_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/coder/websocket"
	"github.com/dustin/go-humanize"

	"parley/internal/server"
	"parley/internal/transcript"
	"parley/internal/transcript/play"
)

// way is how a conversation may be carried.
type way struct {
	service string
	with    func(t *testing.T, o *server.Options)
	beside  func(t *testing.T, o server.Options) // starts another server afterwards
	dial    func(ctx context.Context, addr string) (net.Conn, error)
	cannot  func(transcript.Conversation) bool // be shown this way
	alone   bool                               // each conversation has a server of its own
}

var ways = map[string]way{
	"plain": {service: "chat", dial: dialTCP},
	"with everything on": {
		service: "chat", dial: dialTCP,
		with: func(t *testing.T, o *server.Options) {
			o.History, o.Web, o.Admin = filepath.Join(t.TempDir(), "said.db"), "127.0.0.1:0", "127.0.0.1:0"
			overTLS(t, o)
		},
		cannot: func(c transcript.Conversation) bool { return strings.Contains(c.ID, "without-a-file") },
	},
	"over TLS": {
		service: "tls", with: overTLS,
		dial: func(ctx context.Context, addr string) (net.Conn, error) {
			d := tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}}
			return d.DialContext(ctx, "tcp", addr)
		},
		// A place too many is closed before the handshake. A close that leaves bytes
		// unread is seen as one of TLS only if these are read.
		cannot: func(c transcript.Conversation) bool {
			return c.Service != transcript.Chat || c.Settings["max-conns"] != "" || c.Settings["max-conns-per-ip"] != "" ||
				does(c, transcript.Reset, transcript.Close)
		},
	},
	"in a cluster": {
		service: "chat", dial: dialTCP,
		with: func(t *testing.T, o *server.Options) { o.Cluster.URLs, o.Cluster.Name = startNATS(t), "test" },
		beside: func(t *testing.T, o server.Options) {
			other := options()
			other.Cluster = o.Cluster
			start(t, other)
		},
	},
	// A frame ends the line that it ends with, and is UTF-8; who has closed may be
	// listed for a moment.
	"over WebSocket": {
		service: "web", dial: dialWebSocket, alone: true,
		with: func(_ *testing.T, o *server.Options) { o.Web = "127.0.0.1:0" },
		cannot: func(c transcript.Conversation) bool {
			return c.Service != transcript.Chat || c.Settings["max-conns"] != "" || c.Settings["max-conns-per-ip"] != "" ||
				does(c, transcript.HalfClose, transcript.Reset, transcript.Close) || !inWholeLines(c)
		},
	},
}

// webSocket is a WebSocket as a stream of bytes. Its half-close is a close frame.
type webSocket struct {
	net.Conn
	c *websocket.Conn
}

func (w webSocket) CloseWrite() error { return w.c.Close(websocket.StatusNormalClosure, "") }

func dialWebSocket(ctx context.Context, addr string) (net.Conn, error) {
	c, _, err := websocket.Dial(ctx, "ws://"+addr+"/ws", nil) //nolint:bodyclose // it is the connection
	if err != nil {
		return nil, err
	}
	c.SetReadLimit(-1)
	return webSocket{websocket.NetConn(context.Background(), c, websocket.MessageText), c}, nil
}

// inWholeLines reports whether all that is sent are whole lines of UTF-8.
func inWholeLines(c transcript.Conversation) bool {
	for _, s := range c.Steps {
		for _, text := range s.Texts {
			sent := bytesOf(text)
			if s.Action == transcript.Send && (!strings.HasSuffix(sent, "\n") || !utf8.ValidString(sent)) {
				return false
			}
		}
	}
	return true
}

func overTLS(t *testing.T, o *server.Options) {
	o.TLSListen = "127.0.0.1:0"
	o.TLSCert, o.TLSKey = writeCertificate(t, t.TempDir(), 1)
}

func dialTCP(ctx context.Context, addr string) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, "tcp", addr)
}

func does(c transcript.Conversation, actions ...transcript.Action) bool {
	return slices.ContainsFunc(c.Steps, func(s transcript.Step) bool { return slices.Contains(actions, s.Action) })
}

// Every conversation goes as it is written, each with a server of its own, and
// gives the same bytes whatever else is on and however it is carried.
//
// Rules: X-1
func TestTranscripts(t *testing.T) {
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			// Most can share a server: to make a file for each takes time.
			shared := serve(t, way, nil)
			played := 0
			for _, c := range transcript.All() {
				if way.cannot != nil && way.cannot(c) {
					continue
				}
				played++
				t.Run(c.ID, func(t *testing.T) {
					addrs := shared
					if way.alone || c.Fresh || len(c.Settings) > 0 {
						addrs = serve(t, way, c.Settings)
					}
					addr := addrs[way.service]
					if c.Service == transcript.Sum {
						addr = addrs["sum"]
					}
					dial := func(ctx context.Context) (net.Conn, error) { return way.dial(ctx, addr) }
					if err := play.Play(t.Context(), dial, c); err != nil {
						t.Error(err)
					}
				})
			}
			t.Logf("%d of %d conversations", played, len(transcript.All()))
			if played < len(transcript.All())/2 {
				t.Errorf("only %d conversations", played)
			}
		})
	}
}

// serve starts a server for a way and returns its addresses.
func serve(t *testing.T, w way, settings map[string]string) map[string]string {
	opts := options()
	for name, value := range settings {
		if err := set(&opts, name, value); err != nil {
			t.Fatal(err)
		}
	}
	if w.with != nil {
		w.with(t, &opts)
	}
	_, addrs := start(t, opts)
	if w.beside != nil {
		w.beside(t, opts)
	}
	return addrs
}

// bytesOf is a text whose given names are left out.
func bytesOf(text transcript.Text) string {
	var b strings.Builder
	for _, part := range text {
		b.WriteString(part.Bytes)
	}
	return b.String()
}

// set sets an option by its name on the command line.
func set(o *server.Options, name, value string) (err error) {
	switch name {
	case "spam-rate":
		o.SpamRate, err = strconv.Atoi(value)
	case "spam-block":
		o.SpamBlock, err = time.ParseDuration(value)
	case "inbox-limit":
		o.InboxLimit, err = strconv.Atoi(value)
	case "inbox-bytes":
		var n uint64
		n, err = humanize.ParseBytes(value)
		o.InboxBytes = int(n)
	case "max-line":
		o.MaxLine, err = strconv.Atoi(value)
	case "max-conns":
		o.MaxConns, err = strconv.Atoi(value)
	case "max-conns-per-ip":
		o.MaxConnsPerIP, err = strconv.Atoi(value)
	default:
		return fmt.Errorf("no setting %q", name)
	}
	return err
}
