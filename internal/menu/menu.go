// Package menu is the text client of the course's assignment: a menu of nine
// numbered actions on a plain reader and writer, so that a person or a program
// can use it.
package menu

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"parley/client"
	"parley/proto"
)

// Defaults of [Options].
const (
	DefaultAddress = "127.0.0.1:1300"
	DefaultTimeout = 10 * time.Second
)

// Options say where the menu connects to. The zero value is ready.
type Options struct {
	// Address is the server, a host with or without a port. Default
	// [DefaultAddress].
	Address string

	// Timeout is how long connecting may take, and each answer. Default
	// [DefaultTimeout].
	Timeout time.Duration

	// Trace shows every line sent (>) and received (<) as it is on the wire: ⏎
	// is the line feed, other control characters are escaped.
	Trace bool

	// TLS, if not nil, makes the connection a TLS one.
	TLS *tls.Config

	// Dial is how to connect. Default [client.Dial].
	Dial func(context.Context, string, *client.Options) (*client.Client, error)
}

func (o Options) orDefaults() Options {
	o.Address = cmp.Or(o.Address, DefaultAddress)
	o.Timeout = cmp.Or(o.Timeout, DefaultTimeout)
	if o.Dial == nil {
		o.Dial = client.Dial
	}
	return o
}

// menu is one run of the program. It belongs to the goroutine of [Run].
type menu struct {
	opts   Options
	keys   keyboard
	screen *screen

	conn *client.Client // nil while disconnected
	name string         // the name logged in with; "" before
}

// errQuit is how an action ends the program.
var errQuit = errors.New("quit")

// Run shows the menu and does what is chosen, until that is to quit or the input
// ends. It fails if the context ends, or the input or the output does. The
// connection is closed whatever the reason.
//
// A read of in that is under way when the context ends is left behind: a plain
// reader cannot be interrupted. No other goroutine outlives Run.
func Run(ctx context.Context, in io.Reader, out io.Writer, opts Options) error {
	m := &menu{opts: opts.orDefaults(), keys: newKeyboard(in), screen: &screen{out: out}}
	err := m.loop(ctx)
	m.hangUp()
	m.screen.say("Goodbye.")
	if errors.Is(err, errQuit) || errors.Is(err, io.EOF) {
		return m.screen.failure()
	}
	return err
}

// loop goes round once for each choice. It returns why it stopped.
func (m *menu) loop(ctx context.Context) error {
	for {
		m.noticeEnd()
		m.show()
		choice, err := m.ask(ctx, "Your choice: ")
		if err == nil {
			m.noticeEnd() // it may have come while the user thought
			err = m.choose(ctx, strings.TrimSpace(choice))
		}
		if errors.Is(err, errTooLong) {
			m.screen.say("That line is too long.")
			err = nil
		}
		if err := cmp.Or(err, ctx.Err(), m.screen.failure()); err != nil {
			return err
		}
	}
}

// show prints the state and the actions that fit it.
func (m *menu) show() {
	m.screen.say("")
	switch m.state() {
	case disconnected:
		m.screen.say("You are disconnected.")
	case connected:
		m.screen.say("You are connected to %s.", m.opts.Address)
	case authorized:
		m.screen.say("You are authorized as %s at %s.", proto.Visible(m.name), m.opts.Address)
	}
	for i, a := range actions {
		if a.fits(m.state()) {
			m.screen.say("  %d  %s", i+1, a.title)
		}
	}
}

func (m *menu) choose(ctx context.Context, choice string) error {
	n, err := strconv.Atoi(choice)
	switch {
	case err != nil || n < 1 || n > len(actions):
		m.screen.say(`There is no action "%s".`, proto.Visible(choice[:min(len(choice), 40)]))
	case !actions[n-1].fits(m.state()):
		m.screen.say("%d (%s) does not fit now: %s first.", n, actions[n-1].title, m.missing(actions[n-1]))
	default:
		return actions[n-1].run(m, ctx)
	}
	return nil
}

// missing is what has to be done before an action that does not fit.
func (m *menu) missing(a action) string {
	switch {
	case m.state() == disconnected:
		return "connect (1)"
	case a.fits(disconnected):
		return "disconnect (2)"
	}
	return "log in (3)"
}

// ask prompts for a line of input. Its errors end the action, and all but
// errTooLong the program.
func (m *menu) ask(ctx context.Context, prompt string) (string, error) {
	m.screen.prompt(prompt)
	line, err := m.keys.line(ctx)
	m.screen.entered(err == nil || errors.Is(err, errTooLong))
	return line, err
}

// exchange does something with the server within the time it has. If that
// fails it says why, and ok is false.
func (m *menu) exchange(ctx context.Context, do func(context.Context) error) (ok bool) {
	limited, cancel := context.WithTimeout(ctx, m.opts.Timeout)
	defer cancel()
	err := do(limited)
	if err != nil && ctx.Err() == nil { // who interrupts the program knows why
		m.failed(err)
	}
	return err == nil
}

// failed says what went wrong with the server. Save for a plain refusal, the
// connection is given up: after a silence, too, nobody knows any more what took
// effect.
func (m *menu) failed(err error) {
	if reason, ok := refused(err); ok {
		m.screen.say("The server refused: %s.", reason)
		return
	}
	if input := (*client.InputError)(nil); errors.As(err, &input) {
		m.screen.say("Not sent: %s.", input.Reason)
		return
	}
	m.hangUp()
	m.screen.say("%s You are disconnected.", m.whyEnded(err))
}

// noticeEnd tells of a connection that has ended by itself.
func (m *menu) noticeEnd() {
	if m.conn == nil {
		return
	}
	select {
	case <-m.conn.Done():
		m.failed(m.conn.Err())
	default:
	}
}

func (m *menu) hangUp() {
	if m.conn != nil {
		m.conn.Close()
	}
	m.conn, m.name = nil, ""
}
