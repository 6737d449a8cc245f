package chat_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/docs"
	"parley/internal/conform"
	"parley/internal/conform/chat"
)

// aboutLines are the checks of connecting, of lines and of names: all but those
// of commands.
func aboutLines() []*conform.Check {
	others := make(map[string]bool)
	for _, c := range chat.Commanded() {
		others[c.ID] = true
	}
	return slices.DeleteFunc(chat.Checks(), func(c *conform.Check) bool { return others[c.ID] })
}

func run(t *testing.T, checks []*conform.Check, opts conform.Options) *conform.Report {
	t.Helper()
	held, err := conform.Select(checks, &opts)
	if err != nil {
		t.Fatal(err)
	}
	report, err := conform.Run(t.Context(), conform.Server, held, opts)
	if err != nil {
		t.Fatal(err)
	}
	if report.Broken != "" {
		t.Error(report.Broken)
	}
	return report
}

// Our own server passes without a remark.
func TestLinesPassOnParley(t *testing.T) {
	for _, opts := range []conform.Options{
		{Step: forwardStep},
		{Step: 16},
		{Step: 18},
		{},
		{Dialect: conform.DialectParley},
	} {
		t.Run(fmt.Sprintf("%s %d", opts.Dialect, opts.Step), func(t *testing.T) {
			t.Parallel()
			opts.Address, opts.Seed = parley(t, time.Second), uint64(time.Now().UnixNano())
			report := run(t, aboutLines(), opts)
			t.Logf("seed %d, %d checks in %v", opts.Seed, len(report.Results), report.Took)
			allPassed(t, report)
			givesNothingAway(t, report)
		})
	}
}

// givesNothingAway looks whether checks say what students are to find out.
func givesNothingAway(t *testing.T, report *conform.Report) {
	t.Helper()
	for i := range report.Results {
		for _, e := range report.Results[i].Events {
			told := e.Kind == conform.Sent || e.Kind == conform.Note
			if told && report.Step != 0 && report.Step < 19 && (strings.Contains(e.Data, "users") || strings.Contains(e.Data, "joke")) {
				t.Errorf("step %d, %s: %q", report.Step, report.Results[i].Check.ID, e.Data)
			}
		}
	}
}

// forwardStep is the first of the assignment's steps at which our server, which
// is complete, can be checked: before it messages are echoed.
const forwardStep = 14

// A server at each of the first steps passes what is asked of it there, and
// hears of no other command than those it knows.
func TestStepsPass(t *testing.T) {
	for _, step := range []int{1, 2, 3, 5, 6, 8, 9, 10, 11, 12, 13} {
		t.Run(fmt.Sprint(step), func(t *testing.T) {
			t.Parallel()
			report := run(t, aboutLines(), conform.Options{Address: early(t, step), Step: step})
			if report.Died != "" {
				t.Error(report.Died)
			}
			if len(report.Results) == 0 || step == 1 && report.Took > time.Second {
				t.Errorf("%d checks in %v", len(report.Results), report.Took)
			}
			allPassed(t, report)
		})
	}
}

// early starts a server that has come to a step before [forwardStep].
func early(t *testing.T, step int) (address string) {
	var (
		mu   sync.Mutex
		last int
	)
	return serve(t, step < 6, func(ctx context.Context, conn net.Conn) bool {
		mu.Lock()
		last++
		id := last
		mu.Unlock()
		switch {
		case step < 3:
			return false
		case step < 9: // busy, for ten seconds, as the assignment wants it
			<-ctx.Done()
			return true
		}
		for lines := bufio.NewScanner(conn); lines.Scan(); {
			switch text := lines.Text(); {
			case step < 11:
			case step < 13:
				fmt.Fprintf(conn, "%s\n", text)
			default:
				fmt.Fprintf(conn, "msg user%d %s\n", id, strings.TrimPrefix(text, "msg "))
			}
		}
		return true
	})
}

