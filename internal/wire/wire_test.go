package wire_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"parley/internal/wire"
	"parley/proto"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var limits = wire.Options{MaxLine: 100, IdleTimeout: time.Hour, WriteTimeout: 10 * time.Second}

// pipe is a connection of lines and the other end of it.
func pipe(t *testing.T, opts wire.Options) (*wire.Conn, net.Conn) {
	t.Helper()
	ours, theirs := net.Pipe()
	c := wire.New(ours, opts)
	t.Cleanup(func() { c.Close(); theirs.Close() })
	return c, theirs
}

// tcp is the same over a real connection.
func tcp(t *testing.T, opts wire.Options) (*wire.Conn, *net.TCPConn) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	theirs, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	ours, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	c := wire.New(ours, opts)
	t.Cleanup(func() { c.Close(); theirs.Close() })
	return c, theirs.(*net.TCPConn)
}

// next waits for the next line.
func next(t *testing.T, c *wire.Conn) string {
	t.Helper()
	for {
		line, ok, err := c.Next()
		if err != nil {
			return err.Error()
		}
		if ok {
			return string(line)
		}
		if err := c.Wait(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestLinesOverEachKindOfConnection(t *testing.T) {
	for name, connect := range map[string]func() (*wire.Conn, net.Conn){
		"pipe": func() (*wire.Conn, net.Conn) { return pipe(t, limits) },
		"tcp":  func() (*wire.Conn, net.Conn) { c, p := tcp(t, limits); return c, p },
	} {
		t.Run(name, func(t *testing.T) {
			c, peer := connect()
			long := strings.Repeat("x", 200)
			go func() {
				io.WriteString(peer, "one\r\ntwo\n"+long+"\nthr")
				io.WriteString(peer, "ee\n")
			}()
			for _, want := range []string{"one", "two", proto.ErrLineTooLong.Error(), "three"} {
				if got := next(t, c); got != want {
					t.Errorf("got %q, want %q", got, want)
				}
			}
			peer.Close()
			if err := c.Wait(); !errors.Is(err, io.EOF) {
				t.Errorf("after the end: %v, want EOF", err)
			}
		})
	}
}

// A peer is idle when the last of its bytes, not of its lines, is an hour old.
//
// Rules: P-70
func TestIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, peer := pipe(t, limits)
		begin := time.Now()
		go func() {
			for range 3 {
				time.Sleep(59 * time.Minute) //nolint:forbidigo // the bubble's clock
				peer.Write([]byte("x"))
			}
		}()
		for range 3 {
			if err := c.Wait(); err != nil {
				t.Fatal(err)
			}
			c.Next()
		}
		err := c.Wait()
		if want := 3*59*time.Minute + time.Hour; !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(begin) != want {
			t.Errorf("%v after %v, want a deadline after %v", err, time.Since(begin), want)
		}
	})
}

// Rules: P-71
func TestWriteTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, peer := pipe(t, limits)
		begin := time.Now()
		go func() {
			for range 3 {
				time.Sleep(9 * time.Second) //nolint:forbidigo // the bubble's clock
				peer.Read(make([]byte, 1))
			}
		}()
		// A byte now and then is life: three times it takes one. Here the write
		// tells of it only at its deadline, so the last byte counts from then.
		rest := []byte("0123456789")
		for len(rest) > 0 {
			n, err := c.Write([][]byte{rest})
			if err != nil {
				if !errors.Is(err, os.ErrDeadlineExceeded) || len(rest) != 7 || time.Since(begin) != 40*time.Second {
					t.Errorf("%v with %q left after %v", err, rest, time.Since(begin))
				}
				return
			}
			rest = rest[n:]
		}
		t.Error("everything was written")
	})
}

// What is interrupted stays so, whatever deadline was to be armed.
func TestInterruptAndAbort(t *testing.T) {
	for name, connect := range map[string]func() (*wire.Conn, net.Conn){
		"pipe": func() (*wire.Conn, net.Conn) { return pipe(t, limits) },
		"tcp":  func() (*wire.Conn, net.Conn) { c, p := tcp(t, limits); return c, p },
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := connect()
			waited := make(chan error)
			go func() { waited <- c.Wait() }()
			c.Interrupt()
			if err := <-waited; !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("the interrupted Wait: %v", err)
			}
			if err := c.Wait(); !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("the next Wait: %v", err)
			}
			written := make(chan error)
			go func() { written <- writeAll(c, make([]byte, 64<<20)) }()
			c.Abort()
			if err := <-written; !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("the aborted Write: %v", err)
			}
		})
	}
}

