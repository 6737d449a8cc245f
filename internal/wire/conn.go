// Package wire is a connection of lines: it reads lines, writes many lines at
// once, and closes in order. Who speaks over it cannot tell what carries it.
package wire

import (
	"errors"
	"io"
	"net"
	"os"
	"sync/atomic"
	"time"

	"parley/proto"
)

// linger is how long a connection that we end is read from after our FIN, so
// that unread input does not make the kernel send a reset that destroys the
// last line on its way (P-15).
const linger = time.Second

// Options are the limits of one connection. They have no defaults here: the
// services that accept connections have them.
type Options struct {
	MaxLine      int           // longest line read, bytes before the LF (P-8)
	IdleTimeout  time.Duration // without a byte from the peer (P-70)
	WriteTimeout time.Duration // without a byte taken by the peer (P-71)
}

// stream carries the bytes below the lines. One goroutine reads and one other
// may write at the same time.
type stream interface {
	// read waits for bytes and returns them; they are valid until release.
	read() ([]byte, error)
	// release gives the memory of the bytes read last back.
	release()
	// tryWrite writes what is taken at once, perhaps nothing.
	tryWrite(bufs [][]byte) (int, error)
	// write waits until at least one byte of bufs is taken.
	write(bufs [][]byte) (int, error)
}

// Conn is one connection of lines.
type Conn struct {
	// Fixed after construction.
	nc     net.Conn
	stream stream
	opts   Options

	// Owned by the reading goroutine.
	lines proto.Splitter
	since time.Time // when we began to listen for what comes next
	eof   bool      // the peer has ended its side

	// Set once, by any goroutine, before the deadline is: whoever arms a
	// deadline looks at it afterwards, so no interruption is overwritten.
	noRead, noWrite atomic.Bool
}

// New returns the lines of nc, which it owns from then on.
func New(nc net.Conn, opts Options) *Conn {
	c := &Conn{
		nc:     nc,
		stream: newStream(nc),
		opts:   opts,
		lines:  proto.NewSplitter(opts.MaxLine),
		since:  time.Now(),
	}
	c.armIdle()
	return c
}

// RemoteAddr is the peer's address.
func (c *Conn) RemoteAddr() net.Addr { return c.nc.RemoteAddr() }

// Next returns the next line of those that have come, without its line end. ok
// is false when there is none; then it is time to [Conn.Wait]. The line is
// valid until the next call of Next or Wait. A line over the limit gives
// [proto.ErrLineTooLong] in its place, once.
func (c *Conn) Next() (line []byte, ok bool, err error) { return c.lines.Next() }

// Refused is the end of the line that was too long last, see
// [proto.Splitter.Refused].
func (c *Conn) Refused() (end []byte) { return c.lines.Refused() }

// Wait waits until bytes come. It is called when [Conn.Next] has no more.
//
// The error is [io.EOF] when the peer has ended its side,
// [os.ErrDeadlineExceeded] when it was silent for the idle timeout or the
// reading was interrupted, else what the network said.
func (c *Conn) Wait() error {
	c.stream.release()
	// Not from the last byte on: while we wrote to a slow peer we did not look.
	c.since = time.Now()
	for {
		b, err := c.stream.read()
		if err == nil {
			c.lines.Feed(b)
			return nil
		}
		c.eof = errors.Is(err, io.EOF)
		if !errors.Is(err, os.ErrDeadlineExceeded) || c.noRead.Load() || !c.armIdle() {
			return err
		}
	}
}

// armIdle sets the deadline for the peer's next byte and reports whether it
// lies ahead. It runs when the deadline set before has passed, not with each
// line: bytes that came meanwhile have moved it.
func (c *Conn) armIdle() bool {
	deadline := c.since.Add(c.opts.IdleTimeout)
	if !time.Now().Before(deadline) {
		return false
	}
	_ = c.nc.SetReadDeadline(deadline) // an error shows at the next read
	return !c.noRead.Load()
}

// TryWrite writes as much of bufs as the network takes at once and returns how
// many bytes that was, perhaps none. Only one goroutine writes at a time.
func (c *Conn) TryWrite(bufs [][]byte) (int, error) { return c.stream.tryWrite(bufs) }

// Write waits until the network has taken at least one byte of bufs and returns
// how many it took. It is [os.ErrDeadlineExceeded] when it took none for the
// write timeout (P-71), or the writing was aborted. Only one goroutine writes
// at a time.
func (c *Conn) Write(bufs [][]byte) (int, error) {
	// The deadline is armed only for a peer that makes us wait.
	if n, err := c.stream.tryWrite(bufs); n > 0 || err != nil {
		return n, err
	}
	_ = c.nc.SetWriteDeadline(time.Now().Add(c.opts.WriteTimeout)) // an error shows at the write
	if c.noWrite.Load() {
		return 0, os.ErrDeadlineExceeded
	}
	n, err := c.stream.write(bufs)
	if errors.Is(err, os.ErrDeadlineExceeded) && !c.noWrite.Load() {
		// A kernel tells that there is room only when there is a lot: who reads
		// slowly has taken bytes all the time.
		if n, tried := c.stream.tryWrite(bufs); n > 0 || tried != nil {
			return n, tried
		}
	}
	return n, err
}

// Interrupt makes the present and every later Wait return at once. Any
// goroutine may call it.
func (c *Conn) Interrupt() {
	c.noRead.Store(true)
	_ = c.nc.SetReadDeadline(past)
}

// Abort interrupts reading and writing. What waits to be written is lost. Any
// goroutine may call it.
func (c *Conn) Abort() {
	c.noWrite.Store(true)
	c.Interrupt()
	_ = c.nc.SetWriteDeadline(past)
}

// past is a deadline that has always passed already.
var past = time.Unix(1, 0)
