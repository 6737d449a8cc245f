package zoo_test

import (
	"flag"
	"fmt"
	"maps"
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

// overlooked are mistakes that show in nearly everything that the program sends,
// or in what all checks wait for, and that all but one overlook.
var overlooked = []string{
	"greets", "prompts", "help-in-two-lines", "writes-crlf", "writes-two-newlines", "writes-a-space", "repeats-the-name",
	"capital-help", "rewords-the-error",
	"sum-greets", "sum-prompts", "sum-writes-crlf", "sum-writes-two-newlines",
}

// Such a mistake costs the points of its own check, and neither hides nor causes
// anything else. Here a part of the checks is enough: the cross table has them all.
func TestOverlooked(t *testing.T) {
	some := map[conform.Target][]string{
		conform.Server: {"P-2", "P-14", "P-22", "P-30", "P-43", "P-50", "P-51", "P-53", "P-55", "P-56", "P-83", "cut-users", "half-close"},
	}
	for _, name := range overlooked {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, err := zoo.Find(name)
			if err != nil {
				t.Fatal(err)
			}
			report := run(t, m, conform.Options{Only: some[m.Target], Timeout: impatience})
			for _, r := range report.Results {
				if right := r.Status == conform.Passed; right == (r.Check.ID == m.Check) {
					t.Error(describe(r))
				}
			}
			for _, o := range report.Overlooked {
				if o.Check != m.Check {
					t.Errorf("there is nothing wrong with that: %s", o)
				}
			}
		})
	}
}

// A client without sync is checked for all that can be done without.
func TestOverlookedSync(t *testing.T) {
	t.Parallel()
	m, err := zoo.Find("client-without-sync")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]conform.Status{
		"client-connect": conform.Passed, "client-sync": conform.Failed, "client-line-end": conform.Passed,
		"client-login": conform.Passed, "client-inbox": conform.Passed, "client-before-modeok": conform.Skipped,
	}
	only := slices.Collect(maps.Keys(want))
	for _, r := range run(t, m, conform.Options{Only: only, Timeout: impatience}).Results {
		if r.Status != want[r.Check.ID] {
			t.Error(describe(r))
		}
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
