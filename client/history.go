package client

import (
	"context"
	"time"

	"parley/proto"
)

// Stamp is the place of a public message among all of its server and the time at
// which it was said. A private message has ID 0. The zero value stands where
// the server sent none: it does so only after [Client.Stamp].
type Stamp struct {
	ID   int64 // rises with each message, over restarts too
	Time time.Time
}

func newStamp(s proto.Stamp) (Stamp, error) {
	if s.Time == "" {
		return Stamp{}, nil
	}
	at, err := time.Parse(proto.TimeLayout, s.Time)
	return Stamp{ID: s.ID, Time: at}, err
}

// Receipt is what the sender of a public message learns of it.
type Receipt struct {
	Recipients int
	// Stamp is zero before [Client.Stamp]. A server that stores what is said
	// answers when the message is on disk; ID 0 with a time then means that it was
	// delivered, but not kept.
	Stamp Stamp
}

// Page is a part of what was said in public, oldest first.
type Page struct {
	Messages []Message
	// Gap says that messages between the ID asked for and the first of these are
	// no longer kept.
	Gap bool
}

// Stamp asks the server to stamp what it sends: from here on each [Message] and
// each [Receipt] has its ID and time, and this cannot be undone.
//
// It is refused with [ErrUnsupported], as are [Client.History] and
// [Client.Search], by servers that have no such thing.
func (c *Client) Stamp(ctx context.Context) error {
	_, err := c.ask(ctx, proto.StampLines)
	return err
}

// SayStamped is [Client.Say] that returns all that the server tells.
func (c *Client) SayStamped(ctx context.Context, text string) (Receipt, error) {
	a, err := c.do(ctx, proto.Command{Verb: proto.Msg, Text: []byte(text)})
	return Receipt{a.count, a.stamp}, err
}

// History returns a part of what was said in public, stamped whether or not
// that was asked for. A page of no size has the one that the server thinks fit.
func (c *Client) History(ctx context.Context, page proto.Page) (Page, error) {
	a, err := c.do(ctx, proto.Command{Verb: proto.History, Page: page})
	return Page{a.messages, a.gap}, err
}

// Search returns what was said in public with all of these words, best first
// . Only servers that store what is said can do that.
func (c *Client) Search(ctx context.Context, words string) ([]Message, error) {
	a, err := c.do(ctx, proto.Command{Verb: proto.Search, Text: []byte(words)})
	return a.messages, err
}

// CatchUp is for a program that was connected before and comes back: it gives each
// public message after the one with ID last to missed, oldest first, and leaves to
// [Client.Messages] what comes after these, so that nothing is missing and nothing
// comes twice. Who reads messages at the same time breaks that. It asks for
// stamps.
//
// gap says that the server no longer has all of it; of one that knows nothing of
// last, missed gets the newest.
func (c *Client) CatchUp(ctx context.Context, last int64, missed func(Message)) (gap bool, err error) {
	if err := c.Stamp(ctx); err != nil {
		return false, err
	}
	ask := proto.Page{Range: proto.Since, ID: last}
	for {
		page, err := c.History(ctx, ask)
		if err != nil {
			return gap, err
		}
		unknown := page.Gap && len(page.Messages) == 0 && !gap
		gap = gap || page.Gap
		for _, m := range page.Messages {
			missed(m)
			ask = proto.Page{Range: proto.Since, ID: m.Stamp.ID}
		}
		switch {
		case unknown:
			ask = proto.Page{}
		case len(page.Messages) == 0:
			c.messages.forget(ask.ID)
			return gap, nil
		}
	}
}
