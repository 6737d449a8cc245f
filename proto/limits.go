package proto

// Ports of the two services (P-1, section 9), and of the chat over TLS, which is
// ours.
const (
	DefaultPort    = 1300
	DefaultSumPort = 1301
	DefaultTLSPort = 1380
)

// Limits that hold unless an operator changes them. Lengths of lines are in
// bytes before the LF; a CR counts.
const (
	// MaxLine is the longest line a server reads (P-8).
	MaxLine = 16384
	// MaxServerLine is what a client must at least take (P-8): `users` grows
	// with its users, so the limit of the server's side does not bind there.
	MaxServerLine = 1 << 20
	// MaxName is the longest name, in bytes (P-21).
	MaxName = 32
)
