package session_test

import (
	"bufio"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"parley/internal/history"
	"parley/internal/hub"
	"parley/internal/session"
	"parley/internal/wire"
	"parley/proto"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// room is a hub with sessions over pipes, all in one bubble.
type room struct {
	t     *testing.T
	hub   *hub.Hub
	wire  wire.Options
	opts  session.Options
	stats session.Stats
}

func newRoom(t *testing.T) *room {
	said, err := history.Open(history.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return &room{
		t:    t,
		hub:  hub.New(said),
		wire: wire.Options{MaxLine: proto.MaxLine, IdleTimeout: time.Hour, WriteTimeout: 10 * time.Second},
		opts: session.Options{
			SpamRate: 10, SpamBlock: 10 * time.Second,
			InboxLimit: 1000, InboxBytes: 1 << 20, OutboxLimit: 1 << 20,
			Jokes: []string{"ha"}, History: said,
		},
	}
}

// peer is the far end of a session.
type peer struct {
	net.Conn
	t       *testing.T
	session *session.Session
	lines   *bufio.Reader
	ended   chan session.Reason // the reason, once
}

func (r *room) join() *peer {
	ours, theirs := net.Pipe()
	p := &peer{Conn: theirs, t: r.t, lines: bufio.NewReader(theirs), ended: make(chan session.Reason, 1)}
	p.session, _ = session.New(wire.New(ours, r.wire), r.hub, &r.opts, &r.stats)
	go func() { p.ended <- p.session.Run() }()
	return p
}

// leave ends the peer's side and waits for the session to end.
func (p *peer) leave() {
	p.Close()
	<-p.ended
}

func (p *peer) send(lines string) {
	p.t.Helper()
	if _, err := io.WriteString(p, lines); err != nil {
		p.t.Fatal(err)
	}
}

func (p *peer) line() string {
	p.t.Helper()
	line, err := p.lines.ReadString('\n')
	if err != nil {
		p.t.Fatalf("after %q: %v", line, err)
	}
	return strings.TrimSuffix(line, "\n")
}

func (p *peer) expect(command string, answers ...string) {
	p.t.Helper()
	p.send(command)
	for _, want := range answers {
		if got := p.line(); got != want {
			p.t.Fatalf("%.40q: got %q, want %q", command, got, want)
		}
	}
}

// pass lets the bubble's time pass.
func pass(d time.Duration) { time.Sleep(d) } //nolint:forbidigo // the bubble's clock

// The eleventh message of a second is refused, and so is every one in the next
// ten seconds, which no refusal and no login prolongs; then counting starts
// from zero.
//
// Rules: P-60, P-61
func TestSpamBlock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newRoom(t).join()
		defer p.leave()
		p.expect("login bob\n", "loginok")
		for range 10 {
			p.expect("msg hi\n", "msgok 0")
			pass(99 * time.Millisecond)
		}
		p.expect("msg hi\n", "msgerr spam, blocked for 10 s")
		pass(time.Millisecond)
		p.expect("login bill\n", "loginok")
		p.expect("privmsg bill hi\n", "msgerr spam, blocked for 10 s")
		pass(8999 * time.Millisecond)
		p.expect("privmsg nobody hi\n", "msgerr spam, blocked for 1 s")
		pass(999 * time.Millisecond)
		p.expect("msg hi\n", "msgerr spam, blocked for 1 s")
		p.expect("privmsg bill\n", "cmderr command not supported") // no message: not refused
		pass(time.Millisecond)
		for range 10 {
			p.expect("msg hi\n", "msgok 0")
		}
		p.expect("msg hi\n", "msgerr spam, blocked for 10 s")
	})
}

// Rules: P-60
func TestSpamWindowSlides(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newRoom(t).join()
		defer p.leave()
		for range 100 {
			p.expect("msg hi\n", "msgok 0")
			pass(100 * time.Millisecond) // ten in each second, never eleven
		}
		p.expect(strings.Repeat("msg hi\n", 1), "msgok 0")
		for range 50 {
			pass(150 * time.Millisecond)
			p.expect("msg hi\n", "msgok 0")
		}
	})
}

