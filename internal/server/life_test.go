package server_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/server"
)

// until asks again and again until the answer fits.
func (p *peer) until(command string, fits func(answer string) bool) string {
	p.t.Helper()
	for {
		if answer := p.ask(command); fits(answer) {
			return answer
		}
	}
}

// A connection is a member before it has said anything.
//
// Rules: P-1, P-12
func TestSilentConnectionIsAMember(t *testing.T) {
	_, addrs := start(t, options())
	p := join(t, addrs["chat"])
	silent := dial(t, addrs["chat"])
	p.until("users", func(a string) bool { return a == "users Anonymous1 Anonymous2" })
	p.expect("msg hi", "msgok 1")
	if got := silent.line(); got != "msg Anonymous1 hi" {
		t.Errorf("the silent one got %q", got)
	}
}

// However a client goes, in the middle of a line or of an answer, nothing of it
// stays.
//
// Rules: P-7, P-11
func TestNoGhosts(t *testing.T) {
	_, addrs := start(t, options())
	p := join(t, addrs["chat"])
	for how, leave := range map[string]func(*peer){
		"close":           func(q *peer) { q.Close() },
		"close in a line": func(q *peer) { q.send("msg never sa"); q.Close() },
		"reset":           func(q *peer) { q.SetLinger(0); q.Close() },
		"reset in a line": func(q *peer) { q.send("msg never sa"); q.SetLinger(0); q.Close() },
		"reset while answers wait": func(q *peer) {
			q.send(strings.Repeat("help\n", 10_000))
			q.SetLinger(0)
			q.Close()
		},
		"half-close": func(q *peer) {
			q.send("msg never sa")
			q.CloseWrite()
			if rest, err := io.ReadAll(q); len(rest) > 0 || err != nil {
				t.Errorf("after a half-close: %q, %v", rest, err)
			}
		},
	} {
		q := join(t, addrs["chat"])
		q.expect("login ghost", "loginok")
		leave(q)
		begin := time.Now()
		p.until("users", func(a string) bool { return a == "users Anonymous1" })
		t.Logf("%s: gone after %v", how, time.Since(begin))
	}
	p.expect("msg anyone", "msgok 0")
}

// One member never reads. It is cut, everybody else gets every line, and the
// talker never waits for it.
//
// Rules: P-71, P-82
func TestSilentReaderHurtsNobody(t *testing.T) {
	const members, messages, round = 5, 2000, 16
	opts := options()
	opts.SpamRate = 0
	opts.OutboxLimit = 512 << 10
	_, addrs := start(t, opts)
	silent := join(t, addrs["chat"])
	silent.expect("login silent", "loginok")
	readers := make([]*peer, members)
	for i := range readers {
		readers[i] = join(t, addrs["chat"])
	}
	talker := join(t, addrs["chat"])
	caughtUp := make(chan bool, members) // the readers do read, all the time
	var wg sync.WaitGroup
	for _, r := range readers {
		wg.Go(func() {
			for i := range messages {
				got, err := r.lines.ReadString('\n')
				if want := fmt.Sprintf("msg Anonymous%d %d ", members+2, i); err != nil || !strings.HasPrefix(got, want) {
					t.Errorf("got %.40q, %v, want %q", got, err, want)
					caughtUp <- false
					return
				}
				if i%round == round-1 {
					caughtUp <- true
				}
			}
		})
	}
	padding := strings.Repeat("x", 8000)
	for i := range messages { // 16 MB, more than any socket holds
		got := talker.ask(fmt.Sprintf("msg %d %s", i, padding))
		if got != fmt.Sprintf("msgok %d", members) && got != fmt.Sprintf("msgok %d", members+1) {
			t.Fatalf("the talker got %q", got)
		}
		for range members * (i % round / (round - 1)) {
			if !<-caughtUp {
				t.FailNow()
			}
		}
	}
	wg.Wait()
	talker.until("users", func(a string) bool { return !strings.Contains(a, " silent") })
}

