package conform

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

// Programs starts the client program that is checked, afresh for each check.
type Programs interface {
	// Listen opens where the program will connect to.
	Listen(ctx context.Context) (net.Listener, error)
	// Start starts it. shown is called with what it prints, from one goroutine.
	Start(ctx context.Context, address string, shown func(string)) (Program, error)
	// Together reports whether several may run at a time.
	Together() bool
}

// Program is a client program that runs.
type Program interface {
	// Type types keys into it, as a person would.
	Type(keys string) error
	// Keys are those for an action of its menu, such as "login", with what is
	// asked for: a name, a text. They end with a line end. ok is false where its
	// menu has no such action.
	Keys(action string, args ...string) (keys string, ok bool)
	// Ended is closed when it has ended by itself, and all that it printed has
	// been shown.
	Ended() <-chan struct{}
	// Ending says how it has ended: "exit status 1".
	Ending() string
	// Stop ends it if it runs, and waits.
	Stop()
}

// Witness is a [Program] whose screen only a person sees, who is asked.
type Witness interface {
	Program
	// Sees reports whether the person says yes to a question.
	Sees(question string) (bool, error)
}

// StartTime is how long a program may take from its start until it shows
// something or connects: interpreters and build tools are slow.
const StartTime = 20 * time.Second

// bench is where one client program is checked: it connects to a listener of
// ours, shows things and gets keys.
type bench struct {
	listener net.Listener
	address  string // of the listener, also while it is closed
	program  Program
	screen   *screen
	alive    context.Context // ends with the program, or with the run
	end      context.CancelFunc

	// Owned by the check's goroutine.
	last   string // what was done to the program last: typed or sent; empty before
	lastAt int    // how much it had shown then
}

// StartProgram starts the client program that is checked. It may be called
// again: the program before is stopped then, and the screen is empty.
func (t *T) StartProgram() { t.startProgram(t.opts.Programs.Listen) }

// StartProgramApart is StartProgram for checks that call [T.StopListening]. The
// system gives out free ports from a range of its own; outside of it nobody is
// given the program's port while it is free.
func (t *T) StartProgramApart() {
	t.startProgram(func(ctx context.Context) (net.Listener, error) {
		listener, err := t.opts.Programs.Listen(ctx)
		if err != nil || !t.opts.Programs.Together() {
			return listener, err
		}
		defer func() { _ = listener.Close() }()
		return listenApart(ctx, listener.Addr())
	})
}

// The ports below those that systems give out, and above those of services.
const (
	firstApart = 20_000
	lastApart  = 29_999
)

// listenApart listens at the same host.
func listenApart(ctx context.Context, address net.Addr) (listener net.Listener, err error) {
	host, _, err := net.SplitHostPort(address.String())
	if err != nil {
		return nil, err
	}
	for range 50 { // a port may be in use
		port := firstApart + rand.IntN(lastApart-firstApart+1)
		listener, err = new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(port)))
		if err == nil {
			break
		}
	}
	return listener, err
}

func (t *T) startProgram(listen func(context.Context) (net.Listener, error)) {
	if t.bench != nil {
		t.bench.close()
	}
	listener, err := listen(t.ctx)
	if err != nil {
		t.fail(BrokeOff, "an address to listen on", "%v", err)
	}
	b := &bench{listener: listener, address: listener.Addr().String(), screen: &screen{changed: make(chan struct{}, 1)}}
	b.alive, b.end = context.WithCancel(t.ctx)
	t.bench = b
	b.program, err = t.opts.Programs.Start(t.ctx, b.address, func(text string) {
		t.log.add("program", Shown, text)
		b.screen.show(text)
	})
	t.interruptedIf(t.ctx.Err() != nil)
	switch {
	case errors.Is(err, io.EOF):
		t.Skip("nobody is there to start the program")
	case err != nil:
		t.fail(BrokeOff, "a program that starts", "%v", err)
	}
	t.readers.Go(func() {
		defer b.end()
		select {
		case <-b.program.Ended():
		case <-b.alive.Done():
		}
	})
}