// Rules: P-60, P-61
func TestSpamNumbersAreOptions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t)
		r.opts.SpamRate, r.opts.SpamBlock = 1, 1500*time.Millisecond
		p := r.join()
		defer p.leave()
		p.expect("msg a\nmsg b\n", "msgok 0", "msgerr spam, blocked for 2 s")
		pass(600 * time.Millisecond)
		p.expect("msg c\n", "msgerr spam, blocked for 1 s")

		r.opts.SpamRate = 0
		q := r.join()
		defer q.leave()
		go io.WriteString(q, strings.Repeat("msg x\n", 5000))
		go io.Copy(io.Discard, p)
		for range 5000 {
			if got := q.line(); got != "msgok 1" {
				t.Fatalf("without a limit: %q", got)
			}
		}
	})
}

// Rules: P-70
func TestIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newRoom(t).join()
		begin := time.Now()
		p.expect("help\n", strings.TrimSpace(proto.HelpAnswer))
		pass(59 * time.Minute)
		p.send("m") // any byte is life
		if rest, err := io.ReadAll(p.lines); err != nil || len(rest) > 0 {
			t.Errorf("read %q, %v before the end", rest, err)
		}
		if reason := <-p.ended; reason != session.Idle || time.Since(begin) != 119*time.Minute {
			t.Errorf("ended for %v after %v", reason, time.Since(begin))
		}
		p.Close()
	})
}

// Who takes nothing for ten seconds while something waits is cut. Meanwhile
// nobody waits for it.
//
// Rules: P-71
func TestSilentReaderIsCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t)
		silent, talker := r.join(), r.join()
		defer talker.leave()
		begin := time.Now()
		talker.expect("msg hi\n", "msgok 1")
		if time.Since(begin) != 0 {
			t.Errorf("the talker waited %v", time.Since(begin))
		}
		reason := <-silent.ended
		if reason != session.SlowReader || time.Since(begin) != 10*time.Second {
			t.Errorf("ended for %v after %v", reason, time.Since(begin))
		}
		talker.expect("users\n", "users Anonymous2")
		silent.Close()
	})
}

// More than the limit of other people's messages ends a session at once, own
// answers of any size do not.
//
// Rules: P-71
func TestOutboxLimitCountsOthersOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t)
		r.opts.SpamRate = 0
		r.opts.OutboxLimit = 100 << 10
		slow, talker := r.join(), r.join()
		defer talker.leave()
		slow.expect("sync\n", "modeok")
		text := strings.Repeat("x", 9000)
		for range 50 { // 450 KB, into the inbox
			talker.expect("msg "+text+"\n", "msgok 1")
		}
		go io.WriteString(slow, "inbox\nasync\n")
		synctest.Wait()
		if got := slow.line(); got != "inbox 50" {
			t.Fatal(got)
		}
		for range 50 {
			slow.line()
		}
		if got := slow.line(); got != "modeok" {
			t.Fatal(got)
		}
		for range 11 { // 99 KB
			talker.expect("msg "+text+"\n", "msgok 1")
		}
		synctest.Wait()
		talker.expect("users\n", "users Anonymous1 Anonymous2")
		talker.expect("msg "+text+"\n", "msgok 1")
		if reason := <-slow.ended; reason != session.SlowReader {
			t.Errorf("ended for %v", reason)
		}
		talker.expect("users\n", "users Anonymous2")
		slow.Close()
	})
}

// While more than 64 KiB waits for a peer, its commands are not read: a peer
// that asks and never reads holds no more than that and one answer.
//
// Rules: P-71
func TestCommandsWaitForTheirAnswersToBeTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t)
		r.wire.WriteTimeout = time.Hour
		greedy, other := r.join(), r.join()
		defer other.leave()
		const asked = 10_000
		go func() {
			for range asked {
				io.WriteString(greedy, "help\n")
			}
			io.WriteString(greedy, "login greedy\n")
		}()
		synctest.Wait()
		other.expect("users\n", "users Anonymous1 Anonymous2") // the login was not read
		for range asked {
			if got := greedy.line() + "\n"; got != proto.HelpAnswer {
				t.Fatal(got)
			}
		}
		if got := greedy.line(); got != "loginok" {
			t.Fatal(got)
		}
		greedy.leave()
	})
}

// What was read is answered and what waits is written before the end.
//
// Rules: P-73
func TestStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t)
		p, talker := r.join(), r.join()
		defer talker.leave()
		talker.expect("msg last\n", "msgok 1")
		p.session.Stop()
		rest, err := io.ReadAll(p.lines)
		if string(rest) != "msg Anonymous2 last\n" || err != nil {
			t.Errorf("read %q, %v", rest, err)
		}
		if reason := <-p.ended; reason != session.Stopping {
			t.Errorf("ended for %v", reason)
		}
		p.Close()
	})
}

