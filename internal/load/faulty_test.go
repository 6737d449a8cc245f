package load

import (
	"bufio"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/internal/server"
)

// faulty stands between the load and a server, and does what no server should.
type faulty struct {
	listener net.Listener
	server   string

	mu sync.Mutex // guards what follows
	// spoil passes a line of the server's, its LF included, on to client number
	// n, or does something else. It is called for one line at a time.
	spoil func(n int, line string, out func(string))
	open  []net.Conn // both sides of each
	ended bool
	all   sync.WaitGroup
}

// relay starts one before the server at this address. Its first connection is
// the one that only looks whether a server is there.
func relay(t *testing.T, address string) *faulty {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &faulty{listener: ln, server: address, spoil: func(_ int, line string, out func(string)) { out(line) }}
	f.all.Go(f.run)
	t.Cleanup(func() {
		f.die()
		f.all.Wait()
	})
	return f
}

// does makes it do this with each line from now on.
func (f *faulty) does(spoil func(n int, line string, out func(string))) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.spoil = spoil
}

func (f *faulty) address() string { return f.listener.Addr().String() }

func (f *faulty) run() {
	for n := 0; ; n++ {
		client, err := f.listener.Accept()
		if err != nil {
			return
		}
		upstream, err := net.Dial("tcp", f.server)
		if err != nil {
			client.Close()
			continue
		}
		if !f.keep(client, upstream) {
			return
		}
		f.all.Go(func() {
			_, _ = io.Copy(upstream, client)
			upstream.Close()
		})
		f.all.Go(func() { f.pass(n, upstream, client) })
	}
}

func (f *faulty) pass(n int, upstream, client net.Conn) {
	defer client.Close()
	lines := bufio.NewReader(upstream)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		f.mu.Lock()
		f.spoil(n, line, func(s string) { _, _ = io.WriteString(client, s) })
		f.mu.Unlock()
	}
}

func (f *faulty) keep(conns ...net.Conn) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ended {
		for _, c := range conns {
			c.Close()
		}
		return false
	}
	f.open = append(f.open, conns...)
	return true
}

// die ends it, all connections included.
func (f *faulty) die() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.dieLocked()
}

func (f *faulty) dieLocked() {
	f.ended = true
	f.listener.Close()
	for _, c := range f.open {
		c.Close()
	}
}

// everyNth calls do for each n-th message.
func everyNth(n int, do func(client int, line string, out func(string))) func(int, string, func(string)) {
	count := 0
	return func(client int, line string, out func(string)) {
		if strings.HasPrefix(line, "msg ") {
			if count++; count%n == 0 {
				do(client, line, out)
				return
			}
		}
		out(line)
	}
}

func isOurs(line string) bool { return strings.HasPrefix(line, "msg ") }

// Each fault is counted, exactly, and as what it is.
func TestFaultsAreCounted(t *testing.T) {
	var made int64 // by the relay; read when the run is over
	held := map[int]string{}
	for name, tt := range map[string]struct {
		spoil func(int, string, func(string))
		want  func(Lines) int64
		says  string
	}{
		"loses": {
			everyNth(7, func(int, string, func(string)) { made++ }),
			func(n Lines) int64 { return n.Lost }, "lost: said and answered, and not delivered",
		},
		"doubles": {
			everyNth(7, func(_ int, line string, out func(string)) { made++; out(line); out(line) }),
			func(n Lines) int64 { return n.Doubled }, "delivered twice",
		},
		"reorders": {
			func(client int, line string, out func(string)) {
				switch before := held[client]; {
				case isOurs(line) && before != "":
					made++
					out(line)
					out(before)
					held[client] = ""
				case isOurs(line) && strings.Contains(line, "n0 "): // of one sender
					held[client] = line
				default:
					out(before)
					out(line)
					held[client] = ""
				}
			},
			func(n Lines) int64 { return n.Reordered }, "delivered after a later one of the same sender",
		},
		"changes": {
			everyNth(7, func(_ int, line string, out func(string)) { made++; out(strings.Replace(line, "xxx", "", 1)) }),
			func(n Lines) int64 { return min(n.Unknown, n.Lost) }, "that nobody can have sent",
		},
		"puts words into other mouths": {
			everyNth(7, func(_ int, line string, out func(string)) { made++; out(strings.Replace(line, "n0 ", "n1 ", 1)) }),
			func(n Lines) int64 { return min(n.Unknown, n.Lost) }, "that nobody can have sent",
		},
		"invents": {
			everyNth(7, func(_ int, line string, out func(string)) { made++; out(line); out("surprise\n") }),
			func(n Lines) int64 { return n.Unknown }, "that nobody can have sent",
		},
	} {
		t.Run(name, func(t *testing.T) {
			made = 0
			r := relay(t, start(t, nil))
			r.does(tt.spoil)
			o := small(Latency, r.address())
			o.Senders, o.Rate = 1, 200
			rep := mustRun(t, o)
			r.mu.Lock()
			defer r.mu.Unlock()
			if got := tt.want(rep.Lines); got != made || made == 0 {
				t.Errorf("%d counted, %d made: %+v", got, made, rep.Lines)
			}
			if findings := strings.Join(rep.Findings, "\n"); rep.OK || !strings.Contains(findings, tt.says) {
				t.Errorf("the findings are %q", findings)
			}
		})
	}
}

