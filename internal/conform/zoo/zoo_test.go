package zoo_test

import (
	"flag"
	"fmt"
	"slices"
	"testing"

	"parley/internal/conform"
	"parley/internal/conform/catalog"
	"parley/internal/conform/zoo"
)

// Each mistake is found by the check that is about it, which stands at the head
// of the report with the rule that is broken.
func TestMistakes(t *testing.T) {
	for _, m := range zoo.All() {
		t.Run(m.Name, func(t *testing.T) {
			t.Parallel()
			report := run(t, m, conform.Options{Only: []string{m.Check}, Timeout: impatience})
			failed := failures(report)
			if len(failed) > 0 && failed[0].Check.ID == m.Check && failed[0].Check.Rule == m.Rule {
				t.Log(describe(failed[0]))
				return
			}
			t.Errorf("%s does not find that it %s (%s)", m.Check, m.About, m.Rule)
			for _, r := range report.Results {
				t.Log(describe(r))
			}
		})
	}
}

var rounds = flag.Int("rounds", 25, "how often the correct programs must pass")

// A correct program passes everything, each time: no check depends on luck.
func TestCorrectServers(t *testing.T) {
	for _, target := range []conform.Target{conform.Server, conform.SumServer} {
		t.Run(string(target), func(t *testing.T) {
			t.Parallel()
			for seed := range *rounds {
				t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
					t.Parallel()
					passesEverything(t, zoo.Correct(target), uint64(seed))
				})
			}
		})
	}
}

// The correct clients take longer, since each check starts a program.
func TestCorrectClients(t *testing.T) {
	for _, target := range []conform.Target{conform.Client, conform.SumClient} {
		t.Run(string(target), func(t *testing.T) {
			t.Parallel()
			passesEverything(t, zoo.Correct(target), 1)
		})
	}
}

func passesEverything(t *testing.T, m *zoo.Mistake, seed uint64) {
	t.Helper()
	for _, r := range run(t, m, conform.Options{Seed: seed, SpamBlock: patientBlock}).Results {
		if r.Status != conform.Passed {
			t.Error(describe(r))
		}
	}
}

func TestNames(t *testing.T) {
	var names []string
	for _, m := range zoo.All() {
		names = append(names, m.Name)
		if found, err := zoo.Find(m.Name); err != nil || found.About != m.About {
			t.Errorf("%s: %v", m.Name, err)
		}
		if !slices.ContainsFunc(catalog.For(m.Target), func(c *conform.Check) bool { return c.ID == m.Check && c.Rule == m.Rule }) {
			t.Errorf("%s is about %s, and there is no check of a %s called %s that is", m.Name, m.Rule, m.Target, m.Check)
		}
	}
	slices.Sort(names)
	if unique := slices.Compact(slices.Clone(names)); len(unique) != len(names) {
		t.Errorf("two have one name: %q", names)
	}
	if _, err := zoo.Find("unicorn"); err == nil {
		t.Error("found what is not there")
	}
}
