package client_test

import (
	"net"
	"sync"
	"testing"

	"parley/client"
)

// FuzzServer has a server send anything at all: every call ends, with an answer
// or an error, and so does the connection.
//
// Rules: P-2, P-43
func FuzzServer(f *testing.F) {
	f.Add([]byte("msg bob hi\nmodeok\ninbox 2\nmsg a b\nprivmsg c d\nusers a b\nmsgok 2\n"))
	f.Add([]byte("modeok\r\ninbox 0\r\nusers\r\nmsgerr spam, blocked for 10 s\r\n"))
	f.Add([]byte("inbox 1073741824\nmsg a b\n"))
	f.Add([]byte("modeok\ninbox 3\nmodeok\n"))
	f.Add([]byte("cmderr server full\n"))
	f.Add([]byte("modeok\n@9 2026-11-22T16:49:00.123Z msg a b\nhistory 1 gap\n@8 2026-11-22T16:49:00.123Z msg c d\nsearch 0\n"))
	f.Add([]byte("\x00\xff\x1b[2J\n\n\n"))
	f.Fuzz(func(t *testing.T, said []byte) {
		ours, theirs := net.Pipe()
		c := client.New(ours, &client.Options{MaxLine: 1000, MaxBytes: 10_000, Trace: func(client.Direction, []byte) {}})
		defer c.Close()
		var all sync.WaitGroup
		all.Go(func() {
			_, _ = theirs.Write(said)
			theirs.Close()
		})
		all.Go(func() { _ = c.Sync(t.Context()) })
		all.Go(func() { _, _ = c.Inbox(t.Context()) })
		all.Go(func() { _, _ = c.Users(t.Context()) })
		all.Go(func() { _, _ = c.SayStamped(t.Context(), "hi") })
		all.Go(func() { _, _ = c.Search(t.Context(), "hi") })
		all.Go(func() { _, _ = c.CatchUp(t.Context(), 7, func(client.Message) {}) })
		all.Wait()
		for range c.Messages(t.Context()) {
		}
		if c.Err() == nil {
			t.Error("the connection goes on")
		}
	})
}