// A closed loop goes on although lines are missing on which it waits.
func TestLossDoesNotStopAClosedLoop(t *testing.T) {
	var lost atomic.Int64
	r := relay(t, start(t, nil))
	r.does(everyNth(5, func(int, string, func(string)) { lost.Add(1) }))
	o := small(Fanout, r.address())
	o.Window, o.Duration = 2, 3*patience/2
	rep := mustRun(t, o)
	if rep.Lines.Lost != lost.Load() || lost.Load() == 0 {
		t.Errorf("%d lost, want %d", rep.Lines.Lost, lost.Load())
	}
	if notes := strings.Join(rep.Notes, "\n"); !strings.Contains(notes, "a sender went on although") {
		t.Errorf("the notes are %q", notes)
	}
}

// What comes twice is seen also when it comes after everything else, right before
// the answer that ends the run.
func TestLastLineDoubled(t *testing.T) {
	r := relay(t, start(t, nil))
	last, made := map[int]string{}, int64(0)
	r.does(func(client int, line string, out func(string)) {
		if isOurs(line) {
			last[client] = line
		} else if strings.HasPrefix(line, "supported") && last[client] != "" {
			out(last[client])
			delete(last, client)
			made++
		}
		out(line)
	})
	o := small(Latency, r.address())
	o.Senders = 1
	n := mustRun(t, o).Lines
	r.mu.Lock()
	defer r.mu.Unlock()
	if n.Doubled != made || made < int64(o.Clients-1) {
		t.Errorf("%d doubled, want %d", n.Doubled, made)
	}
}

// The load stops at the first refusal, and what was refused is not lost.
func TestSpam(t *testing.T) {
	address := start(t, func(o *server.Options) { o.SpamRate = 10 })
	for _, loop := range []string{"closed", "open"} {
		o := small(Fanout, address)
		o.Duration = time.Minute
		if loop == "open" {
			o.Rate = 100
		}
		began := time.Now()
		rep := mustRun(t, o)
		if time.Since(began) > 30*time.Second || rep.OK || rep.Lines.Refused == 0 || rep.Lines.Lost > 0 {
			t.Errorf("%s: after %v: %+v", loop, time.Since(began), rep.Lines)
		}
		if want := "--spam-rate"; !strings.Contains(rep.Stopped, want) || !strings.Contains(rep.Findings[0], want) {
			t.Errorf("%s: stopped because of %q, findings %q", loop, rep.Stopped, rep.Findings)
		}
	}
}

func TestServerThatRefusesLines(t *testing.T) {
	r := relay(t, start(t, nil))
	r.does(func(_ int, line string, out func(string)) {
		out(strings.Replace(line, "msgok", "msgerr no thanks", 1))
	})
	o := small(Latency, r.address())
	o.Duration = time.Minute
	if rep := mustRun(t, o); !strings.Contains(rep.Stopped, `refused a line: "msgerr no thanks`) || rep.Lines.Refused == 0 {
		t.Errorf("stopped because of %q: %+v", rep.Stopped, rep.Lines)
	}
}

