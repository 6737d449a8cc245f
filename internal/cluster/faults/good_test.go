//go:build unix

package faults_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
)

// 300 people on three nodes all talk at once: everybody hears everybody else, in
// one order.
//
// Rules: P-50, P-81, P-82
func TestAllHearAllInOneOrder(t *testing.T) {
	const users, bursts = 300, 3
	c := newLab(t, 1, 3)
	peers := c.crowd(users)
	var talking sync.WaitGroup
	for i, p := range peers[1:] { // the first one listens
		talking.Go(func() {
			for n := range bursts {
				p.send(fmt.Sprintf("msg %d %d\nmsg %d %d\n", i, 2*n, i, 2*n+1))
				for range 2 {
					if got := p.answer(); got != fmt.Sprintf("msgok %d", users-1) {
						t.Errorf("%s: got %q", p.name, got)
					}
				}
			}
		})
	}
	talking.Wait()
	for _, p := range peers {
		p.must("msg end of "+p.name, fmt.Sprintf("msgok %d", users-1))
	}
	last := peers[users-1]
	one := peers[0].hears("end of " + last.name)
	if want := (users - 1) * (2*bursts + 1); len(one) != want {
		t.Fatalf("the first one heard %d messages, not %d", len(one), want)
	}
	for _, p := range peers[1 : users-1] {
		got := p.hears("end of " + last.name)
		got = slices.DeleteFunc(slices.Clone(got), func(line string) bool { return strings.HasPrefix(line, "msg "+peers[0].name+" ") })
		want := slices.DeleteFunc(slices.Clone(one), func(line string) bool { return strings.HasPrefix(line, "msg "+p.name+" ") })
		if !slices.Equal(got, want) {
			t.Errorf("%s: %s", p.name, firstDifference(got, want))
		}
	}
	c.neverApart()
}

// crowd lets so many people come in, one after the other on each node.
func (c *lab) crowd(users int) []*peer {
	c.t.Helper()
	peers := make([]*peer, users)
	var coming sync.WaitGroup
	for at := range c.nodes {
		coming.Go(func() {
			for i := at; i < users; i += len(c.nodes) {
				peers[i] = c.nodes[at].connect()
				peers[i].name = fmt.Sprintf("user%d", i)
				peers[i].must("login "+peers[i].name, "loginok")
			}
		})
	}
	coming.Wait()
	return peers
}

// Each of 100 names is claimed on all three nodes at once.
//
// Rules: P-24, P-26, P-55
func TestNamesAreClaimedOnAllNodesAtOnce(t *testing.T) {
	const names = 100
	c := newLab(t, 1, 3)
	answers := make([][]string, names)
	for i := range answers {
		answers[i] = make([]string, len(c.nodes))
	}
	var ready, racing sync.WaitGroup
	start := make(chan struct{})
	for at, n := range c.nodes {
		for i := range names {
			ready.Add(1)
			racing.Go(func() {
				p := n.connect()
				ready.Done()
				<-start
				answers[i][at] = p.ask(fmt.Sprintf("login name%d", i))
			})
		}
	}
	ready.Wait()
	close(start)
	racing.Wait()
	for i, got := range answers {
		slices.Sort(got)
		want := []string{"loginerr username already in use", "loginerr username already in use", "loginok"}
		if !slices.Equal(got, want) {
			t.Errorf("name%d: %q", i, got)
		}
	}
	var list string
	for _, n := range c.nodes {
		got := n.ask("users")
		got = got[:strings.LastIndex(got, " ")] // whoever asks comes last
		if present := len(strings.Fields(got)) - 1; present != 3*names {
			t.Errorf("%s: %d names", n.name, present)
		}
		if list != "" && got != list {
			t.Errorf("%s: %s; elsewhere: %s", n.name, got, list)
		}
		list = got
	}
}

// ask sends one command over a new connection.
func (n *node) ask(command string) string {
	n.t.Helper()
	p := n.connect()
	defer p.leaves()
	return p.ask(command)
}

// What one says in public and in private comes in order, also elsewhere.
//
// Rules: P-51, P-80
func TestPublicAndPrivateInOrder(t *testing.T) {
	const rounds = 100
	c := newLab(t, 1, 3)
	from, to := c.nodes[0].join("amy"), c.nodes[1].join("bob")
	third := c.nodes[2].join("cem")
	var lines, want []string
	for i := range rounds {
		lines = append(lines, fmt.Sprintf("msg a%d\nmsg b%d\nprivmsg bob c%d\n", i, i, i))
		want = append(want, fmt.Sprintf("msg amy a%d", i), fmt.Sprintf("msg amy b%d", i), fmt.Sprintf("privmsg amy c%d", i))
	}
	from.send(strings.Join(lines, ""))
	for i := range 3 * rounds {
		got, want := from.answer(), "msgok 2"
		if i%3 == 2 {
			want = "msgok 1"
		}
		if got != want {
			t.Fatalf("answer %d: got %q, want %q", i, got, want)
		}
	}
	from.must("msg end", "msgok 2")
	if got := to.hears("msg amy end"); !slices.Equal(got[:len(got)-1], want) {
		t.Errorf("bob %s", firstDifference(got, want))
	}
	if got := third.hears("msg amy end"); len(got) != 2*rounds+1 {
		t.Errorf("cem heard %d lines", len(got))
	}
	from.must("privmsg nobody hi", "msgerr incorrect recipient")
}

// Who has an answer in hand can rely on it on every node.
//
// Rules: P-11, P-20, P-22, P-53, P-55, P-84
func TestAnswersHoldOnAllNodes(t *testing.T) {
	c := newLab(t, 1, 3)
	one, two, three := c.nodes[0].join("one"), c.nodes[1].join("two"), c.nodes[2].join("three")
	two.must("sync", "modeok")
	for i := range 50 {
		guest := c.nodes[i%3].connect()
		name := fmt.Sprintf("guest%d", i)
		guest.must("login "+name, "loginok")
		for _, p := range []*peer{one, two, three} {
			p.must("users", "users one two three "+name)
		}
		one.must(fmt.Sprintf("msg hello %d", i), "msgok 3")
		two.must("inbox", fmt.Sprintf("inbox 1\nmsg one hello %d", i))
		three.must(fmt.Sprintf("privmsg %s hi", name), "msgok 1")
		guest.leaves()
		for _, p := range []*peer{three, two, one} {
			p.must("users", "users one two three")
		}
		three.must(fmt.Sprintf("privmsg %s hi", name), "msgerr incorrect recipient")
		one.must(fmt.Sprintf("msg bye %d", i), "msgok 2")
		two.must("inbox", fmt.Sprintf("inbox 1\nmsg one bye %d", i))
	}
}
