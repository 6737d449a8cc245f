package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parley/client"
)

// TestBeforeSync keeps what others said before the first modeok, in order, and
// does not take it for the answer.
//
// Rules: P-42, P-44, P-53
func TestBeforeSync(t *testing.T) {
	c := dialogue(t, nil,
		"> sync", "< msg bob one", "< privmsg eve two", "< modeok",
		"> inbox", "< inbox 1", "< msg bob three",
	)
	if err := c.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	inbox, err := c.Inbox(t.Context())
	got := fmt.Sprint(brief(c.Take()), brief(inbox), err)
	if want := "[{false bob one} {true eve two}] [{false bob three}] <nil>"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestMessageInSyncMode keeps a message that should have waited in the inbox.
//
// Rules: P-41
func TestMessageInSyncMode(t *testing.T) {
	c := dialogue(t, nil, "> sync", "< modeok", "> joke", "< msg bob early", "< joke ha", "> inbox", "< inbox 0")
	if err := c.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	if joke, err := c.Joke(t.Context()); joke != "ha" {
		t.Errorf("got %q, %v", joke, err)
	}
	if inbox, err := c.Inbox(t.Context()); err != nil || len(inbox) != 0 {
		t.Errorf("got %v, %v", inbox, err)
	}
	if got := fmt.Sprint(brief(c.Take())); got != "[{false bob early}]" {
		t.Errorf("got %s", got)
	}
}

// TestPieces cuts what the server sends at every byte, with and without CR.
//
// Rules: P-3, P-6
func TestPieces(t *testing.T) {
	const said = "msg bob æøå\nmodeok\ninbox 2\nmsg bob hi\nprivmsg eve ho\nusers a b\n"
	for _, text := range []string{said, strings.ReplaceAll(said, "\n", "\r\n")} {
		steps := []string{"> sync", "> inbox", "> users"}
		for _, b := range []byte(text) {
			steps = append(steps, "<|"+string([]byte{b}))
		}
		synctest.Test(t, func(t *testing.T) {
			c := dialogue(t, nil, steps...)
			go func() { _ = c.Sync(t.Context()) }()
			synctest.Wait()
			inbox := make(chan []client.Message, 1)
			go func() { got, _ := c.Inbox(t.Context()); inbox <- got }()
			synctest.Wait()
			users, err := c.Users(t.Context())
			got := fmt.Sprint(brief(c.Take()), brief(<-inbox), users, err)
			if want := "[{false bob æøå}] [{false bob hi} {true eve ho}] [a b] <nil>"; got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// TestUnread never reads messages: the newest stay, the others are counted,
// and answers come all the same.
func TestUnread(t *testing.T) {
	tests := map[string]struct {
		opts client.Options
		want string
	}{
		"by number": {client.Options{MaxMessages: 3}, "[7 8 9]"},
		"by memory": {client.Options{MaxBytes: 2*client.MessageCost + 8}, "[8 9]"},
		"the last":  {client.Options{MaxBytes: 1}, "[9]"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			steps := []string{"> joke"}
			for i := range 10 {
				steps = append(steps, fmt.Sprint("< msg bob ", i))
			}
			c := dialogue(t, &tt.opts, append(steps, "< joke ha")...)
			if _, err := c.Joke(t.Context()); err != nil {
				t.Fatal(err)
			}
			dropped := c.Dropped()
			var texts []string
			for _, m := range c.Take() {
				texts = append(texts, m.Text)
			}
			if fmt.Sprint(texts) != tt.want || dropped != uint64(10-len(texts)) {
				t.Errorf("got %v, %d dropped", texts, dropped)
			}
		})
	}
}

// TestMessages reads until the context ends, and goes on with another one until
// the connection does.
func TestMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := dialogue(t, nil, "< msg bob 1", "< msg bob 2", "< msg bob 3", "> sync", "< msg bob 4", "< msg bob 5", "close")
		var got []string
		for m := range c.Messages(t.Context()) {
			got = append(got, m.Text)
			if m.Text == "2" {
				break
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		for m := range c.Messages(ctx) {
			got = append(got, m.Text)
		}
		if _, err := c.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		if err := c.Sync(t.Context()); !errors.Is(err, io.EOF) {
			t.Errorf("sync: got %v", err)
		}
		for m := range c.Messages(t.Context()) {
			got = append(got, m.Text)
		}
		if fmt.Sprint(got) != "[1 2 3 4 5]" || !errors.Is(c.Err(), io.EOF) {
			t.Errorf("got %v, %v", got, c.Err())
		}
	})
}

// TestSharedMessages has several loops at once: each message is one loop's.
func TestSharedMessages(t *testing.T) {
	const loops, messages = 5, 1000
	var steps, want []string
	for i := range messages {
		steps = append(steps, fmt.Sprintf("< msg bob %03d", i))
		want = append(want, fmt.Sprintf("%03d", i))
	}
	c := dialogue(t, nil, append(steps, "close")...)
	shares := make(chan []string)
	for range loops {
		go func() {
			var share []string
			for m := range c.Messages(t.Context()) {
				share = append(share, m.Text)
			}
			shares <- share
		}()
	}
	var all []string
	for range loops {
		share := <-shares
		if !slices.IsSorted(share) {
			t.Errorf("a share is out of order: %v", share)
		}
		all = append(all, share...)
	}
	slices.Sort(all)
	if !slices.Equal(all, want) {
		t.Errorf("%d of %d messages came", len(all), messages)
	}
}