func TestServerThatDies(t *testing.T) {
	r := relay(t, start(t, nil))
	r.does(everyNth(100, func(int, string, func(string)) { r.dieLocked() }))
	o := small(Latency, r.address())
	o.Duration = time.Minute
	rep := mustRun(t, o)
	if !strings.Contains(rep.Stopped, "closed every connection") || sum(rep.Clients.Cut) != o.Clients || rep.OK {
		t.Errorf("stopped because of %q, clients %+v", rep.Stopped, rep.Clients)
	}
}

func TestServerThatCutsOneOff(t *testing.T) {
	r := relay(t, start(t, nil))
	cut := false
	r.does(everyNth(20, func(n int, line string, out func(string)) {
		if cut {
			out(line)
			return
		}
		cut = true
		r.open[2*n].Close()
	}))
	rep := mustRun(t, small(Fanout, r.address()))
	if findings := strings.Join(rep.Findings, "\n"); sum(rep.Clients.Cut) != 1 || !strings.Contains(findings, "1 client read all the time and lost the connection") {
		t.Errorf("clients %+v, findings %q", rep.Clients, findings)
	}
}

func TestServerThatFallsSilent(t *testing.T) {
	r := relay(t, start(t, nil))
	silent := false
	r.does(func(_ int, line string, out func(string)) {
		if silent = silent || isOurs(line); !silent {
			out(line)
		}
	})
	o := small(Fanout, r.address())
	o.Duration, o.Timeout, o.Senders, o.Window = 50*time.Millisecond, 300*time.Millisecond, 1, 4
	rep := mustRun(t, o)
	if n := rep.Lines; n.Unanswered == 0 || n.Unanswered > 4 || n.Lost > 0 || rep.OK {
		t.Errorf("lines %+v, findings %q", n, rep.Findings)
	}
}

// Servers exist that keep nobody in order but say so at once.
func TestNobodyGetsIn(t *testing.T) {
	answer := func(with string) func(int, string, func(string)) {
		return func(_ int, _ string, out func(string)) { out(with) }
	}
	for name, tt := range map[string]struct {
		spoil func(int, string, func(string))
		want  string
	}{
		"silent":  {answer(""), "12 × no answer to help: the server was silent for 200ms"},
		"full":    {answer("cmderr server full\n"), `12 × help was answered with "cmderr server full"`},
		"strange": {answer("\x1b[2Jhello\n"), `12 × help was answered with "\x1b[2Jhello"`},
		"taken": {
			func(_ int, line string, out func(string)) {
				out(strings.Replace(line, "loginok", "loginerr username already in use", 1))
			},
			`12 × login was answered with "loginerr username already in use"`,
		},
	} {
		for _, scenario := range []string{Idle, Class} {
			t.Run(name+"/"+scenario, func(t *testing.T) {
				r := relay(t, start(t, nil))
				r.does(tt.spoil)
				o := small(scenario, r.address())
				o.Timeout = 20 * time.Second
				if name == "silent" {
					o.Timeout = 200 * time.Millisecond
				}
				if _, err := Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("got %v, want %q", err, tt.want)
				}
			})
		}
	}
}

// Those for whom there is no room are told of, and the others go on.
func TestFullServer(t *testing.T) {
	rep := mustRun(t, small(Latency, start(t, func(o *server.Options) { o.MaxConns = 8 })))
	// The connection that looked for a server at first may still have a place.
	entered := rep.Clients.Entered
	if rep.OK || entered < 7 || entered > 8 || int64(sum(rep.Clients.Failed)) != 12-entered || rep.Lines.Lost > 0 {
		t.Errorf("clients %+v, findings %q", rep.Clients, rep.Findings)
	}
}

func TestNoServer(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ln.Close()
	if _, err := Run(t.Context(), small(Idle, ln.Addr().String())); err == nil || !strings.Contains(err.Error(), "no server at 127.0.0.1") {
		t.Errorf("got %v", err)
	}
}
