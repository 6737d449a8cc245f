package faults_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// namespace is a machine of its own, as far as the network goes.
type namespace struct {
	t    *testing.T
	name string
}

var namespaces atomic.Int64

// newNamespace makes one, or skips the test where that is not allowed.
func newNamespace(t *testing.T) namespace {
	t.Helper()
	ns := namespace{t, fmt.Sprintf("parley-%d-%d", os.Getpid(), namespaces.Add(1))}
	ip(t, "netns", "add", ns.name)
	t.Cleanup(func() { ip(t, "netns", "delete", ns.name) })
	ip(t, "-n", ns.name, "link", "set", "lo", "up")
	return ns
}

// needNamespaces skips a test that cannot run here, and says so.
func needNamespaces(t *testing.T) {
	t.Helper()
	if runtime.GOOS != "linux" || os.Getuid() != 0 {
		t.Skip("NOT RUN: a cut link needs network namespaces, and so Linux and root")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("NOT RUN: a cut link needs the program ip (Debian: iproute2)")
	}
	probe := fmt.Sprintf("parley-%d-probe", os.Getpid())
	if out, err := exec.Command("ip", "netns", "add", probe).CombinedOutput(); err != nil {
		t.Skipf("NOT RUN: a cut link needs network namespaces, and root may not make any here: %s", out)
	}
	ip(t, "netns", "delete", probe)
}

func ip(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		t.Fatalf("ip %s: %v: %s", strings.Join(args, " "), err, out)
	}
}

// inside is a command line that runs there.
func (ns namespace) inside(argv []string) []string {
	return append([]string{"ip", "netns", "exec", ns.name}, argv...)
}

// dial connects to an address from inside. The thread that does it is of no use
// to anybody else afterwards, and ends with its goroutine.
func (ns namespace) dial(address string) (conn net.Conn, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		var f *os.File
		if f, err = os.Open(filepath.Join("/run/netns", ns.name)); err != nil {
			return
		}
		defer f.Close()
		if err = unix.Setns(int(f.Fd()), unix.CLONE_NEWNET); err == nil {
			conn, err = net.Dial("tcp", address)
		}
	}()
	<-done
	return conn, err
}

// startNodeIn starts a node in a namespace.
func startNodeIn(ns namespace, name, urls string) *node {
	n := &node{file: filepath.Join(ns.t.TempDir(), "addresses"), dial: ns.dial}
	n.argv = ns.inside(append(nodeArgs(name, urls), "--addr-file", n.file))
	n.start(ns.t, name)
	return n
}

// The link between a node and all the rest is cut, without a word to either side,
// and healed.
//
// Rules: P-27, P-55, P-81, P-82
func TestCutLink(t *testing.T) {
	needNamespaces(t)
	t.Parallel()
	here, there := newNamespace(t), newNamespace(t)
	ip(t, "link", "add", "parley0", "netns", here.name, "type", "veth", "peer", "name", "parley0", "netns", there.name)
	for i, ns := range []namespace{here, there} {
		ip(t, "-n", ns.name, "address", "add", fmt.Sprintf("192.0.2.%d/24", i+1), "dev", "parley0")
		ip(t, "-n", ns.name, "link", "set", "parley0", "up")
	}
	url := "nats://192.0.2.1:4222"
	server := run(t, "nats", here.inside([]string{
		binary("nats-server"), "--addr", "192.0.2.1", "--port", "4222", "-js", "-sd", t.TempDir(),
	})...)
	server.await(1, "Server is ready")
	c := &lab{t: t, nodes: []*node{startNodeIn(here, "node-1", url), startNodeIn(here, "node-2", url), startNodeIn(there, "node-3", url)}}
	k := begin(c, c.nodes...)
	all := func(n int) bool { return n == k.size()-1 }
	k.lap(30, all)

	began := time.Now()
	ip(t, "-n", here.name, "link", "set", "parley0", "down")
	c.nodes[2].await(1, apart)
	if took := time.Since(began); took > 8*time.Second {
		t.Errorf("a node that is cut off goes on alone after %v", took)
	}
	k.ears[2].must("users", "users Talker3 Ear3")
	k.ears[2].must("login other", impossible)
	k.ears[2].must("login Talker1", impossible)
	// The others do not wait for it, and then do without it.
	eventually(t, "those who are left see", func() (string, bool) {
		got := k.ears[0].users()
		return fmt.Sprint(got), len(got) == 4
	})
	k.ears[0].must("privmsg Ear3 hi", "msgerr incorrect recipient")
	taker := c.nodes[0].join("Anonymous999999")
	taker.leaves()

	ip(t, "-n", here.name, "link", "set", "parley0", "up")
	c.nodes[2].await(1, together)
	for _, ear := range k.ears {
		if got := ear.users(); len(got) != k.size() {
			t.Errorf("%s sees %q", ear.name, got)
		}
	}
	k.lap(30, all)
	k.end("end")
	k.verify(all)
	for _, n := range c.nodes[:2] {
		if n.log.count(apart) > 0 {
			t.Errorf("%s was apart", n.name)
		}
	}
}
