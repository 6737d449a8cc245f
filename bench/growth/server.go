package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

// server is one of those that are compared.
type server struct {
	name    string
	command func(programs string, port int) []string
}

// servers are measured in this order, in turns.
func servers() []server {
	return []server{
		{"parley", func(programs string, port int) []string {
			return []string{
				filepath.Join(programs, "parley"), "serve", "--listen", "127.0.0.1:" + strconv.Itoa(port), "--sum", "off", "--web", "off",
				"--spam-rate", "1000000", "--log-level", "error",
			}
		}},
		{"C loop", func(programs string, port int) []string {
			return []string{filepath.Join(programs, "floor"), strconv.Itoa(port)}
		}},
	}
}

// build builds both into a folder of their own, so that nobody who builds
// meanwhile changes what is measured.
func build(ctx context.Context) (programs string, err error) {
	if programs, err = os.MkdirTemp("", "growth-"); err != nil {
		return "", err
	}
	for _, command := range [][]string{
		{"go", "build", "-trimpath", "-o", programs, "./cmd/parley"},
		{"gcc", "-O2", "-o", filepath.Join(programs, "floor"), "bench/floor/floor.c"},
	} {
		cmd := exec.CommandContext(ctx, command[0], command[1:]...)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			return programs, fmt.Errorf("%s: %w\n%s", command[0], err, out)
		}
	}
	return programs, nil
}

// running is a server that takes connections.
type running struct {
	address string
	pid     int
	stop    func()
}

// start starts a server, new for each measurement, so that none pays for what
// was before.
func (s server) start(ctx context.Context, programs string) (*running, error) {
	port, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	command := s.command(programs, port)
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	alive, end := context.WithCancelCause(ctx)
	go func() { end(cmd.Wait()) }()
	r := &running{address: "127.0.0.1:" + strconv.Itoa(port), pid: cmd.Process.Pid, stop: func() {
		_ = cmd.Process.Kill() // it may have ended by itself
		<-alive.Done()
	}}
	if err := await(alive, r.address); err != nil {
		r.stop()
		return nil, fmt.Errorf("%s does not listen: %w", s.name, err)
	}
	return r, nil
}

// freePort is one that nobody has now; the C loop takes no 0.
func freePort(ctx context.Context) (int, error) {
	var config net.ListenConfig
	ln, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer ln.Close()
	return ln.Addr().(*net.TCPAddr).Port, nil
}

// await waits until somebody takes connections there, or ctx says that nobody
// will.
func await(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	for {
		var d net.Dialer
		conn, err := d.DialContext(ctx, "tcp", address)
		if err == nil {
			return conn.Close()
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		time.Sleep(20 * time.Millisecond)
	}
}
