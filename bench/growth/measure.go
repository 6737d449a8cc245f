package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"parley/internal/load"
)

// meter measures, and tells somebody how far it is.
type meter struct {
	programs string // the folder
	results  *results
	progress io.Writer
}

// measure measures the curves anew. A round goes through all of them, and at
// each point through all servers, so that what else the machine does falls on
// all alike.
func measure(ctx context.Context, wanted []curve, runs int, res *results, progress io.Writer) error {
	programs, err := build(ctx)
	defer os.RemoveAll(programs)
	if err != nil {
		return err
	}
	res.Machine = thisMachine()
	for _, c := range wanted {
		delete(res.Curves, c.name)
	}
	m := &meter{programs, res, progress}
	for n := range runs {
		for _, c := range wanted {
			fmt.Fprintf(progress, "round %d of %d, %s\n", n+1, runs, c.name)
			if err := m.round(ctx, c); err != nil {
				return err
			}
		}
	}
	return nil
}

// round measures each point of a curve once.
func (m *meter) round(ctx context.Context, c curve) error {
	for i := range c.lines[0].steps {
		for _, l := range c.lines {
			for _, s := range servers() {
				step := l.steps[i]
				rep, err := m.bear(ctx, s, step.load)
				if err != nil {
					return fmt.Errorf("%s, %s at %d: %w", s.name, c.name, step.x, err)
				}
				p := point{Server: s.name, Line: l.name, X: step.x, Load: strings.Join(flags(step.load), " ")}
				f := figureOf(c.cost(rep), rep)
				m.results.add(c.name, p, f)
				fmt.Fprintf(m.progress, "  %-10s %6d  %-6s %8.3f %s %q\n", l.name, step.x, s.name, f.Cost, c.y, f.Findings)
			}
		}
	}
	return nil
}

// bear puts a load on a server of its own.
func (m *meter) bear(ctx context.Context, s server, o load.Options) (*load.Report, error) {
	r, err := s.start(ctx, m.programs)
	if err != nil {
		return nil, err
	}
	defer r.stop()
	args := append([]string{"load", "--json", "--pid", strconv.Itoa(r.pid), r.address}, flags(o)...)
	cmd := exec.CommandContext(ctx, filepath.Join(m.programs, "parley"), args...)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output() // an error too if the load found something wrong; then there is a report
	rep := &load.Report{}
	if json.Unmarshal(out, rep) != nil {
		return nil, fmt.Errorf("parley load: %w: %s", err, complaint.String())
	}
	if rep.Server == nil {
		return nil, fmt.Errorf("the server is gone: %q", rep.Notes)
	}
	return rep, nil
}
