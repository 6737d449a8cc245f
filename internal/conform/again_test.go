package conform_test

import (
	"bufio"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"parley/internal/conform"
)

// asksAlone is a check that fails as long as another connection is open.
func asksAlone(id string) *conform.Check {
	return check(id, func(t *conform.T) {
		p := t.Dial("alice")
		p.Send("alone?")
		p.ExpectLine("yes")
	})
}

// serveCrowd answers "no" to those who are not alone, once two have been there at
// the same time; the first one waits for the second.
func serveCrowd(t *testing.T) (address string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var asked atomic.Int32
	two := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				for lines := bufio.NewScanner(conn); lines.Scan(); {
					if n := asked.Add(1); n == 2 {
						close(two)
					} else if n > 2 {
						io.WriteString(conn, "yes\n")
						continue
					}
					<-two
					io.WriteString(conn, "no\n")
				}
			}()
		}
	}()
	t.Cleanup(func() { ln.Close(); <-done })
	return ln.Addr().String()
}

// What fails beside others only is one failure, named as that; the rest passes,
// and what needs them runs.
func TestSecondLook(t *testing.T) {
	after := check("after", func(*conform.T) {})
	after.Needs = []string{"one", "two"}
	var told []string
	opts := conform.Options{Address: serveCrowd(t), Progress: func(r conform.Result) { told = append(told, r.Check.ID+" "+string(r.Status)) }}
	report := runWith(t.Context(), t, opts, asksAlone("one"), asksAlone("two"), after)
	one, two := report.Results[0], report.Results[1]
	if one.Status != conform.Failed || !strings.Contains(one.Cause, "alone it passes") || !strings.Contains(one.Hint(), "lock") {
		t.Errorf("one: %s: %s; %s", one.Status, one.Cause, one.Hint())
	}
	if two.Status != conform.Remark || !strings.Contains(two.Message, "see one") {
		t.Errorf("two: %s: %s", two.Status, two.Message)
	}
	if got := strings.Join(told, ", "); got != "one failed, two remark, after passed" {
		t.Errorf("told: %s", got)
	}
}

// What fails alone too has failed, and is told once.
func TestSecondLookConfirms(t *testing.T) {
	address := serve(t, polite(map[string]string{"alone?": "never\n"}))
	told := 0
	opts := conform.Options{Address: address, Progress: func(conform.Result) { told++ }}
	result := runWith(t.Context(), t, opts, asksAlone("asks")).Results[0]
	if result.Status != conform.Failed || result.Kind != conform.WrongLine || result.Beside || told != 1 {
		t.Errorf("%s %q, told %d times: %s", result.Status, result.Kind, told, result.Cause)
	}
}

// A server that a check has broken, but not brought down, is named as the cause
// of what follows, where that needs what is broken.
func TestServerHarmed(t *testing.T) {
	var harmed atomic.Bool
	address := serve(t, func(line string) string {
		switch {
		case line == "harm":
			harmed.Store(true)
		case line == "alone?" && !harmed.Load():
			return "yes\n"
		}
		return "cmderr command not supported\n"
	})
	vital := asksAlone("vital")
	vital.Vital = true
	harms := check("harms", func(t *conform.T) {
		p := t.Connect("alice")
		p.Send("harm")
		p.ExpectLine("fine")
	})
	rests := check("rests", func(*conform.T) {})
	rests.Needs = []string{"vital"}
	free := check("free", func(*conform.T) {})
	harms.Phase, rests.Phase, free.Phase = conform.Last, conform.Last, conform.Last
	report := run(t, address, vital, harms, rests, free)
	for i, want := range []conform.Status{conform.Passed, conform.Failed, conform.Skipped, conform.Passed} {
		if r := report.Results[i]; r.Status != want {
			t.Errorf("%s: %s: %s", r.Check.ID, r.Status, r.Message)
		}
	}
	if !strings.Contains(report.Harmed, "vital passed at first and fails since harms") {
		t.Errorf("harmed: %q", report.Harmed)
	}
}
