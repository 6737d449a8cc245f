package wire

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// recv and send are system calls that never wait, on descriptors that do not
// block. So the scheduler need not be told of them, which it is by those of
// package unix: at one request a time a quarter of its cost was this (see
// docs/performance.md). Neither b is empty.

func recv(fd uintptr, b []byte) (int, error) {
	n, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM,
		fd, uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)), 0, 0, 0)
	return result(n, errno)
}

func send(fd uintptr, b []byte) (int, error) {
	n, _, errno := unix.RawSyscall6(unix.SYS_SENDTO,
		fd, uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)), unix.MSG_NOSIGNAL, 0, 0)
	return result(n, errno)
}

func result(n uintptr, errno unix.Errno) (int, error) {
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}
