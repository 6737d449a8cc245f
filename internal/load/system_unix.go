//go:build unix

package load

import (
	"time"

	"golang.org/x/sys/unix"
)

// raiseFileLimit makes the limit on open files as high as this process may and
// returns it; 0 is unknown.
func raiseFileLimit() int {
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) != nil {
		return 0
	}
	raised := limit
	raised.Cur = limit.Max
	if limit.Cur < limit.Max && unix.Setrlimit(unix.RLIMIT_NOFILE, &raised) == nil {
		limit = raised
	}
	return int(min(limit.Cur, 1<<30))
}

// cpuTime is what this process has used so far; ok is false if nobody knows.
func cpuTime() (used time.Duration, ok bool) {
	var usage unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &usage) != nil {
		return 0, false
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), true
}
