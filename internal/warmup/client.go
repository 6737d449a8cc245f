package warmup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"parley/internal/wire"
	"parley/proto"
)

// Client is one connection to a sum service, whoever wrote it. It is for one
// goroutine; only Close may be called by others.
//
// Whatever goes wrong ends it, save an [*InputError]: after half a request, or
// with an answer still on its way, the next answer would be taken for that of
// another request.
type Client struct {
	conn  net.Conn
	lines *proto.Reader
}

// Dial connects to the service at addr, a host with or without a port (1301 if
// there is none). The context bounds connecting and nothing after it.
func Dial(ctx context.Context, addr string) (*Client, error) {
	addr = wire.WithPort(addr, proto.DefaultSumPort)
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", addr)
	switch {
	case ctx.Err() != nil && err != nil:
		return nil, fmt.Errorf("no connection to %s: %w", addr, context.Cause(ctx))
	case err != nil:
		return nil, fmt.Errorf("no connection to %s: %w", addr, bare(err))
	}
	return &Client{conn: conn, lines: proto.NewReader(conn, proto.MaxServerLine)}, nil
}

// Ask sends one request and returns its answer: the digits of a sum (S-1), or
// "error" (S-2). An answer that is neither is an error.
func (c *Client) Ask(ctx context.Context, expr string) (answer string, err error) {
	if err := checkRequest(expr); err != nil {
		return "", err
	}
	answer, err = c.exchange(ctx, expr)
	if err == nil && answer != noSum && (answer == "" || !allDigits([]byte(answer))) {
		err = fmt.Errorf("the server sent %s, which is neither a number nor error", quote(answer))
	}
	if err != nil {
		_ = c.Close()
		return "", fmt.Errorf("no answer to %s: %w", quote(expr), err)
	}
	return answer, nil
}

// GameOver asks the server to close and waits until it has, which it does
// without an answer (S-3). What is left then is to [Client.Close].
func (c *Client) GameOver(ctx context.Context) error {
	answer, err := c.exchange(ctx, GameOver)
	if errors.Is(err, io.EOF) {
		return nil
	}
	_ = c.Close()
	if err == nil {
		return fmt.Errorf("the server answered %s with %s, and must close", GameOver, quote(answer))
	}
	return fmt.Errorf("the server did not close after %s: %w", GameOver, err)
}

// Close ends the connection.
func (c *Client) Close() error { return c.conn.Close() }

// exchange sends a request and reads one line. It ends with the context at the
// latest, for then the connection is closed under it.
func (c *Client) exchange(ctx context.Context, request string) (string, error) {
	unwatch := context.AfterFunc(ctx, func() { _ = c.Close() })
	err := c.send(request)
	line := ""
	if err == nil {
		line, err = c.receive()
	}
	if !unwatch() {
		return "", context.Cause(ctx)
	}
	return line, err
}

// send writes a request in one piece: there are servers that take what comes in
// one read for one request.
func (c *Client) send(request string) error {
	_, err := io.WriteString(c.conn, request+"\n")
	return bare(err)
}

func (c *Client) receive() (string, error) {
	line, err := c.lines.ReadLine()
	switch {
	case err == nil:
		return string(line), nil
	case errors.Is(err, proto.ErrLineTooLong):
		return "", fmt.Errorf("the server sent more than %d bytes without an end of line", proto.MaxServerLine)
	case errors.Is(err, io.EOF):
		return "", fmt.Errorf("the server closed the connection: %w", err)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "", fmt.Errorf("the server closed the connection in the middle of a line: %w", err)
	}
	return "", bare(err)
}

// InputError says why a request cannot be sent. Nothing was.
type InputError struct {
	Request string
	Reason  string
}

func (e *InputError) Error() string {
	return fmt.Sprintf("%s not sent: %s", quote(e.Request), e.Reason)
}

// checkRequest refuses what would not arrive as one line. A CR alone is no line
// break here (P-3), but it is one to servers that read lines with Java's own
// means.
func checkRequest(request string) error {
	switch {
	case strings.ContainsAny(request, "\r\n"):
		return &InputError{request, "there is a line break in it"}
	case len(request) > proto.MaxLine:
		return &InputError{request, fmt.Sprintf("it has %d bytes, %d are allowed", len(request), proto.MaxLine)}
	}
	return nil
}

// quote shows a line in a message: what is in it does nothing to a terminal, and
// a long one does not fill the screen.
func quote(line string) string {
	const enough = 60
	if len(line) > enough {
		return `"` + proto.Visible(line[:enough]) + `"...`
	}
	return `"` + proto.Visible(line) + `"`
}

// bare leaves out the addresses that package net puts around every error.
func bare(err error) error {
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Err
	}
	return err
}
