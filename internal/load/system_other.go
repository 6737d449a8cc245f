//go:build !unix

package load

import "time"

// raiseFileLimit reports that there is no limit here that we know of.
func raiseFileLimit() int { return 0 }

// cpuTime reports that nobody knows.
func cpuTime() (used time.Duration, ok bool) { return 0, false }
