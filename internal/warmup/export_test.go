package warmup

import (
	"net"

	"parley/proto"
)

// NewClient makes a client of a connection that needs no network.
func NewClient(conn net.Conn) *Client {
	return &Client{conn: conn, lines: proto.NewReader(conn, proto.MaxServerLine)}
}
