package menu_test

import (
	"bytes"
	"context"
	"flag"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"

	"parley/client"
	"parley/internal/menu"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var update = flag.Bool("update", false, "write the screens of testdata anew")

// TestDialogues plays the dialogues of testdata and compares the whole screen.
// A file says what it is about, then
//
//	-- options --  trace
//	-- server --   the steps of a scripted server, see peer
//	-- input --    what the user types, line by line, and events:
//	               !kill       the server goes away
//	               !say LINE   it sends this line
//	               !long       the user types a line of 20,000 bytes
//	-- screen --   what is seen, the input included as a terminal shows it
//
// Rules: P-22, P-30, P-41, P-43, P-44, P-50, P-51, P-53, P-55, P-57, P-61, P-72
func TestDialogues(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no dialogues", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			before, want, _ := strings.Cut(string(text), "-- screen --\n")
			var got string
			synctest.Test(t, func(t *testing.T) { got = play(t, before) })
			if *update {
				err = os.WriteFile(file, []byte(before+"-- screen --\n"+got), 0o644)
			} else if got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

// play runs the menu through one dialogue and returns the screen.
func play(t *testing.T, text string) string {
	_, text, _ = strings.Cut(text, "-- options --\n")
	options, text, _ := strings.Cut(text, "-- server --\n")
	server, input, ok := strings.Cut(text, "-- input --\n")
	if !ok {
		t.Fatal("a section is missing")
	}
	p := &peer{t: t, connections: connections(server)}
	screen := &buffer{}
	user := &user{
		lines:  slices.Collect(strings.Lines(input)),
		screen: screen, peer: p, typing: strings.NewReader(""),
	}
	opts := menu.Options{Dial: p.dial, Trace: strings.Contains(options, "trace")}
	if err := menu.Run(t.Context(), user, screen, opts); err != nil {
		t.Error(err)
	}
	p.playing.Wait()
	if len(p.connections) > 0 {
		t.Errorf("connections that were not made: %q", p.connections)
	}
	return screen.String()
}

// user types the input of a dialogue, each line when everything else stands
// still.
type user struct {
	lines  []string
	screen *buffer
	peer   *peer
	typing io.Reader // the line that is being typed
}

func (u *user) Read(p []byte) (int, error) {
	for {
		if n, err := u.typing.Read(p); err == nil {
			return n, nil
		}
		synctest.Wait()
		if len(u.lines) == 0 {
			return 0, io.EOF
		}
		u.next(u.lines[0])
		u.lines = u.lines[1:]
	}
}

func (u *user) next(line string) {
	said, isSaid := strings.CutPrefix(line, "!say ")
	switch {
	case isSaid:
		_, _ = io.WriteString(u.peer.conn, said)
	case line == "!kill\n":
		u.peer.conn.Close()
	case line == "!long\n":
		u.typing = strings.NewReader(strings.Repeat("x", 20_000) + "\n")
		_, _ = u.screen.Write([]byte("(a long line)\n"))
	default:
		u.typing = strings.NewReader(line)
		_, _ = u.screen.Write([]byte(line))
	}
}

// peer is the server of a dialogue. Each connection is a first line that says
// how it begins,
//
//	connect           it stands
//	connect: refused  (or: unknown, no dns, silent) it does not
//
// and then, with escapes as in Go,
//
//	> line  the server must be sent this line
//	< line  it sends this line
//	<|text  it sends this text and no line end
//	close   it closes
//
// After its last step it must be sent nothing more.
type peer struct {
	t           *testing.T
	connections [][]string
	conn        net.Conn
	playing     sync.WaitGroup
}

func connections(script string) [][]string {
	var all [][]string
	for line := range strings.Lines(script) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "connect") {
			all = append(all, nil)
		}
		all[len(all)-1] = append(all[len(all)-1], line)
	}
	return all
}

func (p *peer) dial(ctx context.Context, addr string, opts *client.Options) (*client.Client, error) {
	if addr != menu.DefaultAddress || len(p.connections) == 0 {
		p.t.Errorf("connected to %s once too often", addr)
		return nil, io.EOF
	}
	script := p.connections[0]
	p.connections = p.connections[1:]
	switch script[0] {
	case "connect: refused":
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	case "connect: unknown":
		return nil, &net.DNSError{Err: "no such host", Name: "nowhere", IsNotFound: true}
	case "connect: no dns":
		return nil, &net.DNSError{Err: "server misbehaving", Name: "nowhere", IsTemporary: true}
	case "connect: silent":
		<-ctx.Done()
		return nil, ctx.Err()
	}
	ours, theirs := net.Pipe()
	p.conn = theirs
	p.playing.Go(func() { p.play(theirs, script[1:]) })
	return client.New(ours, opts), nil
}

func (p *peer) play(conn net.Conn, steps []string) {
	defer conn.Close()
	for _, step := range steps {
		text, err := strconv.Unquote(`"` + step[min(2, len(step)):] + `"`)
		if err != nil {
			p.t.Errorf("step %s: %v", step, err)
			return
		}
		switch step[:2] {
		case "> ":
			got := make([]byte, len(text)+1)
			if _, err := io.ReadFull(conn, got); err != nil || string(got) != text+"\n" {
				p.t.Errorf("the server was sent %q (%v), want %q", got, err, text+"\n")
				return
			}
		case "< ":
			_, _ = io.WriteString(conn, text+"\n")
		case "<|":
			_, _ = io.WriteString(conn, text)
		default:
			return // close
		}
	}
	if n, _ := conn.Read(make([]byte, 1)); n > 0 {
		p.t.Error("the server was sent something beyond its script")
	}
}

// buffer is the terminal.
type buffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
