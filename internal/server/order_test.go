package server_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// Fifty connections say ten thousand messages: every one gets each of the
// others' exactly once, and all in one order.
//
// Rules: P-80, P-81, P-82, P-50
func TestOneOrderForAll(t *testing.T) {
	const members, each = 50, 200
	opts := options()
	opts.SpamRate = 0
	opts.OutboxLimit = 64 << 20 // the readers below read late on purpose
	_, addrs := start(t, opts)
	peers := make([]*peer, members)
	for i := range peers {
		peers[i] = join(t, addrs["chat"])
		peers[i].expect(fmt.Sprintf("login u%d", i), "loginok")
	}
	listener := join(t, addrs["chat"]) // says nothing, so it hears everything
	heard := make([][]string, members)
	var all []string
	var wg sync.WaitGroup
	wg.Go(func() { all = hear(listener, members, 0, members*each) })
	for i, p := range peers {
		wg.Go(func() {
			// Segments of all sizes, so that blocks of all sizes come about.
			var text strings.Builder
			for j := range each {
				fmt.Fprintf(&text, "msg %d\n", j)
				if j%(i+1) == i || j == each-1 {
					p.send(text.String())
					text.Reset()
				}
			}
		})
		wg.Go(func() { heard[i] = hear(p, members, each, (members-1)*each) })
	}
	wg.Wait()
	if !t.Failed() {
		checkOrders(t, all, heard, each)
	}
}

// hear reads until so many answers, each with the count of others, and so many
// messages have come, and returns the messages.
func hear(p *peer, others, answers, messages int) []string {
	var heard []string
	for answers > 0 || len(heard) < messages {
		line, err := p.lines.ReadString('\n')
		switch {
		case err != nil:
			p.t.Errorf("after %d messages, %d answers to come: %v", len(heard), answers, err)
			return nil
		case line == fmt.Sprintf("msgok %d\n", others):
			answers--
		case strings.HasPrefix(line, "msg u"):
			heard = append(heard, line)
		default:
			p.t.Errorf("unexpected line %q", line)
			return nil
		}
	}
	return heard
}

// checkOrders holds the order that each has heard, his own messages left out, to
// the order of who heard all, and that to the order of each sender.
func checkOrders(t *testing.T, all []string, heard [][]string, each int) {
	t.Helper()
	place := make(map[string]int)
	for i, m := range all {
		place[m] = i
	}
	for i, messages := range heard {
		last := -1
		for _, m := range messages {
			at, ok := place[m]
			if !ok || at <= last {
				t.Fatalf("u%d heard %q in another place than others", i, m)
			}
			last = at
		}
		last = -1
		for j := range each {
			at, ok := place[fmt.Sprintf("msg u%d %d\n", i, j)]
			if !ok || at < last {
				t.Fatalf("message %d of u%d is missing or out of order", j, i)
			}
			last = at
		}
	}
}

// While another says a numbered stream, a connection switches its mode as fast
// as it can: what comes at once and what the inbox holds are together the whole
// stream, in order, and nothing stands before an answer that is due.
//
// Rules: P-42, P-41, P-53
func TestModeSwitchesUnderFlood(t *testing.T) {
	const switches = 300
	opts := options()
	opts.SpamRate = 0
	opts.InboxLimit, opts.InboxBytes = 1<<20, 64<<20
	_, addrs := start(t, opts)
	talker, switcher := join(t, addrs["chat"]), join(t, addrs["chat"])
	var wg sync.WaitGroup
	defer wg.Wait()
	window := make(chan struct{}, 20) // or the sockets fill with what is old
	wg.Go(func() { talker.talk(window) })
	wg.Go(func() { talker.tally(window, nil) })
	defer talker.CloseWrite()
	s := stream{peer: switcher}
	for range switches {
		for line := s.ask("sync"); line != "modeok"; line = s.line() {
			s.message(line)
		}
		s.inbox(s.ask("inbox"))
		s.expect("async", "modeok")
		// What came between the two is still in the inbox, and older than what
		// comes at once from here on.
		var live []string
		head := s.ask("inbox")
		for ; strings.HasPrefix(head, "msg "); head = s.line() {
			live = append(live, head)
		}
		s.inbox(head)
		for _, line := range live {
			s.message(line)
		}
	}
	t.Logf("%d messages", s.next)
}

// stream checks that numbered messages come without gap or double.
type stream struct {
	*peer
	next int
}

func (s *stream) message(line string) {
	s.t.Helper()
	if want := fmt.Sprintf("msg Anonymous1 %d", s.next); line != want {
		s.t.Fatalf("got %q, want %q", line, want)
	}
	s.next++
}

// inbox reads the block that head begins.
func (s *stream) inbox(head string) {
	s.t.Helper()
	var n int
	if !scan(head, "inbox %d", &n) {
		s.t.Fatalf("got %q, want an inbox", head)
	}
	for range n {
		s.message(s.line())
	}
}

func scan(line, format string, into ...any) bool {
	n, err := fmt.Sscanf(line, format, into...)
	return err == nil && n == len(into)
}

// Of two hundred connections that log in for one name at once one gets it.
//
// Rules: P-26
func TestOneWinnerOfAName(t *testing.T) {
	const members = 200
	_, addrs := start(t, options())
	peers := make([]*peer, members)
	for i := range peers {
		peers[i] = join(t, addrs["chat"])
	}
	for round := range 5 {
		answers := make(chan string, members)
		var wg sync.WaitGroup
		for _, p := range peers {
			wg.Go(func() { answers <- p.ask(fmt.Sprintf("login name%d", round)) })
		}
		wg.Wait()
		close(answers)
		count := make(map[string]int)
		for a := range answers {
			count[a]++
		}
		if count["loginok"] != 1 || count["loginerr username already in use"] != members-1 {
			t.Errorf("round %d: %v", round, count)
		}
	}
}

// Who has an answer can rely on it: what anybody asks afterwards shows its
// effect.
//
// Rules: P-84, P-83
func TestEffectsAreThereBeforeTheirAnswers(t *testing.T) {
	_, addrs := start(t, options())
	a, b := join(t, addrs["chat"]), join(t, addrs["chat"])
	b.expect("sync", "modeok")
	for i := range 300 {
		name := fmt.Sprintf("n%d", i)
		a.expect("login "+name, "loginok")
		b.expect("users", "users "+name+" Anonymous2")
	}
	for i := range 10 {
		a.expect(fmt.Sprintf("privmsg Anonymous2 %d", i), "msgok 1")
		b.expect("inbox", "inbox 1")
		b.line()
	}
}