// serve serves connections, one after the other or all at once, until one says
// that it was the last.
func serve(t *testing.T, oneByOne bool, session func(ctx context.Context, conn net.Conn) (goOn bool)) (address string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			one := func() {
				defer conn.Close()
				defer context.AfterFunc(ctx, func() { conn.Close() })()
				if !session(ctx, conn) {
					ln.Close()
				}
			}
			if oneByOne {
				one()
			} else {
				all.Go(one)
			}
		}
	})
	t.Cleanup(func() { cancel(); ln.Close(); all.Wait() })
	return ln.Addr().String()
}

// faulty is a small chat server, with these mistakes.
type faulty struct {
	oneRead   bool   // takes one read for one line
	greeting  string // for whoever connects
	end       string // of its lines
	bySegment bool   // decodes each read by itself
	contains  bool   // compares names by "contains"
	oneByOne  bool   // serves one client after the other

	mu    sync.Mutex
	names map[net.Conn]string
	given int
}

func (f *faulty) start(t *testing.T) (address string) {
	f.names = make(map[net.Conn]string)
	return serve(t, f.oneByOne, func(_ context.Context, conn net.Conn) bool {
		f.mu.Lock()
		f.given++
		f.names[conn] = fmt.Sprintf("user%d", f.given)
		f.mu.Unlock()
		defer func() {
			f.mu.Lock()
			defer f.mu.Unlock()
			delete(f.names, conn)
		}()
		io.WriteString(conn, f.greeting)
		rest, buf := "", make([]byte, 32<<10)
		for {
			n, err := conn.Read(buf)
			if err != nil {
				return true
			}
			piece := string(buf[:n])
			if f.bySegment {
				piece = strings.ToValidUTF8(piece, "\ufffd")
			}
			if rest += piece; f.oneRead && !strings.HasSuffix(rest, "\n") {
				rest += "\n"
			}
			for line := ""; strings.Contains(rest, "\n"); {
				line, rest, _ = strings.Cut(rest, "\n")
				f.obey(conn, strings.TrimSpace(line))
			}
		}
	})
}

var isName = regexp.MustCompile(`^[A-Za-z0-9]+$`)

func (f *faulty) obey(conn net.Conn, line string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	word, rest, _ := strings.Cut(line, " ")
	switch {
	case word == "help" && rest == "":
		f.write(conn, "supported msg help login users")
	case word == "login" && rest != "" && !isName.MatchString(rest):
		f.write(conn, "loginerr incorrect username format")
	case word == "login" && rest != "":
		for _, name := range f.names {
			if name == rest || f.contains && strings.Contains(name, rest) {
				f.write(conn, "loginerr username already in use")
				return
			}
		}
		f.names[conn] = rest
		f.write(conn, "loginok")
	case word == "msg" && rest != "":
		for other := range f.names {
			if other != conn {
				f.write(other, "msg "+f.names[conn]+" "+rest)
			}
		}
		f.write(conn, fmt.Sprintf("msgok %d", len(f.names)-1))
	default:
		f.write(conn, "cmderr command not supported")
	}
}

func (f *faulty) write(conn net.Conn, line string) { io.WriteString(conn, line+f.end) }

