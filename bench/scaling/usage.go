package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// usage is what a process has used so far, by what Linux says in /proc.
type usage struct {
	cpu    float64 // seconds, of all its threads
	waited float64 // seconds that they would have run and others did
	memory float64 // bytes resident
}

func usageOf(p *process) (u usage, err error) {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", p.pid))
	if err != nil || len(threads) == 0 {
		return u, fmt.Errorf("nothing is known of process %d: %w", p.pid, err)
	}
	for _, file := range threads {
		var ran, waited float64 // ns, where /proc/PID/stat has ticks of 10 ms
		text, err := os.ReadFile(file)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if _, err := fmt.Sscan(string(text), &ran, &waited); err != nil {
			return u, err
		}
		u.cpu += ran / 1e9
		u.waited += waited / 1e9
	}
	var size, resident int
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", p.pid))
	if err != nil {
		return u, err
	}
	if _, err := fmt.Sscan(string(text), &size, &resident); err != nil {
		return u, err
	}
	u.memory = float64(resident * os.Getpagesize())
	return u, nil
}

// usages are those of all nodes, then those of all servers of NATS.
func (r *rig) usages() (all []usage, err error) {
	for _, p := range append(append([]*process{}, r.nodes...), r.nats...) {
		u, err := usageOf(p)
		if err != nil {
			return nil, err
		}
		all = append(all, u)
	}
	return all, nil
}
