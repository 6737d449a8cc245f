package server

import (
	"slices"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"parley/internal/history"
	"parley/internal/session"
	"parley/proto"
)

// fanoutBuckets are the upper bounds, in recipients, of the histogram of
// fan-out sizes.
var fanoutBuckets = []float64{0, 1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 30_000}

// newRegistry returns everything that can be measured of s. What sessions count
// is read when somebody asks; only the fan-out is told as it happens.
func (s *Server) newRegistry() *prometheus.Registry {
	reg := prometheus.NewRegistry()
	reg.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	s.registerSessions(reg)
	s.registerLines(reg)
	s.registerLimits(reg)
	s.registerHistory(reg)
	if s.cluster != nil {
		registerCluster(reg, s.cluster)
	}
	fanout := prometheus.NewHistogram(prometheus.HistogramOpts{
		Name:    "parley_fanout_recipients",
		Help:    "How many members each block of public messages went to.",
		Buckets: fanoutBuckets,
	})
	s.stats.Fanout = func(n int) { fanout.Observe(float64(n)) }
	reg.MustRegister(fanout)
	return reg
}

func (s *Server) registerSessions(reg *prometheus.Registry) {
	stats := &s.stats
	services := s.services
	if s.web != nil {
		services = append(slices.Clone(services), &s.web.service)
	}
	for _, svc := range services {
		reg.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name:        "parley_connections",
			Help:        "Connections that are open now, by service.",
			ConstLabels: prometheus.Labels{"service": svc.name},
		}, func() float64 { return float64(svc.connected.Load()) }))
	}
	for _, r := range session.Reasons() {
		counter(reg, "parley_sessions_ended_total", "Chat sessions that have ended, by reason.",
			"reason", r.String(), &stats.Ended[r])
	}
	for _, r := range session.LoginResults() {
		counter(reg, "parley_logins_total", "Login commands, by result.", "result", r.String(), &stats.Logins[r])
	}
	reg.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "parley_queued_bytes",
		Help: "Bytes that wait to be sent to chat connections, in all.",
	}, func() float64 { return float64(s.queued()) }))
}

func (s *Server) registerLines(reg *prometheus.Registry) {
	stats := &s.stats
	const received = "parley_lines_received_total"
	const receivedHelp = "Lines received from chat connections, by command."
	for verb := range stats.Lines {
		counter(reg, received, receivedHelp, "command", proto.Verb(verb).String(), &stats.Lines[verb])
	}
	counter(reg, received, receivedHelp, "command", "too_long", &stats.TooLong)

	const said, saidHelp = "parley_messages_total", "Messages said, by kind."
	counter(reg, said, saidHelp, "kind", "public", &stats.Public)
	counter(reg, said, saidHelp, "kind", "private", &stats.Private)
	const delivered, deliveredHelp = "parley_deliveries_total",
		"Messages queued for, or put into the inbox of, one member each, by kind."
	counter(reg, delivered, deliveredHelp, "kind", "public", &stats.Delivered)
	counter(reg, delivered, deliveredHelp, "kind", "private", &stats.Private)
}

func (s *Server) registerLimits(reg *prometheus.Registry) {
	stats := &s.stats
	for _, c := range []struct {
		name, help string
		value      *atomic.Uint64
	}{
		{"parley_inbox_drops_total", "Messages dropped, the oldest, from inboxes that were full.", &stats.InboxDrops},
		{"parley_spam_blocks_total", "Times that a connection was blocked for saying too much.", &stats.Blocks},
		{"parley_spam_refusals_total", "Messages refused while their connection was blocked.", &stats.Refused},
		{"parley_connections_refused_total", "Connections refused because there were too many.", &s.refusals},
	} {
		reg.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: c.name, Help: c.help},
			func() float64 { return float64(c.value.Load()) }))
	}
}

// newCommits is the histogram of how long it takes to put a group of messages on
// disk.
func newCommits() prometheus.Histogram {
	return prometheus.NewHistogram(prometheus.HistogramOpts{
		Name:    "parley_history_commit_seconds",
		Help:    "How long it took to put each group of public messages on disk.",
		Buckets: prometheus.ExponentialBuckets(0.0005, 2, 16), // to 16 s
	})
}

// registerHistory is about the file, if there is one. It counts once for each
// group of messages.
func (s *Server) registerHistory(reg *prometheus.Registry) {
	if !s.history.CanSearch() {
		return
	}
	for _, c := range []struct {
		name, help string
		value      func(history.Disk) float64
	}{
		{"parley_history_kept_total", "Public messages put on disk.", func(d history.Disk) float64 { return float64(d.Kept) }},
		{
			"parley_history_refused_total", "Public messages that were delivered, but could not be put on disk.",
			func(d history.Disk) float64 { return float64(d.Refused) },
		},
	} {
		reg.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: c.name, Help: c.help},
			func() float64 { return c.value(s.history.Disk()) }))
	}
	for _, g := range []struct {
		name, help string
		value      func(history.Disk) float64
	}{
		{"parley_history_waiting", "Public messages on their way to the disk.", func(d history.Disk) float64 { return float64(d.Waiting) }},
		{"parley_history_failing", "1 while messages are not kept, else 0.", func(d history.Disk) float64 {
			if d.Err != nil {
				return 1
			}
			return 0
		}},
	} {
		reg.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: g.name, Help: g.help},
			func() float64 { return g.value(s.history.Disk()) }))
	}
	reg.MustRegister(s.commits)
}

// counter registers one value of a counter with a label.
func counter(reg *prometheus.Registry, name, help, label, value string, count *atomic.Uint64) {
	reg.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
		Name: name, Help: help, ConstLabels: prometheus.Labels{label: value},
	}, func() float64 { return float64(count.Load()) }))
}

// queued is how many bytes wait for all connections together.
func (s *Server) queued() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	total := 0
	for p := range s.peers {
		if chat, ok := p.(chatLife); ok {
			total += chat.Queued()
		}
	}
	return total
}
