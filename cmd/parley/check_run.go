package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"

	"github.com/spf13/pflag"

	"parley/internal/conform"
	"parley/internal/conform/report"
	"parley/internal/conform/zoo"
	"parley/internal/target"
)

// reachServer finds the server, or says why nothing can be checked.
func reachServer(ctx context.Context, timeout time.Duration, t target.Target) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	found, err := target.Reach(ctx, t)
	if bad, ok := errors.AsType[*target.Error](err); ok {
		return "", usageError{bad}
	}
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "", cannotRun("nobody listens at %s: start the server first; if it is running, is the port right?", t.Address)
	case errors.Is(err, context.DeadlineExceeded):
		return "", cannotRun("%s does not answer within %v: is the address right, is there a firewall?", t.Address, timeout)
	case err != nil:
		return "", cannotRun("%w", err)
	}
	return found.String(), nil
}

// check makes the checks, reports, and returns how it went.
func (f *checkFlags) check(ctx context.Context, w world, kind conform.Target) error {
	checks, err := f.selectChecks(kind)
	if err != nil {
		return err
	}
	if err := f.files.create(); err != nil {
		return err
	}
	detail := report.Detail(f.detail.value)
	progress := w.out
	if f.json {
		progress = terminal(w.err)
	}
	if progress != nil {
		report.Begin(progress, kind, f.opts.Address, len(checks), f.opts.Seed)
		f.opts.Progress = report.Progress(progress, detail)
	}
	run, err := conform.Run(ctx, kind, checks, f.opts)
	if err != nil {
		return cannotRun("%w", err)
	}
	if ctx.Err() != nil && run.Broken == "" {
		run.Broken = "interrupted"
	}
	known, err := knownMistakes()
	if err != nil {
		return cannotRun("%w", err)
	}
	rep := report.New(run, report.Options{Detail: detail, Version: version, Known: known})
	if err := f.write(rep, w.out); err != nil {
		return cannotRun("%w", err)
	}
	return verdict(rep.Verdict())
}

// write writes the report in all forms that were asked for.
func (f *checkFlags) write(rep *report.Report, out io.Writer) error {
	err := f.files.write(rep)
	if f.json {
		return errors.Join(err, rep.WriteJSON(out))
	}
	return errors.Join(err, rep.WriteText(out))
}

// verdict is the exit code; the report has said the rest.
func verdict(v report.Verdict) error {
	switch v {
	case report.AllPassed:
		return nil
	case report.SomethingFailed:
		return exitError{code: exitFailed}
	default:
		return exitError{code: exitUsage}
	}
}

func cannotRun(format string, args ...any) error {
	return exitError{fmt.Errorf(format, args...), exitUsage}
}

// reportFiles are files that the report is written to.
type reportFiles struct{ junit, gradescope, html reportFile }

type reportFile struct {
	path string
	file *os.File
}

func (fs *reportFiles) register(flags *pflag.FlagSet) {
	flags.StringVar(&fs.html.path, "html", "", "also write the report to this `file`, as a page with a diagram of each check")
	flags.StringVar(&fs.junit.path, "junit", "", "also write it to this `file`, as JUnit's XML")
	flags.StringVar(&fs.gradescope.path, "gradescope", "", "also write it to this `file`, as Gradescope's results.json")
}

// create creates the files before the run, which would be lost if one cannot be.
func (fs *reportFiles) create() error {
	for name, f := range map[string]*reportFile{"html": &fs.html, "junit": &fs.junit, "gradescope": &fs.gradescope} {
		if f.path == "" {
			continue
		}
		file, err := os.Create(f.path)
		if err != nil {
			return usagef("--%s: %w", name, err)
		}
		f.file = file
	}
	return nil
}

func (fs *reportFiles) write(rep *report.Report) error {
	var failures []error
	for _, form := range []struct {
		to    reportFile
		write func(io.Writer) error
	}{{fs.html, rep.WriteHTML}, {fs.junit, rep.WriteJUnit}, {fs.gradescope, rep.WriteGradescope}} {
		if form.to.file != nil {
			failures = append(failures, form.write(form.to.file), form.to.file.Close())
		}
	}
	return errors.Join(failures...)
}

// knownMistakes are those of the zoo, with what fails because of each.
func knownMistakes() ([]report.Known, error) {
	table, err := zoo.CrossTable()
	if err != nil {
		return nil, err
	}
	var known []report.Known
	for _, row := range table {
		k := report.Known{Name: row.Name, Target: row.Target, Rule: row.Rule, Check: row.Check, About: row.About, Fails: make(map[string]conform.Kind)}
		for _, failure := range row.Failed {
			k.Fails[failure.Check] = failure.Kind
		}
		known = append(known, k)
	}
	return known, nil
}
