package load

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"

	"parley/internal/wire"
	"parley/proto"
)

// lookup finds the addresses of a host.
type lookup func(ctx context.Context, network, host string) ([]netip.Addr, error)

// reach finds the address of the server: the first of its name's that takes a
// connection. It is asked for once, so that no later answer leads elsewhere.
func reach(ctx context.Context, opts Options) (netip.AddrPort, error) {
	ctx, cancel := context.WithTimeout(ctx, opts.Timeout)
	defer cancel()
	targets, err := resolve(ctx, opts.Address, opts.AllowRemote, net.DefaultResolver.LookupNetIP)
	if err != nil {
		return netip.AddrPort{}, err
	}
	var failures []error
	for _, target := range targets {
		var d net.Dialer
		conn, err := d.DialContext(ctx, "tcp", target.String())
		if err == nil {
			return target, conn.Close()
		}
		failures = append(failures, err)
	}
	return netip.AddrPort{}, fmt.Errorf("no server at %s: %w", opts.Address, errors.Join(failures...))
}

// resolve returns the addresses behind addr. All of them must be of this
// machine or of a private network, unless others are allowed.
func resolve(ctx context.Context, addr string, allowRemote bool, find lookup) ([]netip.AddrPort, error) {
	host, port, err := net.SplitHostPort(wire.WithPort(addr, proto.DefaultPort))
	if err != nil {
		return nil, wrong(Address, "%q is no address", addr)
	}
	number, err := net.DefaultResolver.LookupPort(ctx, "tcp", port)
	if err != nil || number == 0 {
		return nil, wrong(Address, "%q is no port", port)
	}
	if host == "" {
		host = "127.0.0.1"
	}
	ips, err := addressesOf(ctx, host, find)
	if err != nil {
		return nil, fmt.Errorf("no address for %s: %w", host, err)
	}
	var targets []netip.AddrPort
	for _, ip := range ips {
		if !allowRemote && !isNear(ip) {
			return nil, wrong(Address, "%s is neither this machine nor in a private network; if you may put load on it, say --allow-remote", ip)
		}
		targets = append(targets, netip.AddrPortFrom(ip, uint16(number)))
	}
	return targets, nil
}

func addressesOf(ctx context.Context, host string, find lookup) ([]netip.Addr, error) {
	if ip, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{ip.Unmap()}, nil
	}
	ips, err := find(ctx, "ip", host)
	for i := range ips {
		ips[i] = ips[i].Unmap()
	}
	return ips, err
}

// isNear reports whether ip is of this machine or of a network that only its
// owners reach. An address such as ::ffff:8.8.8.8 counts as what is in it.
func isNear(ip netip.Addr) bool {
	return ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast()
}

// spareFiles are what the program needs beside its connections.
const spareFiles = 64

// checkFiles refuses more clients than this process may have open files.
func checkFiles(clients int, limit func() int) error {
	have := limit()
	if need := clients + spareFiles; have > 0 && have < need {
		return wrong("clients", "%d connections need %d open files and this process may have %d; ask for fewer, or raise the limit (ulimit -n %d)",
			clients, need, have, need)
	}
	return nil
}
