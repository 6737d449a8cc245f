package client

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"time"

	"parley/proto"
)

// request is a command on its way to its answer.
type request struct {
	verb   proto.Verb
	answer chan answer // room for one: the reader never waits for who asked
}

// answer is what a request comes to; which fields count depends on the command.
type answer struct {
	count    int
	stamp    Stamp
	gap      bool
	text     string
	messages []Message
	refused  *Refused // nil if the server did as asked
}

// lastWords is how long the reader goes on when nothing can be sent any more: a
// server that ends a connection says why in its last line (P-15, P-72).
const lastWords = time.Second

// cutGrace is what a line that is being sent still gets when its context ends. A
// connection in health needs none of it, and so does not end for a call that
// was cancelled at that moment.
const cutGrace = 100 * time.Millisecond

// do sends a command and waits for its answer. A wait that is cancelled leaves
// the request among the unanswered, so the answer, when it comes, is taken off
// the stream and goes to nobody.
func (c *Client) do(ctx context.Context, cmd proto.Command) (answer, error) {
	line, err := encode(cmd)
	if err != nil {
		return answer{}, err
	}
	r := &request{verb: cmd.Verb, answer: make(chan answer, 1)}
	if err := c.send(ctx, r, line); err != nil {
		return answer{}, fmt.Errorf("%s not sent: %w", cmd.Verb, err)
	}
	a, err := c.await(ctx, r)
	switch {
	case err != nil:
		return answer{}, fmt.Errorf("no answer to %s: %w", cmd.Verb, err)
	case a.refused != nil:
		return answer{}, a.refused
	}
	return a, nil
}

// encode makes the line of a command, or says why it would not be the one line
// with that meaning. A CR is no line break here (P-3), but it is one to servers
// that read lines with Java's own means.
func encode(cmd proto.Command) ([]byte, error) {
	line := proto.AppendCommand(nil, cmd)
	body := line[:len(line)-1]
	named := cmd.Verb == proto.Login || cmd.Verb == proto.Privmsg
	worded := cmd.Verb == proto.Msg || cmd.Verb == proto.Privmsg || cmd.Verb == proto.Search
	reason := ""
	switch {
	case bytes.ContainsAny(body, "\r\n"):
		reason = "there is a line break in it"
	case named && len(proto.Trim(cmd.Name)) == 0:
		reason = "the name is empty"
	case cmd.Verb == proto.Privmsg && bytes.IndexByte(cmd.Name, ' ') >= 0:
		reason = "there is a space in the name"
	case worded && len(proto.Trim(cmd.Text)) == 0:
		reason = "the text is empty"
	case cmd.Page.ID < 0 || cmd.Page.N < 0:
		reason = "a number is below zero"
	case len(body) > proto.MaxLine:
		reason = fmt.Sprintf("the line has %d bytes, %d are allowed", len(body), proto.MaxLine)
	default:
		return line, nil
	}
	return nil, &InputError{Command: cmd.Verb, Reason: reason}
}

// send writes the line of a request when its turn has come. After an error
// nothing of it was sent, or the connection has ended.
func (c *Client) send(ctx context.Context, r *request, line []byte) error {
	select {
	case c.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	case <-c.done:
		return c.Err()
	}
	defer func() { <-c.turn }()
	// The turn may have come together with what makes it useless.
	if err := cmp.Or(ctx.Err(), c.ending()); err != nil {
		return err
	}
	select {
	case c.unanswered <- r:
	case <-ctx.Done():
		return ctx.Err()
	case <-c.done:
		return c.Err()
	}
	return c.write(ctx, r.verb, line)
}

// write sends a line whole, or ends the connection: after half a line nothing
// that follows would be understood. A failure of the connection itself is left
// to the reader, who may find the server's last words before it.
func (c *Client) write(ctx context.Context, verb proto.Verb, line []byte) error {
	if c.opts.Trace != nil {
		c.opts.Trace(Sent, line)
	}
	cut := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		_ = c.conn.SetWriteDeadline(time.Now().Add(cutGrace))
		close(cut)
	})
	_, err := c.conn.Write(line)
	if !stop() {
		<-cut // or it would cut the next line
		_ = c.conn.SetWriteDeadline(time.Time{})
	}
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		c.end(fmt.Errorf("%w: a %s was cut off while it was sent", ErrClosed, verb))
		return ctx.Err()
	}
	c.sendFailed(err)
	return nil
}

func (c *Client) sendFailed(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sendErr == nil {
		c.sendErr = err
		_ = c.conn.SetReadDeadline(time.Now().Add(lastWords))
	}
}

// sendFailure is what lies behind a read that has taken too long.
func (c *Client) sendFailure(err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return cmp.Or(c.sendErr, err)
}

// await waits for the answer to a request that was sent.
func (c *Client) await(ctx context.Context, r *request) (answer, error) {
	select {
	case a := <-r.answer:
		return a, nil
	case <-ctx.Done():
		return answer{}, ctx.Err()
	case <-c.done:
	}
	select {
	case a := <-r.answer: // it came, and then the end
		return a, nil
	default:
		return answer{}, c.Err()
	}
}