// With a write timeout of milliseconds, one that reads nothing is cut even
// when little waits for it.
//
// Rules: P-71
func TestWriteTimeout(t *testing.T) {
	opts := options()
	opts.SpamRate = 0
	opts.WriteTimeout = 50 * time.Millisecond
	opts.OutboxLimit = 1 << 30
	_, addrs := start(t, opts)
	silent := join(t, addrs["chat"])
	talker := join(t, addrs["chat"])
	line := "msg " + strings.Repeat("x", 16_000)
	talker.until(line, func(a string) bool { return a == "msgok 0" })
	silent.Close()
}

// Rules: P-70, P-15
func TestIdleTimeout(t *testing.T) {
	opts := options()
	opts.IdleTimeout = 50 * time.Millisecond
	_, addrs := start(t, opts)
	for name, addr := range addrs {
		p := dial(t, addr)
		if rest, err := io.ReadAll(p); len(rest) > 0 || err != nil {
			t.Errorf("%s: the idle one read %q, %v", name, rest, err)
		}
	}
}

// Rules: P-72, S-4
func TestServerFull(t *testing.T) {
	for name, limit := range map[string]func(*server.Options){
		"in all":      func(o *server.Options) { o.MaxConns = 2 },
		"per address": func(o *server.Options) { o.MaxConnsPerIP = 2 },
	} {
		t.Run(name, func(t *testing.T) {
			opts := options()
			limit(&opts)
			_, addrs := start(t, opts)
			a, b := join(t, addrs["chat"]), join(t, addrs["chat"])
			for service, want := range map[string]string{"chat": "cmderr server full\n", "sum": "error\n"} {
				p := dial(t, addrs[service])
				if rest, err := io.ReadAll(p); string(rest) != want || err != nil {
					t.Errorf("%s: one too many read %q, %v", service, rest, err)
				}
			}
			a.expect("users", "users Anonymous1 Anonymous2")
			b.CloseWrite()
			if _, err := io.ReadAll(b); err != nil {
				t.Fatal(err)
			}
			// Who has seen the end can come back at once.
			join(t, addrs["chat"]).expect("users", "users Anonymous1 Anonymous3")
		})
	}
}

