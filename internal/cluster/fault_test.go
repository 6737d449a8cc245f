package cluster_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley/internal/cluster"
	"parley/internal/hub"
	"parley/proto"
)

// eventually polls what only NATS and its clocks can bring about.
func eventually(t testing.TB, what string, fulfilled func() bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	late := time.After(30 * time.Second)
	for !fulfilled() {
		select {
		case <-tick.C:
		case <-late:
			t.Fatal("waited in vain: ", what)
		}
	}
}

// Without NATS each node is a chat of its own users; when it is back all are one
// again, and nobody's line comes twice.
//
// Rules: P-27, P-43, X-4, X-7
func TestNATSGoneAndBack(t *testing.T) {
	dir := t.TempDir()
	nats := startNATS(t, dir, 0)
	quick := cluster.Options{Grace: 200 * time.Millisecond}
	quick.Node = "one"
	one := open(t, nats, quick)
	quick.Node = "two"
	two := open(t, nats, quick)
	a, b, c := join(t, one), join(t, one), join(t, two)
	for i, e := range []*ear{a, b, c} {
		if err := e.login([]string{"amy", "bob", "cat"}[i]); err != nil {
			t.Fatal(err)
		}
	}
	if n := a.says("before"); n != 2 {
		t.Errorf("went to %d", n)
	}
	b.hears("msg amy before")
	c.hears("msg amy before")
	last := one.History().Newest()

	port := portOf(nats)
	nats.Shutdown()
	nats.WaitForShutdown()
	eventually(t, "both nodes are apart", func() bool { return one.Apart() != nil && two.Apart() != nil })
	if n := a.says("alone"); n != 1 {
		t.Errorf("went to %d, apart", n)
	}
	b.hears("msg amy alone")
	if users := usersOf(one); users != "users amy bob\n" {
		t.Errorf("apart: %q", users)
	}
	if err := a.whispers("cat", "psst"); !errors.Is(err, hub.ErrNoRecipient) {
		t.Errorf("to one elsewhere: %v", err)
	}
	if err := a.login("ann"); !errors.Is(err, hub.ErrNamesApart) {
		t.Errorf("login apart: %v", err)
	}
	if err := a.login("bob"); !errors.Is(err, hub.ErrNameTaken) {
		t.Errorf("login as one of our own: %v", err)
	}
	d := join(t, one)
	if d.name != "Anonymous3" {
		t.Errorf("given %s", d.name)
	}
	if page := history(t, one, proto.Page{Range: proto.Since, ID: last, N: 10}); page != "history 0 gap\n" {
		t.Errorf("since: %q", page)
	}
	b.leave() // nobody tells NATS

	startNATS(t, dir, port)
	eventually(t, "both nodes are together", func() bool { return one.Apart() == nil && two.Apart() == nil })
	eventually(t, "two sees all of one", func() bool { return usersOf(two) == "users amy cat Anonymous3\n" })
	if n := a.says("together"); n != 2 {
		t.Errorf("went to %d", n)
	}
	c.hears("msg amy together")
	d.hears("msg amy together")
	if err := a.login("bob"); err != nil {
		t.Errorf("the name of somebody who left meanwhile: %v", err)
	}
	page := history(t, two, proto.Page{N: 10})
	if strings.Count(page, "\n") != 3 || strings.Contains(page, "alone") {
		t.Errorf("history: %q", page)
	}
}

// A NATS server that is set up wrongly for a while has to be set right, and no node
// started again.
func TestNATSRefusesForAWhile(t *testing.T) {
	dir := t.TempDir()
	nats := startGuardedNATS(t, dir, 0, "right")
	port := portOf(nats)
	one := open(t, nats, cluster.Options{
		Node: "one", URLs: fmt.Sprintf("nats://parley:right@127.0.0.1:%d", port), Grace: 100 * time.Millisecond,
	})
	if at := one.Status().NATS; at != fmt.Sprintf("nats://127.0.0.1:%d", port) {
		t.Errorf("the server is shown as %s", at)
	}
	nats.Shutdown()
	nats.WaitForShutdown()
	nats = startGuardedNATS(t, dir, port, "wrong")
	eventually(t, "the node has tried several times", func() bool {
		v, err := nats.Varz(nil)
		return err == nil && v.TotalConnections >= 4
	})
	nats.Shutdown()
	nats.WaitForShutdown()
	startGuardedNATS(t, dir, port, "right")
	eventually(t, "the node is together", func() bool { return one.Apart() == nil })
}

