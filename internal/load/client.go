package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"parley/internal/wire"
	"parley/proto"
)

// client is one connection under load.
type client struct {
	// Fixed once it is in.
	run   *run
	index int
	name  string
	nc    net.Conn
	lines *wire.Conn
	role  role
	said  *voice // its messages; nil if it says nothing
	asked *voice // its questions; nil if it asks none

	listening bool      // it has a listener; read when all writers have ended
	out       [1][]byte // the writer's

	// The listener's.
	ledger  ledger
	batch   batch
	other   int64 // lines of people who are none of us
	unknown int64 // lines that nobody can have sent
	final   bool  // the last fence was answered: what is missing now is late
	end     error // why the connection ended, if we did not end it; read after done

	fences   atomic.Int32  // fences that were sent; counted before they are
	fenced   atomic.Int32  // those that were answered
	reached  chan struct{} // a token for each answered fence; never closed
	vanished atomic.Bool   // it went away as planned
	done     chan struct{} // closed when the listener has ended
}

// role is what becomes of a client.
type role int

const (
	stays    role = iota
	vanishes      // resets its connection at some time
	deaf          // never reads once it is in
)

// maxFences is how many fences a client is asked for.
const maxFences = 2

func newClient(r *run, index int) *client {
	return &client{
		run: r, index: index, name: clientName(r.tag, index),
		ledger:  ledger{next: make([]int64, r.opts.speakers())},
		batch:   batch{tally: r.tallies[index%len(r.tallies)]},
		reached: make(chan struct{}, maxFences),
		done:    make(chan struct{}),
	}
}

// dial connects. from is the address to come from, nil for any.
func (c *client) dial(ctx context.Context, from net.Addr) error {
	ctx, cancel := context.WithTimeout(ctx, c.run.opts.Timeout)
	defer cancel()
	d := net.Dialer{LocalAddr: from}
	nc, err := d.DialContext(ctx, "tcp", c.run.target.String())
	if err != nil {
		if op, ok := errors.AsType[*net.OpError](err); ok {
			err = op.Err // without the addresses, so that equal reasons are equal
		}
		return fmt.Errorf("no connection: %w", err)
	}
	c.nc = nc
	c.lines = wire.New(nc, wire.Options{
		MaxLine:      proto.MaxServerLine,
		IdleTimeout:  2 * maxTime,
		WriteTimeout: c.run.opts.Timeout,
	})
	return nil
}

// greet asks for help. Its answer says that the client is a member (P-12);
// before it, some servers lose what they are told.
func (c *client) greet(ctx context.Context) error {
	return c.expect(ctx, "help", "supported ")
}

func (c *client) login(ctx context.Context) error {
	return c.expect(ctx, "login "+c.name, "loginok")
}

// expect sends a command and checks how its answer begins.
func (c *client) expect(ctx context.Context, command, want string) error {
	word, _, _ := strings.Cut(command, " ")
	got, err := c.ask(ctx, command)
	switch {
	case err != nil:
		return fmt.Errorf("no answer to %s: %w", word, err)
	case !strings.HasPrefix(got, want):
		return fmt.Errorf("%s was answered with %q", word, got[:min(len(got), 80)])
	}
	return nil
}

var errSilent = errors.New("the server was silent")

// ask sends a command and returns its answer. It is for the time before the
// client listens.
func (c *client) ask(ctx context.Context, command string) (string, error) {
	timeout := time.AfterFunc(c.run.opts.Timeout, c.lines.Abort)
	defer timeout.Stop()
	defer context.AfterFunc(ctx, c.lines.Abort)()
	if err := c.write([]byte(command + "\n")); err != nil {
		return "", c.reason(ctx, err)
	}
	for {
		line, ok, err := c.lines.Next()
		if !ok {
			err = c.lines.Wait()
		}
		if err != nil {
			return "", c.reason(ctx, err)
		}
		if ok && !isMessage(line) {
			return string(line), nil
		}
	}
}

// reason puts the end of a connection into words that are equal for equal ends.
func (c *client) reason(ctx context.Context, err error) error {
	var timeout net.Error
	var op *net.OpError
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.As(err, &timeout) && timeout.Timeout():
		return fmt.Errorf("%w for %v", errSilent, c.run.opts.Timeout)
	case errors.Is(err, io.EOF):
		return errors.New("the server closed the connection")
	case errors.As(err, &op):
		return op.Err
	}
	return err
}

func isMessage(line []byte) bool {
	return bytes.HasPrefix(line, []byte("msg ")) || bytes.HasPrefix(line, []byte("privmsg "))
}

// write sends all of b. Only one goroutine may write at a time.
func (c *client) write(b []byte) error {
	for len(b) > 0 {
		c.out[0] = b
		n, err := c.lines.Write(c.out[:])
		if err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

// fence sends a question whose answer comes after all that was said before it.
func (c *client) fence() {
	c.fences.Add(1)
	_ = c.write([]byte("help\n")) // that it fails is the listener's to say
}

// reset ends the connection as a machine does that is switched off.
func (c *client) reset() {
	if tcp, ok := c.nc.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // what is in its way ends the connection too
	}
	c.close()
}

func (c *client) close() {
	if c.lines != nil {
		c.lines.Close()
	}
}
