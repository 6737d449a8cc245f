package warmup_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"parley/internal/warmup"
)

// Rules: S-1, S-2, S-3
func TestDemo(t *testing.T) {
	s := serve(t, limits)
	var out bytes.Buffer
	if err := warmup.Demo(t.Context(), &out, optionsFor(s.addr)); err != nil {
		t.Error(err)
	}
	expectReason(t, s.reasons, "game_over")

	numbers := regexp.MustCompile(`ask (\d+)\+(\d+): (\d+),`).FindStringSubmatch(out.String())
	if numbers == nil {
		t.Fatalf("no sum was asked for:\n%s", &out)
	}
	a, _ := strconv.Atoi(numbers[1])
	b, _ := strconv.Atoi(numbers[2])
	want := fmt.Sprintf(`1. connect to %s: connected
2. ask %d+%d: %d, which is right
3. wait 1ms: done
4. ask bla+bla: error, which is right
5. say game over: the server closed without an answer, as it must
6. close the connection: closed
7. ask 2+2 once more: failed, as it must: no answer to "2+2": use of closed network connection
`, s.addr, a, b, a+b)
	if out.String() != want {
		t.Errorf("told\n%s\nwant\n%s", &out, want)
	}
}

// The demo ends at the step that does not go as it must, and says why.
func TestDemoOfWrongServers(t *testing.T) {
	for name, tt := range map[string]struct {
		answers    []string // %s is the sum
		step, want string
	}{
		"wrong sum":          {[]string{"1%s\n"}, "2. ask ", `, and is "1`},
		"no sum":             {[]string{"error\n"}, "2. ask ", `, and is "error"`},
		"cuts the answer":    {[]string{"%s"}, "2. ask ", "no answer to "},
		"adds letters":       {[]string{"%s\n", "0\n"}, "4. ask bla+bla: ", `must be error, and is "0"`},
		"echoes":             {[]string{"%s\n", "bla+bla\n"}, "4. ask bla+bla: ", `sent "bla+bla"`},
		"answers to goodbye": {[]string{"%s\n", "error\n", "error\n"}, "5. say game over: ", "and must close"},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			err := warmup.Demo(t.Context(), &out, optionsFor(adding(t, tt.answers)))
			expectError(t, err, tt.want)
			lines := strings.Split(strings.TrimSpace(out.String()), "\n")
			last := lines[len(lines)-1]
			if !strings.HasPrefix(last, tt.step) || !strings.HasSuffix(last, ": failed") {
				t.Errorf("the last line is %q, want %q and that it failed", last, tt.step)
			}
		})
	}
}

// adding is a server that knows the sum, says these answers and closes.
func adding(t *testing.T, answers []string) (addr string) {
	return peer(t, func(conn *net.TCPConn, lines *bufio.Scanner) {
		for _, answer := range answers {
			if !lines.Scan() {
				return
			}
			sum := strings.TrimSpace(answerTo(lines.Text()))
			io.WriteString(conn, strings.ReplaceAll(answer, "%s", sum))
		}
	})
}

func TestDemoFindsNobody(t *testing.T) {
	var out bytes.Buffer
	err := warmup.Demo(t.Context(), &out, optionsFor("127.0.0.1:0"))
	expectError(t, err, "no connection to 127.0.0.1:0")
	if want := "1. connect to 127.0.0.1:0: failed\n"; out.String() != want {
		t.Errorf("told %q, want %q", &out, want)
	}
}

// The demo can be called off at any step, also while it waits.
func TestDemoCancelled(t *testing.T) {
	for step := 1; step <= 7; step++ {
		s := serve(t, limits)
		opts := optionsFor(s.addr)
		if step == 3 {
			opts.Pause = time.Hour
		}
		ctx, cancel := context.WithCancel(t.Context())
		out := writer(func(p []byte) (int, error) {
			if strings.HasPrefix(string(p), fmt.Sprint(step, ".")) {
				cancel()
			}
			return len(p), nil
		})
		if err := warmup.Demo(ctx, out, opts); !errors.Is(err, context.Canceled) {
			t.Errorf("called off at step %d: %v, want %v", step, err, context.Canceled)
		}
		if step > 1 {
			<-s.reasons // the connection is not left open
		}
	}
}

func TestDemoCannotPrint(t *testing.T) {
	full := errors.New("disk full")
	out := writer(func([]byte) (int, error) { return 0, full })
	if err := warmup.Demo(t.Context(), out, optionsFor(serve(t, limits).addr)); !errors.Is(err, full) {
		t.Errorf("Demo: %v, want %v", err, full)
	}
}

type writer func([]byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }
