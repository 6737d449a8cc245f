package client_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"parley/client"
)

// TestTrace shows the lines as they are on the wire: line ends, cut lines and
// pieces of long ones included.
func TestTrace(t *testing.T) {
	var mu sync.Mutex
	var got []string
	opts := &client.Options{MaxLine: 20, Trace: func(dir client.Direction, line []byte) {
		mu.Lock()
		defer mu.Unlock()
		got = append(got, fmt.Sprintf("%c %q", dir, line))
	}}
	c := dialogue(t, opts, "> sync", "<|msg bob hi\r\nmod", "<|eok\n", "> joke", "<|joke about the 20 bytes", "<| of a line", "close")
	_ = c.Sync(t.Context())
	_, _ = c.Joke(t.Context())
	<-c.Done()
	want := []string{`> "sync\n"`, `< "msg bob hi\r\n"`, `< "modeok\n"`, `> "joke\n"`, `< "joke about the 20 bytes"`}
	if !slices.Equal(got, want) {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestTraceUnfinishedLine(t *testing.T) {
	var got []string
	opts := &client.Options{Trace: func(dir client.Direction, line []byte) {
		got = append(got, fmt.Sprintf("%c %q", dir, line))
	}}
	c := dialogue(t, opts, "<|msg bob", "close")
	<-c.Done()
	if want := []string{`< "msg bob"`}; !slices.Equal(got, want) {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
