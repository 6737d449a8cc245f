package wire

import "golang.org/x/sys/unix"

func recv(fd uintptr, b []byte) (int, error) { return unix.Read(int(fd), b) }

func send(fd uintptr, b []byte) (int, error) { return unix.Write(int(fd), b) }
