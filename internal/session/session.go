// Package session is one peer on the server: its commands, its mode, its outbox
// and inbox, and why it ended.
package session

import (
	"errors"
	"io"
	"os"
	"sync/atomic"
	"time"

	"parley/internal/hub"
	"parley/proto"
)

// Conn carries the lines of one peer; package wire has them. One goroutine uses
// all of it, one other may write, and any may interrupt or abort.
type Conn interface {
	Next() (line []byte, ok bool, err error)
	Wait() error
	Refused() (end []byte, ended bool)
	writer
	Interrupt()
	Abort()
	Finish()
	Close()
}

// Room is where the peer meets the others; package hub has it. Delivering and
// naming do not wait for any peer; Rename may wait for whoever keeps the names.
type Room interface {
	Join(to hub.Recipient) (m *hub.Member, name string)
	Leave(m *hub.Member)
	Rename(m *hub.Member, name string) error
	Say(from *hub.Member, b *hub.Block) int
	Whisper(name []byte, b *hub.Block) error
	Users() []byte
}

// Options are what an operator may set for sessions. All sessions share one.
type Options struct {
	SpamRate    int           // messages a second; 0 is no limit (P-60)
	SpamBlock   time.Duration // for how long who says more is refused (P-60)
	InboxLimit  int           // messages kept (P-54)
	InboxBytes  int           // bytes of messages kept (P-54)
	OutboxLimit int           // bytes of others' messages that may wait (P-71)
	Jokes       []string      // at least one; printable ASCII, no empty one (P-16)

	Stats Stats // of all these sessions
}

// Session is one peer. Make it with [New] and let it live with [Session.Run].
type Session struct {
	// Fixed after construction.
	conn   Conn
	room   Room
	opts   *Options
	member *hub.Member

	// Owned by the goroutine in Run.
	name       string
	authorized bool
	lines      int    // read so far
	batch      *batch // nil while there is none
	spam       spamWindow

	out    outbox
	reason atomic.Uint32 // the Reason; the first one stays
}

// New returns the session of the peer behind conn, which it owns from then on.
// The peer is a member at once, so names are given in the order of connecting
// (P-12, P-20); Run must follow.
func New(conn Conn, room Room, opts *Options) *Session {
	s := &Session{conn: conn, room: room, opts: opts}
	s.spam = spamWindow{rate: opts.SpamRate, block: opts.SpamBlock}
	s.out.init(conn, opts, s.cut)
	s.member, s.name = room.Join(&s.out)
	return s
}

// Run is the session: it returns when the connection is closed and nothing of
// the session is left. The peer is a member until its last line took effect
// (P-10).
func (s *Session) Run() Reason {
	s.serve()
	s.room.Leave(s.member)
	s.out.awaitEmpty()
	s.conn.Finish()
	s.opts.Stats.Ended[s.ended()].Add(1)
	return s.ended()
}

// Name is the peer's latest name; to be asked after Run.
func (s *Session) Name() string { return s.name }

// Lines is how many lines the peer has sent; to be asked after Run.
func (s *Session) Lines() int { return s.lines }

// Queued is how many bytes wait to be sent to the peer. Any goroutine may ask.
func (s *Session) Queued() int { return s.out.queued() }

// Stop ends the session in order: no further command is read, what waits is
// written. Any goroutine may call it.
func (s *Session) Stop(r Reason) {
	s.end(r)
	s.conn.Interrupt()
	s.out.wake()
}

// Kill ends the session at once; what waits is lost. Any goroutine may call it.
func (s *Session) Kill(r Reason) {
	s.end(r)
	s.out.abort()
	s.conn.Close()
}

// cut ends the session of a peer that is too slow: nothing more is written to
// it, but it sees an end of its stream. The outbox calls it, its lock held.
func (s *Session) cut(r Reason) {
	s.end(r)
	s.conn.Abort()
}

// end records why the session ends, if it does not end already.
func (s *Session) end(r Reason) { s.reason.CompareAndSwap(uint32(Running), uint32(r)) }

func (s *Session) ended() Reason { return Reason(s.reason.Load()) }

func (s *Session) stopped() bool { return s.ended() != Running }

// serve reads and handles lines until there is a reason to end. When it is the
// server that stops, what was read by then is still answered.
func (s *Session) serve() {
	for r := Running; r == Running || r == Stopping; r = s.ended() {
		line, ok, err := s.conn.Next()
		if ok {
			s.handle(line, err)
			continue
		}
		s.endBatch()
		if err := s.conn.Wait(); err != nil {
			s.end(reasonOf(err))
			return
		}
	}
	s.endBatch()
}

// reasonOf is the reason that the end of reading gives.
func reasonOf(err error) Reason {
	switch {
	case errors.Is(err, io.EOF):
		return Left
	case errors.Is(err, os.ErrDeadlineExceeded):
		return Idle
	}
	return Lost
}

// handle takes the next line, or the error that stands for it.
func (s *Session) handle(line []byte, err error) {
	if s.batch == nil {
		s.beginBatch()
	}
	s.lines++
	switch {
	case s.lines == 2 && s.firstWasHTTP():
		s.end(HTTP)
	case err != nil:
		s.opts.Stats.TooLong.Add(1)
		s.say()
		s.reply(proto.CmdLineTooLong)
	case s.lines == 1 && proto.IsHTTPRequest(line):
		s.reply(proto.CmdUnsupported)
		s.end(HTTP)
	default:
		s.run(proto.ParseCommand(line))
	}
	if len(s.batch.answers) > maxAnswers {
		s.flush()
	}
}

// firstWasHTTP reports whether the first line was too long to keep, but is now
// known to be that of a browser (P-17): a long path must not open a way round.
func (s *Session) firstWasHTTP() bool {
	end, ended := s.conn.Refused()
	return ended && proto.IsHTTPRequest(end)
}
