package play

import (
	"bytes"
	"errors"
	"net"
	"strings"
	"time"
)

// peer is one connection of the conversation.
type peer struct {
	who    string
	conn   net.Conn
	forget func() bool // ends the watch on the context

	seen    []byte // all that has come
	pending []byte // the part of seen that no step has expected yet
	mute    bool   // half-closed
	closed  bool
}

// more waits for at least one more byte.
func (p *peer) more(deadline time.Time) error {
	if err := p.conn.SetReadDeadline(deadline); err != nil {
		return err
	}
	var buf [4096]byte
	n, err := p.conn.Read(buf[:])
	p.seen = append(p.seen, buf[:n]...)
	p.pending = append(p.pending, buf[:n]...)
	if n > 0 {
		return nil // the error, if any, comes again
	}
	return err
}

// line takes the next line without its LF.
func (p *peer) line(deadline time.Time) (string, error) {
	for {
		if line, rest, ok := bytes.Cut(p.pending, []byte{'\n'}); ok {
			p.pending = rest
			return string(line), nil
		}
		if err := p.more(deadline); err != nil {
			return "", err
		}
	}
}

// take takes these bytes. It returns false as soon as others have come.
func (p *peer) take(want string, deadline time.Time) (bool, error) {
	for {
		switch got := string(p.pending); {
		case strings.HasPrefix(got, want):
			p.pending = p.pending[len(want):]
			return true, nil
		case !strings.HasPrefix(want, got):
			return false, nil
		}
		if err := p.more(deadline); err != nil {
			return false, err
		}
	}
}

// drain reads what comes until the stream ends or it is time.
func (p *peer) drain(deadline time.Time) {
	for {
		if p.more(deadline) != nil {
			return
		}
	}
}

func (p *peer) write(s string, deadline time.Time) error {
	if err := p.conn.SetWriteDeadline(deadline); err != nil {
		return err
	}
	_, err := p.conn.Write([]byte(s))
	return err
}

func (p *peer) halfClose() error {
	p.mute = true
	conn, ok := p.conn.(interface{ CloseWrite() error })
	if !ok {
		return errors.New("this kind of connection cannot half-close")
	}
	return conn.CloseWrite()
}

func (p *peer) reset() error {
	conn, ok := p.conn.(interface{ SetLinger(sec int) error })
	if !ok {
		return errors.New("this kind of connection cannot be reset")
	}
	err := conn.SetLinger(0)
	p.abandon()
	return err
}

// abandon closes the connection with whatever may still be on its way.
func (p *peer) abandon() {
	p.close()
	p.pending = nil
}

func (p *peer) close() {
	p.closed = true
	p.forget()
	_ = p.conn.Close() // nothing more is asked of it
}
