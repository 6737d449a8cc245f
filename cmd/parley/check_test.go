package main

import (
	"bytes"
	"context"
	"net"
	"strings"
	"testing"
)

// cancels is a writer that ends a context at the first word.
type cancels struct {
	bytes.Buffer
	cancel context.CancelFunc
}

func (c *cancels) Write(p []byte) (int, error) {
	c.cancel()
	return c.Buffer.Write(p)
}

// Whoever interrupts a run gets the report of what is known, and is not told that
// all is well.
func TestInterruptedCheck(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0") // whoever connects waits in its queue
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	ctx, cancel := context.WithCancel(t.Context())
	out := &cancels{cancel: cancel}
	var errs bytes.Buffer
	args := []string{"check", "sum-server", silent.Addr().String(), "--timeout", "1m"}
	if code := run(ctx, args, world{out: out, err: &errs}); code != exitUsage {
		t.Errorf("exit code %d", code)
	}
	for _, want := range []string{"the run ended before its end: interrupted", "says nothing about the program", "skipped"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the report does not say %q:\n%s", want, out.String())
		}
	}
}

func TestShellWords(t *testing.T) {
	got := shellWords([]string{"java", "-cp", "a b", "it's", "", "{port}", "$HOME", "x=1"})
	if want := `java -cp 'a b' 'it'\''s' '' '{port}' '$HOME' x=1`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// The command that runs a check again has the flags that matter to it, before the
// command of a client.
func TestAgain(t *testing.T) {
	cmd := newCheckClient(world{}, "client", 1300)
	err := cmd.Flags().Parse([]string{"--step", "6", "--json", "--only", "x", "--seed", "5", "--keys", "my keys.toml", "--", "java", "Client"})
	if err != nil {
		t.Fatal(err)
	}
	got := again(cmd, nil, cmd.Flags().Args())("--seed 5 --only y")
	if want := "client --step 6 --keys 'my keys.toml' --seed 5 --only y -- java Client"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
