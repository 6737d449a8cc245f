package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"parley/internal/load"
)

const scenarioFlag = "scenario"

// loadFlags are the flags of load.
type loadFlags struct {
	opts load.Options
	json bool
	html string
}

// number is a flag that need not be whole.
type number float64

func (n *number) Set(text string) (err error) {
	*(*float64)(n), err = strconv.ParseFloat(text, 64)
	return err
}

func (n *number) String() string { return strconv.FormatFloat(float64(*n), 'g', -1, 64) }

func (*number) Type() string { return "number" }

func newLoad(w world) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "load [HOST[:PORT]]",
		Short: "Put load on a server and see what it can take",
		Long: `load connects many clients to a chat server, lets them do what the scenario says,
and reports what arrived, what did not, how late it was, and how much of that was
its own doing. Without an address it is for the server on this machine. It aims at
this machine and at private networks only.

  class     people come within a minute, and for another one chat, at a line in
            20 s each, and poll users; some vanish, some never read
  fanout    4 speak as fast as all others hear them, 32 lines under way each
  latency   4 speak, 5 lines a second each: how late does it reach the others?
  requests  everybody asks for help, 16 questions under way each
  connect   8 at a time connect, log in and leave
  idle      all log in and are silent

The exit code is 1 if anything was lost, doubled or out of order, or if anybody
was cut off or did not get in.`,
		Example: `  parley load --clients 300                        are 300 students too many?
  parley load --scenario fanout --html page.html   needs parley serve --spam-rate 1000000
  parley load --scenario latency --rate 2 --json 192.168.1.20`,
		Args: atMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			f := completeLoad(cmd.Flags())
			f.opts.Address = "127.0.0.1"
			if len(args) > 0 {
				f.opts.Address = args[0]
			}
			return f.run(cmd, w)
		},
	}
	cmd.Flags().SortFlags = false
	(&loadFlags{opts: load.Defaults(load.Class)}).register(cmd.Flags())
	for _, name := range []string{"senders", "rate", "window", "ramp", "duration", "poll"} {
		cmd.Flags().Lookup(name).DefValue = "the scenario's" // for the help alone
	}
	return cmd
}

func (f *loadFlags) register(flags *pflag.FlagSet) {
	o := &f.opts
	flags.Var(&choice{o.Scenario, load.Scenarios()}, scenarioFlag, "what they do")
	flags.IntVar(&o.Clients, "clients", o.Clients, "connections")
	flags.IntVar(&o.Senders, "senders", o.Senders, "how many of them speak; in connect, how many at a time; 0 is all")
	flags.IntVar(&o.Size, "size", o.Size, "bytes of each text")
	flags.Var((*number)(&o.Rate), "rate", "lines a second of each, whatever comes back; 0 is as fast as answers come")
	flags.IntVar(&o.Window, "window", o.Window, "lines of each under way, where there is no rate")
	flags.DurationVar(&o.Ramp, "ramp", o.Ramp, "time in which they connect")
	flags.DurationVar(&o.Duration, "duration", o.Duration, "time to measure once all are there")
	flags.DurationVar(&o.Timeout, "timeout", o.Timeout, "how long to wait for an answer")
	flags.DurationVar(&o.Poll, "poll", o.Poll, "class, latency: how often each asks for the users; 0 is never")
	flags.IntVar(&o.Drop, "drop", o.Drop, "class: `percent` that vanish without closing")
	flags.IntVar(&o.Deaf, "deaf", o.Deaf, "class: `percent` that never read")
	flags.IntVar(&o.PID, "pid", 0, "the server's process: what does it use meanwhile? (Linux, on this machine)")
	flags.BoolVar(&o.AllowRemote, "allow-remote", false, "aim at public addresses too; only where you may")
	flags.BoolVar(&f.json, "json", false, "print the report as JSON")
	flags.StringVar(&f.html, "html", "", "also write the report to this `file`, as a page with plots")
}

// completeLoad puts what was given on top of the defaults of its scenario.
func completeLoad(given *pflag.FlagSet) *loadFlags {
	f := &loadFlags{opts: load.Defaults(given.Lookup(scenarioFlag).Value.String())}
	own := pflag.NewFlagSet("", pflag.ContinueOnError)
	f.register(own)
	given.Visit(func(flag *pflag.Flag) { _ = own.Set(flag.Name, flag.Value.String()) }) // it could be read before
	return f
}

// run puts the load on and reports.
func (f *loadFlags) run(cmd *cobra.Command, w world) error {
	if err := f.opts.Validate(); err != nil {
		return loadError(err)
	}
	for _, warning := range f.opts.Warnings() {
		fmt.Fprintf(w.err, "parley: note: %s\n", warning)
	}
	f.opts.Progress = terminal(w.err)
	page := io.WriteCloser(nil)
	if f.html != "" {
		file, err := os.Create(f.html)
		if err != nil {
			return usagef("--html: %w", err)
		}
		page = file
	}
	rep, err := load.Run(cmd.Context(), f.opts)
	if err != nil {
		return loadError(err)
	}
	if err := f.write(rep, page, w.out); err != nil {
		return err
	}
	if !rep.OK {
		return errors.New("the load has shown something that is wrong: see the report")
	}
	return nil
}

// write writes the report in the forms that were asked for.
func (f *loadFlags) write(rep *load.Report, page io.WriteCloser, out io.Writer) error {
	if page != nil {
		if err := errors.Join(rep.WriteHTML(page), page.Close()); err != nil {
			return fmt.Errorf("--html: %w", err)
		}
	}
	if f.json {
		return rep.WriteJSON(out)
	}
	return rep.WriteText(out)
}

// loadError blames the flag that is wrong.
func loadError(err error) error {
	bad, ok := errors.AsType[*load.OptionError](err)
	switch {
	case !ok:
		return err
	case bad.Option == load.Address:
		return usagef("%s", bad.Problem)
	}
	return usagef("--%s: %s", bad.Option, bad.Problem)
}

// terminal is w if somebody is looking at it, else nil.
func terminal(w io.Writer) io.Writer {
	file, ok := w.(*os.File)
	if !ok {
		return nil
	}
	info, err := file.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return nil
	}
	return file
}
