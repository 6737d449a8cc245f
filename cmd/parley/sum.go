package main

import (
	"errors"

	"github.com/spf13/cobra"

	"parley/internal/warmup"
)

func newSum(w world) *cobra.Command {
	opts := warmup.Defaults()
	demo := false
	cmd := &cobra.Command{
		Use:   "sum [EXPR...]",
		Short: "Ask the warm-up service for sums",
		Long: `sum asks the warm-up service of a server what the sums are, and prints one answer
a line. Without arguments it reads what to ask from standard input, a line each.
An expression that begins with a dash comes after --.`,
		Example: `  parley sum 2+3 40+2
  seq 1 10 | sed 's/$/+1/' | parley sum
  parley sum --demo        and see the assignment's conversation, step by step`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkTimeout(opts.Timeout); err != nil {
				return err
			}
			if demo {
				if len(args) > 0 {
					return usagef("--demo asks questions of its own: it takes no expression")
				}
				return warmup.Demo(cmd.Context(), w.out, opts)
			}
			opts.Exprs = args
			err := warmup.Run(cmd.Context(), w.in, w.out, opts)
			if _, ok := errors.AsType[*warmup.InputError](err); ok && len(args) > 0 {
				return usageError{err}
			}
			return err
		},
	}
	cmd.Flags().StringVar(&opts.Server, "server", opts.Server, "`address` of the service")
	cmd.Flags().DurationVar(&opts.Timeout, "timeout", opts.Timeout, "how long to wait for an answer")
	cmd.Flags().DurationVar(&opts.Pause, "pause", opts.Pause, "how long --demo waits half-way")
	cmd.Flags().BoolVar(&demo, "demo", false, "hold the assignment's conversation and tell of each step")
	return cmd
}
