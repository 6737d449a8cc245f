//go:build unix

// Package faults_test puts a cluster of real processes, the built program and a
// NATS server beside it, through everything that machines do: they are killed,
// stopped for a while, cut off, slow, and come back.
package faults_test

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"testing"
)

// binaries is where TestMain has put the programs.
var binaries string

func TestMain(m *testing.M) { os.Exit(buildAndRun(m)) }

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "parley-faults")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binaries = dir
	nodes := []string{"build", "-o", dir, "parley/cmd/parley"}
	if raceDetector() {
		nodes = slices.Insert(nodes, 1, "-race") // the nodes are what is looked at
	}
	for _, args := range [][]string{nodes, {"build", "-o", dir, "github.com/nats-io/nats-server/v2"}} {
		if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "go %v: %v\n%s", args, err, out)
			return 1
		}
	}
	// The tests of faults wait for most of their time: more of them than there are
	// processors go on at once.
	flag.Parse()
	if err := flag.Set("test.parallel", "12"); err != nil {
		panic(err)
	}
	return m.Run()
}

// raceDetector reports whether this program was built with it.
func raceDetector() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

func binary(name string) string { return filepath.Join(binaries, name) }

// long skips a test that takes longer than make test may, unless it is asked for.
func long(t *testing.T) {
	t.Helper()
	if os.Getenv("FAULTS") != "all" {
		t.Skip("it takes long: make faults runs it")
	}
}
