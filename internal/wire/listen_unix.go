//go:build linux || darwin

package wire

import "golang.org/x/sys/unix"

// boundUnsent is a wish: a system that does not know it works without.
func boundUnsent(fd uintptr) {
	_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, unsent)
}
