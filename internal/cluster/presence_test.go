package cluster_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/cluster"
)

var (
	here  = cluster.Identity{Node: "here", Start: "1"}
	there = cluster.Identity{Node: "there", Start: "1"}
)

func newPresence(freed func()) *cluster.Presence {
	return cluster.NewPresence(here, time.Second, freed, func(_, _ *cluster.Entry) {})
}

// bucket makes changes as NATS would bring them.
type bucket struct {
	to       *cluster.Presence
	revision uint64
}

func (b *bucket) put(key string, value []byte) {
	b.revision++
	b.to.Apply(cluster.MakeChange(key, value, false, false, b.revision))
}

func (b *bucket) gone(key string, expired bool) {
	b.revision++
	b.to.Apply(cluster.MakeChange(key, nil, true, expired, b.revision))
}

func (b *bucket) name(name string, at cluster.Identity, conn, place uint64) {
	b.put(name, cluster.HolderOf(at, conn, place).Encode())
}

// Rules: P-12, P-22, P-55
func TestPresenceFollowsTheBucket(t *testing.T) {
	b := &bucket{to: newPresence(func() {})}
	want := func(users string, elsewhere int) {
		t.Helper()
		if got := b.to.Answer(); got != users+"\n" || b.to.Elsewhere() != elsewhere {
			t.Errorf("%q, %d elsewhere; want %q, %d", got, b.to.Elsewhere(), users, elsewhere)
		}
	}
	b.name("Anonymous1", here, 1, 0)  // place 1
	b.name("Anonymous2", there, 1, 0) // place 2; its node has no lease yet
	want("users Anonymous1", 0)
	b.put(there.Lease(), nil)
	want("users Anonymous1 Anonymous2", 1)
	b.name("Anonymous3", here, 2, 0)
	b.name("bob", there, 1, 2)
	want("users Anonymous1 bob Anonymous3", 1)
	if _, found := b.to.Find("Anonymous2"); found {
		t.Error("the old name is still there")
	}
	b.gone("Anonymous2", false)
	want("users Anonymous1 bob Anonymous3", 1)
	if at, found := b.to.Find("bob"); !found || at != there {
		t.Errorf("bob is at %v", at)
	}
	b.put("fence.there.1", nil)
	b.put("somebody", []byte("nothing of ours"))
	want("users Anonymous1 bob Anonymous3", 1)
	b.name("bob", here, 3, 0) // somebody else has it now
	want("users Anonymous1 Anonymous3 bob", 0)
	b.gone(there.Lease(), false)
	b.gone("Anonymous1", false)
	b.gone("Anonymous1", false)
	want("users Anonymous3 bob", 0)
}

// A claim whose node has forgotten it, because the link broke, leaves the connection
// the name that it has.
//
// Rules: P-22, P-27, P-55
func TestPresenceAfterARenameThatCameToNothing(t *testing.T) {
	b := &bucket{to: newPresence(func() {})}
	b.put(there.Lease(), nil)
	b.name("amy", there, 1, 0)
	b.name("ann", there, 1, 1)
	b.name("abe", there, 1, 1)
	b.gone("ann", false)
	b.gone("abe", false)
	if got := b.to.Answer(); got != "users amy\n" || b.to.Elsewhere() != 1 {
		t.Errorf("%q, %d elsewhere", got, b.to.Elsewhere())
	}
	if at, found := b.to.Find("amy"); !found || at != there {
		t.Errorf("amy is at %v", at)
	}
	b.name("ann", there, 1, 1)
	b.gone("amy", false)
	b.gone("ann", false)
	if got := b.to.Answer(); got != "users\n" || b.to.Elsewhere() != 0 {
		t.Errorf("%q, %d elsewhere", got, b.to.Elsewhere())
	}
}

// A lease that is missing for a moment costs nobody the name; one that was given
// back frees all at once.
func TestPresenceHasMercy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var freed atomic.Int32
		b := &bucket{to: newPresence(func() { freed.Add(1) })}
		b.put(there.Lease(), nil)
		b.name("bob", there, 1, 0)
		present := func(want bool) {
			t.Helper()
			synctest.Wait()
			if _, found := b.to.Find("bob"); found != want {
				t.Errorf("bob is found: %v", found)
			}
		}
		b.gone(there.Lease(), true)
		time.Sleep(900 * time.Millisecond) //nolint:forbidigo // in a bubble
		present(true)
		b.put(there.Lease(), nil)
		time.Sleep(time.Minute) //nolint:forbidigo // in a bubble
		present(true)
		b.gone(there.Lease(), true)
		time.Sleep(1100 * time.Millisecond) //nolint:forbidigo // in a bubble
		present(false)
		b.put(there.Lease(), nil)
		present(true)
		if freed.Load() != 1 {
			t.Errorf("freed %d times", freed.Load())
		}
		b.gone(there.Lease(), false)
		present(false)
	})
}

func TestPosition(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p cluster.Position
		var done [5]atomic.Bool
		var all sync.WaitGroup
		for _, at := range []uint64{3, 1, 4, 1} {
			all.Go(func() {
				if err := p.Await(t.Context(), at); err != nil {
					t.Error(err)
				}
				done[at].Store(true)
			})
		}
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, context.Canceled)
		defer cancel()
		if err := p.Await(ctx, 9); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		p.Reach(3)
		synctest.Wait()
		if !done[1].Load() || !done[3].Load() || done[4].Load() {
			t.Error("not those that were reached")
		}
		p.Reach(2) // back is no way
		p.Reach(4)
		all.Wait()
	})
}

// Whoever comes while a round runs waits for a later one, and many share it.
func TestFence(t *testing.T) {
	var f cluster.Fence
	var begun, ended atomic.Int32
	round := func() error {
		begun.Add(1)
		runtime.Gosched()
		ended.Add(1)
		return nil
	}
	const passers, times = 20, 200
	var all sync.WaitGroup
	for range passers {
		all.Go(func() {
			for range times {
				before := begun.Load()
				if err := f.Pass(round); err != nil || ended.Load() <= before {
					t.Errorf("%v, %d rounds had begun, and %d have ended", err, before, ended.Load())
				}
			}
		})
	}
	all.Wait()
	if begun.Load() >= passers*times {
		t.Error("nobody shared a round")
	}
}

// A round that fails has failed for all who waited for it.
func TestFenceFails(t *testing.T) {
	var f cluster.Fence
	broken := errors.New("broken")
	if err := f.Pass(func() error { return broken }); !errors.Is(err, broken) {
		t.Error(err)
	}
	if err := f.Pass(func() error { return nil }); err != nil {
		t.Error(err)
	}
}
