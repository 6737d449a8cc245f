package main

import (
	"github.com/spf13/cobra"

	"parley/internal/menu"
)

func newMenu(w world) *cobra.Command {
	opts := menu.Options{Address: menu.DefaultAddress}
	cmd := &cobra.Command{
		Use:   "menu [HOST[:PORT]]",
		Short: "Chat by a numbered menu, as the course's assignment has it",
		Long: `menu is the text client of the course's assignment: connect, log in, talk and
read by the number of what you want to do. Without an address it is for the
server on this machine.`,
		Example: `  parley menu
  parley menu chat.example.org
  parley menu --trace      and see every line that goes over the wire`,
		Args: atMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkTimeout(opts.Timeout); err != nil {
				return err
			}
			if len(args) > 0 {
				opts.Address = args[0]
			}
			return menu.Run(cmd.Context(), w.in, w.out, opts)
		},
	}
	cmd.Flags().BoolVar(&opts.Trace, "trace", false, "show every line sent and received")
	cmd.Flags().DurationVar(&opts.Timeout, "timeout", menu.DefaultTimeout, "how long to wait for an answer")
	return cmd
}
