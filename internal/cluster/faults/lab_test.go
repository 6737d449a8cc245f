//go:build unix

package faults_test

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// What a node says of itself in its log.
const (
	apart    = "apart from the other nodes"
	together = "together with the other nodes again"
)

// lab is a cluster under test.
type lab struct {
	t     *testing.T
	nats  []*natsServer
	nodes []*node
}

// natsServer is a NATS server, with an address and files that it keeps when it is
// started again.
type natsServer struct {
	*program
	url  string
	argv []string
}

// startNATS starts as many NATS servers, which are a cluster if they are several.
func startNATS(t *testing.T, servers int) []*natsServer {
	t.Helper()
	var all []*natsServer
	var routes []string
	for range servers {
		routes = append(routes, "nats://"+freeAddress(t))
	}
	for i := range servers {
		name, address := fmt.Sprintf("nats-%d", i+1), freeAddress(t)
		host, port, _ := net.SplitHostPort(address)
		s := &natsServer{url: "nats://" + address}
		s.argv = []string{
			binary("nats-server"), "--name", name, "--addr", host, "--port", port, "-js", "-sd", t.TempDir(),
		}
		if servers > 1 {
			s.argv = append(s.argv, "--cluster_name", "lab", "--cluster", routes[i], "--routes", strings.Join(routes, ","))
		}
		s.program = run(t, name, s.argv...)
		all = append(all, s)
	}
	for _, s := range all {
		s.await(1, "Server is ready")
	}
	return all
}

// again starts it anew, where and with what it was.
func (s *natsServer) again() {
	s.t.Helper()
	s.program = run(s.t, s.name, s.argv...)
	s.await(1, "Server is ready")
}

// freeAddress is one that nobody listens at; who starts again needs the same.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// node is a server of the chat.
type node struct {
	*program
	address string
	argv    []string
	file    string // where it writes its address
	dial    func(address string) (net.Conn, error)
}

// newLab starts NATS servers and nodes.
func newLab(t *testing.T, servers, nodes int, flags ...string) *lab {
	t.Helper()
	c := &lab{t: t, nats: startNATS(t, servers)}
	var urls []string
	for _, s := range c.nats {
		urls = append(urls, s.url)
	}
	for i := range nodes {
		c.nodes = append(c.nodes, startNode(t, fmt.Sprintf("node-%d", i+1), strings.Join(urls, ","), flags...))
	}
	return c
}

// startNode starts a node; flags follow those that all have.
func startNode(t *testing.T, name, urls string, flags ...string) *node {
	t.Helper()
	n := &node{file: filepath.Join(t.TempDir(), "addresses"), dial: dialTCP}
	n.argv = slices.Concat(nodeArgs(name, urls), []string{"--addr-file", n.file}, flags)
	n.start(t, name)
	return n
}

func nodeArgs(name, urls string) []string {
	return []string{
		binary("parley"), "serve", "--listen", "127.0.0.1:0", "--sum", "off", "--web", "off", "--spam-rate", "0",
		"--cluster", urls, "--cluster-name", "lab", "--cluster-node", name,
	}
}

func dialTCP(address string) (net.Conn, error) { return net.Dial("tcp", address) }

// start starts it, and waits until it listens.
func (n *node) start(t *testing.T, name string) {
	t.Helper()
	n.program = run(t, name, n.argv...)
	n.await(1, "parley is listening")
	text, err := os.ReadFile(n.file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if address, ok := strings.CutPrefix(strings.TrimSpace(line), "chat "); ok {
			n.address = address
		}
	}
}

// again starts it anew: it is another run of the node, and listens elsewhere.
func (n *node) again() {
	n.t.Helper()
	n.start(n.t.(*testing.T), n.name)
}

// neverApart checks that no node has ever been apart.
func (c *lab) neverApart() {
	c.t.Helper()
	for _, n := range c.nodes {
		if n.log.count(apart) > 0 {
			c.t.Errorf("%s was apart", n.name)
		}
	}
}

// awaitAll waits until every node has said something so many times.
func (c *lab) awaitAll(times int, text string) {
	c.t.Helper()
	for _, n := range c.nodes {
		n.await(times, text)
	}
}

// eventually asks until the answer is right: what happens elsewhere by time.
func eventually(t *testing.T, what string, ask func() (got string, right bool)) {
	t.Helper()
	late := time.Now().Add(patience)
	for {
		got, right := ask()
		if right {
			return
		}
		if time.Now().After(late) {
			t.Fatalf("%s: still %s", what, got)
		}
	}
}
