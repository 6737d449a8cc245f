//go:build !linux && !darwin

package wire

// boundUnsent does nothing: there is no such bound here.
func boundUnsent(uintptr) {}
