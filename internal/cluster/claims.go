package cluster

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"

	"parley/internal/hub"
)

// claimsAtOnce is how many names are claimed at a time after having been apart.
const claimsAtOnce = 32

// tombstone is how long the bucket remembers that a name was given up.
const tombstone = 10 * time.Minute

// claim takes a name for a connection of ours and returns the revision of its key.
// The errors are [hub.ErrNameTaken] and errApart.
func (l *link) claim(name string, h holder) (revision uint64, err error) {
	value := h.encode()
	for {
		err := l.do(func(ctx context.Context) (err error) {
			revision, err = l.bucket.Create(ctx, name, value)
			return err
		})
		if err == nil || errors.Is(err, errApart) {
			return revision, err
		}
		revision, err = l.takeOver(name, h, value)
		if !isConflict(err) {
			return revision, err
		}
	}
}

// takeOver takes a name whose key is there: it is ours if an attempt whose answer
// was lost has put it there, and free if the node that had it is gone.
func (l *link) takeOver(name string, h holder, value []byte) (revision uint64, err error) {
	var found jetstream.KeyValueEntry
	err = l.do(func(ctx context.Context) (err error) {
		found, err = l.bucket.Get(ctx, name)
		return err
	})
	switch {
	case errors.Is(err, jetstream.ErrKeyNotFound):
		return 0, errMoved
	case err != nil:
		return 0, err
	}
	has, known := parseHolder(found.Value())
	if ours := known && has.identity == h.identity && has.Conn == h.Conn; !ours {
		// A node has its lease before it has a name: what we know up to that
		// revision tells whether the holder lives.
		if err := l.await(&l.presence.applied, found.Revision()); err != nil {
			return 0, err
		}
		if !known || l.presence.alive(has.identity) {
			return 0, hub.ErrNameTaken
		}
	}
	err = l.do(func(ctx context.Context) (err error) {
		revision, err = l.bucket.Update(ctx, name, value, found.Revision())
		return err
	})
	return revision, err
}

// errMoved is a conflict that was seen in reading.
var errMoved = &jetstream.APIError{ErrorCode: jetstream.JSErrCodeStreamWrongLastSequence, Description: "the key has changed meanwhile"}

// release gives a name back and returns the revision of that, or 0 if it was not
// claimed, is somebody else's by now, or could not be given back. In the last case
// the next link does it.
func (l *link) release(c member) (revision uint64) {
	if c.revision == 0 {
		return 0
	}
	revision, _ = l.purge(c.name, c.revision)
	return revision
}

// purge takes a key out of the bucket that is still at a revision, and leaves a
// tombstone, for a time.
func (l *link) purge(key string, at uint64) (revision uint64, err error) {
	return l.put(key, nil, map[string]string{
		"KV-Operation":                      "PURGE",
		jetstream.MsgRollup:                 jetstream.MsgRollupSubject,
		jetstream.MsgTTLHeader:              tombstone.String(),
		jetstream.ExpectedLastSubjSeqHeader: strconv.FormatUint(at, 10),
	})
}

// enter claims the names of all our members, and makes the link the room's.
func (l *link) enter() error {
	r := l.room
	for {
		missing := r.unclaimed(l)
		if len(missing) == 0 {
			return nil
		}
		var claims errgroup.Group
		claims.SetLimit(claimsAtOnce)
		for _, c := range missing {
			claims.Go(func() error { return l.claimAgain(c) })
		}
		if claims.Wait() != nil {
			return context.Cause(l.ctx)
		}
	}
}

// claimAgain claims the name that a member has had since before this link.
func (l *link) claimAgain(c member) error {
	r := l.room
	revision, ours := l.presence.holds(c.name, holder{identity: r.self, Conn: c.conn})
	if !ours {
		var err error
		revision, err = l.claim(c.name, holder{r.self, c.conn, c.login, c.place})
		switch {
		case errors.Is(err, hub.ErrNameTaken):
			c.to.NameLost()
			revision = lostName
		case err != nil:
			return err
		}
	}
	r.claimed(c.conn, revision, l)
	if revision != lostName {
		l.relyOn(c.conn, c.name, revision)
	}
	return nil
}

// relyOn waits until a claim is known here, and looks whether it still stands: when
// the name went to another before our member was known to have it, [link.own] did not
// miss it. A member that has left meanwhile does not rely on anything.
func (l *link) relyOn(conn uint64, name string, revision uint64) {
	l.reached(revision)
	if _, ours := l.presence.holds(name, holder{identity: l.room.self, Conn: conn}); !ours && l.room.has(conn, name) {
		l.fail(errNamesLost)
	}
}

// errNamesLost is that the node stood still for longer than its lease: to the others
// it was dead. The next link claims all names again, and tells those who have lost
// theirs.
var errNamesLost = errors.New("our names were free for others: the lease had run out")

// lostName stands for the revision of a name that another has by now.
const lostName = ^uint64(0)

// unclaimed returns our members whose names are not claimed in l yet. If there is
// none, l is the room's link from that moment on.
func (r *Room) unclaimed(l *link) (missing []member) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.members {
		if c.through != l {
			missing = append(missing, *c)
		}
	}
	if len(missing) == 0 {
		r.link, r.apart = l, nil
	}
	return missing
}

func (r *Room) claimed(conn, revision uint64, l *link) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := r.conns[conn]
	if c == nil {
		return // it has left meanwhile; its name is cleared away
	}
	c.through, c.revision = l, revision
	if revision == lostName {
		c.revision = 0
	} else if c.place == 0 {
		c.place = revision
	}
}

// clearOwn gives back names that are ours by the bucket, and that no connection of
// ours has: what an earlier link could not finish. A claim may still be on its way
// there when its link has ended, so this goes on as they come.
func (l *link) clearOwn() {
	for {
		for _, e := range l.presence.own() {
			if l.room.has(e.Conn, e.name) {
				continue
			}
			if _, err := l.purge(e.name, e.revision); errors.Is(err, errApart) {
				return
			}
		}
		select {
		case <-l.ctx.Done():
			return
		case <-l.stray:
		}
	}
}

// has reports whether a connection has a name, or is on its way in.
func (r *Room) has(conn uint64, name string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := r.conns[conn]
	return c != nil && (c.in == nil || c.name == name || c.claiming == name)
}

// clear takes the names of nodes that are gone out of the bucket, so that it does
// not grow. One node does it.
func (l *link) clear() {
	// Those who were here before us may be on their way back.
	early := time.AfterFunc(2*mercy, func() { signal(l.sweep) })
	defer early.Stop()
	for {
		select {
		case <-l.ctx.Done():
			return
		case <-l.sweep:
		}
		if !l.presence.first() {
			continue
		}
		for _, e := range l.presence.orphans() {
			if _, err := l.purge(e.name, e.revision); errors.Is(err, errApart) {
				return
			}
		}
	}
}
