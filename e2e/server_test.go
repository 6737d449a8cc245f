package e2e

import (
	"bufio"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// server is a running parley.
type server struct {
	t           *testing.T
	dir         string
	flags       []string
	cmd         *exec.Cmd
	chat, pages string // addresses
}

// serve starts a parley on free ports, with a file of history.
func serve(t *testing.T, flags ...string) *server {
	t.Helper()
	s := &server{t: t, dir: t.TempDir(), flags: flags, chat: "127.0.0.1:0", pages: "127.0.0.1:0"}
	s.start()
	t.Cleanup(func() {
		if s.cmd != nil {
			s.stop()
		}
	})
	return s
}

// start starts it, on the same ports if it has run before.
func (s *server) start() {
	s.t.Helper()
	addresses := filepath.Join(s.dir, "addresses")
	os.Remove(addresses)
	args := append([]string{
		"serve", "--listen", s.chat, "--web", s.pages, "--sum", "off", "--log-level", "warn",
		"--history", filepath.Join(s.dir, "history.db"), "--addr-file", addresses,
	}, s.flags...)
	s.cmd = exec.Command(program, args...)
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	s.cmd.Stderr = os.Stderr
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	// It announces itself when the file of addresses is written.
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		s.t.Fatalf("parley does not start: %v", err)
	}
	content, err := os.ReadFile(addresses)
	if err != nil {
		s.t.Fatal(err)
	}
	for line := range strings.Lines(string(content)) {
		switch service, address, _ := strings.Cut(strings.TrimSpace(line), " "); service {
		case "chat":
			s.chat = address
		case "web":
			s.pages = address
		}
	}
}

// stop ends it as an operator does.
func (s *server) stop() {
	s.t.Helper()
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		s.t.Error(err)
	}
	if err := s.cmd.Wait(); err != nil {
		s.t.Errorf("parley ended with %v", err)
	}
	s.cmd = nil
}

// client is somebody who types the protocol.
type client struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
}

func (s *server) dial() *client {
	s.t.Helper()
	conn, err := net.Dial("tcp", s.chat)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { conn.Close() })
	return &client{s.t, conn, bufio.NewReader(conn)}
}

func (c *client) say(line string) {
	c.t.Helper()
	if _, err := c.conn.Write([]byte(line + "\n")); err != nil {
		c.t.Fatal(err)
	}
}

// hear reads up to the line that begins so, and returns it.
func (c *client) hear(beginning string) string {
	c.t.Helper()
	c.conn.SetReadDeadline(time.Now().Add(patience))
	for {
		line, err := c.in.ReadString('\n')
		if err != nil {
			if errors.Is(err, os.ErrDeadlineExceeded) {
				c.t.Fatalf("heard no line that begins with %q", beginning)
			}
			c.t.Fatal(err)
		}
		if strings.HasPrefix(line, beginning) {
			return strings.TrimSuffix(line, "\n")
		}
	}
}
