package server

import (
	"fmt"
	"log/slog"
	"time"

	"parley/internal/cluster"
	"parley/internal/history"
	"parley/proto"
)

// Options are what an operator may set. Start from [Defaults].
type Options struct {
	Listen    string // address of the chat, host:port
	Sum       string // address of the warm-up service, or Off
	TLSListen string // address of the chat over TLS, or Off; without a certificate there is none
	TLSCert   string // PEM file of a certificate, which is watched; the page uses it too
	TLSKey    string // PEM file of its key

	Web   string // address of the page and its WebSocket, or Off; empty: DefaultWeb, or none where that is taken
	Admin string // address of health, metrics and profiles, or Off; a port alone is on loopback

	WebOrigins []string // hosts, beside the one that is asked, whose pages may connect (P-91)

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

	History     string // a SQLite file of what was said; empty: the newest of it in memory (section X)
	HistoryKeep string // how long or how much the file keeps: 30d, 1000000; empty: all

	// Cluster is which servers this one is a chat with; without URLs it is alone. Its
	// Log is that of the server.
	Cluster cluster.Options

	Jokes []string     // what joke tells; nil is the built-in list
	Log   *slog.Logger // nil is no log
}

const (
	// Off in place of an address turns a service off.
	Off = "off"
	// DefaultWeb is where the page is, if nobody says otherwise.
	DefaultWeb = ":8080"
	// DefaultTLS is where the chat is over TLS, if there is a certificate.
	DefaultTLS = ":1380"
)

// Defaults are the options of a server that nobody has told anything.
func Defaults() Options {
	return Options{
		Admin:        Off,
		Listen:       fmt.Sprintf(":%d", proto.DefaultPort),
		TLSListen:    DefaultTLS,
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
	if _, err := history.ParseKeep(o.HistoryKeep); err != nil {
		return &OptionError{"history-keep", err.Error()}
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
	if (o.TLSCert == "") != (o.TLSKey == "") {
		return &OptionError{"tls-cert", "a certificate needs its key, and a key its certificate: give --tls-cert and --tls-key"}
	}
	if o.HistoryKeep != "" && o.History == "" {
		return &OptionError{"history-keep", "it is about a file, and there is none: give --history too"}
	}
	if o.Cluster.URLs != "" {
		if option, problem := o.Cluster.Validate(); problem != "" {
			return &OptionError{option, problem}
		}
		if o.History != "" {
			return &OptionError{"history", "in a cluster NATS keeps what is said: leave --history out, and see --cluster-keep"}
		}
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
