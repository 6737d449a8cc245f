package main

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"parley/internal/history"
	"parley/proto"
)

// ledger is what the peers of all rounds have seen: under which ID which text,
// and which of these were acknowledged to their sender.
type ledger struct {
	mu    sync.Mutex
	t     *testing.T
	texts map[int64]string
	acked map[int64]bool
}

func (l *ledger) saw(id int64, text string, acked bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if was, ok := l.texts[id]; ok && was != text {
		l.t.Errorf("ID %d is used twice: for %q and %q", id, was, text)
	}
	l.texts[id] = text
	l.acked[id] = l.acked[id] || acked
}

// A server that keeps what is said is killed, again and again, under load: every
// message that was acknowledged is in the file, once and in order, and no ID is
// ever given twice.
//
// Rules
func TestKilledServerForgetsNothing(t *testing.T) {
	rounds := 50
	if testing.Short() {
		rounds = 5
	}
	file := filepath.Join(t.TempDir(), "said.db")
	l := &ledger{t: t, texts: make(map[int64]string), acked: make(map[int64]bool)}
	rng := rand.New(rand.NewPCG(1, 2))
	for round := range rounds {
		l.round(file, round, 20+rng.IntN(200))
	}
	last, found := int64(0), make(map[int64]bool)
	err := history.Export(file, func(m history.Message) error {
		if m.Stamp.ID <= last {
			t.Errorf("ID %d after %d", m.Stamp.ID, last)
		}
		last, found[m.Stamp.ID] = m.Stamp.ID, true
		if text, ok := l.texts[m.Stamp.ID]; ok && text != m.Text {
			t.Errorf("ID %d was %q and is kept as %q", m.Stamp.ID, text, m.Text)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	acked := 0
	for id, ok := range l.acked {
		if ok {
			acked++
		}
		if ok && !found[id] {
			t.Errorf("%q was acknowledged with ID %d and is not kept", l.texts[id], id)
		}
	}
	if acked < rounds*10 {
		t.Errorf("only %d messages were acknowledged in %d rounds", acked, rounds)
	}
	t.Logf("%d rounds, %d messages acknowledged, %d kept", rounds, acked, len(found))
}

// round starts a server on the file, lets three people talk and one listen, and
// kills it after so many acknowledgements.
func (l *ledger) round(file string, round, acks int) {
	t := l.t
	addrs := filepath.Join(t.TempDir(), "addrs")
	server := exec.Command(os.Args[0], "serve", "--listen", "127.0.0.1:0", "--sum", "off", "--web", "off", "--spam-rate", "0",
		"--log-level", "error", "--history", file, "--addr-file", addrs)
	server.Args[0] = "parley" // what TestMain looks at
	server.Stderr = t.Output()
	greeting, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	// It says so when it listens, and the file is there by then.
	if _, err := bufio.NewReader(greeting).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	address := chatAddress(t, addrs)
	var peers sync.WaitGroup
	left := make(chan struct{}, acks)
	for i := range 4 {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprint(conn, "stamp\n")
		if i == 0 {
			peers.Go(func() { l.listen(conn) })
			continue
		}
		peers.Go(func() { l.talk(conn, fmt.Sprintf("%d %d", round, i), left) })
	}
	for range acks {
		<-left
	}
	if err := server.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = server.Wait() // killed
	peers.Wait()
}

// talk says one message after the other, some together, until the end.
func (l *ledger) talk(conn net.Conn, who string, acked chan<- struct{}) {
	lines := bufio.NewScanner(conn)
	for n := 0; ; n += 2 {
		texts := []string{fmt.Sprintf("%s %d", who, n), fmt.Sprintf("%s %d", who, n+1)}
		fmt.Fprintf(conn, "msg %s\nmsg %s\n", texts[0], texts[1])
		for len(texts) > 0 {
			if !lines.Scan() {
				return
			}
			switch line := l.parse(lines.Bytes()); line.Kind {
			case proto.MsgAccepted:
				l.saw(line.Stamp.ID, texts[0], true)
				texts = texts[1:]
				select {
				case acked <- struct{}{}:
				default:
				}
			case proto.PublicMessage, proto.ModeSwitched:
				l.heard(line)
			default:
				l.t.Errorf("unexpected line %q", lines.Text())
				return
			}
		}
	}
}

// heard notes what came. Before the answer to stamp, messages have none.
func (l *ledger) heard(line proto.ServerLine) {
	if line.Stamp.Time != "" {
		l.saw(line.Stamp.ID, string(line.Text), false)
	}
}

func (l *ledger) listen(conn net.Conn) {
	for lines := bufio.NewScanner(conn); lines.Scan(); {
		l.heard(l.parse(lines.Bytes()))
	}
}

func (l *ledger) parse(line []byte) proto.ServerLine {
	parsed, err := proto.ParseServerLine(line)
	if err != nil {
		l.t.Errorf("%q: %v", line, err)
	}
	return parsed
}

// chatAddress is where a server of which this is the address file listens.
func chatAddress(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if address, ok := strings.CutPrefix(strings.TrimSpace(line), "chat "); ok {
			return address
		}
	}
	t.Fatalf("no chat in %q", text)
	return ""
}
