package conform

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"time"
)

// T is one run of one check.
type T struct {
	Rand *rand.Rand // of this check and the run's seed

	ctx     context.Context
	opts    *Options
	check   *Check
	log     *log
	token   string
	fence   *fence // nil where the program answers nothing yet
	readers sync.WaitGroup
	bench   *bench // where a client program is checked
	habits  []Overlooked

	// Owned by the check's goroutine.
	peers   []*Peer
	remarks []string
	cause   string
	habit   *Habit // what the other checks overlook if this one fails
}

// fence is a command whose answer is known by its form and has no effect.
type fence struct {
	ask  string
	says string
	is   func(line string) bool
}

// chatFence is answered by every server from step 16 on, by one of these: only
// the checks about them say which is right.
var chatFence = &fence{
	ask:  "help",
	says: `a line that begins with "supported" or "cmderr"`,
	is:   IsHelp,
}

// IsHelp reports whether a line can only be the answer to help, of a server that
// has no help yet too. Its words are the business of others.
func IsHelp(line string) bool {
	line = strings.ToLower(strings.TrimSpace(line))
	return strings.HasPrefix(line, "supported") || strings.HasPrefix(line, "cmderr")
}

var sumFence = &fence{
	ask:  "1+1",
	says: Quote("2\n"),
	is:   func(line string) bool { return line == "2" },
}

// answersFrom is the step at which a server answers commands (P-30).
const answersFrom = 16

func fenceOf(target Target, step int) *fence {
	switch {
	case target == SumServer:
		return sumFence
	case target == Server && (step == 0 || step >= answersFrom):
		return chatFence
	}
	return nil
}

// Course reports whether the dialect is that of the assignment.
func (t *T) Course() bool { return t.opts.Dialect == DialectCourse }

// Step is the step that the program has come to; a finished one is at
// [ExtraStep].
func (t *T) Step() int {
	if t.opts.Step == 0 {
		return ExtraStep
	}
	return t.opts.Step
}

// Timeout is how long an answer may take.
func (t *T) Timeout() time.Duration { return t.opts.Timeout }

// SpamBlock is for how long the server blocks for spam.
func (t *T) SpamBlock() time.Duration { return t.opts.SpamBlock }

// Name is a user name that begins with base and that nobody else uses.
func (t *T) Name(base string) string { return base + t.token }

// Text is a text that begins with base and that nobody else says. Only lines
// with such a text, or with a name from [T.Name], are this check's own.
func (t *T) Text(base string) string { return base + " " + t.token }

// isForeign reports whether a line is a message between other people or of
// another check.
func (t *T) isForeign(line string) bool {
	if t.check.Target != Server {
		return false
	}
	message := strings.HasPrefix(line, "msg ") || strings.HasPrefix(line, "privmsg ")
	return message && !strings.Contains(line, t.token)
}

// Dial connects to the server, and waits for nothing.
func (t *T) Dial(who string) *Peer { return t.DialWith(who, nil) }

// DialWith is Dial with something done to the connection before anything is
// read or written.
func (t *T) DialWith(who string, prepare func(net.Conn)) *Peer {
	p := t.DialUnread(who, prepare)
	p.startReading()
	return p
}

// DialUnread connects to the server, and reads nothing.
func (t *T) DialUnread(who string, prepare func(net.Conn)) *Peer {
	ctx, cancel := context.WithTimeout(t.ctx, t.opts.Timeout)
	defer cancel()
	conn, err := t.opts.Dial(ctx, t.opts.Address)
	if err != nil {
		t.interruptedIf(t.ctx.Err() != nil)
		t.fail(NotConnected, "a connection", "%s", plainly(err))
	}
	if prepare != nil {
		prepare(conn)
	}
	return newPeer(t, who, conn)
}

// Connect connects to the server and waits until it answers, so that it knows of
// the connection. Where it does not answer the check is skipped: others are
// about that.
func (t *T) Connect(who string) *Peer {
	p := t.Dial(who)
	if t.fence == nil {
		return p
	}
	p.Send(t.fence.ask)
	if line, err := p.next(time.Now().Add(t.opts.Timeout)); err != nil || !t.fence.is(line) {
		t.Skip("it needs a server that answers %s, which this one does not", Quote(t.fence.ask))
	}
	return p
}

// Login connects, and logs in with a name of its own. Where that fails the check
// is skipped: others are about that.
func (t *T) Login(who string) *Peer {
	p := t.Connect(who)
	p.Send("login " + p.Name)
	if line, err := p.next(time.Now().Add(t.opts.Timeout)); err != nil || line != "loginok" {
		t.Skip("it needs a login, which fails here: see the checks of P-22")
	}
	return p
}

// Pause lets time pass that the check needs, as between the pieces of a line.
func (t *T) Pause(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-t.ctx.Done():
		t.interrupted()
	}
}

// Note says in the report what the check does next, and why.
func (t *T) Note(format string, args ...any) { t.log.add("", Note, fmt.Sprintf(format, args...)) }

// Cause says what a program does that fails from here on, where that can be
// known; an empty one takes it back.
func (t *T) Cause(format string, args ...any) { t.cause = fmt.Sprintf(format, args...) }

// Remark accepts something that the assignment leaves open, and says so.
func (t *T) Remark(format string, args ...any) {
	t.remarks = append(t.remarks, fmt.Sprintf(format, args...))
}

// Fail ends the check.
func (t *T) Fail(kind Kind, expected, format string, args ...any) {
	t.fail(kind, expected, format, args...)
}

// Skip ends the check without a verdict, and says why.
func (t *T) Skip(format string, args ...any) {
	panic(ending{status: Skipped, message: fmt.Sprintf(format, args...)})
}

// Excuse is Skip for something that the assignment does not ask for: the program
// loses no points, nor by what needs it.
func (t *T) Excuse(format string, args ...any) {
	panic(ending{status: Skipped, excused: true, message: fmt.Sprintf(format, args...)})
}

// ending is how the methods of T end a check: a panic that run takes up.
type ending struct {
	status   Status
	excused  bool
	kind     Kind
	expected string
	message  string
}

func (t *T) fail(kind Kind, expected, format string, args ...any) {
	panic(ending{status: Failed, kind: kind, expected: expected, message: fmt.Sprintf(format, args...)})
}

func (t *T) interrupted() { t.Skip("interrupted") }

func (t *T) interruptedIf(yes bool) {
	if yes {
		t.interrupted()
	}
}

// finish looks whether anything has come that the check did not expect.
func (t *T) finish() {
	deadline := time.Now().Add(Silence)
	for _, p := range t.peers {
		if p.ignored || p.hungUp || !p.reading {
			continue
		}
		if line, err := p.next(deadline); err == nil {
			t.fail(ExtraLine, "nothing more to "+p.Who, "%s got %s after everything that was expected", p.Who, Quote(line+"\n"))
		}
	}
}

// parting is how long a server has, at the end of a check, to end its side of the
// connections too.
const parting = 100 * time.Millisecond

// part ends connections to a server in order. One that is closed with something
// unread is reset, and a server that dies of that would seem to do so everywhere,
// not only where a check is about it.
func (t *T) part() {
	for _, p := range t.peers {
		p.part()
	}
	parted := make(chan struct{})
	go func() {
		t.readers.Wait()
		close(parted)
	}()
	select {
	case <-parted:
	case <-time.After(parting):
	}
}

// close ends what the check has begun.
func (t *T) close() {
	if t.bench == nil {
		t.part()
	}
	for _, p := range t.peers {
		p.Close()
	}
	if t.bench != nil {
		t.bench.close()
	}
	t.readers.Wait()
}
