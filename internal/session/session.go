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
// all of it, one other may write, and any may interrupt, abort or close.
type Conn interface {
	Next() (line []byte, ok bool, err error)
	Wait() error
	Refused() (end []byte)
	TryWrite(bufs [][]byte) (int, error)
	Write(bufs [][]byte) (int, error)
	Interrupt()
	Abort()
	Finish()
	Close()
}

// Room is where the peer meets the others: a hub, or where several servers are one
// chat, a cluster. Nothing in it waits for a peer, but in a cluster all but Cut may
// wait for the other servers.
type Room interface {
	// Join fails where there is no name to give.
	Join(to hub.Recipient) (m *hub.Member, name string, err error)
	Leave(m *hub.Member)
	Rename(m *hub.Member, name string) error
	Say(from *hub.Member, b *hub.Block, wake []hub.Recipient) (n int, all []hub.Recipient)
	Whisper(name []byte, b *hub.Block) error
	Users() []byte
	// What was answered to anybody is known here when these return: who has which
	// name, and what was said (P-84).
	SettleNames()
	SettleSayings()
	Cut(f func())
}

// History is what was said; package history has it. Page and Search may read a
// disk; they append a whole answer, of what was said up to newest.
type History interface {
	Newest() int64
	CanSearch() bool
	Page(dst []byte, p proto.Page, newest int64) ([]byte, error)
	Search(dst []byte, words []byte, newest int64) ([]byte, error)
}

// Options are what an operator may set for sessions. All sessions share one.
type Options struct {
	SpamRate    int           // messages a second; 0 is no limit (P-60)
	SpamBlock   time.Duration // for how long who says more is refused (P-60)
	InboxLimit  int           // messages kept (P-54)
	InboxBytes  int           // bytes of messages kept (P-54)
	OutboxLimit int           // bytes of others' messages that may wait (P-71)
	History     History       // what was said
	Jokes       []string      // at least one; printable ASCII, no empty one (P-16)
}

// Session is one peer. Make it with [New] and let it live with [Session.Run].
type Session struct {
	// Fixed after construction.
	conn   Conn
	room   Room
	opts   *Options
	stats  *Stats
	member *hub.Member

	// Owned by the goroutine in Run.
	name       string
	authorized bool
	stamped    bool   // has asked for stamps
	lines      int    // read so far
	over       bool   // no further line is handled, whatever was read
	batch      *batch // nil while there is none
	spam       spamWindow
	said       int // bytes of messages since others were let run

	out    outbox
	reason atomic.Uint32 // the Reason; the first one stays
}

// New returns the session of the peer behind conn, which it owns from then on.
// The peer is a member at once, so names are given in the order of connecting
// (P-12, P-20); Run must follow. opts and stats are shared by all sessions. The
// error is the room's: it has no name to give, and conn is still the caller's.
func New(conn Conn, room Room, opts *Options, stats *Stats) (*Session, error) {
	s := &Session{conn: conn, room: room, opts: opts, stats: stats}
	s.spam = spamWindow{rate: opts.SpamRate, block: opts.SpamBlock}
	s.out.init(s, opts)
	var err error
	s.member, s.name, err = room.Join(&s.out)
	return s, err
}

// Run is the session: it returns when the connection is closed and nothing of
// the session is left. The peer is a member until its last line took effect
// (P-10).
func (s *Session) Run() Reason {
	s.serve()
	s.room.Leave(s.member)
	s.out.awaitEmpty()
	s.conn.Finish()
	s.stats.Ended[s.ended()].Add(1)
	return s.ended()
}

// Name is the peer's latest name; to be asked after Run.
func (s *Session) Name() string { return s.name }

// Lines is how many lines the peer has sent; to be asked after Run.
func (s *Session) Lines() int { return s.lines }

// Queued is how many bytes wait to be sent to the peer. Any goroutine may ask.
func (s *Session) Queued() int { return s.out.queued() }

// Stop ends the session in order because the server stops: nothing more is
// read, what was read is answered, what waits is written. Any goroutine may call
// it.
func (s *Session) Stop() { s.interrupt(Stopping) }

// Kill ends the session at once; what waits is lost. Any goroutine may call it.
func (s *Session) Kill() {
	s.end(Stopping)
	s.out.abort()
	s.conn.Close()
}

// interrupt ends the reading, if nothing has ended the session yet.
func (s *Session) interrupt(r Reason) {
	if s.end(r) {
		s.conn.Interrupt()
	}
}

// cut ends the session of a peer that is too slow: nothing more is written to
// it, but it sees an end of its stream. The outbox calls it, its lock held.
func (s *Session) cut() {
	s.end(SlowReader)
	s.conn.Abort()
}

// lose ends the session of a peer to whom nothing can be written any more. What
// it said before is still read, for a moment: it may have spoken and gone. The
// outbox calls it, its lock held.
func (s *Session) lose() {
	time.AfterFunc(lastWords, func() { s.interrupt(Lost) })
}

// lastWords is how long a broken connection is read from (P-11).
const lastWords = time.Second / 2

// end records why the session ends and reports whether this is the reason.
func (s *Session) end(r Reason) (first bool) {
	return s.reason.CompareAndSwap(uint32(Running), uint32(r))
}

func (s *Session) ended() Reason { return Reason(s.reason.Load()) }

// serve reads and handles lines until there is a reason to end. When it is the
// server that stops, what was read by then is still answered.
func (s *Session) serve() {
	for !s.over && s.ended() != SlowReader {
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
		s.out.awaitRoom() // others may have filled it meanwhile (P-71a)
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
	case s.lines == 2 && proto.EndsAsHTTP(s.conn.Refused()):
		// The first line was too long to keep, but it was a browser's: a long
		// path must not be a way round P-17.
		s.dismiss()
	case err != nil:
		s.stats.TooLong.Add(1)
		s.say()
		s.reply(proto.CmdLineTooLong)
	case s.lines == 1 && proto.EndsAsHTTP(proto.Trim(line)):
		s.run(proto.Command{Verb: proto.Unsupported})
		s.dismiss()
	default:
		s.run(proto.ParseCommand(line))
	}
	if len(s.batch.answers) > maxAnswers {
		s.flush()
	}
}

// dismiss ends the session of a browser (P-17).
func (s *Session) dismiss() {
	s.over = true
	s.end(HTTP)
}