func (b *bench) close() {
	if b.program != nil {
		b.program.Stop()
	}
	b.end()
	_ = b.listener.Close()
}

// ByHand reports whether a person does the typing: then checks ask for little.
func (t *T) ByHand() bool {
	_, byHand := t.bench.program.(Witness)
	return byHand
}

// Choose types what the program's menu wants for an action, line by line. Where
// its menu does not have it, the check is skipped.
func (t *T) Choose(action string, args ...string) {
	keys, ok := t.bench.program.Keys(action, args...)
	if !ok {
		t.Skip("the program's menu has no %q", action)
	}
	t.awaitMenu()
	for line := range strings.Lines(keys) {
		t.awaitPrompt()
		t.enter(line)
	}
}

func (t *T) enter(keys string) {
	t.did(Quote(keys) + " was typed")
	t.log.add("program", Typed, keys)
	err := t.bench.program.Type(keys)
	t.interruptedIf(t.ctx.Err() != nil)
	switch {
	case err != nil && t.ByHand():
		t.Skip("nobody is there to do it: %v", err)
	case err != nil:
		t.hasEnded("to take what is typed", grace)
		t.fail(BrokeOff, "to take what is typed", "%v", err)
	}
}

const (
	// reaction is how long a program is given to show something before the next
	// line is typed.
	reaction = 500 * time.Millisecond
	// pause is how long it must then have shown nothing: it waits for input.
	pause = 25 * time.Millisecond
)

// awaitPrompt waits until the program seems to wait for input: it has reacted to
// what was done to it last, and shows nothing more. A person would wait too, and
// a program that opens its input anew for each question loses what was typed
// ahead.
func (t *T) awaitPrompt() {
	if t.ByHand() {
		return
	}
	t.await(reaction, func() bool { return len(t.Screen()) > t.bench.lastAt })
	t.awaitQuiet(pause)
}

// awaitQuiet waits until the program has shown nothing for so long.
func (t *T) awaitQuiet(d time.Duration) {
	for before := -1; before != len(t.Screen()); {
		before = len(t.Screen())
		t.await(d, func() bool { return before != len(t.Screen()) })
	}
}

// Offers reports whether the program's menu has an action, as for [T.Choose].
func (t *T) Offers(action string, args ...string) bool {
	_, ok := t.bench.program.Keys(action, args...)
	return ok
}

// awaitMenu waits until the program shows the first of its menu. Keys that are
// typed before could be lost in a program that is still starting.
func (t *T) awaitMenu() {
	if t.ByHand() || t.await(StartTime, func() bool { return t.Screen() != "" }) {
		return
	}
	t.hasEnded("to show its menu", 0)
	t.fail(Timeout, "to show its menu", "it has shown nothing %v after its start", StartTime)
}

// await waits until something holds of the screen, or reports false when time
// has run out or the program has ended. It always looks once more at the end.
func (t *T) await(within time.Duration, holds func() bool) bool {
	timer := time.NewTimer(within)
	defer timer.Stop()
	for !holds() {
		select {
		case <-t.bench.screen.changed:
		case <-t.bench.program.Ended():
			return holds()
		case <-timer.C:
			return holds()
		case <-t.ctx.Done():
			t.interrupted()
		}
	}
	return true
}

// Accept waits for the program to connect.
func (t *T) Accept(who string) *Peer {
	within := t.opts.Timeout
	if t.bench.last == "" && !t.ByHand() {
		within = max(within, StartTime) // it connects by itself, as soon as it has started
	}
	conn, err := t.accept(within)
	expected := "a connection to " + t.bench.address
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		t.hasEnded(expected, 0)
		t.hangs(expected)
		t.fail(NotConnected, expected, "it did not connect within %v; it showed %s", within, t.ShownSince(t.bench.lastAt))
	case err != nil:
		t.fail(BrokeOff, "a connection", "%v", err)
	}
	p := newPeer(t, who, conn)
	p.startReading()
	return p
}

