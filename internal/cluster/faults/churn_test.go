//go:build unix

package faults_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// People come, take names, change them and leave on all nodes, while NATS is killed,
// frozen and back: at the end nobody is in a list who is not there, and the bucket
// has nobody's name.
//
// Rules: P-11, P-22, P-26, P-55, P-84
func TestNoGhosts(t *testing.T) {
	t.Parallel()
	long(t)
	c := newLab(t, 1, 3)
	stay := []*peer{c.nodes[0].join("stay1"), c.nodes[1].join("stay2"), c.nodes[2].join("stay3")}
	stop := make(chan struct{})
	var churning sync.WaitGroup
	for i, n := range c.nodes {
		for j := range 4 {
			churning.Go(func() { churn(n, rand.New(rand.NewPCG(uint64(i), uint64(j))), stop) })
		}
	}
	for range 2 {
		wait(stop, time.Second)
		c.nats[0].kill()
		wait(stop, 4*time.Second)
		c.nats[0].again()
		wait(stop, 2*time.Second)
		c.nats[0].freeze()
		wait(stop, 7*time.Second)
		c.nats[0].thaw()
		wait(stop, 2*time.Second)
	}
	close(stop)
	churning.Wait()
	for _, p := range stay {
		eventually(t, p.name+" sees", func() (string, bool) {
			got := p.ask("users")
			return got, got == "users stay1 stay2 stay3"
		})
	}
	eventually(t, "the bucket has", func() (string, bool) {
		got := c.names()
		return fmt.Sprint(got), slices.Equal(got, []string{"stay1", "stay2", "stay3"})
	})
	for i, n := range c.nodes {
		t.Logf("%s was apart %d times", n.name, n.log.count(apart))
		stay[i].must("msg all there?", "msgok 2")
	}
}

// churn lets one after the other come and go.
func churn(n *node, rng *rand.Rand, stop <-chan struct{}) {
	for !wait(stop, time.Duration(rng.IntN(10))*time.Millisecond) {
		conn, err := n.dial(n.address)
		if err != nil {
			n.t.Error(err)
			return
		}
		p := &peer{t: n.t, conn: conn, answers: make(chan string, 64), more: make(chan struct{})}
		go p.read()
		for range rng.IntN(4) {
			got := p.ask(fmt.Sprintf("login churn%d", rng.IntN(30)))
			if got == theEnd || got == "cmderr server full" {
				break // it has lost its name, or there is no number for it
			}
			if !slices.Contains([]string{"loginok", inUse, impossible}, got) {
				n.t.Errorf("login: %q", got)
			}
		}
		if rng.IntN(2) == 0 {
			p.send("msg bye\n") // and does not wait
		}
		conn.Close()
	}
}

// names are those in the bucket.
func (c *lab) names() []string {
	c.t.Helper()
	js, ctx, done := c.ask()
	defer done()
	bucket, err := js.KeyValue(ctx, "parley-lab")
	if err != nil {
		c.t.Fatal(err)
	}
	keys, err := bucket.Keys(ctx)
	if err != nil {
		c.t.Fatal(err)
	}
	keys = slices.DeleteFunc(keys, func(key string) bool { return strings.Contains(key, ".") })
	slices.Sort(keys)
	return keys
}

// One moves from node to node while others talk, and misses nothing.
//
// Rules
func TestHistoryFromAnyNode(t *testing.T) {
	t.Parallel()
	c := newLab(t, 1, 3)
	k := begin(c, c.nodes...)
	k.lap(3, anyNumber)
	last := k.lastID(k.ears[0])
	first := last
	var got []string
	for i := range 12 {
		p := c.nodes[i%3].connect()
		p.must("stamp", "modeok")
		for {
			answer := p.ask(fmt.Sprintf("history since %d 50", last))
			lines := strings.Split(answer, "\n")
			if lines[0] == "history 0" {
				break
			}
			if gapOf(answer) || !strings.HasPrefix(answer, "history ") {
				t.Fatalf("%q", lines[0])
			}
			for _, line := range lines[1:] {
				got = append(got, line)
				last, _ = unstamp(line)
			}
		}
		k.lap(3, anyNumber)
		live, _ := p.said()
		for _, line := range live {
			if id, _ := unstamp(line); id > last {
				got = append(got, line)
				last = id
			}
		}
		p.conn.Close()
	}
	k.end("end")
	k.verify(anyNumber)
	all, _ := k.ears[0].said()
	var want []string
	for _, line := range all {
		if id, _ := unstamp(line); id > first && id <= last {
			want = append(want, line)
		}
	}
	if !slices.Equal(got, want) {
		t.Error(firstDifference(got, want))
	}
}
