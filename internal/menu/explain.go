package menu

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"

	"parley/client"
	"parley/proto"
)

// refused gives the reason if the server said no to one command and goes on. A
// full server does not: it ends the connection (P-72).
func refused(err error) (reason string, ok bool) {
	var r *client.Refused
	if !errors.As(err, &r) || r.Command == proto.Unsupported || errors.Is(err, client.ErrServerFull) {
		return "", false
	}
	return cmp.Or(proto.Visible(r.Reason), "it gives no reason"), true
}

// whyEnded is a sentence on a connection that is of no more use.
func (m *menu) whyEnded(err error) string {
	var unwanted *client.Refused
	var broken *client.ProtocolError
	switch {
	case errors.As(err, &unwanted):
		return fmt.Sprintf("The server does not want the connection: %s.", proto.Visible(unwanted.Reason))
	case errors.As(err, &broken):
		err = broken
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Sprintf("The server did not answer within %v.", m.opts.Timeout)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "The server closed the connection in the middle of what it was saying."
	case errors.Is(err, io.EOF):
		return "The server closed the connection."
	case errors.Is(err, syscall.ECONNRESET):
		return "The server broke the connection off."
	}
	return fmt.Sprintf("The connection failed: %s.", proto.Visible(err.Error()))
}

// whyNotConnected is a sentence on a connection that did not come to be.
func (m *menu) whyNotConnected(err error) string {
	var lookup *net.DNSError
	switch {
	case errors.As(err, &lookup) && lookup.IsNotFound:
		return fmt.Sprintf("There is no such address: %s.", m.opts.Address)
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Sprintf("No server listens at %s.", m.opts.Address)
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Sprintf("%s did not answer within %v.", m.opts.Address, m.opts.Timeout)
	}
	return fmt.Sprintf("Could not connect to %s: %s.", m.opts.Address, proto.Visible(err.Error()))
}
