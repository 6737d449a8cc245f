package zoo_test

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parley/internal/conform"
	"parley/internal/conform/catalog"
	"parley/internal/conform/drive"
	"parley/internal/conform/zoo"
)

// asClient is the environment variable that makes this test program one of the
// zoo's clients: its arguments are the name and the address.
const asClient = "PARLEY_ZOO_CLIENT"

func TestMain(m *testing.M) {
	if os.Getenv(asClient) == "" {
		// Nearly all that these tests do is wait: more of them than processors.
		_ = flag.Set("test.parallel", "12")
		goleak.VerifyTestMain(m)
		return
	}
	program, err := zoo.Find(os.Args[1])
	if err == nil {
		err = program.Run(context.Background(), os.Stdin, os.Stdout, os.Args[2])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

const (
	spamBlock = time.Second

	// patientBlock is for many runs at a time, where a second is soon over.
	patientBlock = 4 * time.Second
	// impatience is how long a wrong program may take to answer: longer than the
	// one answer of the client's checks that is late.
	impatience = 1500 * time.Millisecond
)

// run runs the checks that opts selects against one program of the zoo, in the
// dialect that holds every rule.
func run(t *testing.T, m *zoo.Mistake, opts conform.Options) *conform.Report {
	t.Helper()
	opts.Dialect, opts.SpamBlock = conform.DialectParley, cmp.Or(opts.SpamBlock, spamBlock)
	if m.IsServer() {
		server, err := m.Start(t.Context(), "127.0.0.1:0", zoo.Options{SpamBlock: opts.SpamBlock})
		if err != nil {
			t.Fatal(err)
		}
		defer server.Stop()
		opts.Address = server.Address
	} else {
		programs, err := drive.New(drive.Options{Command: []string{"env", asClient + "=1", os.Args[0], m.Name, "{host}:{port}"}})
		if err != nil {
			t.Fatal(err)
		}
		opts.Programs = programs
	}
	checks, err := conform.Select(catalog.For(m.Target), &opts)
	if err != nil {
		t.Fatal(err)
	}
	report, err := conform.Run(t.Context(), m.Target, checks, opts)
	if err != nil || report.Broken != "" {
		t.Fatal(err, report.Broken)
	}
	return report
}

// failures are the results of those that failed, in the report's order: what a
// person sees at its head.
func failures(report *conform.Report) (failed []conform.Result) {
	for _, r := range report.Results {
		if r.Status == conform.Failed {
			failed = append(failed, r)
		}
	}
	return failed
}

func describe(r conform.Result) string {
	return fmt.Sprintf("%s (%s) %s, %s: %s\n  expected: %s\n  cause: %s", r.Check.ID, r.Check.Rule, r.Status, r.Kind, r.Message, r.Expected, r.Cause)
}