// A stop under load: whatever was answered with msgok reaches everybody it was
// counted for, and every stream ends.
//
// Rules: P-73, P-15
func TestShutdownUnderLoad(t *testing.T) {
	const members = 20
	opts := options()
	opts.SpamRate = 0
	opts.OutboxLimit = 64 << 20
	srv, addrs := start(t, opts)
	peers := make([]*peer, members)
	for i := range peers {
		peers[i] = join(t, addrs["chat"])
	}
	var wg sync.WaitGroup
	accepted := make([]int, members) // sum of the counts in each one's msgok
	heard := make([]int, members)
	flowing := make(chan struct{}, members)
	for i, p := range peers {
		window := make(chan struct{}, 20) // messages not answered yet
		wg.Go(func() { p.talk(window) })
		wg.Go(func() { accepted[i], heard[i] = p.tally(window, flowing) })
	}
	for range members {
		<-flowing
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	begin := time.Now()
	if err := srv.Shutdown(ctx); err != nil {
		t.Errorf("after %v: %v", time.Since(begin), err)
	}
	wg.Wait()
	said, got := 0, 0
	for i := range peers {
		said += accepted[i]
		got += heard[i]
	}
	if said == 0 || said != got {
		t.Errorf("counted for %d recipients, received %d times", said, got)
	}
	t.Logf("%d deliveries, stopped after %v", got, time.Since(begin))
}

// talk says messages until the connection ends, as many as the window lets it.
func (p *peer) talk(window chan<- struct{}) {
	for i := 0; ; i++ {
		window <- struct{}{}
		if _, err := fmt.Fprintf(p, "msg %d\n", i); err != nil {
			return
		}
	}
}

// tally reads to the end of the stream and counts; it says once that lines of
// both kinds come.
func (p *peer) tally(window <-chan struct{}, flowing chan<- struct{}) (accepted, heard int) {
	told := false
	for {
		line, err := p.lines.ReadString('\n')
		if err != nil {
			if !errors.Is(err, io.EOF) || line != "" {
				p.t.Errorf("the stream ended with %q and %v", line, err)
			}
			p.Close() // so that talk ends
			for range cap(window) {
				select {
				case <-window:
				default:
				}
			}
			return accepted, heard
		}
		if count, ok := strings.CutPrefix(line, "msgok "); ok {
			n, _ := strconv.Atoi(strings.TrimSpace(count))
			accepted += n
			<-window
		} else {
			heard++
		}
		if !told && accepted > 100 && heard > 100 {
			told = true
			flowing <- struct{}{}
		}
	}
}

// A stop does not wait for one that never reads beyond its time.
//
// Rules: P-73
func TestShutdownIsBounded(t *testing.T) {
	opts := options()
	opts.SpamRate = 0
	opts.OutboxLimit = 1 << 30
	srv, addrs := start(t, opts)
	join(t, addrs["chat"]) // reads nothing any more
	talker := join(t, addrs["chat"])
	for range 1000 {
		talker.expect("msg "+strings.Repeat("x", 16_000), "msgok 1")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	if err := srv.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the stop said %v", err)
	}
}

func TestListenErrors(t *testing.T) {
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	for name, c := range map[string]struct {
		change func(*server.Options)
		option string // that the error blames; empty for none
	}{
		"port in use":        {func(o *server.Options) { o.Listen = busy.Addr().String() }, ""},
		"chat off":           {func(o *server.Options) { o.Listen = server.Off }, "listen"},
		"no address":         {func(o *server.Options) { o.Listen = "nonsense" }, "listen"},
		"no port":            {func(o *server.Options) { o.Sum = "127.0.0.1:99999" }, "sum"},
		"no host":            {func(o *server.Options) { o.Listen = "no.such.host.invalid:1" }, "listen"},
		"rate below":         {func(o *server.Options) { o.SpamRate = -1 }, "spam-rate"},
		"rate above":         {func(o *server.Options) { o.SpamRate = 1_000_001 }, "spam-rate"},
		"no time":            {func(o *server.Options) { o.IdleTimeout = 0 }, "idle-timeout"},
		"outbox too small":   {func(o *server.Options) { o.OutboxLimit = 1000 }, "outbox-limit"},
		"no jokes":           {func(o *server.Options) { o.Jokes = []string{} }, "jokes"},
		"a joke with an ESC": {func(o *server.Options) { o.Jokes = []string{"ok", "\x1b[31m"} }, "jokes"},
	} {
		opts := options()
		c.change(&opts)
		srv, err := server.Listen(opts)
		var bad *server.OptionError
		switch {
		case err == nil:
			t.Errorf("%s: no error", name)
			srv.Close()
		case errors.As(err, &bad) != (c.option != "") || bad != nil && bad.Option != c.option:
			t.Errorf("%s: %v, which blames the option %v", name, err, bad)
		}
	}
}

// Rules: P-16, P-57
func TestJokes(t *testing.T) {
	opts := options()
	opts.Jokes = server.ParseJokes("\n only one \n\n")
	_, addrs := start(t, opts)
	join(t, addrs["chat"]).expect("joke", "joke only one")

	_, addrs = start(t, options())
	p := join(t, addrs["chat"])
	told := make(map[string]bool)
	for len(told) < 40 {
		joke := p.ask("joke")
		for _, c := range []byte(joke) {
			if c < ' ' || c > '~' {
				t.Fatalf("%q is not printable ASCII", joke)
			}
		}
		told[joke] = true
	}
}
