package server

import (
	"fmt"
	"log/slog"
	"time"

	"parley/proto"
)

// Options are what an operator may set. Start from [Defaults].
type Options struct {
	Listen string // address of the chat, host:port
	Sum    string // address of the warm-up service, or Off
	Admin  string // address of health, metrics and profiles, or Off; a port alone is on loopback

	SpamRate  int           // messages a second and connection; 0 is no limit (P-60)
	SpamBlock time.Duration // for how long who says more is refused (P-60)

	IdleTimeout  time.Duration // a connection that sends nothing for this long is closed (P-70)
	WriteTimeout time.Duration // one that takes nothing for this long is cut (P-71)
	MaxLine      int           // longest line of a client, in bytes (P-8)
	InboxLimit   int           // messages that an inbox keeps (P-54)
	InboxBytes   int           // bytes of messages that an inbox keeps (P-54)
	OutboxLimit  int           // bytes of others' messages that may wait for one peer (P-71)

	MaxConns      int // connections in all; 0 is as many as the descriptors allow (P-72)
	MaxConnsPerIP int // connections of one address; 0 is no limit (P-72)

	Jokes []string     // what joke tells; nil is the built-in list
	Log   *slog.Logger // nil is no log
}

// Off in place of an address turns a service off.
const Off = "off"

// Defaults are the options of a server that nobody has told anything.
func Defaults() Options {
	return Options{
		Admin:        Off,
		Listen:       fmt.Sprintf(":%d", proto.DefaultPort),
		Sum:          fmt.Sprintf(":%d", proto.DefaultSumPort),
		SpamRate:     10,
		SpamBlock:    10 * time.Second,
		IdleTimeout:  time.Hour,
		WriteTimeout: 10 * time.Second,
		MaxLine:      proto.MaxLine,
		InboxLimit:   1000,
		InboxBytes:   1 << 20,
		OutboxLimit:  1 << 20,
	}
}

// OptionError says what is wrong with the value of one option.
type OptionError struct {
	Option  string // as on the command line, without the dashes
	Problem string // what is wrong and what to do
}

func (e *OptionError) Error() string { return e.Option + ": " + e.Problem }

// The bounds of what makes sense. Beyond them a value is taken for a slip.
const (
	maxSpamRate = 1_000_000
	maxLine     = 1 << 20
	maxBytes    = 1 << 30
	maxCount    = 10_000_000
	maxDuration = 365 * 24 * time.Hour
)

// Validate reports the first option whose value makes no sense, as an
// [*OptionError].
func (o *Options) Validate() error {
	if o.Listen == Off {
		return &OptionError{"listen", "the chat cannot be turned off"}
	}
	for _, c := range []struct {
		option          string
		value, min, max int
	}{
		{"spam-rate", o.SpamRate, 0, maxSpamRate},
		{"max-line", o.MaxLine, 64, maxLine},
		{"inbox-limit", o.InboxLimit, 1, maxCount},
		{"inbox-bytes", o.InboxBytes, 1, maxBytes},
		{"max-conns", o.MaxConns, 0, maxCount},
		{"max-conns-per-ip", o.MaxConnsPerIP, 0, maxCount},
	} {
		if c.value < c.min || c.value > c.max {
			return &OptionError{c.option, fmt.Sprintf("must be from %d to %d, not %d", c.min, c.max, c.value)}
		}
	}
	for _, c := range []struct {
		option string
		value  time.Duration
	}{
		{"spam-block", o.SpamBlock},
		{"idle-timeout", o.IdleTimeout},
		{"write-timeout", o.WriteTimeout},
	} {
		if c.value < time.Millisecond || c.value > maxDuration {
			return &OptionError{c.option, fmt.Sprintf("must be from 1ms to 8760h, not %v", c.value)}
		}
	}
	return o.validateTogether()
}

// validateTogether looks at the options that bind each other.
func (o *Options) validateTogether() error {
	// A cleaned text may be three times as long as it came, and an outbox that
	// cannot hold a few of the longest cuts people who read.
	if least := 16 * o.MaxLine; o.OutboxLimit < least || o.OutboxLimit > maxBytes {
		return &OptionError{"outbox-limit", fmt.Sprintf("must be from %d (16 times max-line) to %d, not %d",
			least, maxBytes, o.OutboxLimit)}
	}
	if o.Jokes != nil && len(o.Jokes) == 0 {
		return &OptionError{"jokes", "there is no joke; write one on a line, in printable ASCII"}
	}
	for i, joke := range o.Jokes {
		if !printable(joke) {
			return &OptionError{"jokes", fmt.Sprintf("joke %d is empty or not printable ASCII (P-16): %q", i+1, joke)}
		}
	}
	return nil
}
