//go:build unix

package server

import "golang.org/x/sys/unix"

// raiseFileLimit makes the limit on open files as high as this process may and
// returns it.
func raiseFileLimit() (int, error) {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return 0, err
	}
	if limit.Cur < limit.Max {
		raised := limit
		raised.Cur = limit.Max
		if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &raised); err != nil {
			return int(limit.Cur), err
		}
		limit = raised
	}
	return int(min(limit.Cur, maxCount)), nil
}