// A session that is killed ends although its peer neither reads nor leaves.
func TestKill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t)
		p, talker := r.join(), r.join()
		defer talker.leave()
		talker.expect("msg hi\n", "msgok 1")
		p.session.Kill()
		if reason := <-p.ended; reason != session.Stopping {
			t.Errorf("ended for %v", reason)
		}
		p.Close()
	})
}

// absent keeps names elsewhere, where they cannot be reached.
type absent struct{ *hub.Hub }

func (absent) Rename(*hub.Member, string) error { return hub.ErrNamesApart }

// Rules: P-27
func TestNamesOutOfReach(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t)
		ours, theirs := net.Pipe()
		s, _ := session.New(wire.New(ours, r.wire), absent{r.hub}, &r.opts, &r.stats)
		p := &peer{Conn: theirs, t: t, session: s, lines: bufio.NewReader(theirs), ended: make(chan session.Reason, 1)}
		go func() { p.ended <- s.Run() }()
		defer p.leave()
		p.expect("login bob\n", "loginerr not possible at the moment")
		p.expect("users\n", "users Anonymous1")
		p.expect("privmsg Anonymous1 x\n", "msgerr unauthorized")
	})
}

// A browser whose page posts here is sent away, however long its path and
// wherever it is cut.
//
// Rules: P-17
func TestLongHTTPRequest(t *testing.T) {
	path := strings.Repeat("a", 20_000)
	evil := "login evil\nmsg hi\n"
	for name, pieces := range map[string][]string{
		"long path":        {"POST /" + path + " HTTP/1.1\r\nHost: x\r\n\r\n" + evil},
		"long second line": {"POST /" + path + " HTTP/1.1\r\n", "Host: " + path + "\r\n", evil},
		"cut in the end":   {"POST /" + path[:proto.MaxLine-15] + " HTTP/1.", "1\r\n", "Host: x\r\n" + evil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRoom(t)
				other, p := r.join(), r.join()
				defer other.leave()
				go func() {
					for _, piece := range pieces {
						io.WriteString(p, piece)
					}
				}()
				if got := p.line(); got != "cmderr line too long" {
					t.Error(got)
				}
				if rest, err := io.ReadAll(p.lines); len(rest) > 0 || err != nil {
					t.Errorf("then %q, %v", rest, err)
				}
				if reason := <-p.ended; reason != session.HTTP {
					t.Errorf("ended for %v", reason)
				}
				other.expect("users\n", "users Anonymous1")
				p.Close()
			})
		})
	}
}

// While the server stops a browser's lines are as little executed as ever, and
// who does not read is not answered without bound.
//
// Rules: P-17, P-71
func TestStopChangesNoLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t)
		greedy, other := r.join(), r.join()
		defer other.leave()
		go io.WriteString(greedy, strings.Repeat("help\n", 10_000)+"login greedy\n")
		synctest.Wait()
		greedy.session.Stop()
		synctest.Wait()
		if queued := greedy.session.Queued(); queued > 100<<10 {
			t.Errorf("%d bytes wait", queued)
		}
		if reason := <-greedy.ended; reason != session.Stopping { // cut for not reading
			t.Errorf("ended for %v", reason)
		}
		greedy.Close()
	})
}

// faraway is a room that others share, which have to be waited for.
type faraway struct {
	*hub.Hub
	names, sayings *int
}

func (f faraway) SettleNames()   { *f.names++ }
func (f faraway) SettleSayings() { *f.sayings++ }

// What one read brought was sent before the room was waited for, so that is done
// once.
//
// Rules: P-84
func TestOneReadWaitsOnceForTheRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t)
		ours, theirs := net.Pipe()
		var names, sayings int
		s, _ := session.New(wire.New(ours, r.wire), faraway{r.hub, &names, &sayings}, &r.opts, &r.stats)
		p := &peer{Conn: theirs, t: t, session: s, lines: bufio.NewReader(theirs), ended: make(chan session.Reason, 1)}
		go func() { p.ended <- s.Run() }()
		p.expect("users\nusers\ninbox\nusers\ninbox\n", "users Anonymous1", "users Anonymous1", "inbox 0", "users Anonymous1", "inbox 0")
		p.expect("users\n", "users Anonymous1")
		p.leave()
		if names != 2 || sayings != 1 {
			t.Errorf("waited %d times for names and %d times for what was said", names, sayings)
		}
	})
}
