//go:build linux || darwin

package wire

import (
	"errors"
	"io"
	"net"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// readSize is how much is read at once: the messages that one read brings
// travel on as one block.
const readSize = 64 << 10

// buffers are lent to a connection from the moment that bytes are there until
// they are used up, so an idle connection holds none.
var buffers = sync.Pool{New: func() any { return new([readSize]byte) }}

// direct is the stream of a TCP connection, read and written by system calls of
// our own: it waits for input without a buffer, and it can write without
// waiting.
type direct struct {
	raw syscall.RawConn

	// Owned by the reader. onRead is d.tryRead, made once.
	onRead func(fd uintptr) bool
	buf    *[readSize]byte
	nread  int
	rerr   error

	// Owned by the writer. onTry and onWrite are made once.
	onTry   func(fd uintptr)
	onWrite func(fd uintptr) bool
	out     [][]byte
	nwrite  int
	werr    error
}

func newStream(nc net.Conn) stream {
	tcp, ok := nc.(*net.TCPConn)
	if !ok {
		return newPlain(nc)
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return newPlain(nc)
	}
	d := &direct{raw: raw}
	d.onRead, d.onTry, d.onWrite = d.tryRead, d.writeOnce, d.writeReady
	return d
}

func (d *direct) read() ([]byte, error) {
	if err := d.raw.Read(d.onRead); err != nil {
		return nil, err
	}
	if d.rerr != nil {
		return nil, d.rerr
	}
	return d.buf[:d.nread], nil
}

// tryRead is called when fd may be readable; false means wait until it is.
func (d *direct) tryRead(fd uintptr) bool {
	d.buf = buffers.Get().(*[readSize]byte)
	d.nread, d.rerr = ignoringEINTR(func() (int, error) { return recv(fd, d.buf[:]) })
	if d.nread > 0 {
		return true
	}
	d.release()
	if errors.Is(d.rerr, unix.EAGAIN) {
		return false
	}
	if d.rerr == nil {
		d.rerr = io.EOF
	}
	return true
}

func (d *direct) release() {
	if d.buf != nil {
		buffers.Put(d.buf)
		d.buf = nil
	}
}

func (d *direct) tryWrite(bufs [][]byte) (int, error) {
	d.out = bufs
	err := d.raw.Control(d.onTry)
	return d.written(err)
}

func (d *direct) write(bufs [][]byte) (int, error) {
	d.out = bufs
	err := d.raw.Write(d.onWrite)
	return d.written(err)
}

// written is the outcome of a write that the runtime ended with err.
func (d *direct) written(err error) (int, error) {
	d.out = nil
	if err != nil {
		return 0, err
	}
	if errors.Is(d.werr, unix.EAGAIN) {
		return 0, nil
	}
	return d.nwrite, d.werr
}

// writeReady is called when fd may be writable; false means wait until it is.
func (d *direct) writeReady(fd uintptr) bool {
	d.writeOnce(fd)
	return !errors.Is(d.werr, unix.EAGAIN)
}

func (d *direct) writeOnce(fd uintptr) {
	d.nwrite, d.werr = ignoringEINTR(func() (int, error) {
		if len(d.out) == 1 {
			return send(fd, d.out[0])
		}
		return unix.Writev(int(fd), d.out)
	})
}

// ignoringEINTR repeats a system call that a signal has interrupted.
func ignoringEINTR(call func() (int, error)) (int, error) {
	for {
		n, err := call()
		if !errors.Is(err, unix.EINTR) {
			return max(n, 0), err
		}
	}
}
