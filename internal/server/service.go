package server

import (
	"errors"
	"net"
	"sync/atomic"
	"time"

	"parley/internal/session"
	"parley/internal/warmup"
	"parley/internal/wire"
	"parley/proto"
)

// service is one listener and what is done with its connections.
type service struct {
	name     string // in logs and in the address file
	option   string // the option that says where it listens
	address  string
	full     string // the line for a connection too many (P-72)
	listener net.Listener

	connected atomic.Int64 // connections with a session now

	open func(c *conn) life
}

// life is the session of one connection, of either service.
type life interface {
	peer
	Run() (reason string)
	Name() string // the peer's name at the end; empty where there are none
	Lines() int   // how many lines it sent
}

func (s *Server) chat(address string) *service {
	return &service{
		name: "chat", option: "listen", address: address, full: proto.CmdServerFull,
		open: func(c *conn) life { return chatLife{session.New(c, s.hub, &s.sessions)} },
	}
}

func (s *Server) sum(address string) *service {
	return &service{
		name: "sum", option: "sum", address: address, full: warmup.Error,
		open: func(c *conn) life { return sumLife{warmup.NewSession(c)} },
	}
}

// chatLife and sumLife give the two kinds of session one form.
type chatLife struct{ *session.Session }

func (l chatLife) Stop()       { l.Session.Stop(session.Stopping) }
func (l chatLife) Kill()       { l.Session.Kill(session.Stopping) }
func (l chatLife) Run() string { return l.Session.Run().String() }

type sumLife struct{ *warmup.Session }

func (sumLife) Name() string { return "" }

// conn is a connection that has a place in the gate.
type conn struct {
	*wire.Conn
	leave func()
}

// Finish gives the place back before the peer can see the end of the stream:
// who sees it may connect again at once.
func (c *conn) Finish() {
	c.leave()
	c.Conn.Finish()
}

// Pauses after an accept that failed, so that a shortage of descriptors does
// not turn into a busy loop.
const (
	minPause = 5 * time.Millisecond
	maxPause = time.Second
)

// accept takes connections until the listener is closed.
func (s *Server) accept(svc *service) {
	pause := minPause
	for {
		nc, err := svc.listener.Accept()
		switch {
		case err == nil:
			pause = minPause
			s.admit(svc, nc)
		case errors.Is(err, net.ErrClosed):
			return
		default:
			s.log.Warn("could not accept a connection", "service", svc.name, "error", err, "pause", pause)
			time.Sleep(pause)
			pause = min(2*pause, maxPause)
		}
	}
}

// admit starts the session of a new connection, if there is room for it.
func (s *Server) admit(svc *service, nc net.Conn) {
	ip := ipOf(nc.RemoteAddr())
	if !s.gate.enter(ip) {
		s.refuse(svc, nc)
		return
	}
	l := svc.open(&conn{wire.New(nc, s.lines), func() { s.gate.leave(ip) }})
	id, ok := s.begin(l)
	if !ok {
		l.Kill()
	}
	s.running.Go(func() {
		s.live(svc, nc, id, l)
	})
}

// begin registers a session and numbers it. ok is false when the server stops.
func (s *Server) begin(p peer) (id uint64, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ids++
	s.peers[p] = struct{}{}
	return s.ids, !s.stopping
}

func (s *Server) end(p peer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.peers, p)
}

// live runs a session and logs its begin and its end.
func (s *Server) live(svc *service, nc net.Conn, id uint64, l life) {
	defer s.end(l)
	svc.connected.Add(1)
	defer svc.connected.Add(-1)
	began := time.Now()
	remote := nc.RemoteAddr().String()
	s.log.Info("session began", "service", svc.name, "session", id, "remote", remote)
	reason := l.Run()
	s.log.Info("session ended", "service", svc.name, "session", id, "remote", remote,
		"name", l.Name(), "reason", reason, "lines", l.Lines(), "seconds", time.Since(began).Seconds())
}

// refuse tells a connection that there is no room for it (P-72). It is called in
// the accepting loop, which the telling must not hold up.
func (s *Server) refuse(svc *service, nc net.Conn) {
	s.refusals.Add(1)
	s.log.Warn("connection refused: server full", "service", svc.name, "remote", nc.RemoteAddr().String())
	c := wire.New(nc, s.lines)
	_, err := c.Write([][]byte{[]byte(svc.full)}) // does not wait: nothing else is on its way
	select {
	case s.refusing <- struct{}{}:
	default: // so many are closing in order that this one cannot
		err = errors.New("too many refusals")
	}
	if err != nil {
		c.Close()
		return
	}
	s.running.Go(func() {
		c.Finish()
		<-s.refusing
	})
}
