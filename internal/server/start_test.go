package server_test

import (
	"bufio"
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"parley/internal/server"
)

// patience is how long a test waits for something that must come.
const patience = 20 * time.Second

// options are the defaults on ports of the kernel's choice.
func options() server.Options {
	opts := server.Defaults()
	opts.Listen, opts.Sum, opts.Web = "127.0.0.1:0", "127.0.0.1:0", server.Off
	return opts
}

// start runs a server until the test ends and returns it with the addresses of
// its services.
func start(t *testing.T, opts server.Options) (srv *server.Server, addrs map[string]string) {
	t.Helper()
	srv, err := server.Listen(opts)
	if err != nil {
		t.Fatal(err)
	}
	srv.Start()
	t.Cleanup(srv.Close)
	addrs = make(map[string]string)
	for _, a := range srv.Addrs() {
		addrs[a.Service] = a.Addr.String()
	}
	return srv, addrs
}

// peer is one connection of a test, read line by line.
type peer struct {
	*net.TCPConn
	t     *testing.T
	lines *bufio.Reader
}

func dial(t *testing.T, addr string) *peer {
	t.Helper()
	var d net.Dialer
	conn, err := d.DialContext(context.Background(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return &peer{conn.(*net.TCPConn), t, bufio.NewReaderSize(conn, 64<<10)}
}

// join dials and waits until the connection is a member (P-12).
func join(t *testing.T, addr string) *peer {
	t.Helper()
	p := dial(t, addr)
	p.ask("help")
	return p
}

func (p *peer) send(text string) {
	p.t.Helper()
	if _, err := p.Write([]byte(text)); err != nil {
		p.t.Fatalf("sending %.40q: %v", text, err)
	}
}

// line is the next line without its LF.
func (p *peer) line() string {
	p.t.Helper()
	line, err := p.lines.ReadString('\n')
	if err != nil {
		p.t.Fatalf("waiting for a line, after %.80q: %v", line, err)
	}
	return strings.TrimSuffix(line, "\n")
}

// ask sends a command and returns the next line.
func (p *peer) ask(command string) string {
	p.t.Helper()
	p.send(command + "\n")
	return p.line()
}

// expect asks and compares.
func (p *peer) expect(command, want string) {
	p.t.Helper()
	if got := p.ask(command); got != want {
		p.t.Fatalf("%s: got %q, want %q", command, got, want)
	}
}
