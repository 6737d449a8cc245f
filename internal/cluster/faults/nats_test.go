//go:build unix

package faults_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"parley/internal/cluster"
)

const impossible = "loginerr not possible at the moment"

// NATS is gone: each node goes on as a chat of its own users. It comes back: they
// are one chat again, without a restart.
//
// Rules: P-20, P-27, P-55, P-82, X-2, X-7
func TestKilledNATS(t *testing.T) {
	t.Parallel()
	c := newLab(t, 1, 3)
	k := begin(c, c.nodes...)
	all := func(n int) bool { return n == k.size()-1 }
	k.lap(30, all)
	last := k.lastID(k.ears[0])
	c.nats[0].kill()
	c.awaitAll(1, apart)
	k.lap(30, func(n int) bool { return n == 1 }) // to the ear beside
	for i, ear := range k.ears {
		ear.must("users", fmt.Sprintf("users Talker%d Ear%d", i+1, i+1))
		ear.must("login other", impossible)
		other := k.ears[(i+1)%len(k.ears)].name
		ear.must("privmsg "+other+" hi", "msgerr incorrect recipient")
		if got := ear.ask(fmt.Sprintf("history since %d", last)); !gapOf(got) {
			t.Errorf("%s, apart: %q has no gap", ear.name, head(got))
		}
		guest := c.nodes[i].connect()
		if got := guest.users(); len(got) != 3 || !slices.ContainsFunc(got, isAnonymous) {
			t.Errorf("a guest of %s sees %q", c.nodes[i].name, got)
		}
		guest.leaves()
		if got := ear.lastStamp(); !strings.HasPrefix(got, "@0 ") {
			t.Errorf("%s, apart, hears %q", ear.name, got)
		}
	}
	stay := c.nodes[1].connect() // it comes while there is no NATS, and is claimed later
	c.nats[0].again()
	c.awaitAll(1, together)
	want := []string{"Ear1", "Ear2", "Ear3", "Talker1", "Talker2", "Talker3"}
	for _, ear := range k.ears {
		got := slices.DeleteFunc(ear.users(), isAnonymous)
		if !slices.Equal(got, want) {
			t.Errorf("%s sees %q", ear.name, got)
		}
	}
	lists := []string{k.ears[0].ask("users"), k.ears[1].ask("users"), k.ears[2].ask("users")}
	if lists[0] != lists[1] || lists[0] != lists[2] {
		t.Errorf("the lists differ: %q", lists)
	}
	for _, ear := range k.ears {
		if got := ear.ask(fmt.Sprintf("history since %d", last)); !gapOf(got) {
			t.Errorf("%s, back again: %q has no gap", ear.name, head(got))
		}
	}
	stay.must("login stay", "loginok")
	sender := c.nodes[0].join("sender")
	sender.must("privmsg stay hi", "msgok 1")
	sender.leaves()
	stay.leaves()
	k.lap(30, all)
	k.end("end")
	k.verify(all)
	for _, n := range c.nodes {
		if got := n.log.count(apart); got != 1 {
			t.Errorf("%s was apart %d times", n.name, got)
		}
		if got := n.log.count("reason=name_lost"); got != 0 {
			t.Errorf("%d on %s have lost their names", got, n.name)
		}
	}
}

func isAnonymous(name string) bool { return strings.HasPrefix(name, "Anonymous") }

func gapOf(answer string) bool { return strings.HasSuffix(head(answer), " gap") }

func head(block string) string {
	first, _, _ := strings.Cut(block, "\n")
	return first
}

func (p *peer) lastStamp() string {
	lines, _ := p.said()
	return lines[len(lines)-1]
}

// lastID is the newest ID that somebody has heard.
func (k *talk) lastID(p *peer) int64 {
	lines, _ := p.said()
	id, _ := unstamp(lines[len(lines)-1])
	if id == 0 {
		k.t.Errorf("%s heard %q, without an ID", p.name, lines[len(lines)-1])
	}
	return id
}

// NATS is killed and back at once: nobody notices but by waiting a little longer.
//
// Rules: P-81, P-82
func TestRestartedNATS(t *testing.T) {
	t.Parallel()
	c := newLab(t, 1, 3)
	k := begin(c, c.nodes...)
	all := func(n int) bool { return n == k.size()-1 }
	for range 3 {
		k.lap(15, all)
		c.nats[0].kill()
		c.nats[0].again()
	}
	k.lap(15, all)
	k.end("end")
	k.verify(all)
	for text, n := range k.accepted {
		if !all(n) {
			t.Errorf("%q went to %d", text, n)
		}
	}
	c.neverApart()
}

