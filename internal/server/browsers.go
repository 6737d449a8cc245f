package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"math"
	"net"
	"net/http"
	"strings"
	"syscall"

	"parley/internal/session"
	"parley/internal/web"
	"parley/internal/wire"
	"parley/proto"
)

// browsers is the listener of the page. Its WebSockets are sessions of the chat
// like all others.
type browsers struct {
	service
	http  http.Server
	lines wire.Options
}

// listenWeb opens the listener of the page. Where nobody has asked for it and its
// usual port is taken, the chat does without.
func (s *Server) listenWeb(opts Options) error {
	address, asked := opts.Web, opts.Web != ""
	if !asked {
		address = DefaultWeb
	}
	if address == Off {
		return nil
	}
	ln, err := wire.Listen(context.Background(), address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE) && !asked:
		s.log.Warn("no web page: its port is taken; give --web another one, or off", "address", address)
		return nil
	case err != nil:
		return listenError("web", address, err)
	}
	s.web = &browsers{service: *s.chat(address), lines: s.lines}
	b := s.web
	b.name, b.option, b.listener = "web", "web", ln
	if s.certificate != nil {
		b.secure = s.certificate.config()
		b.listener = tls.NewListener(ln, b.secure)
	}
	// Pings find those who have gone, and a pong is life (P-70).
	b.lines.IdleTimeout = math.MaxInt64 / 4
	b.http = http.Server{
		Handler: web.New(web.Options{
			Origins: opts.WebOrigins,
			Serve:   s.serveBrowser,
			Go:      s.goWithConnection,
		}),
		ReadHeaderTimeout: adminHeaderTimeout,
		IdleTimeout:       adminIdleTimeout,
		ErrorLog:          reportsTo(s.log),
	}
	return nil
}

// reportsTo puts into our log what Go's HTTP server has to say: handshakes that
// failed, above all. By itself it writes to standard error, and waits for that.
//
//nolint:forbidigo // it takes no other kind of log
func reportsTo(to *slog.Logger) *log.Logger {
	return log.New(httpReports{to}, "", 0)
}

type httpReports struct{ log *slog.Logger }

func (r httpReports) Write(text []byte) (int, error) {
	r.log.Info("HTTP reports", "error", strings.TrimSpace(string(text)))
	return len(text), nil
}

// serveBrowser is the session of one WebSocket, until it ends.
func (s *Server) serveBrowser(nc net.Conn) web.Ending {
	b := s.web
	ip := ipOf(nc.RemoteAddr())
	if !s.gate.enter(ip) {
		s.tellRefusal(&b.service, nc)
		_, _ = fmt.Fprint(nc, proto.CmdServerFull) // the close code says it too
		_ = nc.Close()
		return web.Full
	}
	l, id, err := s.open(&b.service, nc, ip, b.lines)
	if err != nil {
		return web.Full
	}
	switch s.live(&b.service, id, l, nc) {
	case session.Stopping.String():
		return web.Stopping
	case session.SlowReader.String(), session.Idle.String():
		return web.NotServed
	}
	return web.Done
}

// goWithConnection runs f as long as the server takes connections.
func (s *Server) goWithConnection(f func()) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.stopping {
		s.running.Go(f)
	}
	return !s.stopping
}

func (b *browsers) serve() { _ = b.http.Serve(b.listener) } // ends with Close

func (b *browsers) close() {
	_ = b.http.Close() // WebSockets are no longer its own: they end as sessions
	_ = b.listener.Close()
}