// A NATS that goes back to an earlier state of its files, as after a power failure,
// makes nobody give an ID twice.
//
// Rules
func TestNATSForgetsTheLast(t *testing.T) {
	now, before := t.TempDir(), filepath.Join(t.TempDir(), "before")
	nats := startNATS(t, now, 0)
	one := open(t, nats, cluster.Options{Node: "one"})
	a, b := join(t, one), join(t, one)
	a.says("kept")
	port := portOf(nats)
	restart := func(dir string, between func() error) {
		t.Helper()
		nats.Shutdown()
		nats.WaitForShutdown()
		if err := between(); err != nil {
			t.Fatal(err)
		}
		nats = startNATS(t, dir, port)
	}
	restart(now, func() error { return os.CopyFS(before, os.DirFS(now)) })
	for range 5 {
		a.says("lost")
	}
	last := one.History().Newest()
	restart(before, func() error { return nil })
	eventually(t, "the node is together, with what it says", func() bool {
		n, newest := a.says("after"), one.History().Newest()
		if newest < last {
			t.Fatalf("the ID %d came after %d", newest, last)
		}
		return n == 1 && one.Apart() == nil && newest > last
	})
	page := history(t, one, proto.Page{Range: proto.Since, ID: last, N: 10})
	if !strings.Contains(page, "msg Anonymous1 after\n") || strings.Contains(page, "lost") {
		t.Errorf("since: %q", page)
	}
	if users := usersOf(one); users != "users Anonymous1 Anonymous2\n" {
		t.Errorf("got %q", users)
	}
	if err := b.login("bob"); err != nil {
		t.Error(err)
	}
}

// A node that dies gives nothing back: its names are free when its lease has run
// out.
func TestNodeDies(t *testing.T) {
	nats := startNATS(t, t.TempDir(), 0)
	one, two := open(t, nats, cluster.Options{Node: "one"}), open(t, nats, cluster.Options{Node: "two", Lease: 2 * time.Second})
	a, b := join(t, one), join(t, two)
	if err := b.login("bob"); err != nil {
		t.Fatal(err)
	}
	two.Crash()
	if err := a.login("bob"); !errors.Is(err, hub.ErrNameTaken) {
		t.Errorf("right after: %v", err)
	}
	eventually(t, "bob is gone", func() bool { return usersOf(one) == "users Anonymous1\n" })
	if n := a.says("anybody?"); n != 0 {
		t.Errorf("went to %d", n)
	}
	if err := a.login("bob"); err != nil {
		t.Errorf("afterwards: %v", err)
	}
	if err := a.whispers("bob", "to myself"); err != nil {
		t.Error(err)
	}
	a.hears("privmsg bob to myself")
}

// A node that stops in order frees its names at once, and what is left of them is
// cleared away.
func TestNodeStops(t *testing.T) {
	nats := startNATS(t, t.TempDir(), 0)
	one, two := open(t, nats, cluster.Options{Node: "one"}), open(t, nats, cluster.Options{Node: "two"})
	a, b := join(t, one), join(t, two)
	if err := b.login("bob"); err != nil {
		t.Fatal(err)
	}
	two.Close() // bob's session is slower than that
	if left := one.LeaseLeft("two"); left != "PURGE 10m0s" {
		t.Errorf("of the lease is left: %q", left)
	}
	if err := a.login("bob"); err != nil {
		t.Error(err)
	}
	if users := usersOf(one); users != "users bob\n" {
		t.Errorf("got %q", users)
	}
}

