package load

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"
)

func addrPort(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }

// Not even a connection is made to where it is not allowed.
func TestRunRefusesRemote(t *testing.T) {
	o := small(Idle, "192.0.2.1")
	_, err := Run(t.Context(), o)
	if bad, ok := errors.AsType[*OptionError](err); !ok || bad.Option != Address {
		t.Errorf("got %v", err)
	}
}

func TestFiles(t *testing.T) {
	if err := checkFiles(100, func() int { return 100 + spareFiles }); err != nil {
		t.Error(err)
	}
	if err := checkFiles(100, func() int { return 0 }); err != nil {
		t.Errorf("an unknown limit: %v", err)
	}
	err := checkFiles(100, func() int { return 99 + spareFiles })
	if err == nil || !strings.Contains(err.Error(), "ulimit -n 164") {
		t.Errorf("got %v", err)
	}
	if limit := raiseFileLimit(); limit < 0 {
		t.Errorf("the limit is %d", limit)
	}
}

func TestValidate(t *testing.T) {
	for option, change := range map[string]func(*Options){
		"scenario": func(o *Options) { o.Scenario = "chaos" },
		"clients":  func(o *Options) { o.Clients = 1 },
		"senders":  func(o *Options) { o.Senders = -1 },
		"size":     func(o *Options) { o.Size = 15 },
		"rate":     func(o *Options) { o.Rate = -1 },
		"window":   func(o *Options) { o.Window, o.Size = 100, 1000 },
		"ramp":     func(o *Options) { o.Ramp = -1 },
		"duration": func(o *Options) { o.Duration = 0 },
		"timeout":  func(o *Options) { o.Timeout = 25 * time.Hour },
		"poll":     func(o *Options) { o.Poll = time.Second },
		"pid":      func(o *Options) { o.PID = -1 },
		"drop":     func(o *Options) { o.Drop = 101 },
		"deaf":     func(o *Options) { o.Drop, o.Deaf = 60, 60 },
	} {
		o := Defaults(Fanout)
		change(&o)
		if bad, ok := errors.AsType[*OptionError](o.Validate()); !ok || bad.Option != option || strings.Contains(bad.Problem, "\n") {
			t.Errorf("a wrong %s: %v", option, bad)
		}
	}
	o := Defaults(Class)
	o.Clients = maxClients
	if o.Validate() == nil {
		t.Error("50,000 who talk to 50,000 are allowed")
	}
	for _, scenario := range []string{Latency, Class} {
		o := Defaults(scenario)
		if o.Rate = 0; o.Validate() == nil {
			t.Errorf("%s in a closed loop is allowed", scenario)
		}
	}
}

// The defaults stay far within what a default server lets wait.
func TestDefaults(t *testing.T) {
	for _, scenario := range Scenarios() {
		o := Defaults(scenario)
		if err := o.Validate(); err != nil || len(o.Warnings()) > 0 {
			t.Errorf("%s: %v, %q", scenario, err, o.Warnings())
		}
	}
	o := Defaults(Fanout)
	if o.Senders = 300; len(o.Warnings()) > 0 {
		t.Errorf("300 × 32 lines of 64 bytes: %q", o.Warnings())
	}
	if o.Window = 64; len(o.Warnings()) != 1 || !strings.Contains(o.Warnings()[0], "--outbox-limit") {
		t.Errorf("300 × 64 lines of 64 bytes: %q", o.Warnings())
	}
}
