package rules_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"parley/internal/conform"
	"parley/internal/conform/catalog"
	"parley/internal/conform/rules"
	"parley/proto"
)

// Every rule that a check is about can be explained.
func TestEveryCheckedRuleIsExplained(t *testing.T) {
	checked := 0
	for _, target := range catalog.Targets() {
		book := rules.For(target, 0)
		for _, c := range catalog.For(target) {
			for _, id := range append([]proto.Rule{c.Rule}, c.Also...) {
				rule, ok := book.Rule(id)
				if !ok || rule.Text == "" {
					t.Errorf("%s cites %s, which docs/protocol.md does not have", c.ID, id)
				} else if rule.Why == "" || rule.Mistake == "" {
					t.Errorf("%s cites %s, and rules.toml does not say why that exists, or what the usual mistake is", c.ID, id)
				}
				checked++
			}
		}
	}
	if checked == 0 {
		t.Error("there are no checks")
	}
}

// What stands between the columns of the page's tables is put together.
func TestTexts(t *testing.T) {
	book := rules.For(conform.Server, 0)
	for id, begin := range map[proto.Rule]string{
		"P-6":  "TCP segments mean nothing:",
		"P-50": "`msg TEXT` → Every other connection gets",
		"P-52": "Checked in this order:",
		"P-30": "anything else → `cmderr command not supported`",
		"S-1":  "`D+D` LF,",
	} {
		if rule, _ := book.Rule(id); !strings.HasPrefix(rule.Text, begin) {
			t.Errorf("%s begins with %.60q, want %q", id, rule.Text, begin)
		}
	}
	const old = "(the course's old server R21 writes the recipient's there: a defect)"
	if rule, _ := book.Rule("P-51"); !strings.Contains(rule.Text, old) {
		t.Errorf("P-51 does not say what R21 is: %q", rule.Text)
	}
}

// Until a student has come to the step at which they are found, nothing is said
// about the commands that the assignment does not document.
func TestHandoutKeepsItsSecrets(t *testing.T) {
	secret := regexp.MustCompile("(?i)joke|`users|users`")
	for _, tt := range []struct {
		target  conform.Target
		step    int
		handout bool
	}{
		{conform.Server, 0, false},
		{conform.Server, 18, true},
		{conform.Server, 19, false},
		{conform.Server, 22, false},
		{conform.Client, 0, false},
		{conform.Client, 6, true},
		{conform.Client, 7, false},
	} {
		book := rules.For(tt.target, tt.step)
		if book.Handout != tt.handout {
			t.Errorf("%s at step %d: handout is %v", tt.target, tt.step, book.Handout)
		}
		for _, id := range proto.Rules() {
			rule, ok := book.Rule(id)
			isSecret := slices.Contains([]proto.Rule{proto.P55, proto.P57}, id)
			if ok == (isSecret && tt.handout) {
				t.Errorf("%s at step %d: whether %s is there is %v", tt.target, tt.step, id, ok)
			}
			if found := secret.FindString(rule.Text + rule.Why + rule.Mistake); found != "" && tt.handout {
				t.Errorf("%s at step %d: %s says %q", tt.target, tt.step, id, found)
			}
		}
	}
}

// Nor do the checks that hold at those steps.
func TestChecksKeepTheSecrets(t *testing.T) {
	secret := regexp.MustCompile("(?i)joke|`users|users`|\"users")
	for target, last := range map[conform.Target]int{conform.Server: 18, conform.Client: 6} {
		for _, c := range catalog.For(target) {
			if found := secret.FindString(c.ID + " " + c.Title + " " + c.Hint); found != "" && c.Step <= last {
				t.Errorf("%s holds from step %d on and says %q", c.ID, c.Step, found)
			}
			if slices.Contains([]proto.Rule{proto.P55, proto.P57}, c.Rule) && c.Step <= last {
				t.Errorf("%s holds from step %d on and is about %s", c.ID, c.Step, c.Rule)
			}
		}
	}
}
