package client

import (
	"context"
	"strings"

	"parley/proto"
)

// Login takes a name (P-22). It may be called again to change it; refused with
// [ErrBadName] or [ErrNameTaken], nothing has changed.
func (c *Client) Login(ctx context.Context, name string) error {
	_, err := c.do(ctx, proto.Command{Verb: proto.Login, Name: []byte(name)})
	return err
}

// Say sends a public message and returns to how many others it went (P-50). The
// server may refuse it with [ErrSpam].
func (c *Client) Say(ctx context.Context, text string) (recipients int, err error) {
	a, err := c.do(ctx, proto.Command{Verb: proto.Msg, Text: []byte(text)})
	return a.count, err
}

// Whisper sends a private message (P-51). The server may refuse it with
// [ErrUnauthorized] before a login, [ErrNoRecipient] or [ErrSpam].
func (c *Client) Whisper(ctx context.Context, name, text string) error {
	_, err := c.do(ctx, proto.Command{Verb: proto.Privmsg, Name: []byte(name), Text: []byte(text)})
	return err
}

// Users returns the names of all who are connected, the own one too, in order
// of connecting (P-55).
func (c *Client) Users(ctx context.Context) ([]string, error) {
	a, err := c.ask(ctx, proto.Users)
	return strings.Fields(a.text), err
}

// Help returns the commands that the server knows (P-56).
func (c *Client) Help(ctx context.Context) ([]string, error) {
	a, err := c.ask(ctx, proto.Help)
	return strings.Fields(a.text), err
}

// Joke returns a joke of one line (P-57).
func (c *Client) Joke(ctx context.Context) (string, error) {
	a, err := c.ask(ctx, proto.Joke)
	return a.text, err
}

// Inbox returns what waits in the server's inbox for this connection, oldest
// first, and empties it (P-53). That is what was said in synchronous mode;
// anything else comes by [Client.Messages].
func (c *Client) Inbox(ctx context.Context) ([]Message, error) {
	a, err := c.ask(ctx, proto.Inbox)
	return a.messages, err
}

// Sync switches to synchronous mode: what others say waits in the server's inbox
// (P-41). What was said before the switch is a message like any other (P-44) and
// can be read with [Client.Messages] or [Client.Take] when Sync returns.
//
// A message that the server sends in synchronous mode all the same is kept too:
// it can be nothing but a message, and nothing is won by refusing it.
func (c *Client) Sync(ctx context.Context) error {
	_, err := c.ask(ctx, proto.Sync)
	return err
}

// Async switches back to asynchronous mode: what others say comes at once
// (P-41). What is in the inbox by then stays there until [Client.Inbox].
func (c *Client) Async(ctx context.Context) error {
	_, err := c.ask(ctx, proto.Async)
	return err
}

// ask sends a command that has no argument.
func (c *Client) ask(ctx context.Context, verb proto.Verb) (answer, error) {
	return c.do(ctx, proto.Command{Verb: verb})
}
