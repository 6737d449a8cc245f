package client

import (
	"context"
	"crypto/tls"
	"net"

	"parley/proto"
)

// Defaults of [Options].
const (
	DefaultMaxMessages = 1000
	DefaultMaxBytes    = 16 << 20
)

// Options say how a client connects and what it bounds. The zero value is
// ready; a number that is not above zero means its default.
type Options struct {
	// TLS makes the connection a TLS one. Its ServerName is taken from the
	// address if empty.
	TLS *tls.Config

	// Trace is shown every line as it is on the wire, its line end included: one
	// to be sent right before it is, one received before it takes effect. A line
	// that is cut off, by its length or the end of the stream, has no line end.
	// Calls for one direction come one after the other, in order; the two
	// directions may come at once. The slice is valid during the call, which
	// must not call the client.
	Trace func(dir Direction, line []byte)

	// MaxLine is the longest line taken from the server, in bytes before its LF;
	// a longer one ends the connection. Default [proto.MaxServerLine] (P-8).
	MaxLine int

	// MaxMessages is how many messages of others are kept until they are read,
	// the newest; older ones are dropped and counted. Default
	// [DefaultMaxMessages].
	MaxMessages int

	// MaxBytes bounds the memory of the messages kept, and apart from it that of
	// one block, of the inbox or of what was said before; a larger one ends the
	// connection. Each message counts for its text, its sender and 96 bytes. Default [DefaultMaxBytes].
	MaxBytes int
}

// Direction tells the lines of the two sides apart; its value is an arrow.
type Direction byte

// The directions, seen from the client.
const (
	Sent     Direction = '>'
	Received Direction = '<'
)

func (o *Options) orDefaults() Options {
	var d Options
	if o != nil {
		d = *o
	}
	orDefault(&d.MaxLine, proto.MaxServerLine)
	orDefault(&d.MaxMessages, DefaultMaxMessages)
	orDefault(&d.MaxBytes, DefaultMaxBytes)
	return d
}

func orDefault(n *int, value int) {
	if *n <= 0 {
		*n = value
	}
}

func (o *Options) dial(ctx context.Context, addr string) (net.Conn, error) {
	if o == nil || o.TLS == nil {
		var d net.Dialer
		return d.DialContext(ctx, "tcp", addr)
	}
	d := tls.Dialer{Config: o.TLS}
	return d.DialContext(ctx, "tcp", addr)
}
