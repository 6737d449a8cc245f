package chat_test

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"parley/internal/conform"
)

// wrong is a small chat server with one flaw, or, without one, such as a student
// may hand in: it has no sync mode, and where the assignment leaves something
// open it does not do as parley does.
type wrong struct {
	flaw     string
	listener net.Listener
	running  sync.WaitGroup

	mu     sync.Mutex // guards all below
	guests []*guest
	given  int
	recent []time.Time // of everybody's messages, for one flaw
	kept   map[string][]string
}

type guest struct {
	conn net.Conn
	out  chan string

	name, mode   string
	authorized   bool
	gone         bool
	inbox        []string
	recent       []time.Time
	blockedUntil time.Time
}

// block is how long the small server blocks for spam.
const block = time.Second

func startWrong(t *testing.T, flaw string) (address string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wrong{flaw: flaw, listener: ln, kept: make(map[string][]string)}
	w.running.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			g := w.enter(conn)
			w.running.Go(func() { g.write() })
			w.running.Go(func() { w.serve(g) })
		}
	})
	t.Cleanup(func() { w.die(); w.running.Wait() })
	return ln.Addr().String()
}

// die ends it all, as when a program ends by an error.
func (w *wrong) die() {
	w.listener.Close()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, g := range w.guests {
		g.conn.Close()
	}
}

func (w *wrong) enter(conn net.Conn) *guest {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.given++
	g := &guest{conn: conn, out: make(chan string, 1<<14), name: fmt.Sprintf("user%d", w.given)}
	w.guests = append(w.guests, g)
	if w.flaw == "hundred" && len(w.guests) > 100 {
		conn.Close()
	}
	return g
}

func (g *guest) write() {
	for line := range g.out {
		if _, err := fmt.Fprintf(g.conn, "%s\n", line); err != nil {
			for range g.out { // nobody reads it any more
			}
		}
	}
}

func (w *wrong) serve(g *guest) {
	lines := bufio.NewScanner(g.conn)
	lines.Buffer(nil, 1<<18)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if w.flaw == "dies-at-garbage" && !utf8.ValidString(line) {
			w.die()
		}
		w.mu.Lock()
		answer := w.answer(g, line)
		if answer != "" {
			g.out <- answer
		}
		w.mu.Unlock()
	}
	if w.flaw == "dies-at-a-long-line" && errors.Is(lines.Err(), bufio.ErrTooLong) {
		w.die()
	}
	leave := func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.guests = slices.DeleteFunc(w.guests, func(other *guest) bool { return other == g })
		close(g.out)
	}
	w.mu.Lock()
	g.gone = true
	w.kept[g.name] = g.inbox
	w.mu.Unlock()
	if w.flaw == "ends-with-another" {
		w.running.Add(1)
		time.AfterFunc(50*time.Millisecond, func() { defer w.running.Done(); leave() })
	} else {
		leave()
	}
	g.conn.Close()
}

func (w *wrong) answer(g *guest, line string) string {
	command, argument, _ := strings.Cut(line, " ")
	if w.flaw == "begins" && strings.HasPrefix(command, "msg") {
		command = "msg"
	}
	if w.flaw == "blocks-commands" && time.Now().Before(g.blockedUntil) {
		return "msgerr spam"
	}
	if w.flaw == "counts-lines" {
		g.recent = append(g.recent, time.Now())
	}
	switch {
	case command == "help":
		return "supported login msg privmsg users help joke"
	case command == "joke":
		return "joke There are 10 kinds of people."
	case command == "users":
		return w.users()
	case command == "login":
		return w.login(g, argument)
	case command == "msg" && argument != "":
		return w.say(g, argument)
	case command == "privmsg":
		return w.whisper(g, argument)
	case strings.HasPrefix(w.flaw, "inbox"):
		return w.sync(g, command)
	}
	return "cmderr command not supported"
}

func (w *wrong) users() string {
	var names []string
	for _, g := range w.guests {
		names = append(names, g.name)
	}
	slices.Sort(names)
	return "users " + strings.Join(names, " ")
}

func (w *wrong) find(name string) *guest {
	for _, g := range w.guests {
		if g.name == name && !g.gone {
			return g
		}
	}
	return nil
}

