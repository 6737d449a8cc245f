package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"parley/internal/load"
)

// meter measures, and tells somebody how far it is.
type meter struct {
	programs string // the folder
	to       *measured
	progress io.Writer
}

// experiment is one kind of number.
type experiment struct {
	name    string
	measure func(*meter, context.Context) error
}

func experiments() []experiment {
	return []experiment{
		{"costs", (*meter).costs},
		{"syncs", (*meter).syncs},
		{"memory", (*meter).memory},
		{"polls", (*meter).polls},
		{"late", (*meter).late},
	}
}

func experimentNames() string {
	var names []string
	for _, e := range experiments() {
		names = append(names, e.name)
	}
	return strings.Join(names, ", ")
}

func measure(ctx context.Context, to *measured, only string, progress io.Writer) error {
	programs, err := build(ctx)
	defer os.RemoveAll(programs)
	if err != nil {
		return err
	}
	kernel, _ := os.ReadFile("/proc/sys/kernel/osrelease") // without it the kernel is not named
	to.Cores, to.Kernel, to.Go = runtime.NumCPU(), strings.TrimSpace(string(kernel)), runtime.Version()
	m := &meter{programs, to, progress}
	for _, e := range experiments() {
		if only != "" && only != e.name {
			continue
		}
		fmt.Fprintln(progress, e.name)
		if err := e.measure(m, ctx); err != nil {
			return fmt.Errorf("%s: %w", e.name, err)
		}
	}
	return nil
}

// quiet is how long nodes are left alone to see what they use by themselves, and
// spoken how long somebody speaks.
const (
	quiet     = 2 * time.Second
	speakTime = 4 * time.Second
)

// costs measures what a block costs, by who is where, at a rate at which blocks do
// not gather. It goes through all cases in turns, so that what else the machine does falls on all
// alike.
func (m *meter) costs(ctx context.Context) error {
	cases := costCases()
	runs := make([][]cost, len(cases))
	for range rounds {
		for i, c := range cases {
			if err := m.cost(ctx, &c); err != nil {
				return err
			}
			fmt.Fprintf(m.progress, "  %+v\n", c)
			runs[i] = append(runs[i], c)
		}
	}
	m.to.Costs = nil
	for _, of := range runs {
		m.to.Costs = append(m.to.Costs, medianCost(of))
	}
	return nil
}

const rounds = 3

func costCases() (all []cost) {
	sizes := []int{100, 400, 1600}
	all = []cost{
		{Users: []int{0, 0}, Burst: 1},
		{Users: []int{0, 0, 0, 0}, Burst: 1},
		{Users: []int{0, 0}, Burst: 64},
		{Users: []int{400, 0}, Speaks: 1, Burst: 64},
		{Users: []int{0}, Burst: 1, Alone: true},
	}
	for _, n := range sizes {
		all = append(all, cost{Users: []int{n}, Burst: 1, Alone: true}, cost{Users: []int{n, 0}, Burst: 1},
			cost{Users: []int{n, 1600}, Burst: 1}, cost{Users: []int{n, 0}, Speaks: 1, Burst: 1})
	}
	return all
}

func medianCost(of []cost) cost {
	c := of[0]
	median := func(value func(cost) float64) float64 {
		var all []float64
		for _, one := range of {
			all = append(all, value(one))
		}
		slices.Sort(all)
		return all[len(all)/2]
	}
	for i := range c.NodeMicro {
		c.NodeMicro[i] = median(func(one cost) float64 { return one.NodeMicro[i] })
	}
	c.NATSMicro = median(func(one cost) float64 { return one.NATSMicro })
	c.AnswerP50 = median(func(one cost) float64 { return one.AnswerP50 })
	return c
}

func (m *meter) cost(ctx context.Context, c *cost) error {
	around := setup{nats: 1, replicas: 1, nodes: len(c.Users)}
	if c.Alone {
		around.nats = 0
	}
	r, err := around.start(ctx, m.programs)
	defer r.stop()
	if err != nil {
		return err
	}
	present := 0
	for i, users := range c.Users {
		present += users
		stop, err := m.listeners(ctx, r.nodes[i], users, present)
		defer stop()
		if err != nil {
			return err
		}
	}
	before, err := r.usages()
	if err != nil {
		return err
	}
	<-time.After(quiet)
	between, err := r.usages()
	if err != nil {
		return err
	}
	rate := 400
	if slices.Max(c.Users) > 0 {
		rate = 25 // the same for all, for what is seldom done costs more each time
	}
	s := speech{speakers: 1, burst: c.Burst, every: time.Second / time.Duration(rate), lasts: speakTime}
	done, err := s.say(ctx, r.nodes[c.Speaks].address)
	if err != nil {
		return err
	}
	after, err := r.usages()
	if err != nil {
		return err
	}
	c.Blocks, c.AnswerP50 = done.lines/c.Burst, done.percentile(0.5)
	for i := range after {
		idle := (between[i].cpu - before[i].cpu) / quiet.Seconds() * done.seconds
		micro := 1e6 * (after[i].cpu - between[i].cpu - idle) / float64(c.Blocks)
		if i < len(c.Users) {
			c.NodeMicro = append(c.NodeMicro, micro)
		} else {
			c.NATSMicro += micro
		}
	}
	return nil
}

// listeners connects users who are silent, to the end. With them so many are present.
func (m *meter) listeners(ctx context.Context, to *process, n, present int) (stop func(), err error) {
	if n == 0 {
		return func() {}, nil
	}
	ctx, end := context.WithCancel(ctx)
	cmd := exec.CommandContext(ctx, filepath.Join(m.programs, "parley"), "load", "--scenario", "idle",
		"--clients", strconv.Itoa(n), "--duration", "10m", to.address)
	if err := cmd.Start(); err != nil {
		end()
		return func() {}, err
	}
	stop = func() {
		end()
		_ = cmd.Wait() // it was told to end
	}
	return stop, await(ctx, to, present)
}

// await waits until so many users of a node have logged in.
func await(ctx context.Context, p *process, n int) error {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", p.address)
	if err != nil {
		return err
	}
	defer conn.Close()
	lines := bufio.NewReader(conn)
	for {
		if _, err := conn.Write([]byte("users\n")); err != nil {
			return err
		}
		line, err := lines.ReadString('\n')
		if err != nil || strings.Count(line, " load") >= n {
			return err
		}
		<-time.After(50 * time.Millisecond)
	}
}

// load puts a load on a node and reads the report.
func (m *meter) load(ctx context.Context, on *process, flags ...string) (*load.Report, error) {
	args := append([]string{"load", "--json", "--pid", strconv.Itoa(on.pid), on.address}, flags...)
	cmd := exec.CommandContext(ctx, filepath.Join(m.programs, "parley"), args...)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output() // an error too if the load found something wrong; then there is a report
	rep := &load.Report{}
	if json.Unmarshal(out, rep) != nil || rep.Server == nil {
		return nil, fmt.Errorf("parley load: %w: %s", err, complaint.String())
	}
	if len(rep.Findings) > 0 {
		fmt.Fprintf(m.progress, "  %q\n", rep.Findings)
	}
	return rep, nil
}

// p is a percentile of the waits, in milliseconds.
func (s *spoken) percentile(p float64) float64 {
	if len(s.waits) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(s.waits))
	return float64(sorted[int(p*float64(len(sorted)-1))].Microseconds()) / 1000
}
