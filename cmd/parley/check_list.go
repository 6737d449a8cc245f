package main

import (
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"parley/internal/conform"
	"parley/internal/conform/catalog"
)

const allKinds = "all"

// listFlags say which checks are meant.
type listFlags struct {
	kind    choice
	dialect choice
	step    int
}

func newListFlags() *listFlags {
	f := &listFlags{kind: choice{allKinds, []string{allKinds}}, dialect: newCheckFlags().dialect}
	for _, kind := range catalog.Targets() {
		f.kind.of = append(f.kind.of, string(kind))
	}
	return f
}

func (f *listFlags) register(flags *pflag.FlagSet) {
	flags.SortFlags = false
	flags.Var(&f.kind, "target", "the kind of program")
	flags.IntVar(&f.step, "step", 0, "the `step` of the assignment that the program has come to; 0 is a finished one")
	flags.Var(&f.dialect, "dialect", "course leaves out what the assignment does not ask for; parley has every rule")
}

// options are those of a run that the flags describe.
func (f *listFlags) options() (*conform.Options, error) {
	opts := &conform.Options{Step: f.step, Dialect: conform.Dialect(f.dialect.value)}
	if err := opts.Validate(); err != nil {
		return nil, usageError{err}
	}
	return opts, nil
}

// kinds are those that are meant.
func (f *listFlags) kinds() []conform.Target {
	if f.kind.value == allKinds {
		return catalog.Targets()
	}
	return []conform.Target{conform.Target(f.kind.value)}
}

func newCheckList(w world) *cobra.Command {
	f := newListFlags()
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the checks: id, rule, step, points and what a right program does",
		Example: `  parley check list --target server
  parley check list --target client --step 6`,
		Args: atMost(0),
		RunE: func(*cobra.Command, []string) error {
			opts, err := f.options()
			if err != nil {
				return err
			}
			for i, kind := range f.kinds() {
				if i > 0 {
					fmt.Fprintln(w.out)
				}
				if err := list(w.out, kind, opts); err != nil {
					return err
				}
			}
			return nil
		},
	}
	f.register(cmd.Flags())
	return cmd
}

// list writes the checks of one kind of program that hold in opts.
func list(out io.Writer, kind conform.Target, opts *conform.Options) error {
	checks, err := conform.Select(catalog.For(kind), opts)
	if err != nil {
		return err
	}
	points := 0
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "%s\tRULE\tSTEP\tPOINTS\t\n", kind)
	for _, c := range checks {
		points += c.Points
		fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%s\n", c.ID, c.Rule, steps(c), c.Points, c.Title)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s, %s\n", count(len(checks), "check"), count(points, "point"))
	return err
}

// count is a number of things in words.
func count(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}

// steps are those at which a check holds, as the assignment counts them.
func steps(c *conform.Check) string {
	text := strconv.Itoa(c.Step)
	switch {
	case c.Step == conform.ExtraStep:
		return "extra"
	case c.Until == c.Step:
		return text + " only"
	case c.Until != 0:
		return text + " to " + strconv.Itoa(c.Until)
	}
	return text
}
