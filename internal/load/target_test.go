package load

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"
)

func addrPort(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }

func TestIsNear(t *testing.T) {
	for _, ip := range []string{
		"127.0.0.1", "127.255.0.9", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.7.8", "169.254.1.1",
		"::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::7", "::ffff:10.0.0.1",
	} {
		if !isNear(netip.MustParseAddr(ip)) {
			t.Errorf("%s is refused", ip)
		}
	}
	for _, ip := range []string{
		"8.8.8.8", "172.15.255.255", "172.32.0.1", "192.169.0.1", "100.64.0.1", "192.0.2.1", "224.0.0.1", "255.255.255.255", "0.0.0.0",
		"2001:4860:4860::8888", "::ffff:8.8.8.8", "::", "64:ff9b::808:808", "64:ff9b::a00:1", "ff02::1", "2002:a00:1::1",
	} {
		if isNear(netip.MustParseAddr(ip)) {
			t.Errorf("%s is taken for a private address", ip)
		}
	}
}

func TestResolve(t *testing.T) {
	names := map[string][]string{
		"here":   {"127.0.0.1", "::1"},
		"school": {"192.168.1.20"},
		"mixed":  {"127.0.0.1", "8.8.8.8"}, // one is enough
		"mapped": {"::ffff:8.8.4.4"},
		"away":   {"2001:db8::1"},
	}
	find := func(_ context.Context, _, host string) (ips []netip.Addr, err error) {
		if names[host] == nil {
			return nil, errors.New("no such host")
		}
		for _, ip := range names[host] {
			ips = append(ips, netip.MustParseAddr(ip))
		}
		return ips, nil
	}
	for _, tt := range []struct {
		address string
		remote  bool
		want    string // targets, or what the error says
	}{
		{"here", false, "127.0.0.1:1300 [::1]:1300"},
		{"here:99", false, "127.0.0.1:99 [::1]:99"},
		{"school", false, "192.168.1.20:1300"},
		{"127.0.0.1", false, "127.0.0.1:1300"},
		{"::1", false, "[::1]:1300"},
		{"[::1]:7", false, "[::1]:7"},
		{":7", false, "127.0.0.1:7"},
		{"", false, "127.0.0.1:1300"},
		{"mixed", false, "8.8.8.8 is neither this machine nor in a private network"},
		{"mapped", false, "8.8.4.4 is neither"},
		{"away", false, "--allow-remote"},
		{"8.8.8.8", false, "8.8.8.8 is neither"},
		{"[::ffff:8.8.8.8]:1", false, "8.8.8.8 is neither"},
		{"mixed", true, "127.0.0.1:1300 8.8.8.8:1300"},
		{"away:5", true, "[2001:db8::1]:5"},
		{"nowhere", true, "no address for nowhere: no such host"},
		{"here:0", false, `"0" is no port`},
		{"here:99999", false, `"99999" is no port`},
	} {
		targets, err := resolve(t.Context(), tt.address, tt.remote, find)
		var got []string
		for _, target := range targets {
			got = append(got, target.String())
		}
		if err != nil {
			got = append(got, err.Error())
		}
		if text := strings.Join(got, " "); text != tt.want && (err == nil || !strings.Contains(text, tt.want)) {
			t.Errorf("resolve(%q, remote %v) = %q, want %q", tt.address, tt.remote, text, tt.want)
		}
	}
}

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
		"poll":     func(o *Options) { o.Poll = time.Microsecond },
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
