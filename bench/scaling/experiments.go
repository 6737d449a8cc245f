package main

import (
	"context"
	"fmt"
	"strconv"
	"time"
)

// syncs measures how fast messages are acknowledged, by what NATS does before it
// acknowledges, and by how many of its servers have them.
func (m *meter) syncs(ctx context.Context) error {
	m.to.Syncs = nil
	for _, servers := range []int{1, 3} {
		for _, sync := range []string{"", "1s", "always"} {
			if err := m.syncsOf(ctx, setup{nats: servers, sync: sync, replicas: servers, nodes: 1}); err != nil {
				return err
			}
		}
	}
	return nil
}

const syncTime = 6 * time.Second

func (m *meter) syncsOf(ctx context.Context, s setup) error {
	r, err := s.start(ctx, m.programs)
	defer r.stop()
	if err != nil {
		return err
	}
	for _, sp := range []speech{{speakers: 1, burst: 1}, {speakers: 64, burst: 1}, {speakers: 4, burst: 32}} {
		sp.lasts = syncTime
		done, err := sp.say(ctx, r.nodes[0].address)
		if err != nil {
			return err
		}
		one := syncs{
			s.sync, s.replicas, sp.speakers, sp.burst, float64(done.lines) / done.seconds, done.percentile(0.5), done.percentile(0.99),
		}
		fmt.Fprintf(m.progress, "  %+v\n", one)
		m.to.Syncs = append(m.to.Syncs, one)
	}
	return nil
}

// memory measures what connections cost that have just come and are silent, and
// their coming; then the same of a server that is no node.
func (m *meter) memory(ctx context.Context) error {
	m.to.Memory = nil
	for _, around := range []setup{{nats: 1, replicas: 1, nodes: 2}, {nodes: 1}} {
		one := memory{Users: 8000, Alone: around.nats == 0}
		if err := m.memoryOf(ctx, around, &one); err != nil {
			return err
		}
		fmt.Fprintf(m.progress, "  %+v\n", one)
		m.to.Memory = append(m.to.Memory, one)
	}
	return nil
}

func (m *meter) memoryOf(ctx context.Context, around setup, one *memory) error {
	r, err := around.start(ctx, m.programs)
	defer r.stop()
	if err != nil {
		return err
	}
	before, err := r.usages()
	if err != nil {
		return err
	}
	began := time.Now()
	stop, err := m.listeners(ctx, r.nodes[0], one.Users, one.Users)
	defer stop()
	if err != nil {
		return err
	}
	one.PerSecond = float64(one.Users) / time.Since(began).Seconds()
	after, err := r.usages()
	if err != nil {
		return err
	}
	grown := func(i int) float64 { return (after[i].memory - before[i].memory) / 1024 / float64(one.Users) }
	used := func(i int) float64 { return 1e6 * (after[i].cpu - before[i].cpu) / float64(one.Users) }
	one.HereKiB, one.NodeMicro = grown(0), used(0)
	if !one.Alone {
		one.ThereKiB, one.OtherUS = grown(1), used(1)
		one.NATSKiB, one.NATSMicro = grown(2), used(2)
	}
	return nil
}

// polls measures what it costs a node that its users ask who is there.
func (m *meter) polls(ctx context.Context) error {
	m.to.Polls = nil
	for _, users := range []int{400, 1600} {
		r, err := setup{nats: 1, replicas: 1, nodes: 2}.start(ctx, m.programs)
		if err != nil {
			r.stop()
			return err
		}
		flags := []string{"--scenario", "latency", "--clients", strconv.Itoa(users), "--senders", "1", "--rate", "0.2", "--duration", "8s"}
		polled, err := m.load(ctx, r.nodes[0], append(flags, "--poll", "3s")...)
		if err != nil {
			r.stop()
			return err
		}
		alone, err := m.load(ctx, r.nodes[0], flags...)
		r.stop()
		if err != nil {
			return err
		}
		cpu := polled.Server.CPUS/polled.Server.Seconds - alone.Server.CPUS/alone.Server.Seconds
		one := polls{users, polled.PerSecond.Asked, 1e6 * cpu / polled.PerSecond.Asked}
		fmt.Fprintf(m.progress, "  %+v\n", one)
		m.to.Polls = append(m.to.Polls, one)
	}
	return nil
}

// late measures how late lines are that all users of a node say at random times,
// to see how well the play of the queues fits.
func (m *meter) late(ctx context.Context) error {
	m.to.Late = nil
	const users = 400
	for _, rate := range []float64{50, 100, 200, 400} {
		one := late{Users: users, PerSecond: rate}
		if err := m.lateAt(ctx, &one); err != nil {
			return err
		}
		fmt.Fprintf(m.progress, "  %+v\n", one)
		m.to.Late = append(m.to.Late, one)
	}
	return nil
}

func (m *meter) lateAt(ctx context.Context, one *late) error {
	r, err := setup{nats: 1, replicas: 1, nodes: 1}.start(ctx, m.programs)
	defer r.stop()
	if err != nil {
		return err
	}
	before, err := r.usages()
	if err != nil {
		return err
	}
	rep, err := m.load(ctx, r.nodes[0], "--scenario", "class", "--clients", strconv.Itoa(one.Users),
		"--rate", strconv.FormatFloat(one.PerSecond/float64(one.Users), 'g', -1, 64),
		"--poll", "0", "--drop", "0", "--deaf", "0", "--ramp", "2s", "--duration", "10s")
	if err != nil {
		return err
	}
	after, err := r.usages()
	if err != nil {
		return err
	}
	ran := after[0].cpu - before[0].cpu
	one.Stretch = 1 + (after[0].waited-before[0].waited)/ran
	one.Busy = rep.Server.CPUS / rep.Server.Seconds
	t := rep.Times["delivery"]
	one.P50MS, one.P90MS, one.P99MS = t.P50MS, t.P90MS, t.P99MS
	return nil
}