// Who was apart for longer than its lease may find that a name has gone to
// somebody else.
func TestNameLost(t *testing.T) {
	nats := startNATS(t, t.TempDir(), 0)
	wire := newCable(t, nats)
	one := open(t, nats, cluster.Options{Node: "one"})
	two := open(t, nats, cluster.Options{Node: "two", URLs: wire.url(), Lease: 2 * time.Second, Grace: 100 * time.Millisecond})
	a, b := join(t, one), join(t, two)
	if err := b.login("bob"); err != nil {
		t.Fatal(err)
	}
	wire.cut()
	eventually(t, "two is apart", func() bool { return two.Apart() != nil })
	eventually(t, "bob's name is free", func() bool { return a.login("bob") == nil })
	wire.heal()
	eventually(t, "two is together", func() bool { return two.Apart() == nil })
	b.until("is told that the name is lost", func([]string) bool { return b.lost })
	b.leave()
	if users := usersOf(two); users != "users bob\n" {
		t.Errorf("got %q", users)
	}
	if at := two.Where("bob"); at != "one" {
		t.Errorf("bob is at %q", at)
	}
}

// A claim that reaches NATS when its link has ended is nobody's, and holds no name.
//
// Rules: P-22, P-55
func TestLateClaim(t *testing.T) {
	nats := startNATS(t, t.TempDir(), 0)
	one, two := open(t, nats, cluster.Options{Node: "one"}), open(t, nats, cluster.Options{Node: "two"})
	a, b := join(t, one), join(t, two)
	if err := a.login("amy"); err != nil {
		t.Fatal(err)
	}
	for conn, name := range []string{"ann", "abe", "ada"} { // the second is amy's connection; the others nobody's
		if err := one.Claim(name, uint64(conn)); err != nil {
			t.Fatal(err)
		}
		eventually(t, name+" is free", func() bool { return b.login(name) == nil })
	}
	if users := usersOf(two); users != "users amy ada\n" {
		t.Errorf("got %q", users)
	}
	if err := one.Apart(); err != nil {
		t.Error(err)
	}
}

// What is in the stream, or in a letter, and is no message is told to nobody.
//
// Rules: P-9
func TestForeignWordsInTheStream(t *testing.T) {
	nats := startNATS(t, t.TempDir(), 0)
	one := open(t, nats, cluster.Options{Node: "one"})
	a := join(t, one)
	for _, words := range []string{
		"hello\n", "msg bob no end", "msg bob two\nhelp\n", "privmsg bob x\n", "@1 2026-11-22T16:49:00.123Z msg bob x\n",
		"msg b.b x\n", "msg bob \x1b[2J\n", "msg bob \xff\n", strings.Repeat("msg bob x\n", hub.MaxLines+1),
	} {
		one.Publish([]byte(words))
	}
	one.Publish([]byte("msg bob fine\n"))
	a.hears("msg bob fine")
	if got := one.Stats.Invalid.Load(); got != 9 {
		t.Errorf("%d were refused", got)
	}
	for _, letter := range []string{"", a.name, "\nprivmsg bob x\n\n", "\nmsg bob x\n", "\nprivmsg b.b x\n", "\nprivmsg bob \x1b[2J\n"} {
		one.SendLetter(a.name + letter)
	}
	one.SendLetter(a.name + "\nprivmsg bob fine\n")
	a.hears("privmsg bob fine")
	if got := one.Stats.Invalid.Load(); got != 15 {
		t.Errorf("%d were refused", got)
	}
}

