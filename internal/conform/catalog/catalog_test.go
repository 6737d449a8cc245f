package catalog_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"parley/internal/conform"
	"parley/internal/conform/catalog"
	"parley/proto"
)

var slug = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// everywhere calls visit for each check.
func everywhere(visit func(target conform.Target, c *conform.Check)) {
	for _, target := range catalog.Targets() {
		for _, c := range catalog.For(target) {
			visit(target, c)
		}
	}
}

func TestEveryTargetHasChecks(t *testing.T) {
	for _, target := range catalog.Targets() {
		if len(catalog.For(target)) == 0 {
			t.Errorf("there is no check of a %s", target)
		}
	}
}

// What a report, a teacher's script and --only call a check is its id.
func TestIDs(t *testing.T) {
	prefixes := map[conform.Target]string{conform.SumServer: "sum-", conform.Client: "client-", conform.SumClient: "sumclient-"}
	seen := make(map[string]conform.Target)
	everywhere(func(target conform.Target, c *conform.Check) {
		if !slug.MatchString(c.ID) || !strings.HasPrefix(c.ID, prefixes[target]) {
			t.Errorf("%s: %q is no id of small letters, digits and hyphens that begins with %q", target, c.ID, prefixes[target])
		}
		if other, ok := seen[c.ID]; ok {
			t.Errorf("%s: %s is the id of a check of %s too", target, c.ID, other)
		}
		seen[c.ID] = target
		if c.Target != target {
			t.Errorf("%s: %s says that it is about %q", target, c.ID, c.Target)
		}
	})
}

// What a check needs has run before it: in an earlier phase, or as an earlier
// check of a phase in which one runs after the other, or together with it.
func TestNeeds(t *testing.T) {
	for _, target := range catalog.Targets() {
		checks := catalog.For(target)
		byID := make(map[string]*conform.Check)
		for _, c := range checks {
			byID[c.ID] = c
		}
		for i, c := range checks {
			for _, id := range c.Needs {
				switch need := byID[id]; {
				case need == nil:
					t.Errorf("%s: %s needs %s, which is none of these", target, c.ID, id)
				case need.Phase > c.Phase, need.Phase == c.Phase && c.Phase != conform.Together && slices.Contains(checks[i:], need):
					t.Errorf("%s: %s needs %s, which runs later", target, c.ID, id)
				case waitsFor(byID, need, c.ID):
					t.Errorf("%s: %s and %s need each other", target, c.ID, id)
				}
			}
		}
	}
}

// waitsFor reports whether a check needs another, by itself or by what it needs.
func waitsFor(byID map[string]*conform.Check, c *conform.Check, id string) bool {
	return slices.ContainsFunc(c.Needs, func(need string) bool {
		return need == id || byID[need] != nil && waitsFor(byID, byID[need], id)
	})
}

func TestRulesExist(t *testing.T) {
	everywhere(func(_ conform.Target, c *conform.Check) {
		for _, rule := range append([]proto.Rule{c.Rule}, c.Also...) {
			if !slices.Contains(proto.Rules(), rule) {
				t.Errorf("%s is about %q, which is no rule", c.ID, rule)
			}
		}
		if slices.Contains(c.Also, c.Rule) {
			t.Errorf("%s names %s twice", c.ID, c.Rule)
		}
	})
}

func TestChecksAreComplete(t *testing.T) {
	everywhere(func(_ conform.Target, c *conform.Check) {
		if c.Title == "" || strings.HasSuffix(c.Title, ".") || c.Hint == "" {
			t.Errorf("%s: a title without a full stop and a hint; it has %q and %q", c.ID, c.Title, c.Hint)
		}
		if c.Step < 1 || c.Step > conform.ExtraStep || c.Until != 0 && c.Until < c.Step || c.Points < 0 || c.Run == nil {
			t.Errorf("%s: step %d until %d, %d points", c.ID, c.Step, c.Until, c.Points)
		}
	})
}
