package server

import (
	"net"
	"net/netip"
	"sync"
)

// gate counts connections and keeps those out that are too many (P-72).
type gate struct {
	max   int // in all; 0 is no limit
	perIP int // of one address; 0 is no limit

	mu   sync.Mutex // guards all below
	open int
	byIP map[netip.Addr]int // those with at least one; nil where nobody asks
}

func newGate(limit, perIP int) *gate {
	g := &gate{max: limit, perIP: perIP}
	if perIP > 0 {
		g.byIP = make(map[netip.Addr]int)
	}
	return g
}

// enter counts a connection from ip, or reports that there is no room for it.
func (g *gate) enter(ip netip.Addr) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.max > 0 && g.open >= g.max {
		return false
	}
	if g.byIP != nil {
		if g.byIP[ip] >= g.perIP {
			return false
		}
		g.byIP[ip]++
	}
	g.open++
	return true
}

// leave takes back what enter counted.
func (g *gate) leave(ip netip.Addr) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open--
	if g.byIP == nil {
		return
	}
	if g.byIP[ip]--; g.byIP[ip] == 0 {
		delete(g.byIP, ip)
	}
}

// ipOf is the address that connections are counted by.
func ipOf(addr net.Addr) netip.Addr {
	if tcp, ok := addr.(*net.TCPAddr); ok {
		return tcp.AddrPort().Addr().Unmap()
	}
	return netip.Addr{}
}
