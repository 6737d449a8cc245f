package cluster

import (
	"context"

	"github.com/nats-io/nats.go/jetstream"
)

// Crash ends a node as a killed process would: it gives nothing back.
func (r *Room) Crash() {
	r.nats.Close()
	r.stop()
	if l := r.current(); l != nil {
		l.fail(errApart)
	}
	r.running.Wait()
}

// Where is the node that has a name.
func (r *Room) Where(name string) string {
	at, _ := r.current().presence.find(name)
	return at.Node
}

// Claim claims a name for a connection, as a claim does that reaches NATS when its
// link has ended.
func (r *Room) Claim(name string, conn uint64) error {
	_, err := r.current().claim(name, holder{identity: r.self, Conn: conn})
	return err
}

// Delete takes a block out of the stream, as an operator does.
func (r *Room) Delete(sequence uint64) error {
	return r.current().stream.DeleteMsg(context.Background(), sequence)
}

// Consumers is how many read the stream, as NATS counts them.
func (r *Room) Consumers() int {
	info, err := r.current().stream.Info(context.Background())
	if err != nil {
		panic(err)
	}
	return info.State.Consumers
}

// LeaseLeft is for how long the bucket still knows of the lease that the last node of
// that name had.
func (r *Room) LeaseLeft(node string) string {
	s, err := r.js.Stream(context.Background(), "KV_"+r.opts.bucket())
	if err != nil {
		panic(err)
	}
	m, err := s.GetLastMsgForSubject(context.Background(), "$KV."+r.opts.bucket()+"."+leasePrefix+node+".*")
	if err != nil {
		return err.Error()
	}
	return m.Header.Get("KV-Operation") + " " + m.Header.Get(jetstream.MsgTTLHeader)
}

// Publish puts something into the stream that no node has said.
func (r *Room) Publish(data []byte) {
	if _, err := r.js.Publish(context.Background(), r.opts.sayings(), data); err != nil {
		panic(err)
	}
}

// SendLetter sends something to r's members that no node has sent, with how far its
// sender has heard.
func (r *Room) SendLetter(data string) {
	if err := r.nats.Publish(r.opts.letters(r.self), append(make([]byte, 8), data...)); err != nil {
		panic(err)
	}
}

// The parts, for tests of each alone.
type (
	Identity = identity
	Presence = presence
	Entry    = entry
	Position = position
	Fence    = fence
)

var NewPresence = newPresence

func HolderOf(at Identity, conn, place uint64) holder {
	return holder{identity: at, Conn: conn, Place: place}
}

func (h holder) Encode() []byte   { return h.encode() }
func (id identity) Lease() string { return id.lease() }

func MakeChange(key string, value []byte, gone, expired bool, revision uint64) change {
	return change{key, value, gone, expired, revision}
}

func (p *presence) Apply(c change)                    { p.apply(c) }
func (p *presence) Answer() string                    { return string(p.answer()) }
func (p *presence) Elsewhere() int                    { return p.elsewhere() }
func (p *presence) Find(name string) (identity, bool) { return p.find(name) }

func (p *position) Reach(at uint64)                            { p.reach(at) }
func (p *position) Await(ctx context.Context, at uint64) error { return p.await(ctx, at) }
func (f *fence) Pass(do func() error) error                    { return f.pass(do) }
