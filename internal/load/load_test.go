package load

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/internal/server"
)

// start runs a server until the test ends and returns the address of its chat.
func start(t *testing.T, change func(*server.Options)) string {
	t.Helper()
	opts := server.Defaults()
	opts.Web = server.Off
	opts.Listen, opts.Sum, opts.SpamRate = "127.0.0.1:0", server.Off, 0
	if change != nil {
		change(&opts)
	}
	srv, err := server.Listen(opts)
	if err != nil {
		t.Fatal(err)
	}
	srv.Start()
	t.Cleanup(srv.Close)
	return srv.Addrs()[0].Addr.String()
}

// small are the options of a run that is over soon.
func small(scenario, address string) Options {
	o := Defaults(scenario)
	o.Address, o.Clients, o.Timeout = address, 12, 20*time.Second
	o.Senders = min(o.Senders, 3)
	o.Duration, o.Ramp, o.Poll = 300*time.Millisecond, 0, min(o.Poll, 20*time.Millisecond)
	if o.Rate > 0 {
		o.Rate = 50
	}
	return o
}

func mustRun(t *testing.T, o Options) *Report {
	t.Helper()
	rep, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

func expectFine(t *testing.T, rep *Report) {
	t.Helper()
	if !rep.OK || rep.Interrupted || len(rep.Findings) > 0 {
		t.Errorf("not fine: %q", rep.Findings)
	}
}

func TestScenarios(t *testing.T) {
	address := start(t, nil)
	for _, scenario := range Scenarios() {
		t.Run(scenario, func(t *testing.T) {
			o := small(scenario, address)
			rep := mustRun(t, o)
			expectFine(t, rep)
			if rep.Seconds < o.total().Seconds() || rep.Times["entry"].Count < int64(o.Clients) && scenario != Connect {
				t.Errorf("measured %v s and %d entries", rep.Seconds, rep.Times["entry"].Count)
			}
		})
	}
}

// In a room that is full before anybody speaks, everything is heard by all.
func TestRoomsCountExactly(t *testing.T) {
	address := start(t, nil)
	for _, loop := range []string{"closed", "open"} {
		t.Run(loop, func(t *testing.T) {
			o := small(Fanout, address)
			if loop == "open" {
				o.Rate = 200
			}
			n := mustRun(t, o).Lines
			if n.Said == 0 || n.Delivered != n.Said*int64(o.Clients-1) {
				t.Errorf("%d clients: %d said and %d delivered", o.Clients, n.Said, n.Delivered)
			}
		})
	}
	o := small(Requests, address)
	o.Rate = 100
	rep := mustRun(t, o)
	expectFine(t, rep)
	if rep.Lines.Asked == 0 || rep.Times["answer"].Count != rep.Lines.Asked || rep.Times["lateness"].Count != rep.Lines.Asked {
		t.Errorf("asked %d, answered %d, sent %d", rep.Lines.Asked, rep.Times["answer"].Count, rep.Times["lateness"].Count)
	}
}

// Everybody asks who is there while a few speak, each on his own time.
func TestLatencyWithPolls(t *testing.T) {
	o := small(Latency, start(t, nil))
	o.Poll = 5 * time.Millisecond
	rep := mustRun(t, o)
	expectFine(t, rep)
	polls := int64(o.Clients) * int64(o.Duration/o.Poll)
	if n := rep.Lines; n.Said == 0 || n.Delivered != n.Said*int64(o.Clients-1) || n.Asked < polls/2 || n.Asked > 2*polls { // a machine that is busy takes longer than it was asked to
		t.Errorf("%+v, want about %d questions", n, polls)
	}
	if answers := rep.Lines.Asked + rep.Lines.Said; rep.Times["answer"].Count != answers || rep.Times["lateness"].Count != answers {
		t.Errorf("%d answers and %d lines sent, want %d", rep.Times["answer"].Count, rep.Times["lateness"].Count, answers)
	}
}

// In a class whose programs do not ask, those who do not speak are silent.
func TestClassWithoutPolls(t *testing.T) {
	o := small(Class, start(t, nil))
	o.Poll, o.Senders = 0, 2
	rep := mustRun(t, o)
	expectFine(t, rep)
	if n := rep.Lines; n.Said == 0 || n.Asked != 0 {
		t.Errorf("lines: %+v", n)
	}
}

func TestIdleSaysNothing(t *testing.T) {
	rep := mustRun(t, small(Idle, start(t, nil)))
	if n := rep.Lines; n != (Lines{}) || rep.Clients.Entered != 12 {
		t.Errorf("%d clients, lines %+v", rep.Clients.Entered, n)
	}
}

// In a class some vanish and some never read, and none of that is the server's
// fault. Who comes late misses nothing from then on.
func TestClass(t *testing.T) {
	o := small(Class, start(t, nil))
	o.Clients, o.Drop, o.Deaf, o.Ramp = 20, 25, 10, 200*time.Millisecond
	rep := mustRun(t, o)
	expectFine(t, rep)
	if c := rep.Clients; c.Entered != 20 || c.Deaf != 2 || c.Vanished == 0 || c.Vanished > 5 {
		t.Errorf("clients: %+v", c)
	}
	if n := rep.Lines; n.Said == 0 || n.Asked == 0 || n.Delivered == 0 {
		t.Errorf("lines: %+v", n)
	}
}

// Where all vanish, that is what was planned.
func TestClassThatVanishes(t *testing.T) {
	o := small(Class, start(t, nil))
	o.Drop, o.Deaf = 100, 0
	rep := mustRun(t, o)
	expectFine(t, rep)
	if c := rep.Clients; c.Entered != 12 || c.Vanished == 0 {
		t.Errorf("clients: %+v", c)
	}
}

// Who vanishes sends a reset, not an end.
func TestReset(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	c := newClient(newRun(small(Class, ""), addrPort(ln.Addr().String())), 0)
	if err := c.dial(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	conn, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	c.reset()
	if _, err := conn.Read(make([]byte, 1)); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("the server saw %v", err)
	}
}

func TestConnectCountsEntries(t *testing.T) {
	o := small(Connect, start(t, nil))
	for _, o.Rate = range []float64{0, 20} {
		rep := mustRun(t, o)
		expectFine(t, rep)
		if rep.Clients.Entered == 0 || rep.Clients.Entered != rep.Times["entry"].Count {
			t.Errorf("rate %v: entered %d times, timed %d", o.Rate, rep.Clients.Entered, rep.Times["entry"].Count)
		}
		if late := rep.Times["lateness"].Count; (late > 0) != (o.Rate > 0) {
			t.Errorf("rate %v: %d times late", o.Rate, late)
		}
	}
}

// Other people's chat, also what looks a little like ours, changes no count.
func TestOtherPeople(t *testing.T) {
	address := start(t, nil)
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	talking := make(chan struct{})
	go func() {
		defer close(talking)
		text := "msg hello\nmsg x y z\nmsg tag1000000000000\nprivmsg nobody hi\n"
		for {
			if _, err := conn.Write([]byte(text)); err != nil {
				return
			}
			if _, err := conn.Read(make([]byte, 4096)); err != nil {
				return
			}
		}
	}()
	rep := mustRun(t, small(Latency, address))
	conn.Close()
	<-talking
	expectFine(t, rep)
	if rep.Lines.Foreign == 0 || !strings.Contains(strings.Join(rep.Notes, " "), "Other people were talking") {
		t.Errorf("%d lines of others, notes %q", rep.Lines.Foreign, rep.Notes)
	}
}

// watcher is a terminal on which somebody waits for a text.
type watcher struct {
	text string
	seen func()
	all  strings.Builder // what was shown
}

func (w *watcher) Write(b []byte) (int, error) {
	w.all.Write(b)
	if strings.Contains(w.all.String(), w.text) {
		w.seen()
	}
	return len(b), nil
}

// Whoever ends a run early still gets what was measured, and his terminal back.
func TestInterrupt(t *testing.T) {
	address := start(t, nil)
	for _, scenario := range Scenarios() {
		t.Run(scenario, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			o := small(scenario, address)
			screen := &watcher{text: scenario + ": 12 of 12 in", seen: cancel}
			if scenario == Connect {
				screen.text = scenario
			}
			o.Duration, o.Progress = time.Hour, screen
			rep, err := Run(ctx, o)
			if err != nil {
				t.Fatal(err)
			}
			if !rep.Interrupted || rep.Clients.Entered == 0 || rep.Stopped != "" || !rep.OK {
				t.Errorf("interrupted %v, clients %+v, findings %q", rep.Interrupted, rep.Clients, rep.Findings)
			}
			if !strings.HasSuffix(screen.all.String(), clearLine) {
				t.Errorf("it left %q on the terminal", screen.all.String())
			}
		})
	}
}

