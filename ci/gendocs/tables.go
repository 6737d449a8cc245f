package main

import (
	"fmt"
	"strconv"
	"strings"

	"parley/internal/conform"
	"parley/internal/conform/catalog"
	"parley/internal/conform/zoo"
)

// checksTable lists the checks of one kind of program.
func checksTable(target conform.Target) string {
	var b strings.Builder
	b.WriteString("| id | rule | step | points | a right program |\n|---|---|---|---|---|\n")
	checks, points := catalog.For(target), 0
	for _, c := range checks {
		rules := []string{string(c.Rule)}
		for _, also := range c.Also {
			rules = append(rules, string(also))
		}
		strict := ""
		if c.Strict {
			strict = " (`--dialect parley` only)"
		} else {
			points += c.Points
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %d | %s%s |\n", c.ID, strings.Join(rules, ", "), steps(c), c.Points, inCell(c.Title), strict)
	}
	fmt.Fprintf(&b, "\n%d checks, %d points in the dialect of the course.\n", len(checks), points)
	return b.String()
}

func steps(c *conform.Check) string {
	from, until := stepName(c.Step), stepName(c.Until)
	switch c.Until {
	case 0:
		return from
	case c.Step:
		return from + " only"
	}
	return from + "–" + until
}

func stepName(step int) string {
	if step == conform.ExtraStep {
		return "extra"
	}
	return strconv.Itoa(step)
}

// inCell is a text in a cell of a table.
func inCell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

// zooTable lists the mistakes of one kind of program, and what fails because of
// each.
func zooTable(target conform.Target, table []zoo.Row) string {
	var b strings.Builder
	b.WriteString("| mistake | rule | the program | found by | fails too |\n|---|---|---|---|---|\n")
	for _, m := range zoo.All() {
		if m.Target == target {
			fmt.Fprintf(&b, "| `%s` | %s | %s | `%s` | %s |\n", m.Name, m.Rule, inCell(m.About), m.Check, failsToo(m, table))
		}
	}
	return b.String()
}

// failsToo lists the checks that fail because of a mistake, beside the one that is
// about it.
func failsToo(m *zoo.Mistake, table []zoo.Row) string {
	var others []string
	for _, row := range table {
		if row.Name != m.Name {
			continue
		}
		for _, failure := range row.Failed {
			if failure.Check != m.Check {
				others = append(others, "`"+failure.Check+"`")
			}
		}
	}
	return strings.Join(others, ", ")
}
