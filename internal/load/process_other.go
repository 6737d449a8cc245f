//go:build !linux

package load

import "errors"

func readProcess(int) (reading, error) {
	return reading{}, errors.New("what another process uses can be seen on Linux alone")
}
