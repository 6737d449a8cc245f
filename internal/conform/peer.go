package conform

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"time"
)

// maxUnread bounds what a peer holds of what the other side has sent and the
// check has not looked at. Past it, its connection is read no further.
const maxUnread = 96 << 20

// Peer is one connection of a check, every byte of which is noted. Its methods
// end the check where the other side does something else than they say. They
// belong to the check's goroutine.
type Peer struct {
	Who  string // its name in the check and its report: alice, bob
	Name string // the name that it logs in with, which nobody else has

	t    *T
	conn net.Conn
	over func(line string) bool // lines that are passed over; may be nil
	past []string               // those that were, until [Peer.Overheard]

	first int // lines that came first and were overlooked: see [Habit]

	mu      sync.Mutex // guards all below
	changed chan struct{}
	unread  []byte
	end     error // why nothing more will come; nil while something may
	reading bool
	hungUp  bool // this side has closed
	parting bool // the check is over
	ignored bool // what still comes is no matter
}

func newPeer(t *T, who string, conn net.Conn) *Peer {
	p := &Peer{Who: who, Name: t.Name(who), t: t, conn: conn, changed: make(chan struct{}, 1)}
	t.log.add(who, Connected, conn.LocalAddr().String()+" to "+conn.RemoteAddr().String())
	t.peers = append(t.peers, p)
	return p
}

// startReading lets what comes be read and noted as it comes.
func (p *Peer) startReading() {
	p.reading = true
	p.t.readers.Go(p.read)
}

func (p *Peer) read() {
	buf := make([]byte, 64<<10)
	for {
		n, err := p.conn.Read(buf)
		if n > 0 {
			p.t.log.add(p.Who, Received, string(buf[:n]))
		}
		p.mu.Lock()
		p.unread = append(p.unread, buf[:n]...)
		if err == nil && len(p.unread) > maxUnread {
			err = errors.New("too much came at once")
		}
		p.end = err
		hungUp := p.hungUp || p.parting
		p.mu.Unlock()
		p.wake()
		if err != nil {
			p.noteEnd(err, hungUp)
			return
		}
	}
}

func (p *Peer) noteEnd(err error, hungUp bool) {
	switch {
	case hungUp:
	case errors.Is(err, io.EOF):
		p.t.log.add(p.Who, EndSeen, "")
	default:
		p.t.log.add(p.Who, ResetSeen, err.Error())
	}
}

func (p *Peer) wake() {
	select {
	case p.changed <- struct{}{}:
	default:
	}
}

// Send sends lines, each with its LF and in a segment of its own.
func (p *Peer) Send(lines ...string) {
	for _, line := range lines {
		p.write(line + "\n")
	}
}

// SendTogether sends lines in one segment.
func (p *Peer) SendTogether(lines ...string) {
	p.write(strings.Join(lines, "\n") + "\n")
}

// SendParts sends exactly these bytes, each part in a segment of its own, with
// [Gap] between two.
func (p *Peer) SendParts(parts ...string) {
	for i, part := range parts {
		if i > 0 {
			p.t.Pause(Gap)
		}
		p.write(part)
	}
}

// write sends bytes in one segment. TCP_NODELAY is set, so they leave at once.
func (p *Peer) write(data string) {
	if err := p.tryWrite(data); err != nil {
		kind := Closed
		if errors.Is(err, os.ErrDeadlineExceeded) {
			kind = Timeout
		}
		p.t.whyMissing("to read what is sent to it", err)
		p.t.fail(kind, "to read what is sent to it", "could not send %s to it as %s: %s", Quote(data), p.Who, plainly(err))
	}
}

func (p *Peer) tryWrite(data string) error {
	if err := p.conn.SetWriteDeadline(time.Now().Add(p.t.opts.Timeout)); err != nil {
		return err
	}
	p.t.did("it was sent " + Quote(data))
	noted := p.t.log.add(p.Who, Sent, data)
	n, err := io.WriteString(p.conn, data)
	p.t.log.shorten(noted, n)
	return err
}

