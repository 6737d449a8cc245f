package cluster_test

import (
	"errors"
	"testing"

	"parley/internal/cluster"
	"parley/internal/hub"
)

// Two nodes are one chat: names, messages and private ones.
//
// Rules: P-12, P-22, P-24, P-50, P-51, P-55
func TestTwoNodes(t *testing.T) {
	nats := startNATS(t, t.TempDir(), 0)
	one, two := open(t, nats, cluster.Options{Node: "one"}), open(t, nats, cluster.Options{Node: "two"})
	a, b := join(t, one), join(t, two)
	if a.name != "Anonymous1" || b.name != "Anonymous2001" {
		t.Errorf("given %s and %s", a.name, b.name)
	}
	for _, r := range []*cluster.Room{one, two} {
		if users := usersOf(r); users != "users Anonymous1 Anonymous2001\n" {
			t.Errorf("got %q", users)
		}
	}
	if err := a.login("amy"); err != nil {
		t.Fatal(err)
	}
	if err := b.login("amy"); !errors.Is(err, hub.ErrNameTaken) {
		t.Errorf("amy twice: %v", err)
	}
	if n := a.says("hello", "all"); n != 1 {
		t.Errorf("went to %d", n)
	}
	b.hears("msg amy hello", "msg amy all")
	if err := b.whispers("amy", "psst"); err != nil {
		t.Fatal(err)
	}
	a.hears("privmsg Anonymous2001 psst")
	if err := b.whispers("Amy", "psst"); !errors.Is(err, hub.ErrNoRecipient) {
		t.Errorf("to nobody: %v", err)
	}
	if err := b.login("bob"); err != nil {
		t.Fatal(err)
	}
	if users := usersOf(one); users != "users amy bob\n" {
		t.Errorf("got %q", users)
	}
	b.leave()
	if users := usersOf(one); users != "users amy\n" {
		t.Errorf("got %q", users)
	}
	if n := a.says("anybody?"); n != 0 {
		t.Errorf("went to %d", n)
	}
}
