// Package server accepts connections, limits them and wires the parts together:
// the chat and the warm-up service, started and stopped in order.
package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"parley/internal/cluster"
	"parley/internal/history"
	"parley/internal/hub"
	"parley/internal/session"
	"parley/internal/wire"
)

// reservedFiles are the descriptors that connections do not get: listeners,
// log, and the connections that are closing in order without a place.
const (
	reservedFiles = 64
	maxClosing    = reservedFiles / 2
)

// Server is the chat and the warm-up service on their listeners.
type Server struct {
	// Fixed after Listen.
	log      *slog.Logger
	lines    wire.Options
	sessions session.Options
	room     session.Room  // a hub, or the cluster
	cluster  *cluster.Room // nil where the server is alone
	history  *history.History
	commits  prometheus.Histogram // how long the history's groups took to the disk
	gate     *gate
	services []*service
	closing  chan struct{} // holds as many as are closing in order without a place
	web      *browsers     // nil where it is off
	// certificate is nil where nothing is over TLS.
	certificate *certificate
	// accepting ends when no connection is taken any more.
	accepting     context.Context //nolint:containedctx // it is the life of the server
	stopAccepting context.CancelFunc
	admin         *admin // nil where it is off

	stats         session.Stats
	refusals      atomic.Uint64 // connections that there was no room for
	refusalLogged atomic.Int64  // when the last one was, in ns since 1970

	mu       sync.Mutex        // guards all below
	peers    map[peer]struct{} // everybody who is connected
	stopping bool
	ids      uint64 // the number of the session begun last

	running  sync.WaitGroup // accepting loops, sessions, refusals
	watching sync.WaitGroup // the administrator's listener
}

// peer is the life of one connection.
type peer interface {
	Stop() // in order
	Kill() // at once
}

// Addr is an address that a server listens on.
type Addr struct {
	Service string // chat, tls, sum, web or admin
	Addr    *net.TCPAddr
	Secure  bool // over TLS
}