// history is the answer to history, as a session gets it.
func history(t testing.TB, r *cluster.Room, p proto.Page) string {
	t.Helper()
	r.SettleSayings()
	page, err := r.History().Page(nil, p, r.History().Newest())
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

// What was said is the same on every node, whether it has it in memory or not, and
// whenever it was started.
//
// Rules
func TestHistoryOfAllNodes(t *testing.T) {
	nats := startNATS(t, t.TempDir(), 0)
	one := open(t, nats, cluster.Options{Node: "one"})
	a := join(t, one)
	for i := range 40 {
		a.says(fmt.Sprintf("%d first", i), fmt.Sprintf("%d second", i), fmt.Sprintf("%d third", i))
	}
	whole := history(t, one, proto.Page{N: 1000})
	forgetful := open(t, nats, cluster.Options{Node: "two", Remember: 5})
	for _, page := range []proto.Page{{N: 1000}, {N: 1}, {N: 7}, {N: 100}} {
		if got, want := history(t, forgetful, page), history(t, one, page); got != want {
			t.Errorf("the newest %d:\n%s\nwant\n%s", page.N, got, want)
		}
	}
	lines := strings.SplitAfter(whole, "\n")[1:121]
	for _, i := range []int{0, 1, 2, 3, 59, 60, 110, 119} {
		var id int64
		if _, err := fmt.Sscanf(lines[i], "@%d ", &id); err != nil {
			t.Fatal(err)
		}
		for _, n := range []int{1, 2, 50, 1000} {
			later := lines[i+1 : min(i+1+n, 120)]
			if got, want := history(t, forgetful, proto.Page{Range: proto.Since, ID: id, N: n}),
				fmt.Sprintf("history %d\n%s", len(later), strings.Join(later, "")); got != want {
				t.Errorf("since %d, %d:\n%s\nwant\n%s", i, n, got, want)
			}
			earlier := lines[max(0, i-n):i]
			if got, want := history(t, forgetful, proto.Page{Range: proto.Before, ID: id, N: n}),
				fmt.Sprintf("history %d\n%s", len(earlier), strings.Join(earlier, "")); got != want {
				t.Errorf("before %d, %d:\n%s\nwant\n%s", i, n, got, want)
			}
		}
	}
	if n := one.Consumers(); n != 2 {
		t.Errorf("the stream has %d readers, and there are 2 nodes", n)
	}
}

// An operator may delete what was said last: nobody waits for it.
//
// Rules: P-43
func TestLastMessageDeleted(t *testing.T) {
	nats := startNATS(t, t.TempDir(), 0)
	one := open(t, nats, cluster.Options{Node: "one"})
	a := join(t, one)
	a.says("first")
	a.says("second")
	if err := one.Delete(2); err != nil {
		t.Fatal(err)
	}
	two := open(t, nats, cluster.Options{Node: "two"})
	if page := history(t, two, proto.Page{N: 10}); !strings.HasPrefix(page, "history 1\n") {
		t.Errorf("got %q", page)
	}
}

// What the stream drops while a node is apart is a gap there.
//
// Rules: X-7
func TestStreamDropsWhileApart(t *testing.T) {
	nats := startNATS(t, t.TempDir(), 0)
	wire := newCable(t, nats)
	keep := cluster.Options{Node: "one", Grace: 100 * time.Millisecond}
	keep.Keep.Lines = 5
	one := open(t, nats, keep)
	keep.Node, keep.URLs = "two", wire.url()
	two := open(t, nats, keep)
	a := join(t, one)
	a.says("first")
	two.SettleSayings()
	last := two.History().Newest()
	wire.cut()
	eventually(t, "two is apart", func() bool { return two.Apart() != nil })
	for i := range 10 {
		a.says(fmt.Sprint(i))
	}
	wire.heal()
	eventually(t, "two is together", func() bool { return two.Apart() == nil })
	if page := history(t, two, proto.Page{Range: proto.Since, ID: last, N: 10}); !strings.HasPrefix(page, "history 5 gap\n") {
		t.Errorf("got %q", page)
	}
}

// What the stream no longer keeps is a gap.
//
// Rules: X-7
func TestStreamDropsTheOldest(t *testing.T) {
	nats := startNATS(t, t.TempDir(), 0)
	keep := cluster.Options{Node: "one", Remember: 5}
	keep.Keep.Lines = 20
	one := open(t, nats, keep)
	a := join(t, one)
	var ids []int64
	for i := range 30 {
		a.says(fmt.Sprint(i))
		ids = append(ids, one.History().Newest())
	}
	page := history(t, one, proto.Page{Range: proto.Since, ID: ids[3], N: 1000})
	if !strings.HasPrefix(page, "history 20 gap\n") || !strings.Contains(page, " 10\n") {
		t.Errorf("got %q", page)
	}
	if page := history(t, one, proto.Page{Range: proto.Since, ID: ids[10], N: 1000}); !strings.HasPrefix(page, "history 19\n") {
		t.Errorf("got %q", page)
	}
}
