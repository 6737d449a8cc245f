package chat_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/conform"
	"parley/internal/conform/chat"
	"parley/internal/server"
)

// parley starts our own server, with a block for spam that tests can wait for.
func parley(t *testing.T, block time.Duration) (address string) {
	t.Helper()
	opts := server.Defaults()
	opts.Web = server.Off
	opts.Listen, opts.Sum, opts.SpamBlock = "127.0.0.1:0", server.Off, block
	srv, err := server.Listen(opts)
	if err != nil {
		t.Fatal(err)
	}
	srv.Start()
	t.Cleanup(srv.Close)
	return srv.Addrs()[0].Addr.String()
}

func runCommanded(t *testing.T, opts conform.Options) *conform.Report {
	t.Helper()
	checks, err := conform.Select(chat.Commanded(), &opts)
	if err != nil {
		t.Fatal(err)
	}
	report, err := conform.Run(t.Context(), conform.Server, checks, opts)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func allPassed(t *testing.T, report *conform.Report) {
	t.Helper()
	if report.Broken != "" {
		t.Error(report.Broken)
	}
	for i := range report.Results {
		if r := &report.Results[i]; r.Took > time.Second {
			t.Logf("%s took %v", r.Check.ID, r.Took)
		}
		if r := &report.Results[i]; r.Status != conform.Passed {
			t.Errorf("%s %s %s: %s; expected %s; %s", r.Check.ID, r.Status, r.Kind, r.Message, r.Expected, r.Cause)
		}
	}
}

// Our own server passes every check without a remark, at every step, in both
// dialects.
func TestCommandedPassOnParley(t *testing.T) {
	const block = time.Second
	for _, opts := range []conform.Options{
		{Dialect: conform.DialectCourse, Step: 16},
		{Dialect: conform.DialectCourse, Step: 14},
		{Dialect: conform.DialectCourse, Step: 19},
		{Dialect: conform.DialectCourse},
		{Dialect: conform.DialectParley},
	} {
		t.Run(fmt.Sprintf("%s %d", opts.Dialect, opts.Step), func(t *testing.T) {
			opts.Address, opts.SpamBlock, opts.Seed = parley(t, block), block, uint64(time.Now().UnixNano())
			report := runCommanded(t, opts)
			t.Logf("seed %d, %d checks in %v", opts.Seed, len(report.Results), report.Took)
			allPassed(t, report)
		})
	}
}

// So it does while other people are there, who chat, come and go.
func TestCommandedPassAmongPeople(t *testing.T) {
	const block = time.Second
	address := parley(t, block)
	ctx, leave := context.WithCancel(t.Context())
	var people sync.WaitGroup
	for i := range 3 {
		people.Go(func() {
			for visit := 0; ctx.Err() == nil; visit++ {
				chatter(ctx, address, fmt.Sprintf("stranger%dx%d", i, visit))
			}
		})
	}
	defer people.Wait()
	defer leave()
	for _, dialect := range []conform.Dialect{conform.DialectCourse, conform.DialectParley} {
		allPassed(t, runCommanded(t, conform.Options{Address: address, SpamBlock: block, Dialect: dialect}))
	}
}

// chatter is one visit of a person: some words, half a second apart.
func chatter(ctx context.Context, address, name string) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return
	}
	defer conn.Close()
	go func() { _, _ = io.Copy(io.Discard, conn) }() // what others say is no matter to it
	for _, line := range []string{"login " + name, "msg hello", "users", "msg how are you?", "privmsg " + name + " a note"} {
		if _, err := fmt.Fprintf(conn, "%s\n", line); err != nil {
			return
		}
		select {
		case <-time.After(200 * time.Millisecond):
		case <-ctx.Done():
			return
		}
	}
}

// What students are to find out for themselves is not told before its step.
func TestNothingIsGivenAway(t *testing.T) {
	for _, c := range chat.Commanded() {
		text := strings.ToLower(c.ID + " " + c.Title + " " + c.Hint)
		if strings.Contains(text, "users") && c.Step < 19 || strings.Contains(text, "joke") && c.Step < conform.ExtraStep {
			t.Errorf("%s, of step %d: %s", c.ID, c.Step, text)
		}
	}
	for _, step := range []int{14, 16, 18, 19} {
		report := runCommanded(t, conform.Options{Address: parley(t, time.Second), Step: step})
		for i := range report.Results {
			for _, e := range report.Results[i].Events {
				sent := (e.Kind == conform.Sent || e.Kind == conform.Note)
				if sent && (step < 19 && strings.Contains(e.Data, "users") || strings.Contains(e.Data, "joke")) {
					t.Errorf("step %d, %s: %q", step, report.Results[i].Check.ID, e.Data)
				}
			}
		}
	}
}

// runAlone runs one check, without those that it needs: what it says of a wrong
// server is its own.
func runAlone(t *testing.T, id string, opts conform.Options) *conform.Result {
	t.Helper()
	for _, c := range chat.Commanded() {
		if c.ID == id {
			c.Needs = nil
			report, err := conform.Run(t.Context(), conform.Server, []*conform.Check{c}, opts)
			if err != nil {
				t.Fatal(err)
			}
			return &report.Results[0]
		}
	}
	t.Fatalf("no check is called %s", id)
	return nil
}
