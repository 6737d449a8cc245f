package zoo_test

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"parley/internal/conform"
	"parley/internal/conform/zoo"
	"parley/proto"
)

// row is what the whole list of checks finds of one mistake.
type row struct {
	Name   string         `json:"name"`
	Target conform.Target `json:"target"`
	Rule   proto.Rule     `json:"rule"`
	Check  string         `json:"check"`
	About  string         `json:"about"`
	Failed []cell         `json:"failed"`

	Skipped int `json:"skipped"` // checks
}

type cell struct {
	Check string       `json:"check"`
	Rule  proto.Rule   `json:"rule"`
	Kind  conform.Kind `json:"kind"`
}

// The cross table, from which docs/checker.md is made: which mistake fails which
// checks. ZOO=full runs it, and writes crosstable.json; it takes some minutes.
func TestCrossTable(t *testing.T) {
	if os.Getenv("ZOO") != "full" {
		t.Skip("ZOO=full runs every check on every mistake, and writes crosstable.json")
	}
	mistakes := zoo.All()
	table := make([]row, len(mistakes))
	t.Run("mistakes", func(t *testing.T) {
		for i, m := range mistakes {
			t.Run(m.Name, func(t *testing.T) {
				t.Parallel()
				table[i] = rowOf(t, m)
			})
		}
	})
	data, err := json.MarshalIndent(table, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("crosstable.json", append(data, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

// rowOf runs everything on one mistake. Its check finds it, or the server has
// died before that check's turn.
func rowOf(t *testing.T, m *zoo.Mistake) row {
	r := row{Name: m.Name, Target: m.Target, Rule: m.Rule, Check: m.Check, About: m.About, Failed: []cell{}}
	report := run(t, m, conform.Options{Timeout: impatience})
	r.Skipped = report.Count(conform.Skipped)
	found := report.Died != ""
	for _, f := range failures(report) {
		t.Log(describe(f))
		r.Failed = append(r.Failed, cell{f.Check.ID, f.Check.Rule, f.Kind})
		found = found || f.Check.ID == m.Check
	}
	if !found {
		t.Errorf("%s does not find it", m.Check)
	}
	if slices.Contains(overlooked, m.Name) && (len(r.Failed) > 1 || r.Skipped > 0) {
		t.Errorf("%d failed, and %d were skipped", len(r.Failed), r.Skipped)
	}
	return r
}
