package web

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
)

const (
	// pingEvery and pongWithin find a browser that has gone without a word, and
	// a pong is life as P-70 wants it.
	pingEvery  = 20 * time.Second
	pongWithin = 10 * time.Second
	// closeWithin is how long a browser has to take the last lines of a session,
	// and then to answer our close frame.
	closeWithin = time.Second
	// subprotocol is chosen if it is offered (P-90).
	subprotocol = "parley.v1"
	// frameSize is the most that one read of a frame takes.
	frameSize = 4 << 10
)

// Ending is why a session over WebSocket has ended, as far as its close frame
// tells it (P-91).
type Ending int

// The endings.
const (
	Done      Ending = iota // the browser has left, or the session ended in order
	Stopping                // the server stops
	NotServed               // a slow reader, or one that was silent
	Full                    // there was no room for it
)

var codes = map[Ending]websocket.StatusCode{
	Done: websocket.StatusNormalClosure, Stopping: websocket.StatusGoingAway,
	NotServed: websocket.StatusPolicyViolation, Full: websocket.StatusTryAgainLater,
}

// socket answers GET /ws.
func (h *handler) socket(w http.ResponseWriter, r *http.Request) {
	c, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		Subprotocols:   []string{subprotocol},
		OriginPatterns: h.Origins,
	})
	if err != nil {
		return // the answer is given
	}
	c.SetReadLimit(-1) // P-8 is about lines: a session bounds what it keeps
	remote, err := net.ResolveTCPAddr("tcp", r.RemoteAddr)
	if err != nil {
		remote = new(net.TCPAddr)
	}
	// The handler's goroutine has the stack of a whole HTTP server; this one has
	// not, and it lives as long as the connection.
	if !h.Go(func() { h.carry(c, remote) }) {
		_ = c.CloseNow()
	}
}

// carry lets a session speak over c until one of them ends. Between the two is a
// pipe: to the session c is a connection like any other, and its deadlines do
// not end the WebSocket, which could not be written to any more.
func (h *handler) carry(c *websocket.Conn, remote net.Addr) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var broken atomic.Pointer[error] // what the browser did wrong; there before the session can see the end
	near, far := net.Pipe()
	in, out := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(in)
		err := receive(ctx, c, far)
		broken.Store(&err)
		_ = far.Close() // the session sees the end of its stream
		cancel()
	}()
	go func() {
		defer close(out)
		send(ctx, c, far)
	}()
	stop := keepAlive(ctx, c, func() { _ = far.Close() })
	ending := h.Serve(pipe{near, remote})
	within(c, func() { <-out }) // everything it said is sent
	stop()
	var received error
	if err := broken.Load(); err != nil {
		received = *err
	}
	hangUp(c, ending, received)
	cancel()
	<-in
}

// hangUp closes c with the code that P-91 has for what happened.
func hangUp(c *websocket.Conn, ending Ending, received error) {
	code, why := codes[ending], ""
	if ending == Done {
		switch {
		case errors.Is(received, errBinary):
			code, why = websocket.StatusUnsupportedData, "text frames only"
		case errors.Is(received, errNotUTF8):
			code, why = websocket.StatusInvalidFramePayloadData, "not UTF-8"
		}
	}
	within(c, func() { _ = c.Close(code, why) }) // a browser that is gone has closed already
}

// within cuts c off if something takes too long: a browser that reads nothing
// would hold it up for ever.
func within(c *websocket.Conn, something func()) {
	late := time.AfterFunc(closeWithin, func() { _ = c.CloseNow() })
	defer late.Stop()
	something()
}

// What a browser may not send (P-91).
var (
	errBinary  = errors.New("binary frame")
	errNotUTF8 = errors.New("frame is not UTF-8")
)

// receive hands the lines of the frames that come to a session. Each frame ends
// the line that it ends with (P-90).
func receive(ctx context.Context, c *websocket.Conn, to io.Writer) error {
	buf := make([]byte, frameSize)
	for {
		kind, frame, err := c.Reader(ctx)
		switch {
		case err != nil:
			return err
		case kind != websocket.MessageText:
			return errBinary
		}
		if err := copyFrame(to, frame, buf); err != nil {
			return err
		}
	}
}

// copyFrame hands over one frame, however long, without keeping it.
func copyFrame(to io.Writer, frame io.Reader, buf []byte) error {
	var text utf8Check
	last := byte(0)
	for {
		n, err := frame.Read(buf)
		if !text.add(buf[:n]) {
			return errNotUTF8
		}
		if n > 0 {
			last = buf[n-1]
			if _, err := to.Write(buf[:n]); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
	}
	if !text.whole() {
		return errNotUTF8
	}
	if last == '\n' {
		return nil
	}
	_, err := to.Write([]byte{'\n'})
	return err
}

// send puts what a session says into frames of whole lines (P-90). It returns
// when the session has closed its end, or nothing can be sent any more.
func send(ctx context.Context, c *websocket.Conn, from io.Reader) {
	var lines []byte
	for {
		lines = append(lines, make([]byte, frameSize)...)
		n, err := from.Read(lines[len(lines)-frameSize:])
		lines = lines[:len(lines)-frameSize+n]
		if end := bytes.LastIndexByte(lines, '\n') + 1; end > 0 {
			if c.Write(ctx, websocket.MessageText, lines[:end]) != nil {
				return
			}
			lines = append(lines[:0], lines[end:]...)
		}
		if err != nil {
			return
		}
	}
}

// keepAlive pings until it is stopped, and calls gone when no pong comes.
func keepAlive(ctx context.Context, c *websocket.Conn, gone func()) (stop func()) {
	done := make(chan struct{})
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		defer close(done)
		for {
			select {
			case <-ctx.Done():
				return
			case <-time.After(pingEvery):
			}
			waiting, cancel := context.WithTimeout(ctx, pongWithin)
			err := c.Ping(waiting)
			cancel()
			if err != nil {
				gone()
				return
			}
		}
	}()
	return func() { cancel(); <-done }
}

// pipe is a session's end of the pipe, with the address of the browser.
type pipe struct {
	net.Conn
	remote net.Addr
}

func (p pipe) RemoteAddr() net.Addr { return p.remote }
