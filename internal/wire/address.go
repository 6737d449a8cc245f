package wire

import (
	"cmp"
	"net"
	"strconv"
	"strings"
)

// WithPort adds port to an address that has none. An IPv6 address needs its
// brackets only before a port.
func WithPort(addr string, port int) string {
	host, given, err := net.SplitHostPort(addr)
	if err != nil {
		host = strings.Trim(addr, "[]")
	}
	return net.JoinHostPort(host, cmp.Or(given, strconv.Itoa(port)))
}
