package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"parley/internal/conform"
	"parley/internal/conform/catalog"
	"parley/internal/conform/zoo"
	"parley/internal/server"
	"parley/internal/wire"
	"parley/proto"
)

func newZoo(w world) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "zoo",
		Short: "Run programs with exactly one mistake, to find it",
		Long: `The zoo has wrong servers and wrong clients, each a correct one with exactly one
mistake planted: to see what parley check says of it, or as an exercise in finding it.`,
		Example: `  parley zoo list
  parley zoo serve one-read-one-line --listen 127.0.0.1:1300`,
		Args: knownCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newZooList(w), newZooServe(w), newZooClient(w))
	return cmd
}

func newZooList(w world) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the programs: name, rule, and what is wrong",
		Args:  atMost(0),
		RunE: func(*cobra.Command, []string) error {
			table := tabwriter.NewWriter(w.out, 0, 0, 2, ' ', 0)
			for _, kind := range catalog.Targets() {
				fmt.Fprintf(table, "%s\tRULE\t\n", kind)
				fmt.Fprintf(table, "  %s\t\t%s\n", zoo.Correct(kind).Name, zoo.Correct(kind).About)
				for _, m := range zoo.All() {
					if m.Target == kind {
						fmt.Fprintf(table, "  %s\t%s\t%s\n", m.Name, m.Rule, m.About)
					}
				}
			}
			return table.Flush()
		},
	}
}

type zooServeFlags struct {
	listen, addrFile string
	opts             zoo.Options
}

func newZooServe(w world) *cobra.Command {
	var f zooServeFlags
	cmd := &cobra.Command{
		Use:   "serve NAME",
		Short: "Start a server of the zoo",
		Args:  exactly("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			m, err := zoo.Find(args[0])
			switch {
			case err != nil:
				return usageError{err}
			case !m.IsServer():
				return usagef("%s is a client: parley zoo client starts it", m.Name)
			}
			return serveZoo(cmd.Context(), w.out, m, f)
		},
	}
	cmd.Flags().StringVar(&f.listen, "listen", "", "`address` to listen on (default 127.0.0.1:1300, or 127.0.0.1:1301 for the warm-up)")
	cmd.Flags().DurationVar(&f.opts.SpamBlock, "spam-block", conform.DefaultSpamBlock, "for how long who says too much is refused")
	cmd.Flags().StringVar(&f.addrFile, "addr-file", "", "write the address to this `file` once it listens")
	return cmd
}

func newZooClient(w world) *cobra.Command {
	return &cobra.Command{
		Use:     "client NAME HOST[:PORT]",
		Short:   "Start a client of the zoo in this terminal",
		Example: `  parley check client -- parley zoo client correct-client {host}:{port}`,
		Args:    exactly("NAME", "HOST[:PORT]"),
		RunE: func(cmd *cobra.Command, args []string) error {
			m, err := zoo.Find(args[0])
			switch {
			case err != nil:
				return usageError{err}
			case m.IsServer():
				return usagef("%s is a server: parley zoo serve starts it", m.Name)
			}
			return m.Run(cmd.Context(), w.in, w.out, wire.WithPort(args[1], portOf(m.Target)))
		},
	}
}

// portOf is where a kind of program listens, or connects to, unless told
// otherwise.
func portOf(kind conform.Target) int {
	if kind == conform.SumServer || kind == conform.SumClient {
		return proto.DefaultSumPort
	}
	return proto.DefaultPort
}

// serveZoo runs a server of the zoo until ctx ends, or until it dies of its
// mistake.
func serveZoo(ctx context.Context, out io.Writer, m *zoo.Mistake, f zooServeFlags) error {
	listen := wire.WithPort(cmp.Or(f.listen, "127.0.0.1"), portOf(m.Target))
	running, err := m.Start(ctx, listen, f.opts)
	if err != nil {
		return usagef("--listen: %w", err)
	}
	defer running.Stop()
	if f.addrFile != "" {
		addr, err := net.ResolveTCPAddr("tcp", running.Address)
		if err != nil {
			return err
		}
		service := map[int]string{proto.DefaultPort: "chat", proto.DefaultSumPort: "sum"}[portOf(m.Target)]
		if err := writeAddrFile(f.addrFile, []server.Addr{{Service: service, Addr: addr}}); err != nil {
			return usagef("--addr-file: %w", err)
		}
	}
	fmt.Fprintf(out, "%s listens at %s; Ctrl-C stops it.\n", m.Name, running.Address)
	select {
	case <-ctx.Done():
		return nil
	case <-running.Done():
		if ctx.Err() != nil {
			return nil
		}
		return errors.New("the server has ended by itself")
	}
}
