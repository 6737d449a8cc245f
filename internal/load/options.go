package load

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// The scenarios.
const (
	Fanout   = "fanout"   // a few speak as fast as everybody hears them
	Latency  = "latency"  // a few speak on time; how late does it reach the others?
	Requests = "requests" // everybody asks, nobody speaks
	Connect  = "connect"  // connect, log in, leave, again and again
	Idle     = "idle"     // log in, and be silent
	Class    = "class"    // people: they come, chat, poll, vanish, fall asleep
)

// Scenarios lists them in the order in which they are explained. The caller
// owns the slice.
func Scenarios() []string { return []string{Class, Fanout, Latency, Requests, Connect, Idle} }

// Options say what load to put on which server. Start from [Defaults].
type Options struct {
	Address     string // host, with or without a port
	AllowRemote bool   // also aim at addresses that are neither loopback nor private
	PID         int    // the server's process, where it is on this machine and of interest; 0 is none
	Scenario    string

	Clients int     // connections
	Senders int     // how many of them speak, or connect at a time; 0, or more than there are, is all
	Size    int     // bytes of each text
	Rate    float64 // lines a second of each who speaks (open loop); 0 is as answers come (closed loop)
	Window  int     // closed loop: lines of each under way

	Ramp     time.Duration // over which the clients connect; 0 is as fast as it goes
	Duration time.Duration // of the measurement, once all are there
	Timeout  time.Duration // for each answer, and for a connection to stand

	Poll time.Duration // class, latency: how often each client asks for the users; 0 is never
	Drop int           // class: percent of the clients that vanish without closing
	Deaf int           // class: percent of the clients that never read

	Progress io.Writer // a terminal that shows how far it is; nil is none
}

// Defaults are the options of a scenario that nobody has changed.
func Defaults(scenario string) Options {
	o := Options{
		Scenario: scenario, Clients: 300, Senders: 4, Size: 64, Window: 16,
		Duration: 10 * time.Second, Timeout: 10 * time.Second,
		Drop: 5, Deaf: 2,
	}
	switch scenario {
	case Fanout:
		o.Window = 32
	case Latency:
		o.Rate = 5 // half of what a server with the default spam filter allows
	case Requests:
		o.Senders = 0
	case Connect:
		o.Senders = 8
	case Class:
		o.Senders, o.Rate, o.Poll = 0, 0.05, 3*time.Second
		o.Ramp, o.Duration = time.Minute, time.Minute
	}
	return o
}

// OptionError says what is wrong with the value of one option.
type OptionError struct {
	Option  string // as on the command line, without the dashes
	Problem string // what is wrong and what to do
}

// Address is the Option of an [OptionError] about the address, which is no flag.
const Address = "address"

func (e *OptionError) Error() string { return e.Option + ": " + e.Problem }

func wrong(option, format string, args ...any) error {
	return &OptionError{option, fmt.Sprintf(format, args...)}
}

// The bounds of what makes sense. Beyond them a value is taken for a slip.
const (
	maxClients = 50_000
	maxSize    = 16_000 // so that the line stays within P-8
	maxWindow  = 4096
	maxRate    = 1_000_000
	maxTime    = 24 * time.Hour
	maxPID     = 1 << 22 // Linux has no more

	// maxPairs bounds the memory of the counts: each client keeps one for each
	// sender.
	maxPairs = 25_000_000
	// maxBurst bounds the bytes that one sender has under way: a server may stop
	// reading while it waits for us, and both would wait for ever if these did
	// not fit into the buffers between us.
	maxBurst = 64 << 10
)

