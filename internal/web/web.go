package web

import (
	"net"
	"net/http"
)

// Options say how browsers are served.
type Options struct {
	// Origins are hosts, beside the one that is asked, whose pages may connect
	// (P-91).
	Origins []string
	// Serve runs a session over a connection until it ends.
	Serve func(net.Conn) Ending
	// Go runs something that lives as long as a connection, and is waited for. It
	// reports false, and does not, when the server stops.
	Go func(func()) bool
}

type handler struct {
	Options
	files map[string]*file
}

// New returns what answers browsers.
func New(opts Options) http.Handler {
	h := &handler{opts, pageFiles()}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ws", h.socket)
	mux.HandleFunc("GET /", h.servePage)
	return mux
}
