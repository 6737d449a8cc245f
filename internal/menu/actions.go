package menu

import (
	"context"
	"strings"

	"parley/client"
	"parley/proto"
)

// state is what a user can be, by the assignment; it follows from what the menu
// holds, so it cannot be wrong.
type state uint8

const (
	disconnected state = 1 << iota
	connected
	authorized
)

func (m *menu) state() state {
	switch {
	case m.conn == nil:
		return disconnected
	case m.name == "":
		return connected
	}
	return authorized
}

// action is a row of the menu; its number is its place, and never changes.
type action struct {
	title  string
	states state // in which it can be chosen
	run    func(*menu, context.Context) error
}

func (a action) fits(s state) bool { return a.states&s != 0 }

var actions = [...]action{
	{"connect", disconnected, (*menu).connect},
	{"disconnect", connected | authorized, (*menu).disconnect},
	{"log in", connected | authorized, (*menu).logIn},
	{"public message", connected | authorized, (*menu).say},
	{"private message", authorized, (*menu).whisper},
	{"read the inbox", connected | authorized, (*menu).readInbox},
	{"list users", connected | authorized, (*menu).listUsers},
	{"joke", connected | authorized, (*menu).joke},
	{"quit", disconnected | connected | authorized, (*menu).quit},
}

// connect switches to synchronous mode before anything else. A server without
// that mode can be used all the same: messages are told from answers (P-44).
func (m *menu) connect(ctx context.Context) error {
	opts := &client.Options{TLS: m.opts.TLS}
	if m.opts.Trace {
		opts.Trace = m.screen.trace
	}
	limited, cancel := context.WithTimeout(ctx, m.opts.Timeout)
	defer cancel()
	conn, err := m.opts.Dial(limited, m.opts.Address, opts)
	if err != nil && ctx.Err() == nil {
		m.screen.say("%s", m.whyNotConnected(err))
	}
	if err != nil {
		return nil // the loop sees for itself that the context has ended
	}
	m.conn = conn
	m.screen.say("Connected to %s.", m.opts.Address)
	if !m.exchange(ctx, conn.Sync) && m.conn != nil && ctx.Err() == nil {
		m.screen.say("It stays in asynchronous mode; what others say is shown with the inbox.")
	}
	return nil
}

func (m *menu) disconnect(context.Context) error {
	m.hangUp()
	m.screen.say("Disconnected.")
	return nil
}

func (m *menu) logIn(ctx context.Context) error {
	name, err := m.ask(ctx, "Your name: ")
	if err != nil {
		return err
	}
	name = strings.TrimSpace(name)
	if m.exchange(ctx, func(ctx context.Context) error { return m.conn.Login(ctx, name) }) {
		m.name = name
		m.screen.say("You are %s now.", proto.Visible(name))
	}
	return nil
}

func (m *menu) say(ctx context.Context) error {
	text, err := m.ask(ctx, "Your message to all: ")
	if err != nil {
		return err
	}
	var others int
	if m.exchange(ctx, func(ctx context.Context) (err error) {
		others, err = m.conn.Say(ctx, text)
		return err
	}) {
		m.screen.say("Sent. Recipients: %d.", others)
	}
	return nil
}

func (m *menu) whisper(ctx context.Context) error {
	name, err := m.ask(ctx, "To whom: ")
	if err != nil {
		return err
	}
	text, err := m.ask(ctx, "Your message: ")
	if err != nil {
		return err
	}
	name = strings.TrimSpace(name)
	if m.exchange(ctx, func(ctx context.Context) error { return m.conn.Whisper(ctx, name, text) }) {
		m.screen.say("Sent to %s.", proto.Visible(name))
	}
	return nil
}

// readInbox shows first what was said before the server switched modes.
func (m *menu) readInbox(ctx context.Context) error {
	messages := m.conn.Take()
	ok := m.exchange(ctx, func(ctx context.Context) error {
		inbox, err := m.conn.Inbox(ctx)
		messages = append(messages, inbox...)
		return err
	})
	if ok || len(messages) > 0 {
		m.screen.say("Messages: %d.", len(messages))
	}
	for _, msg := range messages {
		kind := "public "
		if msg.Private {
			kind = "private"
		}
		m.screen.say("  %s  %s: %s", kind, proto.Visible(msg.Sender), proto.Visible(msg.Text))
	}
	return nil
}

func (m *menu) listUsers(ctx context.Context) error {
	var names []string
	if m.exchange(ctx, func(ctx context.Context) (err error) {
		names, err = m.conn.Users(ctx)
		return err
	}) {
		m.screen.say("Users: %d.", len(names))
	}
	for _, name := range names {
		m.screen.say("  %s", proto.Visible(name))
	}
	return nil
}

func (m *menu) joke(ctx context.Context) error {
	var text string
	if m.exchange(ctx, func(ctx context.Context) (err error) {
		text, err = m.conn.Joke(ctx)
		return err
	}) {
		m.screen.say("%s", proto.Visible(text))
	}
	return nil
}

func (m *menu) quit(context.Context) error { return errQuit }
