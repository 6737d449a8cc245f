package server

import (
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"parley/internal/cluster"
)

// saidBuckets are the upper bounds, in seconds, of how long a block takes by way of
// the stream.
var saidBuckets = []float64{.0002, .0005, .001, .002, .005, .01, .02, .05, .1, .5, 1, 5, 10}

// registerCluster adds what can be measured of a node.
func registerCluster(reg *prometheus.Registry, room *cluster.Room) {
	said := prometheus.NewHistogram(prometheus.HistogramOpts{
		Name:    "parley_cluster_say_seconds",
		Help:    "Time from a block of public messages to its place in the stream and back to the node's own members.",
		Buckets: saidBuckets,
	})
	room.Stats.Said = func(took time.Duration) { said.Observe(took.Seconds()) }
	reg.MustRegister(said)
	for _, g := range []struct {
		name, help string
		value      func() float64
	}{
		{"parley_cluster_together", "1 while the node is together with the others, 0 while it is apart.", func() float64 {
			if room.Apart() != nil {
				return 0
			}
			return 1
		}},
		{"parley_cluster_other_nodes", "Nodes that are present beside this one.", func() float64 {
			nodes, _ := room.Others()
			return float64(nodes)
		}},
		{"parley_cluster_other_users", "Connections that other nodes have.", func() float64 {
			_, users := room.Others()
			return float64(users)
		}},
		{"parley_cluster_lag_blocks", "Blocks of messages that the stream has and the node's members have not heard.", func() float64 {
			return float64(room.Lag())
		}},
	} {
		reg.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: g.name, Help: g.help}, g.value))
	}
	stats := &room.Stats
	for _, c := range []struct {
		name, help string
		value      *atomic.Uint64
	}{
		{"parley_cluster_heard_blocks_total", "Blocks of public messages that the stream has brought, the node's own included.", &stats.Heard},
		{"parley_cluster_apart_blocks_total", "Blocks of public messages that only the node's own members got.", &stats.Apart},
		{"parley_cluster_partings_total", "Times that the node went on apart.", &stats.Partings},
		{"parley_cluster_retries_total", "Requests to NATS that were made again.", &stats.Retries},
		{"parley_cluster_letters_total", "Private messages sent to other nodes.", &stats.Letters},
		{"parley_cluster_letters_unanswered_total", "Private messages to other nodes that no answer came to.", &stats.Unanswered},
		{"parley_cluster_invalid_total", "Messages from NATS that no node has sent.", &stats.Invalid},
	} {
		reg.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: c.name, Help: c.help},
			func() float64 { return float64(c.value.Load()) }))
	}
}