// Validate reports the first option whose value makes no sense, as an
// [*OptionError].
func (o *Options) Validate() error {
	if !slices.Contains(Scenarios(), o.Scenario) {
		return wrong("scenario", "%q is not one of %s", o.Scenario, strings.Join(Scenarios(), ", "))
	}
	for _, c := range []struct {
		option          string
		value, min, max int
	}{
		{"clients", o.Clients, o.fewest(), maxClients},
		{"senders", o.Senders, 0, maxClients},
		{"size", o.Size, markSize, maxSize},
		{"window", o.Window, 1, maxWindow},
		{"drop", o.Drop, 0, 100},
		{"deaf", o.Deaf, 0, 100},
		{"pid", o.PID, 0, maxPID},
	} {
		if c.value < c.min || c.value > c.max {
			return wrong(c.option, "must be from %d to %d, not %d", c.min, c.max, c.value)
		}
	}
	for _, c := range []struct {
		option     string
		value, min time.Duration
	}{
		{"ramp", o.Ramp, 0},
		{"duration", o.Duration, time.Millisecond},
		{"timeout", o.Timeout, time.Millisecond},
		{"poll", o.Poll, 0},
	} {
		if c.value < c.min || c.value > maxTime {
			return wrong(c.option, "must be from %v to 24h, not %v", c.min, c.value)
		}
	}
	return o.validateTogether()
}

// fewest is how many clients a scenario needs: a message needs somebody else.
func (o *Options) fewest() int {
	if o.Scenario == Fanout || o.Scenario == Latency {
		return 2
	}
	return 1
}

// validateTogether looks at the options that bind each other.
func (o *Options) validateTogether() error {
	if !(o.Rate == 0 || 0.001 <= o.Rate && o.Rate <= maxRate) { // so NaN is wrong too
		return wrong("rate", "must be 0, or from 0.001 to %d, not %v", maxRate, o.Rate)
	}
	if o.Rate == 0 && (o.Scenario == Latency || o.Scenario == Class) {
		return wrong("rate", "must be above 0: in %s people speak when it is time, not when they are answered", o.Scenario)
	}
	if o.Poll > 0 && o.Scenario != Latency && o.Scenario != Class {
		return wrong("poll", "in %s nobody asks for the users; in latency and class they do", o.Scenario)
	}
	if burst := o.Window * (o.Size + len("msg \n")); o.Scenario == Fanout && o.Rate == 0 && burst > maxBurst {
		return wrong("window", "%d texts of %d bytes are %d bytes under way for each sender, and %d are allowed",
			o.Window, o.Size, burst, maxBurst)
	}
	if pairs := o.Clients * o.speakers(); pairs > maxPairs {
		return wrong("senders", "%d clients that count what each of %d senders says need too much memory; ask for fewer",
			o.Clients, o.speakers())
	}
	if o.Drop+o.Deaf > 100 {
		return wrong("deaf", "%d percent that vanish and %d that never read are more than all", o.Drop, o.Deaf)
	}
	return nil
}

// speakers is how many clients say messages.
func (o *Options) speakers() int {
	switch o.Scenario {
	case Requests, Connect, Idle:
		return 0
	}
	if o.Senders == 0 {
		return o.Clients
	}
	return min(o.Senders, o.Clients)
}

// workers is how many connect at a time in [Connect].
func (o *Options) workers() int {
	if o.Senders == 0 {
		return o.Clients
	}
	return o.Senders
}

// total is how long the measurement takes if nothing ends it early.
func (o *Options) total() time.Duration {
	if o.Scenario == Class {
		return o.Ramp + o.Duration
	}
	return o.Duration
}

// settling is how long it takes until the load is steady: as much is under way
// then as at the end, and in class all are there.
func (o *Options) settling() time.Duration {
	if o.Scenario == Class {
		return o.Ramp
	}
	return o.Duration / 5
}

// defaultOutbox is how many bytes of others' messages parley's server lets wait
// for one peer before it cuts it (P-71).
const defaultOutbox = 1 << 20

// Warnings are remarks on options that are possible and perhaps not meant.
func (o *Options) Warnings() []string {
	line := len("msg ") + nameSize + len(" ") + o.Size + len("\n")
	ahead := o.speakers() * o.Window * line
	if o.Scenario != Fanout || o.Rate > 0 || ahead <= defaultOutbox {
		return nil
	}
	return []string{fmt.Sprintf("senders × window × size let %d bytes wait for a receiver; a server with default settings cuts it at %d (--outbox-limit)",
		ahead, defaultOutbox)}
}
