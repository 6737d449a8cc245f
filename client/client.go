// Package client is a program's end of the chat: it connects to a server,
// sends commands, returns their answers and brings what others say.
//
// A [Client] may be used by many goroutines at once. Each call sends one line
// and waits for its one answer (P-43); calls of several goroutines travel
// together, and answers find who asked by their order (P-83). What others say
// is kept apart and read with [Client.Messages].
//
// Every command returns a [*Refused] if the server says no, an [*InputError] if
// it was given what cannot be sent, the context's error if that ended first, and
// otherwise an error that wraps what [Client.Err] says. Only with the last is the
// connection at its end, save for one case: a line that was half sent when its
// context ended takes the connection with it.
//
// The server is relied on for nothing: lines, blocks and what is kept of them
// are bounded, and an answer that does not fit ends the connection with an error
// that shows it.
package client

import (
	"context"
	"errors"
	"net"
	"sync"

	"parley/internal/wire"
	"parley/proto"
)

// ErrClosed says that this side ended the connection: by [Client.Close], or
// because a call was cancelled while its line was half sent.
var ErrClosed = errors.New("the connection was closed on this side")

// maxUnanswered bounds the requests under way, so that calls which give up on a
// silent server, again and again, do not pile up. Further ones wait their turn.
const maxUnanswered = 256

// Client is one connection to a server: one user (P-1). It has one goroutine,
// which reads; [Client.Close] waits for it.
type Client struct {
	// Fixed from the start.
	conn net.Conn
	opts Options

	// turn is a lock that can be waited for with a context: who has put a value
	// in may add to unanswered and write to conn, so that both have one order.
	turn chan struct{}

	// unanswered has the requests that were sent, oldest first. The holder of
	// turn adds, the reader takes; never closed.
	unanswered chan *request

	block *block // what comes in as one answer, nil outside one; the reader's

	messages queue // what others said; has its own lock

	mu      sync.Mutex // guards cause and sendErr
	cause   error      // why it ended; the first one stays
	sendErr error      // the first write that failed, in case the reader learns nothing better

	done chan struct{} // closed by the reader as its last act; cause is set by then
}

// Dial connects to the server at addr, a host with or without a port (1300 if
// there is none, P-1; over TLS 1380). No options are fine. The context bounds connecting, and
// over TLS the handshake, and nothing after it.
//
// The connection starts in asynchronous mode (P-40), anonymous (P-20). That it is
// a member, whom others reach, is certain from its first answer on (P-12).
func Dial(ctx context.Context, addr string, opts *Options) (*Client, error) {
	port := proto.DefaultPort
	if opts != nil && opts.TLS != nil {
		port = proto.DefaultTLSPort
	}
	conn, err := opts.dial(ctx, wire.WithPort(addr, port))
	if err != nil {
		return nil, err
	}
	return New(conn, opts), nil
}

// New makes a client of a connection that stands already: a tunnel, a
// [net.Pipe] in a test. The client owns conn from here on; Options.TLS is not
// looked at.
func New(conn net.Conn, opts *Options) *Client {
	o := opts.orDefaults()
	c := &Client{
		conn:       conn,
		opts:       o,
		turn:       make(chan struct{}, 1),
		unanswered: make(chan *request, maxUnanswered),
		messages:   newQueue(o.MaxMessages, o.MaxBytes),
		done:       make(chan struct{}),
	}
	go c.read()
	return c
}

// Close ends the connection, which is how a user leaves (P-11), and returns when
// nothing of it runs any more. Calls that wait for an answer get [ErrClosed].
// Messages that have come already can still be read. It may be called more than
// once; the error is always nil.
func (c *Client) Close() error {
	c.end(ErrClosed)
	<-c.done
	return nil
}

// Done is closed when the connection has ended, whoever ended it.
func (c *Client) Done() <-chan struct{} { return c.done }

// Err says why the connection ended; it is nil until [Client.Done] is closed. It
// wraps [io.EOF] if the server closed between two lines, [io.ErrUnexpectedEOF]
// if in the middle of a line or of a block, [ErrClosed] if this side did;
// it is a [*ProtocolError] if the server broke the protocol, a [*Refused] if the
// server did not want the connection (P-72), or else what the network said.
func (c *Client) Err() error {
	select {
	case <-c.done:
		return c.ending()
	default:
		return nil
	}
}

// ending is why the connection ends, known a moment before it has.
func (c *Client) ending() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cause
}

// end makes the connection end for this cause, unless it has one already. The
// reader notices by itself.
func (c *Client) end(cause error) {
	c.mu.Lock()
	if c.cause == nil {
		c.cause = cause
	}
	c.mu.Unlock()
	_ = c.conn.Close() // whatever it says, nobody uses the connection any more
}