func TestInterruptBeforeAnybodyIsIn(t *testing.T) {
	r := relay(t, start(t, nil))
	ctx, cancel := context.WithCancel(t.Context())
	r.does(func(int, string, func(string)) { cancel() })
	if _, err := Run(ctx, small(Idle, r.address())); err == nil || !strings.Contains(err.Error(), "before anybody was in") {
		t.Errorf("got %v", err)
	}
}

// An answer to every line, and a line at a time, is what costs us nothing.
func TestListeningDoesNotAllocate(t *testing.T) {
	c, block := listener()
	if n := testing.AllocsPerRun(100, func() { c.hearBlock(block) }); n != 0 {
		t.Errorf("%v allocations for %d lines, want none", n, blockLines)
	}
	if c.unknown+c.other+c.ledger.doubled+c.ledger.reordered > 0 || c.ledger.heard == 0 {
		t.Errorf("the lines were not heard: %+v", c.ledger)
	}
}

func BenchmarkListen(b *testing.B) {
	c, block := listener()
	b.SetBytes(int64(len(block[0])))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		c.take(block[i%blockLines], int64(i))
		if i%blockLines == blockLines-1 {
			c.batch.flush(int64(i), c.run.slotWidth)
			c.ledger.next[0] = 0
		}
	}
}

const blockLines = 64

// listener is a client without a connection, and a block of lines for it.
func listener() (c *client, block [][]byte) {
	r := newRun(Defaults(Fanout), addrPort("127.0.0.1:1300"))
	r.speakers = []*client{newClient(r, 0)}
	r.speakers[0].said = newVoice(1, r.message(0))
	for n := range int64(blockLines) {
		line := r.message(0)(nil, n, n/8)
		line = slices.Concat([]byte("msg "+r.speakers[0].name+" "), line[len("msg "):len(line)-1])
		block = append(block, line)
	}
	return newClient(r, 1), block
}

func (c *client) hearBlock(block [][]byte) {
	c.ledger.next[0] = 0
	for _, line := range block {
		c.take(line, 100)
	}
	c.batch.flush(100, c.run.slotWidth)
}