// Listen checks the options, raises the limit on open files and opens the
// listeners; [Server.Start] then accepts. The error is an [*OptionError] for
// options that make no sense, else what the system said of an address.
func Listen(opts Options) (*Server, error) {
	if err := opts.Validate(); err != nil {
		return nil, err
	}
	s := &Server{
		log: opts.Log,
		lines: wire.Options{
			MaxLine:      opts.MaxLine,
			IdleTimeout:  opts.IdleTimeout,
			WriteTimeout: opts.WriteTimeout,
		},
		sessions: session.Options{
			SpamRate:    opts.SpamRate,
			SpamBlock:   opts.SpamBlock,
			InboxLimit:  opts.InboxLimit,
			InboxBytes:  opts.InboxBytes,
			OutboxLimit: opts.OutboxLimit,
			Jokes:       opts.Jokes,
		},
		closing: make(chan struct{}, maxClosing),
		peers:   make(map[peer]struct{}),
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.sessions.Jokes == nil {
		s.sessions.Jokes = ParseJokes(builtinJokes)
	}
	s.accepting, s.stopAccepting = context.WithCancel(context.Background())
	if err := s.loadCertificate(opts); err != nil {
		return nil, err
	}
	s.gate = newGate(s.maxConns(opts.MaxConns), opts.MaxConnsPerIP)
	if err := s.openRoom(opts); err != nil {
		return nil, err
	}
	if err := s.listen(opts); err != nil {
		s.closeRoom()
		return nil, err
	}
	return s, nil
}

// openRoom opens what was said, before anybody can say more.
func (s *Server) openRoom(opts Options) (err error) {
	if opts.Cluster.URLs != "" {
		return s.openCluster(opts)
	}
	keep, _ := history.ParseKeep(opts.HistoryKeep) // validated
	s.commits = newCommits()
	s.history, err = history.Open(history.Options{
		File: opts.History, Keep: keep, Log: s.log,
		Committed: func(took time.Duration) { s.commits.Observe(took.Seconds()) },
	})
	if err != nil {
		return &OptionError{"history", err.Error()}
	}
	s.room = hub.New(s.history)
	s.sessions.History = s.history
	return nil
}

// openCluster joins the other servers.
func (s *Server) openCluster(opts Options) (err error) {
	opts.Cluster.Log, opts.Cluster.MaxBlock = s.log, session.MaxBlock(opts.MaxLine)
	if s.cluster, err = cluster.Open(s.accepting, opts.Cluster); err != nil {
		return fmt.Errorf("--cluster: %w", err)
	}
	s.room, s.history = s.cluster, s.cluster.History()
	s.sessions.History = s.history
	return nil
}

// partRoom lets no session wait for other servers any longer.
func (s *Server) partRoom() {
	if s.cluster != nil {
		s.cluster.Part()
	}
}

// closeRoom is the last of a stop: everybody has left.
func (s *Server) closeRoom() {
	if s.cluster != nil {
		s.cluster.Close()
		return
	}
	s.history.Close()
}

// maxConns is the limit that was asked for, or what the descriptors allow.
func (s *Server) maxConns(asked int) int {
	files, err := raiseFileLimit()
	if err != nil {
		s.log.Debug("could not raise the limit on open files", "limit", files, "error", err)
	}
	if files == 0 {
		return asked
	}
	allowed := max(files-reservedFiles, 1)
	if asked > allowed {
		s.log.Warn("max-conns is more than the limit on open files allows",
			"max_conns", asked, "open_files", files, "allowed", allowed)
	}
	if asked == 0 || asked > allowed {
		return allowed
	}
	return asked
}

// listen opens all listeners or none.
func (s *Server) listen(opts Options) error {
	for _, svc := range []*service{s.chat(opts.Listen), s.secureChat(opts.TLSListen), s.sum(opts.Sum)} {
		if svc.address == Off {
			continue
		}
		ln, err := wire.Listen(context.Background(), svc.address)
		if err != nil {
			s.closeListeners()
			return listenError(svc.option, svc.address, err)
		}
		svc.listener = ln
		s.services = append(s.services, svc)
	}
	if err := s.listenWeb(opts); err != nil {
		s.closeListeners()
		return err
	}
	if err := s.listenAdmin(opts.Admin); err != nil {
		s.closeListeners()
		return listenError("admin", opts.Admin, err)
	}
	return nil
}

// listenAdmin opens the administrator's listener, if it is wanted.
func (s *Server) listenAdmin(address string) error {
	if address == Off {
		return nil
	}
	address, err := adminAddress(address)
	if err != nil {
		return err
	}
	ln, err := wire.Listen(context.Background(), address)
	if err != nil {
		return err
	}
	if ip := ln.Addr().(*net.TCPAddr).IP; !ip.IsLoopback() {
		s.log.Warn("other machines can reach the admin address: its /debug/pprof shows the memory of this program",
			"address", ln.Addr().String())
	}
	s.admin = s.newAdmin(ln)
	return nil
}

// listenError is an [*OptionError] if it is the address that is wrong.
func listenError(option, address string, err error) error {
	var addrErr *net.AddrError
	var dnsErr *net.DNSError
	if errors.As(err, &addrErr) || errors.As(err, &dnsErr) {
		return &OptionError{option, fmt.Sprintf("%q is no address to listen on: %v", address, err)}
	}
	return fmt.Errorf("--%s %s: %w", option, address, err)
}

// Addrs is where the server listens.
func (s *Server) Addrs() []Addr {
	var addrs []Addr
	for _, svc := range s.services {
		addrs = append(addrs, svc.addr())
	}
	if s.web != nil {
		addrs = append(addrs, s.web.addr())
	}
	if s.admin != nil {
		addrs = append(addrs, Addr{Service: "admin", Addr: s.admin.listener.Addr().(*net.TCPAddr)})
	}
	return addrs
}

// Start accepts and serves connections until [Server.Shutdown] or
// [Server.Close].
func (s *Server) Start() {
	for _, svc := range s.services {
		s.running.Go(func() { s.accept(svc) })
	}
	if s.web != nil {
		s.running.Go(s.web.serve)
	}
	if s.certificate != nil {
		s.running.Go(func() { s.certificate.watch(s.accepting.Done()) })
	}
	if s.admin != nil {
		s.watching.Go(s.admin.serve)
	}
}

// partTime is when a server that stops, and has not ended by then, leaves the others.
const partTime = 3 * time.Second

// Shutdown ends the server in order: no new connections, everything that was
// read is answered, everything that waits is written, then the ends of the
// streams (P-73). When ctx ends before that, what is left is cut, and the error
// is that of ctx.
func (s *Server) Shutdown(ctx context.Context) error {
	defer s.closeAdmin() // last of all, so that a stop can be watched
	defer s.closeRoom()
	s.stop(peer.Stop)
	// Sessions may wait for NATS, for longer than a stop may take.
	defer time.AfterFunc(partTime, s.partRoom).Stop()
	done := make(chan struct{})
	go func() {
		s.running.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	s.history.Hurry() // a session may wait for it
	s.stop(peer.Kill)
	s.partRoom()
	<-done
	return ctx.Err()
}

// Close ends the server at once. What waits to be written is lost.
func (s *Server) Close() {
	defer s.closeAdmin()
	defer s.closeRoom()
	s.history.Hurry()
	s.stop(peer.Kill)
	s.partRoom()
	s.running.Wait()
}

// stop refuses new connections and ends those there are.
func (s *Server) stop(end func(peer)) {
	s.stopAccepting()
	s.closeListeners()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopping = true
	for p := range s.peers {
		end(p)
	}
}

func (s *Server) isStopping() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stopping
}

func (s *Server) closeAdmin() {
	if s.admin != nil {
		s.admin.close()
		s.watching.Wait()
	}
}

func (s *Server) closeListeners() {
	for _, svc := range s.services {
		_ = svc.listener.Close() // a second time is no matter
	}
	if s.web != nil {
		s.web.close()
	}
}
