package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"parley/internal/server"
	"parley/proto"
)

// announce tells people, and the address file if there is one, where the server
// listens.
func announce(addrs []server.Addr, addrFile string, out io.Writer) error {
	if addrFile != "" {
		if err := writeAddrFile(addrFile, addrs); err != nil {
			return fmt.Errorf("--addr-file: %w", err)
		}
	}
	_, err := io.WriteString(out, greeting(addrs))
	return err
}

// services are the names of a server's services: for people, and of the flags
// that say where they listen.
var services = map[string]struct{ title, flag string }{
	"chat":  {"chat", "listen"},
	"tls":   {"over TLS", "tls-listen"},
	"sum":   {"warm-up", "sum"},
	"web":   {"web page", "web"},
	"admin": {"admin", "admin"},
}

// greeting is what a person reads who has just started a server.
func greeting(addrs []server.Addr) string {
	var b strings.Builder
	open := false
	b.WriteString("parley is listening.\n")
	for _, a := range addrs {
		fmt.Fprintf(&b, "  %-8s %s\n", services[a.Service].title, shown(a.Addr))
		open = open || !a.Addr.IP.IsLoopback()
	}
	if open {
		b.WriteString("Other machines can reach it. To keep it to this one:\n  parley serve" + loopbackFlags(addrs) + "\n")
		b.WriteString(warning(addrs))
	} else {
		b.WriteString("Only this machine can reach it.\n")
	}
	host, port, _ := net.SplitHostPort(reachable(addrs[0].Addr))
	menu := "parley menu"
	if reachable(addrs[0].Addr) != fmt.Sprintf("127.0.0.1:%d", proto.DefaultPort) {
		menu += " " + reachable(addrs[0].Addr)
	}
	fmt.Fprintf(&b, "Try it from another terminal:\n  nc %s %s      and type: msg hello\n  %s\n", host, port, menu)
	if i := slices.IndexFunc(addrs, func(a server.Addr) bool { return a.Service == "web" }); i >= 0 {
		scheme := "http"
		if addrs[i].Secure {
			scheme = "https"
		}
		fmt.Fprintf(&b, "or in a browser:\n  %s://%s/\n", scheme, reachable(addrs[i].Addr))
	}
	return b.String()
}

// warning is for a server that others reach without TLS.
func warning(addrs []server.Addr) string {
	if slices.ContainsFunc(addrs, func(a server.Addr) bool { return a.Secure }) {
		return "What goes over the plain port can be read on its way: passwords and secrets do not belong there.\n"
	}
	return "Nothing is encrypted, so passwords and secrets do not belong here (see --tls-cert).\n"
}

// shown is an address as the flags have it.
func shown(addr *net.TCPAddr) string {
	if addr.IP.IsUnspecified() {
		return fmt.Sprintf(":%d", addr.Port)
	}
	return addr.String()
}

// loopbackFlags are the flags that keep these services to this machine.
func loopbackFlags(addrs []server.Addr) string {
	var flags strings.Builder
	for _, a := range addrs {
		fmt.Fprintf(&flags, " --%s 127.0.0.1:%d", services[a.Service].flag, a.Addr.Port)
	}
	return flags.String()
}

// reachable is an address that a client on this machine can use.
func reachable(addr *net.TCPAddr) string {
	if !addr.IP.IsUnspecified() {
		return addr.String()
	}
	return fmt.Sprintf("127.0.0.1:%d", addr.Port)
}

// writeAddrFile puts the addresses where a script waits for them: the file
// appears whole, or not at all.
func writeAddrFile(path string, addrs []server.Addr) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".parley-addr-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // once renamed, there is nothing to remove
	for _, a := range addrs {
		if _, err = fmt.Fprintf(tmp, "%s %s\n", a.Service, reachable(a.Addr)); err != nil {
			break
		}
	}
	if err = errors.Join(err, tmp.Chmod(0o644), tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}
