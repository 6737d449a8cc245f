package client

import (
	"context"
	"fmt"
	"iter"
	"sync"

	"parley/proto"
)

// Message is what somebody said. Sender and Text are as the server sent them:
// show them with [proto.Visible].
type Message struct {
	Private bool // only for this connection, else for everybody
	Sender  string
	Text    string
	Stamp   Stamp // zero before [Client.Stamp]
}

// messageCost is what a message takes beside its bytes, rounded up.
const messageCost = 96

func newMessage(l proto.ServerLine) (Message, error) {
	stamp, err := newStamp(l.Stamp)
	return Message{Private: l.Kind == proto.PrivateMessage, Sender: string(l.Sender), Text: string(l.Text), Stamp: stamp}, err
}

func (m Message) cost() int { return messageCost + len(m.Sender) + len(m.Text) }

// Messages returns what others say as it comes, in order, until the context or
// the connection ends (and all that came before was read); [Client.Err] then
// tells which. Loops that run at once share the messages: each gets some.
//
//	for m := range c.Messages(ctx) {
//		fmt.Println(m.Sender, m.Text)
//	}
//
// Who does not read loses the oldest, see Options.MaxMessages and
// [Client.Dropped]; nothing ever waits for the reader.
func (c *Client) Messages(ctx context.Context) iter.Seq[Message] {
	return func(yield func(Message) bool) {
		for {
			m, err := c.Next(ctx)
			if err != nil || !yield(m) {
				return
			}
		}
	}
}

// Next returns the oldest message not yet read, and waits for one if need be. It
// fails if the context ends, or with what [Client.Err] says when no more can
// come.
func (c *Client) Next(ctx context.Context) (Message, error) {
	for {
		if err := ctx.Err(); err != nil {
			return Message{}, fmt.Errorf("no message: %w", err)
		}
		end := c.Err() // asked first: what came before the end is then among the messages
		if m, ok := c.messages.take(); ok {
			return m, nil
		}
		if end != nil {
			return Message{}, fmt.Errorf("no message: %w", end)
		}
		select {
		case <-c.messages.wake:
		case <-ctx.Done():
		case <-c.done:
		}
	}
}

// Take returns the messages that have come and were not yet read, without
// waiting. A message that came before an answer is there when the answer is.
func (c *Client) Take() []Message {
	var taken []Message
	for {
		m, ok := c.messages.take()
		if !ok {
			return taken
		}
		taken = append(taken, m)
	}
}

// Dropped returns how many messages were dropped because nobody read them.
func (c *Client) Dropped() uint64 {
	c.messages.mu.Lock()
	defer c.messages.mu.Unlock()
	return c.messages.dropped
}

// queue keeps the newest messages until they are read.
type queue struct {
	maxMessages, maxBytes int // fixed

	// wake has room for one value, and has it whenever there is a message that
	// nobody was woken for. Never closed.
	wake chan struct{}

	mu      sync.Mutex // guards what follows
	kept    []Message  // oldest first
	bytes   int        // what kept costs
	dropped uint64
}

func newQueue(maxMessages, maxBytes int) queue {
	return queue{maxMessages: maxMessages, maxBytes: maxBytes, wake: make(chan struct{}, 1)}
}

func (q *queue) add(m Message) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.kept = append(q.kept, m)
	q.bytes += m.cost()
	for len(q.kept) > q.maxMessages || q.bytes > q.maxBytes && len(q.kept) > 1 {
		q.pop()
		q.dropped++
	}
	q.signal()
}

// forget drops the public messages up to an ID, and those without a stamp. Whoever
// has a stamp with the ID 0 was given none, and is in no history.
func (q *queue) forget(upTo int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	kept := q.kept
	q.kept, q.bytes = nil, 0
	for _, m := range kept {
		if noID := m.Stamp.ID == 0 && !m.Stamp.Time.IsZero(); m.Private || noID || m.Stamp.ID > upTo {
			q.kept = append(q.kept, m)
			q.bytes += m.cost()
		}
	}
}

func (q *queue) take() (Message, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.kept) == 0 {
		return Message{}, false
	}
	m := q.pop()
	if len(q.kept) > 0 {
		q.signal() // for the next one, whose signal this one may have used
	}
	return m, true
}

// pop removes the oldest message, also from the memory under the slice.
func (q *queue) pop() Message {
	m := q.kept[0]
	q.kept[0] = Message{}
	q.kept = q.kept[1:]
	q.bytes -= m.cost()
	return m
}

func (q *queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}
