package target

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"
)

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
		{"1300", true, "1300 is no host; if it is a port on this machine, write :1300"},
		{"here:0", false, `"0" is no port`},
		{"here:99999", false, `"99999" is no port`},
	} {
		all, err := resolve(t.Context(), Target{tt.address, 1300, tt.remote}, find)
		var got []string
		for _, address := range all {
			got = append(got, address.String())
		}
		if err != nil {
			got = append(got, err.Error())
		}
		if text := strings.Join(got, " "); text != tt.want && (err == nil || !strings.Contains(text, tt.want)) {
			t.Errorf("resolve(%q, remote %v) = %q, want %q", tt.address, tt.remote, text, tt.want)
		}
	}
}

func TestReach(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	want := l.Addr().String()
	if got, err := Reach(t.Context(), Target{Address: want}); err != nil || got.String() != want {
		t.Errorf("Reach = %v, %v, want %s", got, err, want)
	}
	l.Close()
	if _, err := Reach(t.Context(), Target{Address: want}); err == nil || !strings.Contains(err.Error(), "no server at "+want) {
		t.Errorf("where nobody listens: %v", err)
	}
	_, err = Reach(t.Context(), Target{Address: "192.0.2.1", Port: 1300})
	if _, ok := errors.AsType[*Error](err); !ok {
		t.Errorf("another's machine: %v", err)
	}
}
