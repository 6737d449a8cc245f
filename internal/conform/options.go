package conform

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"time"
)

// Dialect says how strict a run is.
type Dialect string

// The dialects.
const (
	// DialectCourse is the assignment: where it leaves something open or the
	// servers before ours differ, each way is accepted, with a remark.
	DialectCourse Dialect = "course"
	// DialectParley holds every rule of docs/protocol.md as it stands there.
	DialectParley Dialect = "parley"
)

// Options are the settings of a run. Those of zero value have defaults.
type Options struct {
	Address   string                    // of the server that is checked
	Dialect   Dialect                   // default [DialectCourse]
	Step      int                       // of the assignment that the program has come to; 0 is finished
	Only      []string                  // ids of checks or rules; empty is all
	Seed      uint64                    // of names, texts and cuts: the same seed sends the same bytes
	Timeout   time.Duration             // how long an answer may take; default [DefaultTimeout]
	SpamBlock time.Duration             // how long the server blocks for spam (P-60); default [DefaultSpamBlock]
	Workers   int                       // checks at a time; default [DefaultWorkers]
	Again     func(flags string) string // the command that runs this again, with these flags too; for reports

	// Programs starts the client program that is checked, or is nil.
	Programs Programs

	// Dial connects to the server; default over TCP, with TCP_NODELAY.
	Dial func(ctx context.Context, address string) (net.Conn, error)
	// Progress, if not nil, is told of each result as it comes, one at a time.
	Progress func(Result)
}

// Defaults of [Options].
const (
	DefaultTimeout   = 3 * time.Second
	DefaultSpamBlock = 10 * time.Second
	DefaultWorkers   = 16
)

// Gap lies between two segments of a line that is cut: long enough that a
// program which takes one read for one line sees the first piece alone.
const Gap = 25 * time.Millisecond

// Silence is how long a check listens for what must not come, after the answer
// that a correct program would have sent it before.
const Silence = 150 * time.Millisecond

func (o Options) orDefaults() Options {
	o.Dialect = cmp.Or(o.Dialect, DialectCourse)
	o.Timeout = cmp.Or(o.Timeout, DefaultTimeout)
	o.SpamBlock = cmp.Or(o.SpamBlock, DefaultSpamBlock)
	o.Workers = cmp.Or(o.Workers, DefaultWorkers)
	if o.Dial == nil {
		o.Dial = func(ctx context.Context, address string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "tcp", address)
		}
	}
	return o
}

// Validate says what is wrong with the options, if anything is.
func (o Options) Validate() error {
	switch {
	case o.Dialect != "" && o.Dialect != DialectCourse && o.Dialect != DialectParley:
		return fmt.Errorf("dialect %q: there are %s and %s", o.Dialect, DialectCourse, DialectParley)
	case o.Step < 0 || o.Step > ExtraStep:
		return fmt.Errorf("step %d: steps go from 1 to %d, %d being what the assignment calls extra", o.Step, ExtraStep, ExtraStep)
	case o.Timeout < 0, o.SpamBlock < 0, o.Workers < 0:
		return fmt.Errorf("a timeout, a spam block and a number of workers are positive")
	}
	return nil
}
