package load

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// readProcess asks what a process has used so far.
func readProcess(pid int) (reading, error) {
	statm, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if errors.Is(err, fs.ErrNotExist) {
		return reading{}, fmt.Errorf("there is no process %d on this machine", pid)
	}
	if err != nil {
		return reading{}, err
	}
	var size, resident int64 // in pages
	if _, err := fmt.Sscan(string(statm), &size, &resident); err != nil {
		return reading{}, fmt.Errorf("/proc/%d/statm: %w", pid, err)
	}
	var used unix.Timespec
	if err := unix.ClockGettime(clockOf(pid), &used); err != nil {
		return reading{}, fmt.Errorf("the clock of process %d: %w", pid, err)
	}
	return reading{cpu: time.Duration(used.Nano()), resident: resident * int64(os.Getpagesize())}, nil
}

// clockOf is what clock_getcpuclockid(3) returns. It counts nanoseconds, where
// /proc/PID/stat has ticks of 10 ms.
func clockOf(pid int) int32 {
	const scheduled = 2 // the time of all threads, user and system
	return int32(^pid<<3 | scheduled)
}
