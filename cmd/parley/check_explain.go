package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"parley/internal/conform"
	"parley/internal/conform/catalog"
	"parley/internal/conform/report"
	"parley/internal/conform/rules"
	"parley/proto"
)

func newCheckExplain(w world) *cobra.Command {
	f := newListFlags()
	cmd := &cobra.Command{
		Use:   "explain RULE|CHECK",
		Short: "Explain a rule or a check: why it exists, and the usual mistake",
		Example: `  parley check explain P-6
  parley check explain --step 5 P-42`,
		Args: exactly("RULE|CHECK"),
		RunE: func(_ *cobra.Command, args []string) error {
			opts, err := f.options()
			if err != nil {
				return err
			}
			return explain(w.out, args[0], f.kinds(), opts)
		},
	}
	f.register(cmd.Flags())
	return cmd
}

// explain says what there is to say about a rule or a check.
func explain(out io.Writer, name string, among []conform.Target, opts *conform.Options) error {
	rule := proto.Rule(strings.ToUpper(name))
	var about []*conform.Check // of the rule
	book := (*rules.Book)(nil)
	for _, kind := range among {
		checks, err := conform.Select(catalog.For(kind), opts)
		if err != nil {
			return err
		}
		for _, c := range checks {
			if c.ID == name {
				return explainCheck(out, c, opts.Step)
			}
			if c.Rule == rule || slices.Contains(c.Also, rule) {
				about = append(about, c)
			}
		}
		// The edition that says least, of those that may be meant.
		if of := rules.For(kind, opts.Step); book == nil || of.Handout {
			book = of
		}
	}
	known, ok := book.Rule(rule)
	if !ok {
		return usagef("there is no rule and no check called %q here; parley check list shows the checks", name)
	}
	fmt.Fprint(out, report.Explain(known))
	if len(about) > 0 {
		fmt.Fprintf(out, "\nChecks that are about it:\n")
	}
	for _, c := range about {
		fmt.Fprintf(out, "  %-30s %s\n", c.ID, c.Title)
	}
	return nil
}

func explainCheck(out io.Writer, c *conform.Check, step int) error {
	fmt.Fprintf(out, "%s (%s, step %s, %d points)\n%s.\n", c.ID, c.Target, steps(c), c.Points, strings.TrimSuffix(c.Title, "."))
	if c.Hint != "" {
		fmt.Fprintf(out, "Usual mistake: %s.\n", strings.TrimSuffix(c.Hint, "."))
	}
	book := rules.For(c.Target, step)
	for _, id := range append([]proto.Rule{c.Rule}, c.Also...) {
		if rule, ok := book.Rule(id); ok {
			fmt.Fprintf(out, "\n%s", report.Explain(rule))
		}
	}
	return nil
}