// HalfClose ends the sending side.
func (p *Peer) HalfClose() {
	if half, ok := p.conn.(interface{ CloseWrite() error }); ok {
		p.t.log.add(p.Who, EndSent, "")
		_ = half.CloseWrite() // a connection that is gone already shows when it is read
	}
}

// Close closes both sides.
func (p *Peer) Close() {
	p.mu.Lock()
	first := !p.hungUp
	p.hungUp = true
	p.mu.Unlock()
	if first {
		p.t.did("the connection was closed")
		p.t.log.add(p.Who, HungUp, "")
		_ = p.conn.Close()
	}
}

// part ends the sending side when the check is over.
func (p *Peer) part() {
	p.mu.Lock()
	p.parting = true
	p.mu.Unlock()
	if half, ok := p.conn.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite() // it may be closed already
	}
}

// Reset closes the connection with a TCP reset, as when a program dies.
func (p *Peer) Reset() {
	if tcp, ok := p.conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	p.Close()
}

// Ignore says that what still comes to p is no matter to the check.
func (p *Peer) Ignore() { p.ignored = true }

// PassOver says which lines are no matter to the check, because another is about
// them.
func (p *Peer) PassOver(which func(line string) bool) { p.over = which }

func (p *Peer) passesOver(line string) bool { return p.over != nil && p.over(line) }

// Hide takes p out of the report: of many connections that do the same, those
// where all went right would only be in the way.
func (p *Peer) Hide() { p.t.log.hide(p.Who) }

// maxOverheard bounds what is kept of lines that are no matter.
const maxOverheard = 1000

func (p *Peer) passed(line string) {
	if len(p.past) < maxOverheard {
		p.past = append(p.past, line)
	}
}

// Overheard returns, once, the lines to p that were taken for other people's: for
// checks of what a server says by itself, in whatever words.
func (p *Peer) Overheard() []string {
	heard := p.past
	p.past = nil
	return heard
}

// IsEnded reports whether the other side has ended the connection, in whatever
// way.
func (p *Peer) IsEnded() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.end != nil
}

// next waits until the deadline for a line of this check and takes it. Lines of
// others are passed over. The error is that of the end of the stream, or
// [os.ErrDeadlineExceeded].
func (p *Peer) next(deadline time.Time) (line string, err error) {
	return p.nextBut(deadline, func(line string) bool { return p.t.isForeign(line) || p.passesOver(line) })
}

// nextBut is next with another idea of what to pass over.
func (p *Peer) nextBut(deadline time.Time, isNoMatter func(line string) bool) (line string, err error) {
	timer := time.NewTimer(time.Until(deadline))
	defer timer.Stop()
	for {
		line, ok, end := p.take()
		switch {
		case ok && !isNoMatter(line):
			return line, nil
		case ok:
			p.passed(line)
			continue
		case end != nil:
			return "", end
		}
		select {
		case <-p.changed:
		case <-timer.C:
			return "", os.ErrDeadlineExceeded
		case <-p.t.ctx.Done():
			p.t.interrupted()
		}
	}
}

// take removes the first line of what has come that is not overlooked. end is why
// there will be no more, once all is taken.
func (p *Peer) take() (line string, ok bool, end error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		n := bytes.IndexByte(p.unread, '\n')
		if n < 0 {
			return "", false, p.end
		}
		line = string(p.unread[:n])
		p.unread = p.unread[n+1:]
		if line, ok = p.overlook(line); ok {
			return line, true, nil
		}
	}
}

// Pending is what has come of a line that has no LF yet.
func (p *Peer) Pending() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	part := string(p.unread)
	for _, o := range p.t.habits {
		if o.Habit.Read != nil {
			part = o.Habit.Read(part)
		}
	}
	return part
}
