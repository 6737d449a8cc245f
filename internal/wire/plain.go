package wire

import "net"

const (
	// plainRead is the read buffer of a connection that cannot wait without.
	plainRead = 4 << 10
	// plainWrite bounds one write, so that progress shows: a deadline is armed
	// anew for each.
	plainWrite = 32 << 10
)

// plain is the stream of any [net.Conn].
type plain struct {
	nc  net.Conn
	buf [plainRead]byte
}

func newPlain(nc net.Conn) stream { return &plain{nc: nc} }

func (p *plain) read() ([]byte, error) {
	n, err := p.nc.Read(p.buf[:])
	if n > 0 {
		err = nil // it will come again
	}
	return p.buf[:n], err
}

func (p *plain) release() {}

// tryWrite takes nothing: a net.Conn has no write that does not wait.
func (p *plain) tryWrite([][]byte) (int, error) { return 0, nil }

func (p *plain) write(bufs [][]byte) (int, error) {
	b := bufs[0]
	n, err := p.nc.Write(b[:min(len(b), plainWrite)])
	if n > 0 {
		err = nil // the next write tells whether it goes on
	}
	return n, err
}