// NATS stands still for 8 s.
//
// Rules: P-27, P-81, P-82
func TestFrozenNATS(t *testing.T) {
	t.Parallel()
	c := newLab(t, 1, 3)
	k := begin(c, c.nodes...)
	all := func(n int) bool { return n == k.size()-1 }
	k.lap(30, all)
	c.nats[0].freeze()
	frozen := time.After(8 * time.Second)
	c.awaitAll(1, apart)
	k.ears[0].must("login other", impossible)
	<-frozen
	c.nats[0].thaw()
	c.awaitAll(1, together)
	k.lap(30, all)
	k.end("end")
	k.verify(all)
}

// NATS stands still again and again, for shorter than anybody goes apart.
//
// Rules: P-81, P-82
func TestHiccups(t *testing.T) {
	t.Parallel()
	c := newLab(t, 1, 3)
	k := begin(c, c.nodes...)
	all := func(n int) bool { return n == k.size()-1 }
	for _, still := range []time.Duration{1500, 2500, 3500, 4000} {
		k.lap(15, all)
		c.nats[0].freeze()
		<-time.After(still * time.Millisecond)
		c.nats[0].thaw()
		began := time.Now()
		k.lap(15, all)
		t.Logf("after %d ms of standing still it took %v", still, time.Since(began))
	}
	k.end("end")
	k.verify(all)
	c.neverApart()
}

// Of three NATS servers the one that leads the stream is killed: messages wait for
// the election of another, and nothing else happens.
//
// Rules: P-81, P-82
func TestKilledLeader(t *testing.T) {
	t.Parallel()
	c := newLab(t, 3, 3, "--cluster-replicas", "3")
	k := begin(c, c.nodes...)
	all := func(n int) bool { return n == k.size()-1 }
	k.lap(15, all)
	leader := c.leader()
	leader.kill()
	k.lap(15, all)
	leader.again()
	k.lap(15, all)
	k.end("end")
	k.verify(all)
	if k.slowest > cluster.DefaultPatience-time.Second {
		t.Logf("the election took about as long as anybody waits: %v", k.slowest)
		return
	}
	for text, n := range k.accepted {
		if !all(n) {
			t.Errorf("%q went to %d", text, n)
		}
	}
	c.neverApart()
}

// ask is how a test asks NATS itself, until done is called.
func (c *lab) ask() (js jetstream.JetStream, ctx context.Context, done func()) {
	c.t.Helper()
	conn, err := nats.Connect(c.nats[0].url)
	if err != nil {
		c.t.Fatal(err)
	}
	if js, err = jetstream.New(conn); err != nil {
		c.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	return js, ctx, func() { cancel(); conn.Close() }
}

// leader is the NATS server that leads the stream.
func (c *lab) leader() *natsServer {
	c.t.Helper()
	js, ctx, done := c.ask()
	defer done()
	stream, err := js.Stream(ctx, "parley-lab")
	if err != nil {
		c.t.Fatal(err)
	}
	name := stream.CachedInfo().Cluster.Leader
	i := slices.IndexFunc(c.nats, func(s *natsServer) bool { return s.name == name })
	if i < 0 {
		c.t.Fatalf("%q leads the stream", name)
	}
	return c.nats[i]
}

// A node stops in time also while NATS stands still, or is gone, and what was said
// before is said.
//
// Rules: P-73
func TestStopWithoutNATS(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		do   func(s *natsServer)
	}{
		{"frozen", func(s *natsServer) { s.freeze() }},
		{"killed", func(s *natsServer) { s.kill() }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, longer := range []bool{false, true} {
				l := newLab(t, 1, 1)
				amy, bob := l.nodes[0].join("amy"), l.nodes[0].join("bob")
				amy.must("msg hi", "msgok 1")
				c.do(l.nats[0])
				if longer {
					l.nodes[0].await(1, apart)
					amy.must("msg apart", "msgok 1")
				} else {
					amy.send("msg apart\n") // its answer is not there yet
				}
				began := time.Now()
				if code := l.nodes[0].stop(); code != 0 {
					t.Errorf("exit code %d", code)
				}
				if took := time.Since(began); took > 6*time.Second {
					t.Errorf("apart: %v; it took %v to stop", longer, took)
				}
				got := amy.answer()
				if end := bob.answer(); end != theEnd {
					t.Errorf("bob is told %q", end)
				}
				lines, _ := bob.said()
				if (got == "msgok 1" || longer) && len(lines) != 2 {
					t.Errorf("amy was told %q, and bob has heard %q", got, lines)
				}
			}
		})
	}
}

// A node stops in time also while NATS has nobody to lead it, and so answers to
// nothing, though it can be reached.
//
// Rules: P-73
func TestStopWithoutLeader(t *testing.T) {
	t.Parallel()
	c := newLab(t, 3, 1, "--cluster-replicas", "3")
	n := c.nodes[0]
	amy, bob := n.join("amy"), n.join("bob")
	amy.must("msg hi", "msgok 1")
	c.nats[1].kill()
	c.nats[2].kill()
	amy.send("msg waits\n")
	bob.send("login ben\n")
	began := time.Now()
	if code := n.stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if took := time.Since(began); took > 6*time.Second {
		t.Errorf("it took %v to stop", took)
	}
}

