package server

import (
	"context"
	"net"
	"net/netip"
	"time"

	"parley/internal/wire"
)

// handshakeTime is how long a TLS handshake may take.
const handshakeTime = 10 * time.Second

// loadCertificate takes the certificate of the options, if there is one.
func (s *Server) loadCertificate(opts Options) (err error) {
	if opts.TLSCert == "" {
		return nil
	}
	if s.certificate, err = newCertificate(opts.TLSCert, opts.TLSKey, s.log); err != nil {
		return &OptionError{"tls-cert", err.Error()}
	}
	return nil
}

// secureChat is the chat over TLS.
func (s *Server) secureChat(address string) *service {
	svc := s.chat(address)
	svc.name, svc.option = "tls", "tls-listen"
	if s.certificate == nil {
		svc.address = Off
		return svc
	}
	svc.secure = s.certificate.config()
	return svc
}

// liveSecure is a connection that speaks TLS. It is a member from the end of its
// handshake on (P-12).
func (s *Server) liveSecure(svc *service, nc net.Conn, ip netip.Addr) {
	ctx, cancel := context.WithTimeout(s.accepting, handshakeTime)
	defer cancel()
	secure, err := wire.Secure(ctx, nc, svc.secure, s.lines.WriteTimeout)
	if err != nil {
		s.gate.leave(ip)
		s.log.Debug("no TLS handshake", "service", svc.name, "remote", nc.RemoteAddr().String(), "error", err)
		return
	}
	if l, id, err := s.open(svc, secure, ip, s.lines); err == nil {
		s.live(svc, id, l, secure)
	}
}
