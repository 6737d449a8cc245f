package cluster

import (
	"encoding/json"
	"time"

	"github.com/nats-io/nats.go"
)

// NodeStatus is what a node says of itself.
type NodeStatus struct {
	Node    string    `json:"node"`
	Started time.Time `json:"started"`
	Users   int       `json:"users"` // its own connections
	Heard   uint64    `json:"heard"` // the sequence of the stream that its members heard last
	NATS    string    `json:"nats"`  // the server it is connected to
}

// Status is what this node knows of itself.
func (r *Room) Status() NodeStatus {
	r.mu.Lock()
	users := len(r.members)
	r.mu.Unlock()
	return NodeStatus{
		Node: r.self.Node, Started: r.self.started(), Users: users,
		Heard: r.heard.now(), NATS: r.nats.ConnectedUrlRedacted(),
	}
}

// tell answers whoever asks how the nodes are.
func (l *link) tell(m *nats.Msg) {
	status, _ := json.Marshal(l.room.Status()) // it can be encoded
	_ = m.Respond(status)                      // who asked and left does not want to know
}
