package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"os"
	"sync/atomic"
	"time"
)

// Secure makes nc a TLS connection, of the server's side, and waits for its
// handshake until ctx ends. On an error nc is closed.
func Secure(ctx context.Context, nc net.Conn, config *tls.Config, writeTimeout time.Duration) (net.Conn, error) {
	secure := tls.Server(&patient{Conn: nc, timeout: writeTimeout}, config)
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = nc.Close() // the first error says more
		return nil, err
	}
	return secure, nil
}

// patient is the connection below TLS. A TLS connection cannot be written to any
// more once a write has timed out, even if its peer has taken bytes all the
// time; so the time that P-71 gives a peer is counted here, from the last byte
// that it took.
type patient struct {
	net.Conn
	timeout time.Duration
	ended   atomic.Bool // nothing more is written
}

// patientWrite bounds one write, so that progress shows.
const patientWrite = 4 << 10

func (p *patient) Write(b []byte) (written int, err error) {
	for len(b) > written {
		if err := p.Conn.SetWriteDeadline(time.Now().Add(p.timeout)); err != nil {
			return written, err
		}
		if p.ended.Load() {
			return written, os.ErrDeadlineExceeded
		}
		n, err := p.Conn.Write(b[written:min(len(b), written+patientWrite)])
		written += n
		if err != nil && (n == 0 || !errors.Is(err, os.ErrDeadlineExceeded)) {
			return written, err
		}
	}
	return written, nil
}

// SetWriteDeadline only ends the writing at once, as [Conn.Abort] does, and TLS
// itself when it has said its farewell. What the peer sends is still read: closed
// now, the connection would be reset, and the last line lost (P-15).
func (p *patient) SetWriteDeadline(t time.Time) error {
	if t.IsZero() || t.After(time.Now()) {
		return nil
	}
	p.ended.Store(true) // before the deadline: Write sets its own, and then looks here
	return p.Conn.SetWriteDeadline(t)
}

// SetDeadline is what a handshake uses to be interrupted.
func (p *patient) SetDeadline(t time.Time) error {
	return errors.Join(p.SetReadDeadline(t), p.SetWriteDeadline(t))
}