// accept waits until there is a connection, time has run out, the program has
// ended or the run has.
func (t *T) accept(within time.Duration) (net.Conn, error) {
	if l, ok := t.bench.listener.(interface{ SetDeadline(time.Time) error }); ok {
		_ = l.SetDeadline(time.Now().Add(within))
		// One that connects and ends at once has its connection taken all the same.
		defer context.AfterFunc(t.bench.alive, func() { _ = l.SetDeadline(time.Now().Add(grace)) })()
	}
	conn, err := t.bench.listener.Accept()
	t.interruptedIf(t.ctx.Err() != nil)
	return conn, err
}

// StopListening closes where the program connects to, as if there were no
// server; see [T.StartProgramApart].
func (t *T) StopListening() { _ = t.bench.listener.Close() }

// ListenAgain undoes StopListening.
func (t *T) ListenAgain() {
	l, err := new(net.ListenConfig).Listen(t.ctx, "tcp", t.bench.address)
	if err != nil {
		t.Skip("the address is taken by somebody else meanwhile: %v", err)
	}
	t.bench.listener = l
}

// hasEnded fails the check if the program has ended by itself, or does so within
// a time.
func (t *T) hasEnded(expected string, within time.Duration) {
	if t.endsWithin(within) {
		t.fail(Crashed, expected, "the program has ended by itself (%s); the last it showed: %s",
			t.bench.program.Ending(), t.lastShown())
	}
}

// endsWithin reports whether the program has ended, or does so within a time.
func (t *T) endsWithin(d time.Duration) bool {
	select {
	case <-t.bench.program.Ended():
		return true
	default:
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-t.bench.program.Ended():
		return true
	case <-timer.C:
		return false
	case <-t.ctx.Done():
		t.interrupted()
	}
	return false
}

// lastShown is the end of what the program has shown, where an error would be.
func (t *T) lastShown() string {
	const most = 3
	lines := strings.Split(strings.TrimSpace(t.Screen()), "\n")
	return quoteOr("nothing", strings.Join(lines[max(0, len(lines)-most):], "\n"))
}

// ShownSince is what the program has shown since it had shown the first so many
// bytes, without the lines that it had shown before, such as its menu's.
func (t *T) ShownSince(from int) string {
	screen := t.Screen()
	before := make(map[string]bool)
	for line := range strings.Lines(screen[:from]) {
		before[line] = true
	}
	var fresh strings.Builder
	for line := range strings.Lines(screen[from:]) {
		if !before[line] {
			fresh.WriteString(line)
		}
	}
	return quoteOr("nothing new", strings.TrimSpace(fresh.String()))
}

// did notes what is done to the program that is checked, if one is.
func (t *T) did(what string) {
	if t.bench != nil {
		t.bench.last, t.bench.lastAt = what, len(t.Screen())
	}
}

// hangs fails the check if the program has shown nothing since something was done
// to it, and does not even react to Enter.
func (t *T) hangs(expected string) {
	b := t.bench
	if t.ByHand() || b.last == "" || len(t.Screen()) > b.lastAt {
		return
	}
	if b.program.Type("\n") != nil || t.await(grace, func() bool { return len(t.Screen()) > b.lastAt }) {
		return
	}
	t.fail(Timeout, expected, "it hangs: since %s it shows nothing and reacts to nothing", b.last)
}

// whyMissing fails the check in the words for a client program, where it is one
// and has ended or hangs. err is why nothing came from it.
func (t *T) whyMissing(expected string, err error) {
	switch {
	case t.bench == nil:
	case errors.Is(err, os.ErrDeadlineExceeded):
		t.hasEnded(expected, 0)
		t.hangs(expected)
	default:
		t.hasEnded(expected, grace)
	}
}
