package server

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/netip"
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
	secure   *tls.Config // nil: not over TLS

	connected atomic.Int64 // connections with a session now

	open func(c *conn) (life, error) // the error is that there is no name to give
}

func (s *service) addr() Addr {
	return Addr{s.name, s.listener.Addr().(*net.TCPAddr), s.secure != nil}
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
		open: func(c *conn) (life, error) {
			chat, err := session.New(c, s.room, &s.sessions, &s.stats)
			return chatLife{chat}, err
		},
	}
}

func (s *Server) sum(address string) *service {
	return &service{
		name: "sum", option: "sum", address: address, full: warmup.Error,
		open: func(c *conn) (life, error) { return sumLife{warmup.NewSession(c)}, nil },
	}
}

// chatLife and sumLife give the two kinds of session one form.
type chatLife struct{ *session.Session }

func (l chatLife) Run() string { return l.Session.Run().String() }

type sumLife struct{ *warmup.Session }

func (sumLife) Name() string { return "" }

// conn is a connection that has a place in the gate.
type conn struct {
	*wire.Conn
	server *Server
	ip     netip.Addr
}

// Finish gives the place back before the peer can see the end of the stream:
// who sees it may connect again at once. When so many are closing that the
// reserve of descriptors would be used up, it is given back afterwards.
func (c *conn) Finish() {
	select {
	case c.server.closing <- struct{}{}:
		c.server.gate.leave(c.ip)
		c.Conn.Finish()
		<-c.server.closing
	default:
		c.Conn.Finish()
		c.server.gate.leave(c.ip)
	}
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
	if svc.secure != nil {
		s.running.Go(func() { s.liveSecure(svc, nc, ip) })
		return
	}
	if s.cluster != nil { // other servers are asked for the name: others need not wait for that
		s.running.Go(func() {
			if l, id, err := s.open(svc, nc, ip, s.lines); err == nil {
				s.live(svc, id, l, nc)
			}
		})
		return
	}
	if l, id, err := s.open(svc, nc, ip, s.lines); err == nil {
		s.running.Go(func() { s.live(svc, id, l, nc) })
	}
}

// open begins the session of a connection that has a place in the gate. If there is
// no name to give, the connection is told that the server is full.
func (s *Server) open(svc *service, nc net.Conn, ip netip.Addr, lines wire.Options) (l life, id uint64, err error) {
	c := wire.New(nc, lines)
	if l, err = svc.open(&conn{c, s, ip}); err != nil {
		s.gate.leave(ip)
		s.tellRefusal(svc, nc)
		s.dismiss(svc, c)
		return nil, 0, err
	}
	id, ok := s.begin(l)
	if !ok {
		l.Stop()
	}
	return l, id, nil
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

// live runs a session. What it logs is done elsewhere: the frame of this function
// is part of the stack of every idle connection.
func (s *Server) live(svc *service, id uint64, l life, nc net.Conn) (reason string) {
	svc.connected.Add(1)
	began := s.logBegin(svc, id, nc)
	reason = l.Run()
	s.logEnd(svc, id, nc, l, reason, began)
	svc.connected.Add(-1)
	s.end(l)
	return reason
}

func (s *Server) logBegin(svc *service, id uint64, nc net.Conn) time.Time {
	if s.log.Enabled(context.Background(), slog.LevelInfo) {
		s.log.Info("session began", "service", svc.name, "session", id, "remote", nc.RemoteAddr().String())
	}
	return time.Now()
}

func (s *Server) logEnd(svc *service, id uint64, nc net.Conn, l life, reason string, began time.Time) {
	if s.log.Enabled(context.Background(), slog.LevelInfo) {
		s.log.Info("session ended", "service", svc.name, "session", id, "remote", nc.RemoteAddr().String(),
			"name", l.Name(), "reason", reason, "lines", l.Lines(), "seconds", time.Since(began).Seconds())
	}
}

// refuse tells a connection that there is no room for it (P-72). It is called in
// the accepting loop, which the telling must not hold up: over TLS nothing is
// told.
func (s *Server) refuse(svc *service, nc net.Conn) {
	s.tellRefusal(svc, nc)
	if svc.secure != nil {
		_ = nc.Close() // there is nobody left to tell
		return
	}
	s.dismiss(svc, wire.New(nc, s.lines))
}

// dismiss says that the server is full and closes in order, as far as there is room
// for that.
func (s *Server) dismiss(svc *service, c *wire.Conn) {
	if _, err := c.Write([][]byte{[]byte(svc.full)}); err != nil { // does not wait: nothing else is on its way
		c.Close()
		return
	}
	select {
	case s.closing <- struct{}{}:
		s.running.Go(func() {
			c.Finish()
			<-s.closing
		})
	default: // so many are closing in order that this one cannot
		c.Close()
	}
}

// tellRefusal counts a refusal and logs it, once a second at the most: there is
// no bound on how often somebody tries.
func (s *Server) tellRefusal(svc *service, nc net.Conn) {
	total := s.refusals.Add(1)
	now, last := time.Now().UnixNano(), s.refusalLogged.Load()
	if now-last < int64(time.Second) || !s.refusalLogged.CompareAndSwap(last, now) {
		return
	}
	s.log.Warn("connection refused: server full", "service", svc.name, "remote", nc.RemoteAddr().String(),
		"refused_so_far", total)
}
