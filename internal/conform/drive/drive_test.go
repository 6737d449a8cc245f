//go:build linux || darwin

package drive_test

import (
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"go.uber.org/goleak"

	"parley/internal/conform"
	"parley/internal/conform/drive"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// screen gathers what a program shows.
type screen struct {
	mu    sync.Mutex
	text  strings.Builder
	shown chan struct{}
}

func (s *screen) show(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text.WriteString(text)
	select {
	case s.shown <- struct{}{}:
	default:
	}
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

func (s *screen) await(t *testing.T, text string) {
	t.Helper()
	for !strings.Contains(s.String(), text) {
		select {
		case <-s.shown:
		case <-t.Context().Done():
			t.Fatalf("it showed %q, not %q", s, text)
		}
	}
}

func start(t *testing.T, script string, args ...string) (conform.Program, *screen) {
	t.Helper()
	programs, err := drive.New(drive.Options{Command: append([]string{"sh", "-c", script, "sh"}, args...)})
	if err != nil {
		t.Fatal(err)
	}
	s := &screen{shown: make(chan struct{}, 1)}
	program, err := programs.Start(t.Context(), "127.0.0.1:4711", s.show)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(program.Stop)
	return program, s
}

// A program has a terminal, the address it asked for, and a line when Enter is
// pressed. What is typed is not echoed.
func TestProgram(t *testing.T) {
	program, s := start(t, `test -t 0 && test -t 1 && echo "$1 $TERM"; read x; echo "got <$x>"; exit 3`, "{host}+{port}")
	s.await(t, "127.0.0.1+4711 dumb\r\n")
	keys, ok := program.Keys("login", "alice")
	if !ok || keys != "3\nalice\n" {
		t.Errorf("%q", keys)
	}
	if err := program.Type("blåbær\n"); err != nil {
		t.Error(err)
	}
	<-program.Ended()
	if got := s.String(); got != "127.0.0.1+4711 dumb\r\ngot <blåbær>\r\n" || program.Ending() != "exit status 3" {
		t.Errorf("%q, %s", got, program.Ending())
	}
}

// With a program ends what it has started, also where nobody listens to the
// hang-up.
func TestStop(t *testing.T) {
	for name, script := range map[string]string{
		"stopped":      `exec 3>"$1"; sleep 1000 & echo ready; read x`,
		"deaf":         `exec 3>"$1"; trap "" HUP; sleep 1000 & echo ready; sleep 1000; sleep 1000`,
		"ended itself": `exec 3>"$1"; trap "" HUP; sleep 1000 & echo ready; exit 0`,
	} {
		t.Run(name, func(t *testing.T) {
			held := filepath.Join(t.TempDir(), "held")
			if err := syscall.Mkfifo(held, 0o600); err != nil {
				t.Fatal(err)
			}
			program, s := start(t, script, held)
			child, err := os.Open(held)
			if err != nil {
				t.Fatal(err)
			}
			defer child.Close()
			s.await(t, "ready")
			program.Stop()
			program.Stop()
			<-program.Ended()
			if _, err := io.ReadAll(child); err != nil { // it ends when nobody holds it open
				t.Error(err)
			}
		})
	}
}

func TestInterrupted(t *testing.T) {
	programs, err := drive.New(drive.Options{Command: []string{"sleep", "1000"}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	program, err := programs.Start(ctx, "127.0.0.1:1", func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	<-program.Ended()
	program.Stop()
}

func TestNoSuchProgram(t *testing.T) {
	programs, err := drive.New(drive.Options{Command: []string{"/no/such/program"}})
	if err != nil {
		t.Fatal(err)
	}
	if p, err := programs.Start(t.Context(), "127.0.0.1:1", nil); err == nil || p != nil {
		t.Errorf("%v, %v", p, err)
	}
}

func TestAddressInUse(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	programs, err := drive.New(drive.Options{Command: []string{"true"}, Listen: l.Addr().String()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := programs.Listen(t.Context()); err == nil || !strings.Contains(err.Error(), "somebody listens") {
		t.Error(err)
	}
}
