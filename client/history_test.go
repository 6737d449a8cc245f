package client_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/client"
	"parley/internal/server"
	"parley/proto"
)

// A message that no ID could be given is in no history, so it is not taken for one
// that was there.
//
// Rules
func TestCatchUpKeepsWhatHasNoID(t *testing.T) {
	const at = " 2026-11-22T16:49:00.123Z "
	c := dialogue(t, nil,
		"> stamp", "< msg bob early", "< modeok",
		"> history since 5", "< @6"+at+"msg bob six", "< @0"+at+"msg bob alone", "< history 1", "< @6"+at+"msg bob six",
		"> history since 6", "< history 0",
	)
	var missed []client.Message
	if gap, err := c.CatchUp(t.Context(), 5, func(m client.Message) { missed = append(missed, m) }); gap || err != nil {
		t.Fatal(gap, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for m := range c.Messages(ctx) {
		missed = append(missed, m)
		break
	}
	if got := fmt.Sprint(brief(missed)); got != "[{false bob six} {false bob alone}]" {
		t.Error(got)
	}
}

// aParley starts a server and returns its address.
func aParley(t *testing.T, file string) string {
	opts := server.Defaults()
	opts.Listen, opts.Sum, opts.Web, opts.SpamRate, opts.History = "127.0.0.1:0", server.Off, server.Off, 0, file
	srv, err := server.Listen(opts)
	if err != nil {
		t.Fatal(err)
	}
	srv.Start()
	t.Cleanup(srv.Close)
	return srv.Addrs()[0].Addr.String()
}

// Messages and receipts have stamps once that was asked for, and what was said
// can be asked for and searched.
//
// Rules
func TestHistory(t *testing.T) {
	ctx := t.Context()
	addr := aParley(t, filepath.Join(t.TempDir(), "said.db"))
	alice, bob := dial(t, addr, nil), dial(t, addr, nil)
	for name, c := range map[string]*client.Client{"alice": alice, "bob": bob} {
		if err := c.Login(ctx, name); err != nil {
			t.Fatal(err)
		}
	}
	if r, err := alice.SayStamped(ctx, "before"); err != nil || r != (client.Receipt{Recipients: 1}) {
		t.Errorf("%+v, %v", r, err)
	}
	for _, c := range []*client.Client{alice, bob} {
		if err := c.Stamp(ctx); err != nil {
			t.Fatal(err)
		}
	}
	r, err := alice.SayStamped(ctx, "a red fox")
	if err != nil || r.Recipients != 1 || r.Stamp.ID == 0 || time.Since(r.Stamp.Time).Abs() > time.Minute {
		t.Errorf("%+v, %v", r, err)
	}
	if err := alice.Whisper(ctx, "bob", "psst"); err != nil {
		t.Error(err)
	}
	if _, err := bob.Users(ctx); err != nil { // what came is there after it
		t.Error(err)
	}
	live := bob.Take()
	if got := fmt.Sprint(brief(live)); got != "[{false alice before} {false alice a red fox} {true alice psst}]" {
		t.Fatal(got)
	}
	if live[0].Stamp != (client.Stamp{}) || live[1].Stamp != r.Stamp || live[2].Stamp.ID != 0 || live[2].Stamp.Time.IsZero() {
		t.Errorf("stamps %+v", live)
	}
	for _, test := range []struct {
		page proto.Page
		want string
	}{
		{proto.Page{}, "[{false alice before} {false alice a red fox}]"},
		{proto.Page{N: 1}, "[{false alice a red fox}]"},
		{proto.Page{Range: proto.Before, ID: r.Stamp.ID}, "[{false alice before}]"},
		{proto.Page{Range: proto.Since, ID: r.Stamp.ID - 1, N: 5}, "[{false alice a red fox}]"},
	} {
		p, err := bob.History(ctx, test.page)
		if got := fmt.Sprint(brief(p.Messages)); err != nil || got != test.want || p.Gap {
			t.Errorf("%+v: %s, %+v, %v", test.page, got, p, err)
		}
	}
	if p, err := bob.History(ctx, proto.Page{Range: proto.Since, ID: proto.MaxID}); err != nil || !p.Gap || len(p.Messages) > 0 {
		t.Errorf("%+v, %v", p, err)
	}
	found, err := bob.Search(ctx, "FOX, red!")
	if err != nil || !slices.Equal(found, live[1:2]) {
		t.Errorf("%+v, %v", found, err)
	}
	var bad *client.InputError
	if _, err := bob.Search(ctx, " "); !errors.As(err, &bad) {
		t.Errorf("%v", err)
	}
	if _, err := bob.History(ctx, proto.Page{N: -1}); !errors.As(err, &bad) {
		t.Errorf("%v", err)
	}
}

// A server that has no such commands says so, and the connection goes on.
//
// Rules: X-1, P-30
func TestHistoryOfAStrictServer(t *testing.T) {
	const no = "< cmderr command not supported"
	c := dialogue(t, nil, "> history since 3", no, "> stamp", no, "> search x", no, "> stamp", no, "> msg hi", "< msgok 0")
	ctx := t.Context()
	_, history := c.History(ctx, proto.Page{Range: proto.Since, ID: 3})
	stamp := c.Stamp(ctx)
	_, search := c.Search(ctx, "x")
	_, catchUp := c.CatchUp(ctx, 3, func(client.Message) { t.Error("a message") })
	for _, err := range []error{history, stamp, search, catchUp} {
		if !errors.Is(err, client.ErrUnsupported) {
			t.Errorf("%v", err)
		}
	}
	if _, err := c.Say(ctx, "hi"); err != nil {
		t.Error(err)
	}
}

// Who comes back, again and again while others talk, has everything once and in
// order.
//
// Rules
func TestCatchUp(t *testing.T) {
	for name, file := range map[string]string{"memory": "", "file": filepath.Join(t.TempDir(), "said.db")} {
		t.Run(name, func(t *testing.T) {
			const talkers, each = 3, 400
			addr := aParley(t, file)
			var talking sync.WaitGroup
			done := make(chan struct{})
			for i := range talkers {
				talker := dial(t, addr, nil)
				talking.Go(func() {
					for j := range each {
						if _, err := talker.Say(t.Context(), fmt.Sprint(i, " ", j)); err != nil {
							t.Error(err)
						}
					}
				})
			}
			go func() { talking.Wait(); close(done) }()
			var got []client.Message
			for visits, over := 0, false; !over; visits++ {
				select {
				case <-done:
					over = visits > 5
				default:
				}
				got = visit(t, addr, got)
			}
			next := make(map[string]int)
			for i, m := range got {
				who, n, _ := strings.Cut(m.Text, " ")
				if n != fmt.Sprint(next[who]) || i > 0 && m.Stamp.ID <= got[i-1].Stamp.ID {
					t.Fatalf("message %d is %+v, awaited number %d", i, m, next[who])
				}
				next[who]++
			}
			if len(got) != talkers*each {
				t.Errorf("%d messages", len(got))
			}
		})
	}
}

// visit connects, catches up, listens a while and goes.
func visit(t *testing.T, addr string, got []client.Message) []client.Message {
	c := dial(t, addr, nil)
	defer c.Close()
	last := int64(1)
	if len(got) > 0 {
		last = got[len(got)-1].Stamp.ID
	}
	// The first time, what was said before the start may be missing.
	gap, err := c.CatchUp(t.Context(), last, func(m client.Message) { got = append(got, m) })
	if err != nil || gap && last > 1 {
		t.Fatalf("gap %v, %v", gap, err)
	}
	for range 3 {
		if _, err := c.Users(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return append(got, c.Take()...)
}

// Lines of a block that are no stamped public messages end the connection.
//
// Rules
func TestBrokenHistory(t *testing.T) {
	const at = " 2026-11-22T16:49:00.123Z "
	for _, line := range []string{
		"msg bob hi", "@0" + at + "msg bob hi", "@5" + at + "privmsg bob hi", "modeok", "@5 2026-13-22T16:49:00.123Z msg bob hi", "@5 x msg bob hi",
	} {
		c := dialogue(t, nil, "> history", "< history 2", "< @4"+at+"msg bob hi", "< "+line)
		_, err := c.History(t.Context(), proto.Page{})
		if bad := (*client.ProtocolError)(nil); !errors.As(err, &bad) || bad.Line != line {
			t.Errorf("%q: %v", line, err)
		}
	}
}
