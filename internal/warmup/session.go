package warmup

import (
	"cmp"
	"errors"
	"io"
	"os"
	"sync/atomic"
)

// maxAnswers is how many bytes of answers are gathered before they go out.
const maxAnswers = 16 << 10

// Conn carries the lines of one client; package wire has them.
type Conn interface {
	Next() (line []byte, ok bool, err error)
	Wait() error
	Write(bufs [][]byte) (int, error)
	Interrupt()
	Finish()
	Close()
}

// Session is one client of the service. Each is served in its own goroutine,
// which does not read on while its answers are not taken (S-4, P-71).
type Session struct {
	conn    Conn
	stopped atomic.Bool

	// Owned by the goroutine in Run.
	lines   int
	answers []byte
}

// NewSession returns the session of the client behind conn, which it owns from
// then on.
func NewSession(conn Conn) *Session { return &Session{conn: conn} }

// Run answers requests until the client leaves, and returns why it ended, in
// snake_case, when the connection is closed.
func (s *Session) Run() (reason string) {
	err := s.serve()
	s.conn.Finish()
	return s.reasonOf(err)
}

// Lines is how many lines the client has sent; to be asked after Run.
func (s *Session) Lines() int { return s.lines }

// Stop ends the session in order, after what was read is answered. Any
// goroutine may call it.
func (s *Session) Stop() {
	s.stopped.Store(true)
	s.conn.Interrupt()
}

// Kill ends the session at once. Any goroutine may call it.
func (s *Session) Kill() {
	s.stopped.Store(true)
	s.conn.Close()
}

// Why a session ends, beside what the network says.
var (
	errGameOver   = errors.New("game over")
	errSlowReader = errors.New("slow reader")
)

// serve answers until there is an error, which is never nil.
func (s *Session) serve() error {
	for {
		line, ok, err := s.conn.Next()
		if !ok {
			if err := s.waitForMore(); err != nil {
				return err
			}
			continue
		}
		s.lines++
		if err == nil && string(line) == GameOver {
			return cmp.Or(s.flush(), errGameOver)
		}
		s.answer(line, err)
		if len(s.answers) < maxAnswers {
			continue
		}
		if err := s.flush(); err != nil {
			return err
		}
	}
}

// answer answers a line, or the error that stands for it.
func (s *Session) answer(line []byte, err error) {
	if err != nil {
		s.answers = append(s.answers, Error...)
		return
	}
	s.answers = AppendAnswer(s.answers, line)
}

// waitForMore lets the answers out and waits for lines; meanwhile the session
// holds no memory for answers.
func (s *Session) waitForMore() error {
	if err := s.flush(); err != nil {
		return err
	}
	s.answers = nil
	return s.conn.Wait()
}

// flush writes the answers, however long a client takes that takes something
// now and then.
func (s *Session) flush() error {
	rest := s.answers
	for len(rest) > 0 {
		n, err := s.conn.Write([][]byte{rest})
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return errSlowReader
		}
		if err != nil {
			return err
		}
		rest = rest[n:]
	}
	s.answers = s.answers[:0]
	return nil
}

func (s *Session) reasonOf(err error) string {
	switch {
	case errors.Is(err, errGameOver):
		return "game_over"
	case errors.Is(err, errSlowReader):
		return "slow_reader"
	case errors.Is(err, io.EOF):
		return "left"
	case s.stopped.Load():
		return "server_stopping"
	case errors.Is(err, os.ErrDeadlineExceeded):
		return "idle"
	}
	return "connection_lost"
}