// NATS comes back without anything that it had: the nodes make it anew, and IDs go
// on above.
//
// Rules: P-82, X-2
func TestNATSForgets(t *testing.T) {
	t.Parallel()
	c := newLab(t, 1, 3)
	crowd := c.crowd(60)
	k := begin(c, c.nodes...)
	all := func(n int) bool { return n == k.size()+len(crowd)-1 }
	// What one node has heard and another has not is lost together with NATS's files.
	k.lap(30, all)
	k.end("half-time")
	c.nats[0].kill()
	c.awaitAll(1, apart)
	k.goOn(1000)
	k.lap(30, func(n int) bool { return n == 21 })
	c.nats[0].argv[len(c.nats[0].argv)-1] = t.TempDir()
	c.nats[0].again()
	c.awaitAll(1, together)
	k.lap(30, all)
	k.end("end")
	k.verify(all)
	// Places in the list are counted anew, and must not be mixed up with those that
	// are kept.
	for i := range 100 {
		c.nodes[i%3].join(fmt.Sprintf("late%d", i))
	}
	for _, p := range crowd {
		p.leaves()
	}
	for _, ear := range k.ears {
		if got := ear.users(); len(got) != k.size()+100 {
			t.Errorf("%s sees %d users: %q", ear.name, len(got), got)
		}
	}
}

// While NATS is gone a node has as many given names as are left of two blocks.
//
// Rules: P-20, P-72
func TestNumbersRunOut(t *testing.T) {
	t.Parallel()
	const two = 2000
	c := newLab(t, 1, 1)
	n := c.nodes[0]
	c.nats[0].kill()
	n.await(1, apart)
	for i := range two {
		if _, answer := n.tryConnect(); answer != "modeok" {
			t.Fatalf("connection %d is told %q", i+1, answer)
		}
	}
	for range 3 {
		p, answer := n.tryConnect()
		if answer != "cmderr server full" {
			t.Errorf("one too many is told %q", answer)
		}
		if got := p.answer(); got != theEnd {
			t.Errorf("and then %q", got)
		}
	}
	c.nats[0].again()
	n.await(1, together)
	late := n.connect()
	got := late.users()
	if len(got) != two+1 || !slices.Contains(got, fmt.Sprintf("Anonymous%d", two+1)) {
		t.Errorf("%d users, not %d and the next one", len(got), two)
	}
	late.must("msg hi", fmt.Sprintf("msgok %d", two))
}

// What is wrong with NATS at the start ends the server, in seconds, and is said.
func TestUnusableNATS(t *testing.T) {
	t.Parallel()
	nobody := "nats://" + freeAddress(t)
	address := freeAddress(t)
	host, port, _ := net.SplitHostPort(address)
	plain := run(t, "nats", binary("nats-server"), "--addr", host, "--port", port)
	plain.await(1, "Server is ready")
	for _, c := range []struct{ name, url, want string }{
		{"nobody", nobody, "no servers available for connection"},
		{"no JetStream", "nats://" + address, "it has no JetStream: start nats-server with -js"},
		{"no majority", minority(t).url, "have its servers a majority, and JetStream?"},
		{"old", oldNATS(t), "nats-server is 2.10.29, and 2.11 is the oldest that will do"},
	} {
		t.Run(c.name, func(t *testing.T) {
			began := time.Now()
			p := run(t, "node", nodeArgs("node", c.url)...)
			if code := p.exit(); code != 1 {
				t.Errorf("exit code %d", code)
			}
			if got := p.log.all(); !strings.Contains(got, c.want) || !strings.Contains(got, c.url) {
				t.Errorf("it says %q", got)
			}
			if took := time.Since(began); took > 15*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
	t.Run("who asks how it is", func(t *testing.T) {
		p := run(t, "status", binary("parley"), "cluster", "status", "--cluster", "nats://"+address)
		if code := p.exit(); code != 1 {
			t.Errorf("exit code %d", code)
		}
		if got := p.log.all(); !strings.Contains(got, "it has no JetStream: start nats-server with -js") {
			t.Errorf("it says %q", got)
		}
	})
}

// minority is one NATS server of three, the only one.
func minority(t *testing.T) *natsServer {
	t.Helper()
	all := startNATS(t, 3)
	all[1].kill()
	all[2].kill()
	return all[0]
}

// oldNATS answers as a NATS server of an older version does, as far as its client
// library looks.
func oldNATS(t *testing.T) (url string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			fmt.Fprint(conn, `INFO {"server_id":"OLD","version":"2.10.29","proto":1,"headers":true,"jetstream":true,"max_payload":1048576}`+"\r\n")
			for lines := bufio.NewScanner(conn); lines.Scan(); {
				if lines.Text() == "PING" {
					fmt.Fprint(conn, "PONG\r\n")
				}
			}
			conn.Close()
		}
	}()
	return "nats://" + l.Addr().String()
}
