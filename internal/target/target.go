// Package target finds the address of a server that a tool aims at, and refuses
// those that belong to others: a tool that floods or cuts lines may be put only
// on what its user owns.
package target

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"

	"parley/internal/wire"
)

// Target is what the user said of the server.
type Target struct {
	Address     string // host, with or without a port
	Port        int    // where Address has none
	AllowRemote bool   // also addresses that are neither loopback nor private
}

// Error is an address that makes no sense, or that may not be aimed at. Other
// errors are those of the network.
type Error struct{ Problem string }

func (e *Error) Error() string { return e.Problem }

func wrong(format string, args ...any) error { return &Error{fmt.Sprintf(format, args...)} }

// Reach finds the address of the server: the first of its name's that takes a
// connection. It is asked for once, so that no later answer leads elsewhere.
func Reach(ctx context.Context, t Target) (netip.AddrPort, error) {
	all, err := resolve(ctx, t, net.DefaultResolver.LookupNetIP)
	if err != nil {
		return netip.AddrPort{}, err
	}
	var failures []error
	for _, address := range all {
		var d net.Dialer
		conn, err := d.DialContext(ctx, "tcp", address.String())
		if err == nil {
			return address, conn.Close()
		}
		failures = append(failures, err)
	}
	return netip.AddrPort{}, fmt.Errorf("no server at %s: %w", t.Address, errors.Join(failures...))
}

// lookup finds the addresses of a host.
type lookup func(ctx context.Context, network, host string) ([]netip.Addr, error)

// resolve returns the addresses behind t. All of them must be of this machine or
// of a private network, unless others are allowed.
func resolve(ctx context.Context, t Target, find lookup) ([]netip.AddrPort, error) {
	host, port, err := net.SplitHostPort(wire.WithPort(t.Address, t.Port))
	if err != nil {
		return nil, wrong("%q is no address", t.Address)
	}
	number, err := net.DefaultResolver.LookupPort(ctx, "tcp", port)
	if err != nil || number == 0 {
		return nil, wrong("%q is no port", port)
	}
	if host == "" {
		host = "127.0.0.1"
	}
	if _, err := strconv.ParseUint(host, 10, 16); err == nil {
		return nil, wrong("%s is no host; if it is a port on this machine, write :%s", host, host)
	}
	ips, err := addressesOf(ctx, host, find)
	if err != nil {
		return nil, fmt.Errorf("no address for %s: %w", host, err)
	}
	var all []netip.AddrPort
	for _, ip := range ips {
		if !t.AllowRemote && !isNear(ip) {
			return nil, wrong("%s is neither this machine nor in a private network; if the server is yours, say --allow-remote", ip)
		}
		all = append(all, netip.AddrPortFrom(ip, uint16(number)))
	}
	return all, nil
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
