package main

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"parley": main})
}

// The scripts use the program as people and their shells do.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"),
		// Its usual port may be taken, and a test has no fixed one.
		Setup: func(env *testscript.Env) error {
			env.Setenv("PARLEY_WEB", "off")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":   exits,
			"address": address,
			"present": present,
		},
	})
}

// exits runs a command and checks its exit code: exits CODE COMMAND...
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	err = ts.Exec(args[1], args[2:]...)
	if ended, ok := errors.AsType[*exec.ExitError](err); ok {
		got = ended.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// patience is how long a script waits for what must come.
const patience = 20 * time.Second

// address waits until a server has written its address file and puts the
// addresses into $chat, $sum and $web, the chat's port into $port and the page's
// into $webport: address FILE
func address(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: address FILE")
	}
	path := ts.MkAbs(args[0])
	retry(ts, func() error {
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for line := range strings.Lines(string(content)) {
			service, addr, _ := strings.Cut(strings.TrimSpace(line), " ")
			ts.Setenv(service, addr)
			_, port, _ := net.SplitHostPort(addr)
			switch service {
			case "chat":
				ts.Setenv("port", port)
			case "web":
				ts.Setenv("webport", port)
			}
		}
		return nil
	})
}

// present waits until somebody of that name is in the chat: present NAME
func present(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: present NAME")
	}
	conn, err := net.Dial("tcp", ts.Getenv("chat"))
	ts.Check(err)
	defer conn.Close()
	lines := bufio.NewReader(conn)
	retry(ts, func() error {
		if _, err := fmt.Fprint(conn, "users\n"); err != nil {
			return err
		}
		users, err := lines.ReadString('\n')
		if err != nil || !slices.Contains(strings.Fields(users), args[0]) {
			return fmt.Errorf("%s is not among %q: %w", args[0], users, err)
		}
		return nil
	})
}

// retry tries until it works: there is no event to wait for.
func retry(ts *testscript.TestScript, try func() error) {
	deadline := time.Now().Add(patience)
	for {
		err := try()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("after %v: %v", patience, err)
		}
		time.Sleep(5 * time.Millisecond) //nolint:forbidigo // between two looks, not instead of one
	}
}
