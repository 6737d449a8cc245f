package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// measured are the numbers of docs/scaling/measured.json.
type measured struct {
	Cores  int      `json:"cores"`
	Kernel string   `json:"kernel"`
	Go     string   `json:"go"`
	Costs  []cost   `json:"costs"`
	Syncs  []syncs  `json:"syncs"`
	Memory []memory `json:"memory"`
	Polls  []polls  `json:"polls"`
	Late   []late   `json:"late"`
}

// cost is what blocks of messages cost: CPU, less that of the same time without
// any. The first node's users are listeners; the speaker comes on top.
type cost struct {
	Alone     bool      `json:"alone,omitempty"` // a server that is no node
	Users     []int     `json:"users"`           // listeners on each node
	Speaks    int       `json:"speaks"`          // the node that the speaker is on
	Burst     int       `json:"burst"`           // lines that it says at once
	Blocks    int       `json:"blocks"`          // how often
	NodeMicro []float64 `json:"node_us"`         // CPU of each node for a block
	NATSMicro float64   `json:"nats_us"`         // the same of NATS
	AnswerP50 float64   `json:"answer_p50"`      // ms
}

// syncs is how fast messages are acknowledged.
type syncs struct {
	Sync      string  `json:"sync"`
	Replicas  int     `json:"replicas"`
	Speakers  int     `json:"speakers"`
	Burst     int     `json:"burst"`
	PerSecond float64 `json:"per_second"`
	P50MS     float64 `json:"p50_ms"`
	P99MS     float64 `json:"p99_ms"`
}

// memory is by what everything grows with users on the first node.
type memory struct {
	Alone     bool    `json:"alone,omitempty"` // a server that is no node
	Users     int     `json:"users"`
	HereKiB   float64 `json:"here_kib"`  // the node they are on, for each
	ThereKiB  float64 `json:"there_kib"` // another node
	NATSKiB   float64 `json:"nats_kib"`
	PerSecond float64 `json:"per_second"` // connected and logged in
	NodeMicro float64 `json:"node_us"`    // CPU for each
	OtherUS   float64 `json:"other_us"`
	NATSMicro float64 `json:"nats_us"`
}

// polls is what a question for users costs the node that is asked.
type polls struct {
	Users     int     `json:"users"` // all of them on that node, and each asks
	PerSecond float64 `json:"per_second"`
	Micro     float64 `json:"us"`
}

// late is how late lines reached users of one node, said at random times by all.
type late struct {
	Users     int     `json:"users"`
	PerSecond float64 `json:"per_second"` // lines
	Busy      float64 `json:"busy"`       // part of a core that the node used
	Stretch   float64 `json:"stretch"`    // by how much others on the machine lengthened what the node did
	P50MS     float64 `json:"p50_ms"`
	P90MS     float64 `json:"p90_ms"`
	P99MS     float64 `json:"p99_ms"`
}

func readMeasured(path string) (*measured, error) {
	m := &measured{}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil
	}
	if err != nil {
		return nil, err
	}
	return m, json.Unmarshal(text, m)
}

func (m *measured) write(path string) error {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}
