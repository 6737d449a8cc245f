package cluster

import (
	"sync/atomic"
	"time"
)

// Stats counts what the cluster costs a node.
type Stats struct {
	Retries    atomic.Uint64 // requests to NATS that were made again
	Partings   atomic.Uint64 // times that the node went on apart
	Heard      atomic.Uint64 // blocks of messages that the stream brought, our own included
	Apart      atomic.Uint64 // blocks that were said apart, and reached our own members alone
	Letters    atomic.Uint64 // private messages sent to other nodes
	Unanswered atomic.Uint64 // those of them that no answer came to
	Invalid    atomic.Uint64 // what was in the stream and was not said by a node

	// Said, if not nil, is told how long a block took from its session to our own
	// members, by way of the stream. Set before the first session begins.
	Said func(time.Duration)
}