// A mistake is found by the check that is about it, which says in words what the
// server does; where everything would fail because of it, the rest overlooks it
// or is skipped.
func TestMistakesInWords(t *testing.T) {
	for _, test := range []struct {
		server *faulty
		check  string
		kind   conform.Kind
		says   string
		alone  bool // whether others would fail too, did they not overlook it
	}{
		{&faulty{end: "\n", oneRead: true}, "cut-help", conform.ExtraLine, "it answered twice: it took each piece of \"help\" for a line of its own", false},
		{&faulty{end: "\n", oneRead: true}, "cut-msg", conform.ExtraLine, "it answered twice", false},
		{&faulty{end: "\n", bySegment: true}, "cut-character", conform.WrongLine, "it decodes each segment by itself", false},
		{&faulty{end: "\n", contains: true}, "name-whole", conform.WrongLine, "one only contains the other", false},
		{&faulty{end: "\r\n"}, "line-end", conform.WrongLine, "CR LF", true},
		{&faulty{end: "\n\n"}, "line-end", conform.ExtraLine, "two newlines", true},
		{&faulty{end: ""}, "line-end", conform.Timeout, "without a newline", true},
		{&faulty{end: "\n", greeting: "Welcome!\n"}, "no-greeting", conform.ExtraLine, "it greets", true},
		{&faulty{end: "\n", greeting: "msg server welcome\n"}, "no-greeting", conform.ExtraLine, "it greets", true},
		{&faulty{end: "\n", oneByOne: true}, "second-client-served", conform.Timeout, "as soon as alice had gone", true},
	} {
		t.Run(test.check, func(t *testing.T) {
			t.Parallel()
			opts := conform.Options{Address: test.server.start(t), Step: 18, Timeout: time.Second, Only: []string{test.check}}
			if test.alone {
				opts.Only = append(opts.Only, "login", "name-taken", "help", "msg-answered", "two-in-one-segment")
			}
			report := run(t, chat.Checks(), opts)
			failed := 0
			for i := range report.Results {
				r := &report.Results[i]
				if r.Check.ID == test.check && (r.Kind != test.kind || !strings.Contains(r.Cause, test.says)) {
					t.Errorf("%s, %s: %s: %s\nexpected %s\ncause: %s", r.Status, r.Kind, r.Check.ID, r.Message, r.Expected, r.Cause)
				}
				if r.Status == conform.Failed {
					failed++
					t.Logf("%s, %s: %s\nexpected %s\ncause: %s", r.Check.ID, r.Kind, r.Message, r.Expected, r.Cause)
				}
			}
			if test.alone && failed != 1 {
				t.Errorf("%d checks failed", failed)
			}
		})
	}
}

// Every check can be shown to a student.
func TestChecksAreComplete(t *testing.T) {
	seen := make(map[string]conform.Phase)
	together := make(map[string]bool)
	points := 0
	for _, c := range chat.Checks() {
		together[c.ID] = c.Phase == conform.Together
		if !c.Strict && c.HoldsAt(0) {
			points += c.Points
		}
	}
	t.Logf("%d checks; %d points in the dialect of the course", len(together), points)
	for _, c := range chat.Checks() {
		if c.Target != conform.Server || c.Step < 1 || c.Step > conform.ExtraStep || c.Points < 1 || c.Points > 5 || c.Run == nil {
			t.Errorf("%s: target %s, step %d, %d points", c.ID, c.Target, c.Step, c.Points)
		}
		if c.Title == "" || c.Hint == "" || strings.ToUpper(c.Title[:1]) != c.Title[:1] || strings.HasSuffix(c.Title, ".") {
			t.Errorf("%s: title %q, hint %q", c.ID, c.Title, c.Hint)
		}
		for _, rule := range append(slices.Clone(c.Also), c.Rule) {
			if !strings.Contains(docs.Protocol, "| "+string(rule)+" |") {
				t.Errorf("%s: there is no rule %s", c.ID, rule)
			}
		}
		for _, need := range c.Needs {
			if phase, before := seen[need]; !together[need] && (!before || phase > c.Phase) {
				t.Errorf("%s needs %s, which is not there or comes later", c.ID, need)
			}
		}
		text := strings.ToLower(c.ID + c.Title + c.Hint)
		if strings.Contains(text, "users") && c.Step < 19 || strings.Contains(text, "joke") && c.Step < conform.ExtraStep {
			t.Errorf("%s gives away what is to be found: %s", c.ID, text)
		}
		if _, twice := seen[c.ID]; twice {
			t.Errorf("%s is there twice", c.ID)
		}
		seen[c.ID] = c.Phase
	}
}
