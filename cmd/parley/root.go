package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"parley/proto"
)

// Exit codes.
const (
	exitOK = iota
	exitFailed
	exitUsage
)

// world is what a command may touch beside the network and files.
type world struct {
	in       io.Reader
	out, err io.Writer
	environ  []string
}

// usageError is what the user said wrong: exit code 2.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usagef(format string, args ...any) error {
	return usageError{fmt.Errorf(format, args...)}
}

// exitError ends the program with a code of its own. Without an error in it
// everything has been said.
type exitError struct {
	error
	code int
}

func (e exitError) Unwrap() error { return e.error }

// run runs the command that args name and returns the exit code. Whatever goes
// wrong is one line on standard error.
func run(ctx context.Context, args []string, w world) int {
	root := newRoot(w)
	root.SetArgs(args)
	root.SetIn(w.in)
	root.SetOut(w.out)
	root.SetErr(w.err)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitOK
	}
	code := exitFailed
	if own, ok := errors.AsType[exitError](err); ok {
		code = own.code
		if own.error == nil {
			return code
		}
	}
	message := proto.Visible(strings.TrimSpace(strings.ReplaceAll(err.Error(), "\n", " "))) // some of it may be another program's words
	if _, ok := errors.AsType[usageError](err); !ok {
		fmt.Fprintf(w.err, "parley: %s\n", message)
		return code
	}
	fmt.Fprintf(w.err, "parley: %s (see %s --help)\n", message, cmd.CommandPath())
	return exitUsage
}

func newRoot(w world) *cobra.Command {
	root := &cobra.Command{
		Use:   "parley",
		Short: "A chat that a person can type into nc",
		Long: `parley is a chat server whose line protocol a person can type into nc, and the
clients and tools that go with it.

  parley serve          start a server on this machine
  parley menu           chat, by a numbered menu
  nc 127.0.0.1 1300     chat, by hand: type  msg hello  or  help`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          knownCommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return flagError(err) })
	root.AddCommand(newServe(w), newMenu(w), newSum(w), newLoad(w), newCheck(w), newZoo(w), newHistory(w), newCluster(w), newVersion(w))
	root.InitDefaultCompletionCmd()
	root.InitDefaultHelpCmd()
	for _, cmd := range root.Commands() {
		switch cmd.Name() {
		case "completion":
			cmd.Args, cmd.RunE = knownCommand, root.RunE
		case "help":
			cmd.Args = func(_ *cobra.Command, args []string) error {
				found, rest, err := root.Find(args)
				if err != nil || len(rest) > 0 {
					return knownCommand(found, rest)
				}
				return nil
			}
		}
	}
	return root
}

// knownCommand refuses words that name no command: left alone, cobra shows the
// help and calls it a success.
func knownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		return usagef("there is no command %q; did you mean %s?", args[0], strings.Join(near, " or "))
	}
	return usagef("there is no command %q", args[0])
}

// exactly is for commands that take these arguments.
func exactly(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < len(names) {
			return usagef("%s is missing", names[len(args)])
		}
		return atMost(len(names))(cmd, args)
	}
}

// atMost is for commands that take up to n arguments.
func atMost(n int) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) > n {
			return usagef("%q is one argument too many", args[n])
		}
		return nil
	}
}
