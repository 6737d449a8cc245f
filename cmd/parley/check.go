package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"parley/internal/conform"
	"parley/internal/conform/catalog"
	"parley/internal/conform/report"
	"parley/internal/target"
	"parley/proto"
)

// checkFlags are the flags of the commands that check a program.
type checkFlags struct {
	opts        conform.Options
	dialect     choice
	detail      choice
	allowRemote bool   // servers
	listen      string // clients
	keys        string // chat clients
	json        bool
	files       reportFiles
}

func newCheck(w world) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Check whether a server or a client follows the protocol",
		Long: `check talks to a program by the bytes alone, in whatever language it is written,
and says which rules of the protocol it breaks: what was sent, what came, what was
expected, and what the likely mistake is.

  parley check server 127.0.0.1:1300        a chat server
  parley check client -- python3 client.py  a chat client with the course's menu
  parley check sum-server 127.0.0.1:1301    a server of the warm-up exercise
  parley check sum-client -- ./client       a client of it

The exit code is 0 if everything is right, 1 if something is not, and 2 if the
checks could not be made.`,
		Args: knownCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(
		newCheckServer(w, conform.Server, proto.DefaultPort), newCheckServer(w, conform.SumServer, proto.DefaultSumPort),
		newCheckClient(w, conform.Client, proto.DefaultPort), newCheckClient(w, conform.SumClient, proto.DefaultSumPort),
		newCheckList(w), newCheckExplain(w), newCheckKeys(w),
	)
	return cmd
}

func newCheckServer(w world, kind conform.Target, port int) *cobra.Command {
	f := newCheckFlags()
	name := map[conform.Target]string{conform.Server: "a chat server", conform.SumServer: "a server of the warm-up exercise"}[kind]
	cmd := &cobra.Command{
		Use:   string(kind) + " [HOST[:PORT]]",
		Short: "Check " + name,
		Long: fmt.Sprintf(`Checks %s that is running. Without an address it is the one on this
machine, at port %d. Other people may be on the server meanwhile. It must be yours:
floods and cut lines are part of it.`, name, port),
		Example: fmt.Sprintf(`  parley check %[1]s 127.0.0.1:%[2]d
  parley check %[1]s --only P-6              one rule, or one check
  parley check %[1]s --html report.html      with a diagram of each check`, kind, port),
		Args: atMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			address := "127.0.0.1"
			if len(args) > 0 {
				address = args[0]
			}
			if err := f.validate(); err != nil {
				return err
			}
			found, err := reachServer(cmd.Context(), f.opts.Timeout, target.Target{Address: address, Port: port, AllowRemote: f.allowRemote})
			if err != nil {
				return err
			}
			f.opts.Address = found
			f.opts.Again = again(cmd, []string{found}, nil)
			return f.check(cmd.Context(), w, kind)
		},
	}
	f.register(cmd.Flags())
	cmd.Flags().BoolVar(&f.allowRemote, "allow-remote", false, "check a server at a public address too; only where you may")
	if kind == conform.Server {
		cmd.Flags().DurationVar(&f.opts.SpamBlock, "spam-block", conform.DefaultSpamBlock, "for how long the server refuses who says too much")
	}
	return cmd
}

func newCheckFlags() *checkFlags {
	return &checkFlags{
		dialect: choice{string(conform.DialectCourse), []string{string(conform.DialectCourse), string(conform.DialectParley)}},
		detail:  choice{string(report.Full), report.Details()},
	}
}

func (f *checkFlags) register(flags *pflag.FlagSet) {
	flags.SortFlags = false
	o := &f.opts
	flags.IntVar(&o.Step, "step", 0, "the `step` of the assignment that the program has come to; 0 is a finished one")
	flags.StringSliceVar(&o.Only, "only", nil, "only these checks or rules, by `ID`, with commas between or repeated, and what they need")
	flags.Uint64Var(&o.Seed, "seed", rand.Uint64N(1e9), "of names, texts and cuts: the same seed sends the same bytes")
	flags.Lookup("seed").DefValue = "a random one" // for the help alone
	flags.DurationVar(&o.Timeout, "timeout", conform.DefaultTimeout, "how long to wait for an answer")
	flags.Var(&f.dialect, "dialect", "course accepts what the assignment leaves open; parley holds every rule")
	flags.Var(&f.detail, "detail", "what is told of a failure: all of it, only what the program did, or nothing")
	flags.BoolVar(&f.json, "json", false, "print the report as JSON")
	f.files.register(flags)
}

func (f *checkFlags) validate() error {
	if err := checkTimeout(f.opts.Timeout); err != nil {
		return err
	}
	f.opts.Dialect = conform.Dialect(f.dialect.value)
	if err := f.opts.Validate(); err != nil {
		return usageError{err}
	}
	return nil
}

// again returns what makes the command that runs the same again: with the flags
// that were given, those of the output left out.
func again(cmd *cobra.Command, args, tail []string) func(string) string {
	words := append(strings.Fields(cmd.CommandPath()), args...)
	cmd.Flags().Visit(func(flag *pflag.Flag) {
		switch flag.Name {
		case "seed", "only", "json", "junit", "gradescope", "html":
		case "allow-remote":
			words = append(words, "--allow-remote")
		default:
			words = append(words, "--"+flag.Name, flag.Value.String())
		}
	})
	begin, end := shellWords(words), ""
	if len(tail) > 0 {
		end = " -- " + shellWords(tail)
	}
	return func(flags string) string { return begin + " " + flags + end }
}

// shellWords quotes words for a shell, where they need it.
func shellWords(words []string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = word
		if word == "" || strings.ContainsFunc(word, func(r rune) bool {
			return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=./:,+@%[]", r)
		}) {
			quoted[i] = "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
		}
	}
	return strings.Join(quoted, " ")
}

// selectChecks are the checks that this run makes.
func (f *checkFlags) selectChecks(kind conform.Target) ([]*conform.Check, error) {
	checks, err := conform.Select(catalog.For(kind), &f.opts)
	switch {
	case err != nil:
		return nil, usagef("--only: %w", err)
	case len(checks) == 0:
		return nil, usageError{errors.New("--step: there is nothing to check at this step")}
	}
	return checks, nil
}