func writeAll(c *wire.Conn, b []byte) error {
	for len(b) > 0 {
		n, err := c.Write([][]byte{b})
		if err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

// A peer that takes nothing is not waited for beyond the timeout, on a real
// connection, where the kernel takes a lot first.
//
// Rules: P-71
func TestSilentReaderOverTCP(t *testing.T) {
	opts := limits
	opts.WriteTimeout = 30 * time.Millisecond
	c, _ := tcp(t, opts)
	if err := writeAll(c, make([]byte, 64<<20)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("writing to a peer that never reads: %v", err)
	}
	// The timeout is over: what could be written at once still may be.
	if _, err := c.TryWrite([][]byte{[]byte("x")}); err != nil {
		t.Errorf("TryWrite to a full connection: %v", err)
	}
}

// Who takes a little now and then is not cut, although a kernel tells that there
// is room only when there is a lot.
//
// Rules: P-71
func TestSlowReaderOverTCP(t *testing.T) {
	opts := limits
	opts.WriteTimeout = 100 * time.Millisecond
	c, peer := tcp(t, opts)
	lump := make([]byte, 1<<20)
	for full := 0; full < 1000; { // until nothing moves any more
		n, err := c.TryWrite([][]byte{lump})
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			full++
		}
	}
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		for slowly := time.Tick(10 * time.Millisecond); ; {
			select {
			case <-slowly:
				io.ReadFull(peer, make([]byte, 48<<10))
			case <-stop:
				return
			}
		}
	}()
	for i := range 5 {
		if n, err := c.Write([][]byte{lump}); n == 0 || err != nil {
			t.Fatalf("write %d: %d bytes, %v", i, n, err)
		}
	}
}

func TestManyBuffersArriveInOrder(t *testing.T) {
	c, peer := tcp(t, limits)
	var bufs [][]byte
	var want bytes.Buffer
	for i := range 64 {
		b := bytes.Repeat([]byte{byte(i)}, 10_000)
		bufs = append(bufs, b)
		want.Write(b)
	}
	go func() {
		for len(bufs) > 0 {
			n, err := c.Write(bufs)
			if err != nil {
				t.Error(err)
				return
			}
			for len(bufs) > 0 && n >= len(bufs[0]) {
				n -= len(bufs[0])
				bufs = bufs[1:]
			}
			if n > 0 {
				bufs[0] = bufs[0][n:]
			}
		}
	}()
	got := make([]byte, want.Len())
	if _, err := io.ReadFull(peer, got); err != nil || !bytes.Equal(got, want.Bytes()) {
		t.Errorf("what came differs from what was written (%v)", err)
	}
}

// The last line is not destroyed by a reset, although input is left unread.
//
// Rules: P-15
func TestFinishKeepsTheLastLine(t *testing.T) {
	c, peer := tcp(t, limits)
	if _, err := peer.Write(make([]byte, 200<<10)); err != nil {
		t.Fatal(err)
	}
	if err := writeAll(c, []byte("last\n")); err != nil {
		t.Fatal(err)
	}
	finished := make(chan struct{})
	go func() { c.Finish(); close(finished) }()
	got, err := io.ReadAll(peer)
	if err != nil || string(got) != "last\n" {
		t.Errorf("the peer read %q, %v", got, err)
	}
	peer.Close() // whose end we waited for
	<-finished
}

// Who does not end its side is waited for no more than a second.
//
// Rules: P-15
func TestFinishIsBounded(t *testing.T) {
	c, peer := tcp(t, limits)
	begin := time.Now()
	go io.Copy(peer, endless{}) // ends with our close
	c.Finish()
	if d := time.Since(begin); d < linger/2 {
		t.Errorf("gave up after %v, want about %v", d, linger)
	}
}

const linger = time.Second

// endless has always one more byte.
type endless struct{}

func (endless) Read(b []byte) (int, error) { return len(b), nil }

// Next and Wait do not allocate where lines are whole.
func TestReadingDoesNotAllocate(t *testing.T) {
	c, peer := tcp(t, limits)
	line := []byte("msg hello\n")
	n := testing.AllocsPerRun(200, func() {
		if _, err := peer.Write(line); err != nil {
			t.Fatal(err)
		}
		if err := c.Wait(); err != nil {
			t.Fatal(err)
		}
		if _, ok, _ := c.Next(); !ok {
			t.Fatal("no line came")
		}
		c.Next()
	})
	if n >= 1 {
		t.Errorf("%v allocations for a line", n)
	}
}
