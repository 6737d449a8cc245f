package conform_test

import (
	"bufio"
	"context"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/conform"
)

// scripted is a client program that is a function: it gets lines and shows text.
// When the function returns it has ended.
type scripted func(p *scriptedProgram)

type scriptedProgram struct {
	address string
	lines   chan string
	show    func(string)
	ended   chan struct{}
	stopped chan struct{}
	once    sync.Once
}

func (s scripted) Listen(ctx context.Context) (net.Listener, error) {
	return new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
}

func (s scripted) Together() bool { return true }

func (s scripted) Start(_ context.Context, address string, shown func(string)) (conform.Program, error) {
	p := &scriptedProgram{address: address, lines: make(chan string, 100), show: shown, ended: make(chan struct{}), stopped: make(chan struct{})}
	go func() {
		defer close(p.ended)
		s(p)
	}()
	return p, nil
}

func (p *scriptedProgram) Type(keys string) error {
	p.lines <- strings.TrimSuffix(keys, "\n")
	return nil
}

func (p *scriptedProgram) Keys(action string, args ...string) (string, bool) {
	return strings.Join(append([]string{action}, args...), "\n") + "\n", action != "unknown"
}

func (p *scriptedProgram) Ended() <-chan struct{} { return p.ended }
func (p *scriptedProgram) Ending() string         { return "exit status 7" }

func (p *scriptedProgram) Stop() {
	p.once.Do(func() { close(p.stopped) })
	<-p.ended
}

// typed waits for a line; ok is false when the program is to end.
func (p *scriptedProgram) typed() (line string, ok bool) {
	select {
	case line := <-p.lines:
		return line, true
	case <-p.stopped:
		return "", false
	}
}

// menu shows a menu and runs what is chosen until something says that it is
// enough.
func menu(p *scriptedProgram, actions map[string]func() (goOn bool)) {
	for goOn := true; goOn; {
		p.show("menu\r\n> ")
		line, ok := p.typed()
		if !ok {
			return
		}
		if run, known := actions[line]; known {
			goOn = run()
		} else {
			p.show("what?\r\n")
		}
	}
}

// A client's failures have their names: hanging is not being silent, and ending
// is not hanging up.
func TestKindsOfFailureOfClients(t *testing.T) {
	for name, test := range map[string]struct {
		does func(p *scriptedProgram) bool
		want conform.Kind
		says string
	}{
		"right": {func(p *scriptedProgram) bool { p.show("\x1b[31mhell\x1b[0mo\r\n"); return true }, "", ""},
		"other": {func(p *scriptedProgram) bool { p.show("goodbye\r\n"); return true }, conform.NotShown, `it showed "goodbye"`},
		"mute":  {func(p *scriptedProgram) bool { _, goOn := p.typed(); return goOn }, conform.NotShown, "nothing new"},
		"hangs": {func(p *scriptedProgram) bool { <-p.stopped; return false }, conform.Timeout, `it hangs: since "greet\n" was typed`},
		"dies":  {func(p *scriptedProgram) bool { p.show("oh no"); return false }, conform.Crashed, `(exit status 7); the last it showed: "menu\n> oh no"`},
	} {
		result := runClient(t, scripted(func(p *scriptedProgram) {
			menu(p, map[string]func() bool{"greet": func() bool { return test.does(p) }})
		}), func(t *conform.T) {
			t.StartProgram()
			from := len(t.Settled(0))
			t.Choose("greet")
			t.Shows(from, "hello")
		})
		if result.Kind != test.want || !strings.Contains(result.Message, test.says) {
			t.Errorf("%s: %s %q: %s", name, result.Status, result.Kind, result.Message)
		}
	}
}

func runClient(t *testing.T, programs conform.Programs, check func(*conform.T)) conform.Result {
	t.Helper()
	c := &conform.Check{ID: "client", Rule: "P-1", Target: conform.Client, Step: 1, Title: "client", Run: check}
	report, err := conform.Run(t.Context(), conform.Client, []*conform.Check{c}, conform.Options{Programs: programs, Timeout: 300 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	return report.Results[0]
}

// Lines are typed one after the other, each when the program has asked for it: a
// program that opens its input anew loses what was typed ahead.
func TestNothingIsTypedAhead(t *testing.T) {
	result := runClient(t, scripted(func(p *scriptedProgram) {
		menu(p, map[string]func() bool{"login": func() bool {
			alone := len(p.lines) == 0
			p.show("name: ")
			name, _ := p.typed()
			if alone {
				p.show("hello " + name + "\r\n")
			}
			return true
		}})
	}), func(t *conform.T) {
		t.StartProgram()
		t.Choose("login", "alice")
		t.Shows(0, "hello alice")
	})
	if result.Status != conform.Passed {
		t.Error(result.Message)
	}
}

// The program connects; while nobody listens it cannot, and later it can again.
func TestConnections(t *testing.T) {
	result := runClient(t, scripted(func(p *scriptedProgram) {
		menu(p, map[string]func() bool{"connect": func() bool {
			conn, err := net.Dial("tcp", p.address)
			if err != nil {
				p.show("refused\r\n")
				return true
			}
			defer conn.Close()
			conn.Write([]byte("sync\n"))
			line, _ := bufio.NewReader(conn).ReadString('\n')
			p.show(line)
			return true
		}})
	}), func(t *conform.T) {
		t.StartProgramApart()
		t.StopListening()
		t.Choose("connect")
		t.Shows(0, "refused")
		t.ListenAgain()
		t.Choose("connect")
		p := t.Accept("server")
		p.ExpectLine("sync")
		p.Send("modeok")
		t.Shows(0, "modeok")
		p.Ended()
		t.StartProgram()
		t.Choose("unknown")
	})
	if result.Status != conform.Skipped || !strings.Contains(result.Message, `no "unknown"`) {
		t.Errorf("%s: %s", result.Status, result.Message)
	}
}

// A program that does not connect at all is waited for no longer than it runs.
func TestEndsWithoutConnecting(t *testing.T) {
	began := time.Now()
	result := runClient(t, scripted(func(p *scriptedProgram) { p.show("no server") }), func(t *conform.T) {
		t.StartProgram()
		t.Accept("server")
	})
	if result.Kind != conform.Crashed || time.Since(began) > conform.StartTime/2 {
		t.Errorf("%s: %s", result.Kind, result.Message)
	}
}
