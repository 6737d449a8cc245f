package wire

import (
	"context"
	"net"
	"syscall"
)

// unsent is how much the kernel takes for a connection beyond what it can send.
// Without a bound it takes megabytes, and tells that there is room again only
// when a third of them is gone: until then a reader that does read looks as if
// it took nothing, and what waits for it here grows (P-71).
const unsent = 128 << 10

// Listen opens a listener whose connections are fit for [New].
func Listen(ctx context.Context, address string) (net.Listener, error) {
	// What is set on the listener holds for the connections it accepts.
	config := net.ListenConfig{Control: func(_, _ string, raw syscall.RawConn) error {
		return raw.Control(boundUnsent)
	}}
	return config.Listen(ctx, "tcp", address)
}