func (w *wrong) login(g *guest, name string) string {
	switch {
	case name == "" || strings.Contains(name, " "):
		return "loginerr incorrect username format"
	case w.find(name) != nil:
		return "loginerr username already in use"
	}
	g.authorized = true
	switch w.flaw {
	case "late-effect":
		w.running.Add(1)
		time.AfterFunc(20*time.Millisecond, func() {
			defer w.running.Done()
			w.mu.Lock()
			defer w.mu.Unlock()
			g.name = name
		})
		return "loginok"
	case "login-lifts":
		g.blockedUntil, g.recent = time.Time{}, nil
	case "inbox-by-name":
		g.inbox = append(g.inbox, w.kept[name]...)
	}
	g.name = name
	return "loginok"
}

// spams reports whether a message is one too many.
func (w *wrong) spams(g *guest) bool {
	now := time.Now()
	if now.Before(g.blockedUntil) {
		return true
	}
	recent := &g.recent
	if w.flaw == "blocks-everybody" {
		recent = &w.recent
	}
	*recent = append(*recent, now)
	if w.flaw != "counts-for-ever" {
		*recent = slices.DeleteFunc(*recent, func(at time.Time) bool { return now.Sub(at) >= time.Second })
	}
	if len(*recent) > 10 {
		g.blockedUntil = now.Add(block)
		if w.flaw != "blocks-everybody" {
			*recent = nil
		}
		return true
	}
	return false
}

func (w *wrong) say(g *guest, text string) string {
	refused := w.spams(g)
	if refused && w.flaw != "delivers-refused" {
		return "msgerr spam"
	}
	line, n := "msg "+g.name+" "+text, 0
	others := slices.Clone(w.guests)
	if w.flaw == "two-orders" {
		w.sayAnyhow(g, others, line)
		return fmt.Sprintf("msgok %d", len(others)-1)
	}
	for _, other := range others {
		switch {
		case other == g:
			continue
		case other.gone && w.flaw == "ends-with-another":
			g.conn.Close()
		}
		n++
		w.deliver(other, line)
	}
	switch {
	case refused:
		return "msgerr spam"
	case w.flaw == "counts-one":
		return "msgok 1"
	}
	return fmt.Sprintf("msgok %d", n)
}

// sayAnyhow delivers without the lock, some from the front, some from the back.
func (w *wrong) sayAnyhow(g *guest, others []*guest, line string) {
	w.mu.Unlock()
	defer w.mu.Lock()
	if len(g.name)%2 == int(g.name[len(g.name)-1])%2 {
		slices.Reverse(others)
	}
	for _, other := range others {
		if other != g {
			runtime.Gosched()
			other.out <- line
		}
	}
}

func (w *wrong) deliver(g *guest, line string) {
	if g.mode == "sync" {
		g.inbox = append(g.inbox, line)
		switch {
		case len(g.inbox) > 10 && w.flaw == "inbox-of-ten":
			g.inbox = g.inbox[1:]
		case len(g.inbox) > 10 && w.flaw == "inbox-of-the-oldest":
			g.inbox = g.inbox[:10]
		}
		return
	}
	if w.flaw == "answers-first" {
		w.running.Add(1)
		time.AfterFunc(30*time.Millisecond, func() {
			defer w.running.Done()
			w.mu.Lock()
			defer w.mu.Unlock()
			if !g.gone {
				g.out <- line
			}
		})
		return
	}
	if !g.gone {
		g.out <- line
	}
}

func (w *wrong) whisper(g *guest, argument string) string {
	name, text, _ := strings.Cut(argument, " ")
	to := w.find(name)
	switch {
	case text == "":
		return "msgerr incorrect format"
	case !g.authorized:
		return "msgerr unauthorized"
	case to == nil || !to.authorized:
		return "msgerr incorrect recipient"
	}
	w.deliver(to, "privmsg "+g.name+" "+text)
	return "msgok 1"
}

func (w *wrong) sync(g *guest, command string) string {
	switch command {
	case "sync", "async":
		g.mode = command
		return "modeok"
	case "inbox":
		block := append([]string{fmt.Sprintf("inbox %d", len(g.inbox))}, g.inbox...)
		g.inbox = nil
		return strings.Join(block, "\n")
	}
	return "cmderr command not supported"
}

