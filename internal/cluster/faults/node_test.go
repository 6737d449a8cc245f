//go:build unix

package faults_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

const inUse = "loginerr username already in use"

func anyNumber(int) bool { return true }

// A node is killed in the middle of a conversation: the others miss nothing of it,
// and its names are free when its lease has run out, not before.
//
// Rules: P-24, P-82
func TestKilledNode(t *testing.T) {
	t.Parallel()
	c := newLab(t, 1, 3)
	k := begin(c, c.nodes...)
	witness := c.nodes[0].join("witness")
	gone := c.nodes[2].join("gone")
	witness.must("privmsg gone hi", "msgok 1")
	k.lap(30, func(n int) bool { return n == k.size()+1 })
	began := time.Now()
	c.nodes[2].kill()
	if got := gone.answer(); got != theEnd {
		t.Errorf("a client of the killed node: %q", got)
	}
	witness.must("login gone", inUse)
	// The lease is 10 s, refreshed every 3 s; 2 s of mercy come after it.
	eventually(t, "the name of one on a killed node", func() (string, bool) {
		got := witness.ask("login gone")
		return got, got == "loginok"
	})
	if took := time.Since(began); took < 8*time.Second || took > 15*time.Second {
		t.Errorf("the names of a killed node are free after %v", took)
	}
	witness.name = "gone"
	k.lose(2)
	want := []string{"Ear1", "Ear2", "Talker1", "Talker2", "gone"}
	for _, p := range []*peer{witness, k.ears[1]} {
		if got := p.users(); !slices.Equal(got, want) {
			t.Errorf("%s sees %q", p.name, got)
		}
	}
	k.lap(30, func(n int) bool { return n == k.size() })
	k.end("end")
	k.verify(anyNumber)
	c.nodes = c.nodes[:2]
	c.neverApart()
}

// A node that is stopped in order frees its names at once.
//
// Rules: P-26, P-73, P-84
func TestStoppedNode(t *testing.T) {
	t.Parallel()
	c := newLab(t, 1, 3)
	k := begin(c, c.nodes[:2]...)
	for i := range 20 {
		c.nodes[2].join(fmt.Sprintf("guest%d", i))
	}
	c.nodes[2].connect() // and one without a name
	k.lap(6, func(n int) bool { return n == k.size()+20 })
	if code := c.nodes[2].stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if got := c.nodes[2].log.all(); strings.Contains(got, "level=WARN") {
		t.Errorf("a stop in order is no reason to warn: %s", got)
	}
	want := []string{"Ear1", "Ear2", "Talker1", "Talker2"}
	for _, p := range k.ears {
		if got := p.users(); !slices.Equal(got, want) {
			t.Errorf("%s sees %q", p.name, got)
		}
	}
	for i := range 20 {
		c.nodes[i%2].join(fmt.Sprintf("guest%d", i))
	}
	c.nodes[2].again()
	back := c.nodes[2].join("back")
	if got := len(back.users()); got != 25 {
		t.Errorf("%d users", got)
	}
	k.lap(6, func(n int) bool { return n == k.size()+20 })
	k.end("end")
	k.verify(anyNumber)
	c.neverApart()
}

// A node stands still for longer than its lease, and meanwhile somebody takes a
// name of one of its users: that one is closed, the others join again.
//
// Rules: P-26, P-82
func TestFrozenNodeLosesName(t *testing.T) {
	t.Parallel()
	c := newLab(t, 1, 3)
	loser, keeper := c.nodes[2].join("loser"), c.nodes[2].join("keeper")
	k := begin(c, c.nodes[:2]...)
	loser.must("privmsg keeper hi", "msgok 1")
	c.nodes[2].freeze()
	taker := c.nodes[0].connect()
	taker.must("login loser", inUse)
	eventually(t, "the name of one on a frozen node", func() (string, bool) {
		got := taker.ask("login loser")
		return got, got == "loginok"
	})
	taker.name = "loser"
	k.lap(30, func(n int) bool { return n == k.size() })
	c.nodes[2].thaw()
	if got := loser.answer(); got != theEnd {
		t.Errorf("who has lost the name: %q", got)
	}
	c.nodes[2].await(1, "reason=name_lost")
	want := []string{"Ear1", "Ear2", "Talker1", "Talker2", "keeper", "loser"}
	for _, p := range []*peer{keeper, taker, k.ears[1]} {
		eventually(t, p.name+" sees", func() (string, bool) {
			got := p.users()
			return fmt.Sprint(got), slices.Equal(got, want)
		})
	}
	k.lap(30, func(n int) bool { return n == k.size()+1 })
	taker.must("privmsg keeper welcome", "msgok 1")
	keeper.hears("privmsg loser welcome")
	k.ears = append(k.ears[:2:2], keeper)
	k.end("end")
	k.verify(anyNumber)
	if n := c.nodes[2].log.count("reason=name_lost"); n != 1 {
		t.Errorf("%d have lost their names", n)
	}
}

// A node that hardly gets on holds nobody up but its own.
//
// Rules: P-71, P-82
func TestSlowNode(t *testing.T) {
	t.Parallel()
	c := newLab(t, 1, 3)
	far := c.nodes[2].join("far")
	k := begin(c, c.nodes[:2]...)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			c.nodes[2].freeze()
			done := wait(stop, 900*time.Millisecond)
			c.nodes[2].thaw()
			if done || wait(stop, 100*time.Millisecond) {
				return
			}
		}
	}()
	k.lap(300, func(n int) bool { return n == k.size() })
	close(stop)
	<-stopped
	k.ears = append(k.ears, far)
	k.end("end")
	k.verify(anyNumber)
	slices.Sort(k.tookAll)
	median := k.tookAll[len(k.tookAll)/2]
	t.Logf("beside a node that stands still for 9/10 of the time, half the answers took less than %v", median)
	if median > 300*time.Millisecond {
		t.Errorf("half the answers took longer than %v", median)
	}
	c.neverApart()
}

// wait tells whether it was stopped before the time was over.
func wait(stop <-chan struct{}, d time.Duration) bool {
	select {
	case <-stop:
		return true
	case <-time.After(d):
		return false
	}
}

// The full checker finds nothing wrong with a node while another one of the same
// cluster is killed and started again, over and over.
//
// Rules: P-26, P-81, P-82, P-84
func TestCheckerWhileAnotherNodeIsKilled(t *testing.T) {
	t.Parallel()
	long(t)
	c := newLab(t, 1, 2)
	// The checker is about the limit on what one says, too: this one has the usual.
	judged := startNode(t, "node-3", c.nats[0].url, "--spam-rate", "10")
	check := run(t, "check", binary("parley"), "check", "server", judged.address)
	var killing sync.WaitGroup
	kills := 0
	killing.Go(func() {
		for !wait(check.ended, 3*time.Second) {
			c.nodes[1].kill()
			kills++
			c.nodes[1].again()
		}
	})
	killing.Wait()
	if code := check.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("the checker ends with %d", code)
	}
	if kills < 3 {
		t.Errorf("the other node was killed %d times only", kills)
	}
	t.Logf("the other node was killed %d times", kills)
	c.nodes = append(c.nodes[:1], judged)
	c.neverApart()
}
