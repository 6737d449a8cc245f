package wire_test

import (
	"testing"

	"parley/internal/wire"
	"parley/proto"
)

// Rules: P-1
func TestWithPort(t *testing.T) {
	for addr, want := range map[string]string{
		"chat.example":      "chat.example:1300",
		"chat.example:":     "chat.example:1300",
		"chat.example:4000": "chat.example:4000",
		"10.0.0.1":          "10.0.0.1:1300",
		"::1":               "[::1]:1300",
		"[::1]":             "[::1]:1300",
		"[::1]:4000":        "[::1]:4000",
		"fe80::1%eth0":      "[fe80::1%eth0]:1300",
		":4000":             ":4000",
		"":                  ":1300",
	} {
		if got := wire.WithPort(addr, proto.DefaultPort); got != want {
			t.Errorf("%q: got %q, want %q", addr, got, want)
		}
	}
}