// A server that keeps to the assignment, and not to what parley has made of it,
// passes in the course's dialect; what is different is told.
func TestStudentsServerPasses(t *testing.T) {
	report := runCommanded(t, conform.Options{Address: startWrong(t, ""), SpamBlock: block})
	told := make(map[string]string)
	for i := range report.Results {
		switch r := &report.Results[i]; r.Status {
		case conform.Failed:
			t.Errorf("%s %s: %s; expected %s; %s", r.Check.ID, r.Kind, r.Message, r.Expected, r.Cause)
		case conform.Remark, conform.Skipped:
			told[r.Check.ID] = r.Message
		default:
		}
	}
	for id, says := range map[string]string{
		"sync-mode":             "no sync mode",
		"inbox":                 "sync-mode",
		"msg-given-name":        `"user`,
		"login-without-name":    "loginerr incorrect username format",
		"no-argument-taken":     "takes no argument",
		"privmsg-incomplete":    "msgerr incorrect format",
		"privmsg-to-anonymous":  "msgerr incorrect recipient",
		"users-order":           "order of connecting",
		"spam-eleventh-refused": `"msgerr spam\n"`,
	} {
		if !strings.Contains(told[id], says) {
			t.Errorf("%s: %q does not say %q", id, told[id], says)
		}
	}
}

// Each flaw is found by the check that is about it, and said in words.
func TestFlawsAreNamed(t *testing.T) {
	for _, test := range []struct {
		flaw, check string
		dialect     conform.Dialect
		says        string
	}{
		{"begins", "command-only-begins-right", conform.DialectCourse, `it looks only at how "msgs" begins`},
		{"counts-one", "msg-count", conform.DialectCourse, "the number does not follow who is there"},
		{"delivers-refused", "spam-refused-not-delivered", conform.DialectCourse, "sends the message all the same"},
		{"blocks-everybody", "spam-block-is-for-one", conform.DialectCourse, "the messages of all connections are counted together"},
		{"counts-for-ever", "spam-steady-talk", conform.DialectCourse, "more than a second old"},
		{"blocks-commands", "spam-commands-during-block", conform.DialectParley, `the usual answer to "help\n"`},
		{"login-lifts", "spam-login-lifts-nothing", conform.DialectParley, `msgok`},
		{"counts-lines", "spam-counts-messages", conform.DialectParley, `msgerr spam`},
		{"inbox-by-name", "inbox-belongs-to-connection", conform.DialectParley, "the inbox belongs to the name"},
		{"inbox-of-ten", "inbox-many", conform.DialectParley, "message 1 of alice's inbox"},
		{"inbox-of-the-oldest", "inbox-ten", conform.DialectCourse, "the newest of 20 messages"},
		{"two-orders", "crowd-one-order", conform.DialectParley, "meet them in different orders"},
		{"answers-first", "crowd-delivered-with-answer", conform.DialectParley, "since alice has its `msgok`"},
		{"ends-with-another", "crowd-comes-and-goes", conform.DialectCourse, "coming or going of another"},
		{"late-effect", "effects-before-answers", conform.DialectParley, "once in the list"},
		{"", "privmsg-order-of-errors", conform.DialectParley, "msgerr unauthorized"},
		{"hundred", "many-connections", conform.DialectCourse, "fewer than 200 connections"},
		{"dies-at-garbage", "garbage", conform.DialectCourse, "closed"},
		{"dies-at-a-long-line", "endless-line", conform.DialectCourse, "closed"},
	} {
		t.Run(test.check, func(t *testing.T) {
			t.Parallel()
			opts := conform.Options{Address: startWrong(t, test.flaw), Dialect: test.dialect, SpamBlock: block, Timeout: time.Second}
			r := runAlone(t, test.check, opts)
			text := strings.Join([]string{string(r.Kind), r.Message, r.Expected, r.Cause}, "; ")
			if r.Status != conform.Failed || !strings.Contains(text, test.says) {
				t.Errorf("%s: %s", r.Status, text)
			}
		})
	}
}
