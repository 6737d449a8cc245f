package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"parley/internal/conform"
	"parley/internal/conform/drive"
)

func newCheckClient(w world, kind conform.Target, port int) *cobra.Command {
	f := newCheckFlags()
	listen := "127.0.0.1:" + strconv.Itoa(port)
	name := map[conform.Target]string{conform.Client: "a chat client", conform.SumClient: "a client of the warm-up exercise"}[kind]
	cmd := &cobra.Command{
		Use:   string(kind) + " [flags] -- COMMAND...",
		Short: "Check " + name,
		Long: fmt.Sprintf(`Checks %s. COMMAND starts it, afresh for each check, in a terminal of its
own; parley plays the server. In COMMAND, {host} and {port} stand for where it is to
connect to; a program that cannot be told so connects to %s, where
parley listens then.

Without a COMMAND, parley waits for a program that you start by hand, and tells you
what to do in it.`, name, listen),
		Example: fmt.Sprintf(`  parley check %[1]s -- java -cp target/classes no.ntnu.Main
  parley check %[1]s -- python3 client.py {host} {port}
  parley check %[1]s`, kind),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.validate(); err != nil {
				return err
			}
			if err := f.programs(w, args, listen); err != nil {
				return err
			}
			if err := f.ready(cmd.Context(), args); err != nil {
				return err
			}
			f.opts.Again = again(cmd, nil, args)
			return f.check(cmd.Context(), w, kind)
		},
	}
	f.register(cmd.Flags())
	cmd.Flags().StringVar(&f.listen, "listen", "", "`address` that the program connects to (default "+listen+", or any free port where COMMAND has {port})")
	if kind == conform.Client {
		cmd.Flags().StringVar(&f.keys, "keys", "", "TOML `file` that says what to type into its menu, as parley check keys prints it")
	}
	return cmd
}

// programs says how the program that is checked is started, to connect to listen
// unless it can be told where.
func (f *checkFlags) programs(w world, command []string, listen string) error {
	if f.listen == "" && !strings.Contains(strings.Join(command, " "), "{port}") && f.keys == "" {
		f.listen = listen
	}
	if len(command) == 0 {
		f.opts.Address = "started by hand"
		f.opts.Programs = drive.ByHand(f.listen, w.in, w.err)
		return nil
	}
	f.opts.Address = shellWords(command)
	opts := drive.Options{Command: command, Listen: f.listen}
	if f.keys != "" {
		text, err := os.ReadFile(f.keys)
		if err != nil {
			return usagef("--keys: %w", err)
		}
		if opts.Keys, err = drive.ParseKeys(f.keys, string(text)); err != nil {
			return usagef("--keys: %w", err)
		}
	}
	programs, err := drive.New(opts)
	if err != nil {
		return usageError{err}
	}
	f.opts.Programs = programs
	return nil
}

// ready looks before the first check whether the program is there, and the address
// free for it to connect to.
func (f *checkFlags) ready(ctx context.Context, command []string) error {
	if len(command) > 0 {
		if _, err := exec.LookPath(command[0]); err != nil {
			return cannotRun("the program cannot be started: %w", err)
		}
	}
	l, err := f.opts.Programs.Listen(ctx)
	if err != nil {
		return cannotRun("%w", err)
	}
	return l.Close()
}

func newCheckKeys(w world) *cobra.Command {
	return &cobra.Command{
		Use:   "keys",
		Short: "Print what is typed into the menu of the course's template",
		Long: `Prints the file that says what check client types into a menu: the one of the course's
template, with an explanation. Change a copy for another menu and give it with --keys.`,
		Args: atMost(0),
		RunE: func(*cobra.Command, []string) error {
			_, err := io.WriteString(w.out, drive.Template)
			return err
		},
	}
}
