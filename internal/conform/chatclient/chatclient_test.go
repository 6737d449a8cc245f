package chatclient_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parley/internal/conform"
	"parley/internal/conform/chatclient"
	"parley/internal/conform/drive"
	"parley/internal/conform/zoo"
)

// client is the environment variable that makes this program one of the zoo's
// clients: its arguments are the name and the address.
const client = "PARLEY_ZOO_CLIENT"

func TestMain(m *testing.M) {
	if os.Getenv(client) == "" {
		goleak.VerifyTestMain(m)
		return
	}
	if err := runClient(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func runClient(name, address string) error {
	program, err := zoo.Find(name)
	if err != nil {
		return err
	}
	return program.Run(context.Background(), os.Stdin, os.Stdout, address)
}

// programs starts one of the zoo's clients.
func programs(t *testing.T, name string) conform.Programs {
	t.Helper()
	return started(t, "env", client+"=1", os.Args[0], name, "{host}:{port}")
}

func started(t *testing.T, command ...string) conform.Programs {
	t.Helper()
	programs, err := drive.New(drive.Options{Command: command})
	if err != nil {
		t.Fatal(err)
	}
	return programs
}

// run runs the checks that hold.
func run(t *testing.T, opts conform.Options) *conform.Report {
	t.Helper()
	opts.Dialect = conform.DialectParley
	checks, err := conform.Select(chatclient.Checks(), &opts)
	if err != nil {
		t.Error(err)
	}
	report, err := conform.Run(t.Context(), conform.Client, checks, opts)
	if err != nil || report.Broken != "" {
		t.Error(err, report.Broken)
	}
	return report
}

func describe(r conform.Result) string {
	return fmt.Sprintf("%s: %s, %s: %s\n  expected %s\n  cause %s", r.Check.ID, r.Status, r.Kind, r.Message, r.Expected, r.Cause)
}

func wantPassed(t *testing.T, report *conform.Report) {
	t.Helper()
	for _, r := range report.Results {
		if r.Status != conform.Passed {
			t.Error(describe(r))
		}
	}
}

var rounds = flag.Int("rounds", 5, "how often the correct client must pass")

// The correct client passes everything, every time.
func TestCorrect(t *testing.T) {
	correct := programs(t, zoo.Correct(conform.Client).Name)
	var all sync.WaitGroup
	slots := make(chan struct{}, 6)
	for i := range *rounds {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			wantPassed(t, run(t, conform.Options{Programs: correct, Seed: uint64(i)}))
		})
	}
	all.Wait()
}

// At each step of the assignment a client passes that has come so far, and nobody
// is told what is still to be found.
func TestSteps(t *testing.T) {
	var steps sync.WaitGroup
	for step := 1; step <= 9; step++ {
		steps.Go(func() {
			opts := conform.Options{Programs: programs(t, zoo.Correct(conform.Client).Name), Step: step}
			for _, r := range run(t, opts).Results {
				if said := r.Check.ID + r.Check.Title + r.Check.Hint; step < 7 && (strings.Contains(said, "users") || strings.Contains(said, "joke")) {
					t.Errorf("step %d: %s gives away what is to be found", step, r.Check.ID)
				}
				if r.Status != conform.Passed {
					t.Error("step", step, describe(r))
				}
			}
		})
	}
	steps.Wait()
}

// Each mistake is caught by the check that is about it, and by its rule; what
// that check needs is intact.
func TestZoo(t *testing.T) {
	var all sync.WaitGroup
	slots := make(chan struct{}, 8)
	for _, m := range zoo.All() {
		if m.Target == conform.Client {
			all.Go(func() {
				slots <- struct{}{}
				defer func() { <-slots }()
				catches(t, m)
			})
		}
	}
	all.Wait()
}

func catches(t *testing.T, m *zoo.Mistake) {
	for _, r := range run(t, conform.Options{Programs: programs(t, m.Name), Only: []string{m.Check}, Timeout: timeout}).Results {
		switch {
		case r.Check.ID != m.Check:
			if r.Status != conform.Passed {
				t.Errorf("%s: %s", m.Name, describe(r))
			}
		case r.Status != conform.Failed || r.Check.Rule != m.Rule:
			t.Errorf("%s is not caught by %s: %s", m.Name, m.Rule, describe(r))
		default:
			t.Logf("%s: %s", m.Name, describe(r))
		}
	}
}

// timeout is for clients that hang.
const timeout = time.Second

// parley's own menu is a client of the course.
func TestMenu(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds a program")
	}
	binary := filepath.Join(t.TempDir(), "parley")
	build := exec.Command("go", "build", "-o", binary, "./cmd/parley")
	build.Dir = "../../.."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	wantPassed(t, run(t, conform.Options{Programs: started(t, binary, "menu", "{host}:{port}")}))
}

// What the list of checks says of itself holds.
func TestChecks(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range chatclient.Checks() {
		if !strings.HasPrefix(c.ID, "client-") || seen[c.ID] {
			t.Errorf("%s: the id", c.ID)
		}
		if c.Points < 1 || c.Points > 5 || c.Title == "" || c.Hint == "" || c.Rule == "" || c.Target != conform.Client {
			t.Errorf("%s: something is missing", c.ID)
		}
		for _, need := range c.Needs {
			if !seen[need] {
				t.Errorf("%s needs %s, which does not come before it", c.ID, need)
			}
		}
		seen[c.ID] = true
	}
	for _, m := range zoo.All() {
		if m.Target == conform.Client && !seen[m.Check] {
			t.Errorf("%s is about %s, which is no check", m.Name, m.Check)
		}
	}
}
