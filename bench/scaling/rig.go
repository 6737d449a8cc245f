package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// setup is what runs while something is measured.
type setup struct {
	nats     int    // servers of NATS; 0: the nodes are none, each is a server of its own
	sync     string // their sync_interval; "" is the default
	replicas int
	nodes    int
}

// rig is a setup that runs: programs, each a process.
type rig struct {
	folder string // for programs and files; gone at the end
	nats   []*process
	nodes  []*process
}

// process is one of them.
type process struct {
	address string
	pid     int
	stop    func()
}

// build builds what is needed into a folder of its own.
func build(ctx context.Context) (programs string, err error) {
	if programs, err = os.MkdirTemp("", "scaling-"); err != nil {
		return "", err
	}
	for _, command := range [][]string{
		{"go", "build", "-o", programs, "./cmd/parley"},
		{"go", "build", "-o", programs, "github.com/nats-io/nats-server/v2"}, // as the tests need it, and so built already
	} {
		cmd := exec.CommandContext(ctx, command[0], command[1:]...)
		if out, err := cmd.CombinedOutput(); err != nil {
			return programs, fmt.Errorf("%s: %w\n%s", strings.Join(command, " "), err, out)
		}
	}
	return programs, nil
}

// start starts it all, with no data from before.
func (s setup) start(ctx context.Context, programs string) (r *rig, err error) {
	r = &rig{}
	defer func() {
		if err != nil {
			r.stop()
		}
	}()
	if r.folder, err = os.MkdirTemp("", "scaling-"); err != nil {
		return r, err
	}
	if err := r.startNATS(ctx, programs, s); err != nil {
		return r, err
	}
	var urls []string
	for _, n := range r.nats {
		urls = append(urls, "nats://"+n.address)
	}
	for i := range s.nodes {
		address, err := freeAddress(ctx)
		if err != nil {
			return r, err
		}
		command := []string{
			filepath.Join(programs, "parley"), "serve", "--listen", address, "--sum", "off", "--web", "off", "--spam-rate", "1000000",
			"--log-level", "error",
		}
		if s.nats > 0 {
			command = append(command, "--cluster", strings.Join(urls, ","), "--cluster-node", fmt.Sprint("n", i), "--cluster-replicas", fmt.Sprint(s.replicas))
		}
		node, err := launch(ctx, address, command, 20)
		if err != nil {
			return r, err
		}
		r.nodes = append(r.nodes, node)
	}
	return r, nil
}

// startNATS starts the servers of NATS, which know each other.
func (r *rig) startNATS(ctx context.Context, programs string, s setup) error {
	var clients, peers, routes []string
	for range s.nats {
		client, err := freeAddress(ctx)
		if err != nil {
			return err
		}
		peer, err := freeAddress(ctx)
		if err != nil {
			return err
		}
		clients, peers, routes = append(clients, client), append(peers, peer), append(routes, "nats://"+peer)
	}
	for i := range s.nats {
		store := filepath.Join(r.folder, fmt.Sprint("s", i))
		config := fmt.Sprintf("listen: %q\nserver_name: s%d\njetstream { store_dir: %q", clients[i], i, store)
		if s.sync != "" {
			config += ", sync_interval: " + s.sync
		}
		config += " }\n"
		if s.nats > 1 {
			config += fmt.Sprintf("cluster { name: c, listen: %q, routes: [%s] }\n", peers[i], strings.Join(routes, ", "))
		}
		file := store + ".conf"
		if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
			return err
		}
		server, err := launch(ctx, clients[i], []string{filepath.Join(programs, "nats-server"), "-c", file, "-l", store + ".log"}, 1)
		if err != nil {
			return err
		}
		r.nats = append(r.nats, server)
	}
	return nil
}

func (r *rig) stop() {
	for _, p := range append(r.nodes, r.nats...) {
		p.stop()
	}
	_ = os.RemoveAll(r.folder)
}

// launch starts a program and waits until it listens. One that ends is started
// again: servers of NATS need a while until they have elected each other.
func launch(ctx context.Context, address string, command []string, attempts int) (p *process, err error) {
	for range attempts {
		if p, err = launchOnce(ctx, address, command); err == nil {
			return p, nil
		}
	}
	return nil, fmt.Errorf("%s does not listen: %w", filepath.Base(command[0]), err)
}

func launchOnce(ctx context.Context, address string, command []string) (*process, error) {
	var complaint strings.Builder
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Stderr = &complaint
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	alive, end := context.WithCancelCause(ctx)
	go func() { end(fmt.Errorf("it has ended: %w", cmd.Wait())) }()
	p := &process{address: address, pid: cmd.Process.Pid, stop: func() {
		_ = cmd.Process.Kill() // it may have ended by itself
		<-alive.Done()
	}}
	for {
		var d net.Dialer
		conn, err := d.DialContext(alive, "tcp", address)
		if err == nil {
			return p, conn.Close()
		}
		select {
		case <-alive.Done():
			return nil, fmt.Errorf("%w\n%s", context.Cause(alive), complaint.String())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// freeAddress is one where nobody listens now.
func freeAddress(ctx context.Context) (string, error) {
	var config net.ListenConfig
	ln, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer ln.Close()
	return ln.Addr().String(), nil
}
