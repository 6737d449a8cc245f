//go:build !linux && !darwin

package wire

import "net"

func newStream(nc net.Conn) stream { return newPlain(nc) }
