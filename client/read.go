package client

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"parley/proto"
)

// block is messages that come in as one answer: an inbox (P-53), or what was said
// before.
type block struct {
	asked    *request
	gap      bool
	size     int // lines that it has in all
	bytes    int // what messages take, see Options.MaxBytes
	messages []Message
}

// want is the answer to each command if it succeeds, and if it fails in a way of
// its own. Besides, any command may be answered with cmderr.
var want = [proto.NumVerbs]struct{ yes, no proto.Kind }{
	proto.Login:   {proto.LoginAccepted, proto.LoginRefused},
	proto.Msg:     {proto.MsgAccepted, proto.MsgRefused},
	proto.Privmsg: {proto.MsgAccepted, proto.MsgRefused},
	proto.Users:   {yes: proto.UserNames},
	proto.Help:    {yes: proto.Commands},
	proto.Sync:    {yes: proto.ModeSwitched},
	proto.Async:   {yes: proto.ModeSwitched},
	proto.Inbox:   {yes: proto.InboxFollows},
	proto.Joke:    {yes: proto.JokeTold},

	proto.StampLines: {yes: proto.ModeSwitched},
	proto.History:    {yes: proto.HistoryFollows},
	proto.Search:     {yes: proto.FoundFollows},
}

// read is the reader goroutine: it hands every line of the server to whom it is
// for, and waits for nobody but the server.
func (c *Client) read() {
	defer close(c.done)
	lines := proto.NewReader(c.source(), c.opts.MaxLine)
	for {
		line, err := lines.ReadLine()
		if err != nil {
			c.end(c.explain(err))
			return
		}
		if err := c.take(line); err != nil {
			c.end(err)
			return
		}
	}
}

// source is the connection, with a tap on it if somebody wants to see the lines.
func (c *Client) source() io.Reader {
	if c.opts.Trace == nil {
		return c.conn
	}
	return &tap{src: c.conn, show: c.opts.Trace, limit: c.opts.MaxLine}
}

// take handles one line. An error ends the connection.
func (c *Client) take(line []byte) error {
	l, err := proto.ParseServerLine(line)
	switch {
	case err != nil:
		return broken(line, c.awaited())
	case c.block != nil:
		return c.takeInBlock(line, l)
	case l.IsMessage():
		m, err := newMessage(l)
		if err != nil {
			return broken(line, "a time")
		}
		c.messages.add(m)
		return nil
	}
	select {
	case r := <-c.unanswered:
		return c.answer(r, line, l)
	default:
	}
	if l.Kind == proto.CmdRefused {
		return refusal(proto.Unsupported, line, l)
	}
	return broken(line, c.awaited())
}

// answer gives r what the server said to it.
func (c *Client) answer(r *request, line []byte, l proto.ServerLine) error {
	switch l.Kind {
	case want[r.verb].yes:
		return c.accept(r, line, l)
	case want[r.verb].no, proto.CmdRefused:
		r.answer <- answer{refused: refusal(r.verb, line, l)}
	default:
		return broken(line, answerTo(r))
	}
	return nil
}

// accept gives r an answer that says yes, or begins to gather it.
func (c *Client) accept(r *request, line []byte, l proto.ServerLine) error {
	switch l.Kind {
	case proto.InboxFollows, proto.HistoryFollows, proto.FoundFollows:
		return c.beginBlock(r, line, l)
	default:
	}
	stamp, err := newStamp(l.Stamp)
	if err != nil {
		return broken(line, answerTo(r))
	}
	r.answer <- answer{count: l.Count, stamp: stamp, text: string(l.Text)}
	return nil
}

// beginBlock expects the messages that l announces for r. It reserves no memory
// for them, and does not start on a block that cannot stay within bounds.
func (c *Client) beginBlock(r *request, line []byte, l proto.ServerLine) error {
	if l.Count > c.opts.MaxBytes/messageCost {
		return broken(line, c.bound(r))
	}
	c.block = &block{asked: r, size: l.Count, gap: l.Gap}
	c.endBlockIfFull()
	return nil
}

func (c *Client) takeInBlock(line []byte, l proto.ServerLine) error {
	m, err := newMessage(l)
	stamped := l.Kind == proto.PublicMessage && m.Stamp.ID > 0
	if err != nil || !l.IsMessage() || c.block.asked.verb != proto.Inbox && !stamped {
		return broken(line, c.awaited())
	}
	c.block.messages = append(c.block.messages, m)
	c.block.bytes += m.cost()
	if c.block.bytes > c.opts.MaxBytes {
		return broken(line, c.bound(c.block.asked))
	}
	c.endBlockIfFull()
	return nil
}

func (c *Client) endBlockIfFull() {
	if b := c.block; len(b.messages) == b.size {
		b.asked.answer <- answer{messages: b.messages, gap: b.gap}
		c.block = nil
	}
}

// explain makes the end of the stream an error that says what it cut off.
func (c *Client) explain(err error) error {
	switch {
	case errors.Is(err, proto.ErrLineTooLong):
		return &ProtocolError{Awaited: fmt.Sprintf("a line of at most %d bytes", c.opts.MaxLine), Err: err}
	case errors.Is(err, io.EOF) && c.block == nil:
		return fmt.Errorf("the server closed the connection: %w", io.EOF)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("the server's stream broke off: %w", io.ErrUnexpectedEOF)
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = c.sendFailure(err)
	}
	return fmt.Errorf("the connection broke: %w", err)
}

// awaited says in words what the next line should have been. It is asked only
// when the connection is about to end: it may take a request off the queue.
func (c *Client) awaited() string {
	if b := c.block; b != nil {
		return fmt.Sprintf("line %d of %d of %s", len(b.messages)+1, b.size, answerTo(b.asked))
	}
	select {
	case r := <-c.unanswered:
		return answerTo(r)
	default:
		return "nothing but a message"
	}
}

func answerTo(r *request) string { return "the answer to " + r.verb.String() }

func (c *Client) bound(r *request) string {
	return fmt.Sprintf("an answer to %s of at most %d bytes", r.verb, c.opts.MaxBytes)
}

// tap shows the lines of the server as they are on the wire while they are read.
type tap struct {
	src   io.Reader
	show  func(Direction, []byte)
	limit int    // longer lines are shown in pieces
	held  []byte // the start of a line whose LF has not come
}

func (t *tap) Read(p []byte) (int, error) {
	n, err := t.src.Read(p)
	for rest := p[:n]; len(rest) > 0; {
		end := bytes.IndexByte(rest, '\n') + 1
		if end == 0 {
			end = len(rest)
		}
		t.held, rest = append(t.held, rest[:end]...), rest[end:]
		if t.held[len(t.held)-1] == '\n' || len(t.held) > t.limit {
			t.flush()
		}
	}
	if err != nil {
		t.flush()
	}
	return n, err
}

func (t *tap) flush() {
	if len(t.held) > 0 {
		t.show(Received, t.held)
		t.held = t.held[:0]
	}
}
