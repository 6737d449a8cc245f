package server

import (
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// How long an administrator's client may take.
const (
	adminHeaderTimeout = 10 * time.Second
	adminIdleTimeout   = 2 * time.Minute
)

// admin is the view from outside, over HTTP: health, metrics and profiles. Who
// reaches it can read the program's memory, so it listens on loopback unless
// told otherwise.
type admin struct {
	listener net.Listener
	http     http.Server
}

func (s *Server) newAdmin(ln net.Listener) *admin {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		if s.cluster != nil {
			if err := s.cluster.Apart(); err != nil {
				_, _ = fmt.Fprintf(w, "ok, but apart from the other nodes: %v\n", err)
				return
			}
		}
		if err := s.history.Disk().Err; err != nil {
			_, _ = fmt.Fprintf(w, "ok, but messages are not kept: %v\n", err)
			return
		}
		_, _ = w.Write([]byte("ok\n")) // who asked and left does not want to know
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if s.isStopping() {
			http.Error(w, "stopping", http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write([]byte("ready\n"))
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.newRegistry(), promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return &admin{listener: ln, http: http.Server{
		Handler:           ownHost(mux),
		ReadHeaderTimeout: adminHeaderTimeout,
		IdleTimeout:       adminIdleTimeout,
		ErrorLog:          reportsTo(s.log),
	}}
}

func (a *admin) serve() { _ = a.http.Serve(a.listener) } // ends with Close

func (a *admin) close() {
	_ = a.http.Close()
	_ = a.listener.Close() // if it was never served
}

// ownHost lets only those through who know where they are: the address, or
// localhost. A page of the web whose name was made to mean this machine is
// refused.
func ownHost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if h, _, err := net.SplitHostPort(host); err == nil {
			host = h
		}
		if host != "localhost" && net.ParseIP(strings.Trim(host, "[]")) == nil {
			http.Error(w, "use the address of this machine, or localhost", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// adminAddress is where to listen: a port alone means this machine alone.
func adminAddress(address string) (string, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", err
	}
	if host == "" {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port), nil
}
