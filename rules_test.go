package parley_test

import (
	"fmt"
	"go/ast"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"parley/internal/transcript"
	"parley/proto"
)

var rowOfRule = regexp.MustCompile(`(?m)^\| ([PSX]-[0-9]+) \|`)

// documentedRules are the rules of docs/protocol.md, in its order.
func documentedRules(t *testing.T) []proto.Rule {
	t.Helper()
	page, err := os.ReadFile("docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	var rules []proto.Rule
	for _, row := range rowOfRule.FindAllSubmatch(page, -1) {
		rules = append(rules, proto.Rule(row[1]))
	}
	if len(rules) == 0 {
		t.Fatal("docs/protocol.md has no rules")
	}
	return rules
}

// citedRules tells for each rule who shows that it is kept: conversations in
// internal/transcript, and tests whose comment has a line "Rules: P-26, P-84".
func citedRules(t *testing.T) map[proto.Rule][]string {
	t.Helper()
	cited := map[proto.Rule][]string{}
	for _, c := range transcript.All() {
		for _, rule := range c.Rules {
			cited[rule] = append(cited[rule], fmt.Sprintf("%s: %s", c.File, c.ID))
		}
	}
	for _, f := range sourceFiles(t) {
		if f.isTest() {
			citationsOf(f, cited)
		}
	}
	return cited
}

func citationsOf(f sourceFile, cited map[proto.Rule][]string) {
	ofTests := map[*ast.Comment]string{}
	for _, decl := range f.file.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok || fn.Doc == nil || fn.Recv != nil || !isTestName(fn.Name.Name) {
			continue
		}
		for _, comment := range fn.Doc.List {
			ofTests[comment] = fn.Name.Name
		}
	}
	for _, group := range f.file.Comments {
		for _, comment := range group.List {
			list, ok := strings.CutPrefix(comment.Text, "// Rules:")
			if !ok {
				continue
			}
			where := fmt.Sprintf("%s: %s", f.set.Position(comment.Pos()), ofTests[comment])
			for rule := range strings.SplitSeq(list, ",") {
				rule := proto.Rule(strings.TrimSpace(rule))
				if ofTests[comment] == "" {
					rule += " (outside a test's comment)" // so it is no rule, and is reported
				}
				cited[rule] = append(cited[rule], where)
			}
		}
	}
}

func isTestName(name string) bool {
	return slices.ContainsFunc([]string{"Test", "Fuzz", "Example"}, func(kind string) bool {
		return strings.HasPrefix(name, kind)
	})
}

func TestEveryRuleIsTested(t *testing.T) {
	cited := citedRules(t)
	for _, rule := range documentedRules(t) {
		if len(cited[rule]) == 0 {
			t.Errorf("%s has neither a conversation in internal/transcript nor a test that cites it", rule)
		}
	}
}

func TestCitedRulesExist(t *testing.T) {
	rules := documentedRules(t)
	for rule, places := range citedRules(t) {
		if !slices.Contains(rules, rule) {
			t.Errorf("%q is no rule of docs/protocol.md; cited by\n\t%s", rule, strings.Join(places, "\n\t"))
		}
	}
}

func TestRulesOfTheCodeAreTheDocuments(t *testing.T) {
	documented, known := documentedRules(t), proto.Rules()
	slices.Sort(documented)
	slices.Sort(known)
	if !slices.Equal(documented, known) {
		t.Errorf("docs/protocol.md and proto.Rules differ\n documented: %v\n in proto: %v", documented, known)
	}
}
