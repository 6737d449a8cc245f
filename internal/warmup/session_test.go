package warmup_test

import (
	"bytes"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/warmup"
	"parley/internal/wire"
	"parley/proto"
)

// limits are those of a server that nobody has told anything.
var limits = wire.Options{MaxLine: proto.MaxLine, IdleTimeout: time.Hour, WriteTimeout: 10 * time.Second}

// overPipe runs a session in a bubble and gives the client's end of it. The
// reason comes when the session has ended.
func overPipe(t *testing.T, opts wire.Options) (client net.Conn, s *warmup.Session, reason <-chan string) {
	client, theirs := net.Pipe()
	t.Cleanup(func() { client.Close() })
	s = warmup.NewSession(wire.New(theirs, opts))
	ended := make(chan string, 1)
	go func() { ended <- s.Run() }()
	return client, s, ended
}

// send writes in the background: whoever writes to a pipe waits for the reader.
func send(conn net.Conn, pieces ...string) {
	go func() {
		for _, piece := range pieces {
			if _, err := io.WriteString(conn, piece); err != nil {
				return
			}
		}
	}()
}

// expect reads as many bytes as want has.
func expect(t *testing.T, conn io.Reader, want string) {
	t.Helper()
	got := make([]byte, len(want))
	if n, err := io.ReadFull(conn, got); err != nil || string(got) != want {
		t.Fatalf("read %q (%v), want %q", got[:n], err, want)
	}
}

// expectEnd reads want and then the end of the stream.
func expectEnd(t *testing.T, conn io.Reader, want string) {
	t.Helper()
	if got, err := io.ReadAll(conn); err != nil || string(got) != want {
		t.Fatalf("read %q (%v), want %q and the end", got, err, want)
	}
}

func expectReason(t *testing.T, reason <-chan string, want string) {
	t.Helper()
	if got := <-reason; got != want {
		t.Errorf("the session ended with %q, want %q", got, want)
	}
}

// A request may come in pieces, and many in one; each gets its answer, in order.
//
// Rules: S-4
func TestSegmentsMeanNothing(t *testing.T) {
	for name, pieces := range map[string][]string{
		"one piece":       {"1+1\n2+2\r\n\nbla\n3+4\n"},
		"byte by byte":    strings.Split("1+1\n2+2\r\n\nbla\n3+4\n", ""),
		"line by line":    strings.SplitAfter("1+1\n2+2\r\n\nbla\n3+4\n", "\n"),
		"across the ends": {"1+", "1\n2+2\r", "\n\nb", "la\n3+4", "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, s, reason := overPipe(t, limits)
				send(client, pieces...)
				expect(t, client, "2\n4\nerror\nerror\n7\n")
				client.Close()
				expectReason(t, reason, "left")
				if s.Lines() != 5 {
					t.Errorf("counted %d lines, want 5", s.Lines())
				}
			})
		})
	}
}

// Nothing but one CR is taken off a line.
//
// Rules: S-2, S-4
func TestLinesAreNotTrimmed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, _, _ := overPipe(t, limits)
		send(client, "1+1\r\r\n 1+1\n1+1 \n1\r+1\ngame over \n game over\nGame over\n1+1\r\n")
		expect(t, client, strings.Repeat("error\n", 7)+"2\n")
	})
}

// Rules: S-3
func TestGameOver(t *testing.T) {
	for name, pieces := range map[string][]string{
		"plain":              {"1+1\n", "game over\n"},
		"with a CR":          {"1+1\ngame over\r\n"},
		"in pieces":          {"1+1\nga", "me o", "ver\n"},
		"more lines with it": {"1+1\ngame over\n2+2\ngame over\n"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, _, reason := overPipe(t, limits)
				send(client, pieces...)
				expectEnd(t, client, "2\n")
				expectReason(t, reason, "game_over")
			})
		})
	}
}

// An over-long line is answered when it has passed the limit, not when it ends,
// and what follows it is read as usual.
//
// Rules: S-2
func TestOverLongLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		opts := limits
		opts.MaxLine = 8
		client, s, _ := overPipe(t, opts)
		send(client, "1111+111\n111+111\r\n")
		expect(t, client, "1222\n222\n")
		send(client, "1111+111\r\n1+1\n") // the CR counts
		expect(t, client, "error\n2\n")
		send(client, "1111+1111")
		expect(t, client, "error\n")
		send(client, strings.Repeat("1", 100_000), "+1\n3+4\n")
		expect(t, client, "7\n")
		if client.Close(); s.Lines() != 6 {
			t.Errorf("counted %d lines, want 6", s.Lines())
		}
	})
}

