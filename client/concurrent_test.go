package client_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"parley/client"
)

// TestPipelining has 50 goroutines ask at once. The server first gathers a line
// of each, which shows that none waits for another's answer, then answers
// whatever has come, and puts messages in between; each call must get the answer
// to its own line.
//
// Rules: P-6, P-43, P-83
func TestPipelining(t *testing.T) {
	const callers, calls = 50, 200
	addr := listen(t, func(conn net.Conn) {
		defer conn.Close()
		lines := bufio.NewReader(conn)
		var answers bytes.Buffer
		for n := 1; ; n++ {
			line, err := lines.ReadString('\n')
			if err != nil {
				return
			}
			answer(&answers, strings.TrimSuffix(line, "\n"))
			if n >= callers && lines.Buffered() == 0 {
				_, _ = answers.WriteTo(conn)
			}
		}
	})
	c := dial(t, addr, nil)
	var all sync.WaitGroup
	for caller := range callers {
		all.Go(func() {
			for i := range calls {
				if err := ask(t, c, caller*calls+i); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	c.Close()
	if kept, dropped := len(c.Take()), c.Dropped(); kept != client.DefaultMaxMessages || dropped == 0 {
		t.Errorf("%d messages kept, %d dropped", kept, dropped)
	}
}

// answer says to `msg N` that it went to N, to a login that N is no name, and
// to inbox with a block.
func answer(w io.Writer, line string) {
	verb, arg, _ := strings.Cut(line, " ")
	fmt.Fprintln(w, "msg bob meanwhile")
	switch verb {
	case "msg":
		fmt.Fprintln(w, "msgok", arg)
	case "login":
		fmt.Fprintln(w, "loginerr", arg)
	case "inbox":
		fmt.Fprint(w, "inbox 2\nmsg a b\nprivmsg c d\n")
	}
}

func ask(t *testing.T, c *client.Client, n int) error {
	switch n % 3 {
	case 0:
		if got, err := c.Say(t.Context(), fmt.Sprint(n)); err != nil || got != n {
			return fmt.Errorf("msg %d: got %d, %w", n, got, err)
		}
	case 1:
		err, want := c.Login(t.Context(), fmt.Sprint(n)), fmt.Sprintf("the server refused login: %d", n)
		if err == nil || err.Error() != want {
			return fmt.Errorf("login %d: got %w", n, err)
		}
	case 2:
		if got, err := c.Inbox(t.Context()); err != nil || len(got) != 2 || !got[1].Private {
			return fmt.Errorf("inbox: got %v, %w", got, err)
		}
	}
	return nil
}
