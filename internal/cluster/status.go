package cluster

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// NodeStatus is what a node says of itself.
type NodeStatus struct {
	Node    string    `json:"node"`
	Started time.Time `json:"started"`
	Users   int       `json:"users"` // its own connections
	Heard   uint64    `json:"heard"` // the sequence of the stream that its members heard last
	NATS    string    `json:"nats"`  // the NATS server it is connected to
}

// Status is what this node knows of itself.
func (r *Room) Status() NodeStatus {
	r.mu.Lock()
	users := len(r.members)
	r.mu.Unlock()
	return NodeStatus{
		Node: r.self.Node, Started: r.self.started(), Users: users,
		Heard: r.heard.now(), NATS: forPeople(r.nats.ConnectedUrl()),
	}
}

// Others is how many other nodes there are, and how many connections they have;
// none while this one is apart.
func (r *Room) Others() (nodes, users int) {
	l := r.current()
	if l == nil {
		return 0, 0
	}
	return len(l.presence.living()) - 1, l.presence.elsewhere()
}

// Lag is how many blocks NATS has for this node that its members have not heard.
func (r *Room) Lag() uint64 { return r.pending.Load() }

// tell answers whoever asks how the nodes are.
func (l *link) tell(m *nats.Msg) {
	status, _ := json.Marshal(l.room.Status()) // it can be encoded
	_ = m.Respond(status)                      // who asked and left does not want to know
}

// Report is how a cluster is, seen from outside.
type Report struct {
	Cluster string
	NATS    string // the version of the server that was asked
	Users   int    // names of nodes that have a lease

	Messages    uint64 // blocks in the stream
	Bytes       uint64
	First, Last uint64 // their sequences
	Replicas    []Replica

	Nodes []NodeReport // by name
}

// Replica is a NATS server that keeps the stream.
type Replica struct {
	Server  string
	Leader  bool
	Current bool // it has all that the leader has
}

// NodeReport is how one node is.
type NodeReport struct {
	NodeStatus
	Answered bool   // else it has a lease, and Users is what the bucket says
	Lag      uint64 // blocks that it has not heard yet
}

// answerTime is how long nodes have to say how they are.
const answerTime = time.Second

// Inspect looks at a cluster from outside, as an operator does.
func Inspect(ctx context.Context, opts Options) (*Report, error) {
	ctx, cancel := context.WithTimeout(ctx, joinTime) // NATS may stand still
	defer cancel()
	r := &Room{opts: opts.orDefaults(), lost: make(chan struct{}, 1), back: make(chan struct{}, 1)}
	if err := r.connect(); err != nil {
		return nil, fmt.Errorf("NATS at %s: %w", forPeople(opts.URLs), err)
	}
	defer r.nats.Close()
	report := &Report{Cluster: opts.Name, NATS: r.nats.ConnectedServerVersion()}
	if err := r.inspectStream(ctx, report); err != nil {
		return nil, err
	}
	present, err := r.inspectBucket(ctx)
	if err != nil {
		return nil, err
	}
	answers, err := r.askNodes(ctx, len(present))
	if err != nil {
		return nil, err
	}
	for id, users := range present {
		n := NodeReport{NodeStatus: NodeStatus{Node: id.Node, Started: id.started(), Users: users}}
		if said, ok := answers[id]; ok {
			n.NodeStatus, n.Answered = said, true
			n.Lag = report.Last - min(report.Last, said.Heard)
		}
		report.Users += n.Users
		report.Nodes = append(report.Nodes, n)
	}
	slices.SortFunc(report.Nodes, func(a, b NodeReport) int {
		return cmp.Or(cmp.Compare(a.Node, b.Node), a.Started.Compare(b.Started))
	})
	return report, nil
}

func (r *Room) inspectStream(ctx context.Context, report *Report) error {
	stream, err := r.js.Stream(ctx, r.opts.stream())
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return fmt.Errorf("there is no cluster called %q: no node of it has ever been started", r.opts.Name)
	}
	if errors.Is(err, nats.ErrNoResponders) {
		return fmt.Errorf("NATS at %s: %w", forPeople(r.opts.URLs), errNoJetStream)
	}
	if err != nil {
		return fmt.Errorf("the stream %s: %w", r.opts.stream(), err)
	}
	info := stream.CachedInfo()
	report.Messages, report.Bytes = info.State.Msgs, info.State.Bytes
	report.First, report.Last = info.State.FirstSeq, info.State.LastSeq
	if c := info.Cluster; c != nil {
		report.Replicas = append(report.Replicas, Replica{Server: c.Leader, Leader: true, Current: true})
		for _, peer := range c.Replicas {
			report.Replicas = append(report.Replicas, Replica{Server: peer.Name, Current: peer.Current && !peer.Offline})
		}
	}
	return nil
}

// inspectBucket tells which nodes have a lease, and how many names.
func (r *Room) inspectBucket(ctx context.Context) (map[identity]int, error) {
	bucket, err := r.js.KeyValue(ctx, r.opts.bucket())
	if err != nil {
		return nil, fmt.Errorf("the bucket %s: %w", r.opts.bucket(), err)
	}
	all, err := bucket.WatchAll(ctx, jetstream.IgnoreDeletes())
	if err != nil {
		return nil, err
	}
	defer func() { _ = all.Stop() }()
	p := newPresence(identity{}, 0, func() {}, func(_, _ *entry) {})
	for {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case e := <-all.Updates():
			if e == nil {
				living := p.living()
				delete(living, identity{}) // whoever looks is no node
				return living, nil
			}
			p.apply(change{key: e.Key(), value: e.Value(), revision: e.Revision()})
		}
	}
}

// askNodes collects what nodes say of themselves, until so many have.
func (r *Room) askNodes(ctx context.Context, expected int) (map[identity]NodeStatus, error) {
	inbox := nats.NewInbox()
	sub, err := r.nats.SubscribeSync(inbox)
	if err != nil {
		return nil, err
	}
	if err := r.nats.PublishRequest(r.opts.asking(), inbox, nil); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	answers := make(map[identity]NodeStatus)
	for len(answers) < expected {
		m, err := sub.NextMsgWithContext(ctx)
		if err != nil {
			break // those who have not answered by now do not
		}
		var said NodeStatus
		if json.Unmarshal(m.Data, &said) == nil {
			answers[identityOf(said.Node, said.Started)] = said
		}
	}
	return answers, nil
}
