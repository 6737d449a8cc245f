package zoo

import (
	"errors"
	"net"
	"os"
	"sync"
	"time"
)

// The numbers of P-71.
const (
	maxAnswersWaiting = 64 << 10 // past it, no further command is read
	maxOthersWaiting  = 1 << 20  // past it, the connection is ended
	stallTimeout      = 10 * time.Second
)

// outbox is what waits to be sent to one connection. Putting something in never
// waits for the other side.
type outbox struct {
	mu       sync.Mutex // guards all below
	changed  *sync.Cond
	pieces   []piece
	size     int // bytes that are not sent yet, those being written included
	others   int // those of them that are other people's messages
	finished bool
	broken   bool
}

type piece struct {
	data   string
	others bool
}

func newOutbox() *outbox {
	o := new(outbox)
	o.changed = sync.NewCond(&o.mu)
	return o
}

// add puts something in. It reports whether the connection is still worth it.
func (o *outbox) add(data string, others bool) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.broken || others && o.others+len(data) > maxOthersWaiting {
		return false
	}
	o.pieces = append(o.pieces, piece{data, others})
	o.count(piece{data, others}, +1)
	o.changed.Broadcast()
	return true
}

func (o *outbox) count(p piece, sign int) {
	o.size += sign * len(p.data)
	if p.others {
		o.others += sign * len(p.data)
	}
}

// awaitRoom waits until so little waits that another command may be answered.
func (o *outbox) awaitRoom() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for o.size > maxAnswersWaiting && !o.broken {
		o.changed.Wait()
	}
}

// finish lets write end when everything is written.
func (o *outbox) finish() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.finished = true
	o.changed.Broadcast()
}

func (o *outbox) fail() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.broken = true
	o.changed.Broadcast()
}

// write writes what is put in, until all is written and finished or until the
// other side takes nothing any more.
func (o *outbox) write(conn net.Conn) {
	for {
		pieces := o.take()
		if len(pieces) == 0 {
			return
		}
		if !send(conn, join(pieces)) {
			o.fail()
			_ = conn.Close() // so that its reader ends too
			return
		}
		o.sent(pieces)
	}
}

// take waits for something to write. None is the end.
func (o *outbox) take() []piece {
	o.mu.Lock()
	defer o.mu.Unlock()
	for len(o.pieces) == 0 && !o.finished && !o.broken {
		o.changed.Wait()
	}
	if o.broken {
		return nil
	}
	n, size := 0, 0
	for n < len(o.pieces) && size < maxAnswersWaiting {
		size += len(o.pieces[n].data)
		n++
	}
	taken := o.pieces[:n:n]
	o.pieces = o.pieces[n:]
	return taken
}

func (o *outbox) sent(pieces []piece) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, p := range pieces {
		o.count(p, -1)
	}
	o.changed.Broadcast()
}

func join(pieces []piece) []byte {
	var data []byte
	for _, p := range pieces {
		data = append(data, p.data...)
	}
	return data
}

// send writes data to one that takes some of it now and then, however slowly.
func send(conn net.Conn, data []byte) bool {
	for len(data) > 0 {
		_ = conn.SetWriteDeadline(time.Now().Add(stallTimeout))
		n, err := conn.Write(data)
		if err != nil && (n == 0 || !errors.Is(err, os.ErrDeadlineExceeded)) {
			return false
		}
		data = data[n:]
	}
	return true
}