// The longest request there is gets its answer.
//
// Rules: S-1
func TestLongestRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, _, _ := overPipe(t, limits)
		a, b := strings.Repeat("7", proto.MaxLine/2), strings.Repeat("8", proto.MaxLine/2-1)
		send(client, a+"+"+b+"\n"+"1"+a+"+"+b+"\n"+"1+1\n")
		expect(t, client, answerTo(a+"+"+b)+"error\n2\n")
	})
}

// Any byte counts as life; an hour without one is the end, without a line.
//
// Rules: S-4
func TestIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		client, _, reason := overPipe(t, limits)
		time.Sleep(59 * time.Minute) //nolint:forbidigo // the clock of the bubble
		send(client, "1")
		expectEnd(t, client, "")
		expectReason(t, reason, "idle")
		if lived := time.Since(began); lived != 119*time.Minute {
			t.Errorf("closed after %v, want 1h59m", lived)
		}
	})
}

// A client that takes no answer for the write timeout is cut, no sooner.
//
// Rules: S-4
func TestNoReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		client, _, reason := overPipe(t, limits)
		send(client, "1+1\n")
		expectReason(t, reason, "slow_reader")
		if lived := time.Since(began); lived != 10*time.Second {
			t.Errorf("cut after %v, want 10s", lived)
		}
	})
}

// One that takes a byte now and then is not cut.
//
// Rules: S-4
func TestSlowReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, _, reason := overPipe(t, limits)
		send(client, "bla+bla\n20+22\n")
		for i := range len("error\n42\n") {
			time.Sleep(9 * time.Second) //nolint:forbidigo // the clock of the bubble
			expect(t, client, "error\n42\n"[i:i+1])
		}
		client.Close()
		expectReason(t, reason, "left")
	})
}

// A stop lets everything that was read be answered, also what is more than the
// answers gathered for one write, and nothing after it.
func TestStopAnswersWhatWasRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, s, reason := overPipe(t, limits)
		send(client, strings.Repeat("\n", 4096), "1+1\n")
		synctest.Wait() // now it has read the first piece and waits for a reader
		s.Stop()
		expectEnd(t, client, strings.Repeat("error\n", 4096))
		expectReason(t, reason, "server_stopping")
	})
}

func TestStopOfAnIdleSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, s, reason := overPipe(t, limits)
		send(client, "1+")
		synctest.Wait()
		s.Stop()
		expectEnd(t, client, "")
		expectReason(t, reason, "server_stopping")
	})
}

func TestKill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		client, s, reason := overPipe(t, limits)
		send(client, "1+1\n")
		synctest.Wait() // now it waits for a reader
		s.Kill()
		expectEnd(t, client, "")
		expectReason(t, reason, "server_stopping")
		if time.Since(began) > 0 {
			t.Error("a kill took its time")
		}
	})
}

// An unfinished line is not a request, whatever it says.
//
// Rules: S-4
func TestUnfinishedLine(t *testing.T) {
	for _, rest := range []string{"2+2", "2+2\r", "game over", strings.Repeat("1", proto.MaxLine)} {
		_, conn := net.Pipe()
		out := new(bytes.Buffer)
		s := warmup.NewSession(wire.New(scripted{conn, strings.NewReader("1+1\n" + rest), out}, limits))
		if reason := s.Run(); reason != "left" || out.String() != "2\n" {
			t.Errorf("after %.20q: ended with %q and answered %q, want left and one 2", rest, reason, out)
		}
	}
}

// scripted is a connection whose bytes are given beforehand.
type scripted struct {
	net.Conn
	in  io.Reader
	out io.Writer
}

func (s scripted) Read(p []byte) (int, error)  { return s.in.Read(p) }
func (s scripted) Write(p []byte) (int, error) { return s.out.Write(p) }

// However many requests come at once, their answers are never all in memory.
func TestAnswersGoOutInTime(t *testing.T) {
	conn := &eager{requests: 100_000}
	warmup.NewSession(conn).Run()
	if want := 100_000 * len("error\n"); conn.written != want {
		t.Errorf("wrote %d bytes, want %d", conn.written, want)
	}
	if conn.largest > 32<<10 {
		t.Errorf("gathered %d bytes of answers before it wrote any", conn.largest)
	}
}

// eager is a client whose empty requests have all come in one read.
type eager struct {
	requests         int
	written, largest int
}

func (e *eager) Next() (line []byte, ok bool, err error) {
	e.requests--
	return nil, e.requests >= 0, nil
}

func (e *eager) Write(bufs [][]byte) (int, error) {
	n := len(bufs[0])
	e.written, e.largest = e.written+n, max(e.largest, n)
	return n, nil
}

func (*eager) Wait() error { return io.EOF }
func (*eager) Interrupt()  {}
func (*eager) Finish()     {}
func (*eager) Close()      {}
