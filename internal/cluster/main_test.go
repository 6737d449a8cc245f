package cluster_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"
	"go.uber.org/goleak"

	"parley/internal/cluster"
	"parley/internal/hub"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// startNATS starts a NATS server in this process, with files of its own unless dir
// says where some are. A port of 0 is any.
func startNATS(t testing.TB, dir string, port int) *natsserver.Server {
	t.Helper()
	return startGuardedNATS(t, dir, port, "")
}

// startGuardedNATS starts one that lets in nobody but parley, with a password; if
// there is none, everybody.
func startGuardedNATS(t testing.TB, dir string, port int, password string) *natsserver.Server {
	t.Helper()
	user := "parley"
	if password == "" {
		user = ""
	}
	if port == 0 {
		port = natsserver.RANDOM_PORT
	}
	s, err := natsserver.NewServer(&natsserver.Options{
		Host: "127.0.0.1", Port: port, JetStream: true, StoreDir: dir, NoLog: true, NoSigs: true,
		Username: user, Password: password,
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the NATS server does not get ready")
	}
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	return s
}

// open opens a node.
func open(t testing.TB, nats *natsserver.Server, opts cluster.Options) *cluster.Room {
	t.Helper()
	if opts.URLs == "" {
		opts.URLs = nats.ClientURL()
	}
	if opts.Name == "" {
		opts.Name = "test"
	}
	if testing.Verbose() {
		opts.Log = slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug})).With("on", opts.Node)
	}
	r, err := cluster.Open(context.Background(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

// ear is a member that notes what it hears.
type ear struct {
	t    testing.TB
	room *cluster.Room
	in   *hub.Member
	name string

	mu    sync.Mutex
	heard []string
	more  chan struct{}
	lost  bool
}

func join(t testing.TB, r *cluster.Room) *ear {
	t.Helper()
	e := &ear{t: t, room: r, more: make(chan struct{}, 1)}
	var err error
	if e.in, e.name, err = r.Join(e); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.leave)
	return e
}

func (e *ear) leave() { e.room.Leave(e.in) }

func (e *ear) Deliver(b *hub.Block) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, l := range b.Lines() {
		e.heard = append(e.heard, strings.TrimSuffix(string(l.Bytes), "\n"))
	}
	e.tell()
	return false
}

func (e *ear) tell() {
	select {
	case e.more <- struct{}{}:
	default:
	}
}

func (e *ear) Wake() {}

func (e *ear) NameLost() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.lost = true
	e.tell()
}

// until waits until what e has heard fulfils something.
func (e *ear) until(what string, fulfilled func(heard []string) bool) []string {
	e.t.Helper()
	late := time.After(20 * time.Second)
	for {
		e.mu.Lock()
		heard := e.heard
		e.mu.Unlock()
		if fulfilled(heard) {
			return heard
		}
		select {
		case <-e.more:
		case <-late:
			e.t.Fatalf("%s: %s; heard %q", e.name, what, heard)
		}
	}
}

// hears waits for lines, which must be the next ones.
func (e *ear) hears(lines ...string) {
	e.t.Helper()
	e.until(fmt.Sprintf("waits for %q", lines), func(heard []string) bool { return len(heard) >= len(lines) })
	e.mu.Lock()
	defer e.mu.Unlock()
	for i, line := range lines {
		if e.heard[i] != line {
			e.t.Errorf("%s heard %q, not %q", e.name, e.heard, lines)
			break
		}
	}
	e.heard = e.heard[len(lines):]
}

// says says lines as one block and returns how many others they went to.
func (e *ear) says(texts ...string) int {
	e.t.Helper()
	var wire []byte
	for _, text := range texts {
		wire = fmt.Appendf(wire, "msg %s %s\n", e.name, text)
	}
	n, wake := e.room.Say(e.in, hub.NewBlock(wire, len(texts)), nil)
	for _, to := range wake {
		to.Wake()
	}
	return n
}

func (e *ear) whispers(to, text string) error {
	return e.room.Whisper([]byte(to), hub.NewBlock(fmt.Appendf(nil, "privmsg %s %s\n", e.name, text), 1))
}

func (e *ear) login(name string) error {
	err := e.room.Rename(e.in, name)
	if err == nil {
		e.name = name
	}
	return err
}

// usersOf is the answer to users, as a session gets it.
func usersOf(r *cluster.Room) string {
	r.SettleNames()
	return string(r.Users())
}
