package play_test

import (
	"bufio"
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/transcript"
	"parley/internal/transcript/play"
)

// answers is a server as a table: what it writes when a line comes. A line
// that is not in it gets no answer.
type answers map[string]string

// These stand in an answer for what is done instead of writing on.
const (
	hangUp = "\x00hang up"
	reset  = "\x00reset"
)

const supported = "supported help\n"

// serve answers until the client ends, then ends in order.
func (a answers) serve(conn *net.TCPConn) {
	defer conn.Close()
	for lines := bufio.NewScanner(conn); lines.Scan(); {
		answer, deed, _ := strings.Cut(a[lines.Text()], "\x00")
		if _, err := conn.Write([]byte(answer)); err != nil {
			return
		}
		switch "\x00" + deed {
		case hangUp:
			return
		case reset:
			_ = conn.SetLinger(0)
			return
		}
	}
}

// start serves connections until the test ends; handlers gives the one for
// each connection in order, the last for all that follow.
func start(t *testing.T, handlers ...func(*net.TCPConn)) func(context.Context) (net.Conn, error) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	group.Go(func() {
		for n := 0; ; n++ {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			handler := handlers[min(n, len(handlers)-1)]
			group.Go(func() { handler(conn.(*net.TCPConn)) })
		}
	})
	t.Cleanup(func() {
		listener.Close()
		group.Wait()
	})
	return func(ctx context.Context) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "tcp", listener.Addr().String())
	}
}

func conversation(t *testing.T, steps ...string) transcript.Conversation {
	t.Helper()
	source := "-- an-id --\nrules: P-50\ntitle: A title\n\n" + strings.Join(steps, "\n") + "\n"
	all, err := transcript.Parse("x.txtar", []byte(source))
	if err != nil {
		t.Fatal(err)
	}
	return all[0]
}

var (
	greetAndSay = []string{"connect alice", "alice > msg hi", "alice < msgok 0", "alice > users", "alice < users Al"}
	right       = answers{"help": supported, "msg hi": "msgok 0\n", "users": "users Al\n"}
)

func TestRightServer(t *testing.T) {
	tests := map[string]struct {
		server answers
		steps  []string
	}{
		"lines": {right, greetAndSay},
		"pattern": {
			answers{"joke": "joke ha\n"},
			[]string{"dial alice", "alice > joke", "alice <~ joke .+"},
		},
		"raw bytes over lines": {
			answers{"a": "b\nc", "d": "\n"},
			[]string{"dial alice", `alice >> "a\nd\n"`, `alice <raw "b\nc\n"`},
		},
		"segments": {
			answers{"abc": "d\n"},
			[]string{"dial alice", `alice >> "a" "b" "c\n"`, "alice < d"},
		},
		"end after half-close": {
			answers{"a": "b\n"},
			[]string{"dial alice", "alice > a", "alice half-close", "alice < b", "alice < EOF"},
		},
		"end by the server": {
			answers{"a": "b\n" + hangUp},
			[]string{"dial alice", "alice > a", "alice < b", "alice < EOF"},
		},
		"close and reset": {
			right,
			[]string{"connect alice bob", "alice close", "bob reset"},
		},
		"what comes to one who closes does not matter": {
			answers{"a": "b\nc\n"},
			[]string{"dial alice", "alice > a", "alice < b", "alice close"},
		},
		"given names": {
			answers{"users": "users X1 X2\n", "privmsg X2 hi": "msgok 1\n", "msg X1": "msg X1 X2\n"},
			[]string{
				"dial alice bob", "alice > users", "alice < users {alice} {bob}", "alice > privmsg {bob} hi",
				"alice < msgok 1", "alice > msg {alice}", `alice <raw "msg {alice} {bob}\n"`,
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if err := play.Play(t.Context(), start(t, test.server.serve), conversation(t, test.steps...)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestPollWaitsForTheAnswer(t *testing.T) {
	asked := 0
	server := func(conn *net.TCPConn) {
		defer conn.Close()
		for lines := bufio.NewScanner(conn); lines.Scan(); asked++ {
			answer := "users Al Bo\n"
			if asked == 3 {
				answer = "users Al\n"
			}
			_, _ = conn.Write([]byte(answer))
		}
	}
	if err := play.Play(t.Context(), start(t, server), conversation(t, "dial alice", "alice poll users {alice}")); err != nil {
		t.Error(err)
	}
}

func TestWrongServer(t *testing.T) {
	tests := map[string]struct {
		server    answers
		steps     []string
		kind      play.Kind
		line      int
		want, got string
	}{
		"wrong line": {
			server: answers{"help": supported, "msg hi": "msgok 1\n"}, steps: greetAndSay,
			kind: play.WrongLine, line: 7, want: `"msgok 0\n"`, got: `"msgok 1\n"`,
		},
		"a CR too many": {
			server: answers{"help": supported, "msg hi": "msgok 0\r\n"}, steps: greetAndSay,
			kind: play.WrongLine, line: 7, want: `"msgok 0\n"`, got: `"msgok 0\r\n"`,
		},
		"line left out": {
			server: answers{"help": supported, "a": "users Al\n"},
			steps:  []string{"connect alice", "alice > a", "alice < msgok 0", "alice < users Al"},
			kind:   play.MissingLine, line: 7, want: `"msgok 0\n"`, got: `"users Al\n"`,
		},
		"line left out before a pattern": {
			server: answers{"help": supported, "a": "joke ha\n"},
			steps:  []string{"connect alice", "alice > a", "alice < msgok 0", "alice <~ joke .+"},
			kind:   play.MissingLine, line: 7, want: `"msgok 0\n"`, got: `"joke ha\n"`,
		},
		"no answer, but alive": {
			server: answers{"help": supported}, steps: greetAndSay,
			kind: play.MissingLine, line: 7, want: `"msgok 0\n"`, got: "nothing within 200ms",
		},
		"extra line": {
			server: answers{"help": supported, "msg hi": "msg Al hi\nmsgok 0\n"}, steps: greetAndSay,
			kind: play.ExtraLine, line: 7, want: `"msgok 0\n"`, got: `"msg Al hi\n"`,
		},
		"extra line where it must be quiet": {
			server: answers{"help": supported, "msg hi": "msgok 0\nmsg Al hi\n"},
			steps:  []string{"connect alice", "alice > msg hi", "alice < msgok 0", "alice quiet"},
			kind:   play.ExtraLine, line: 8,
			want: `only the answer to "help": a line that begins with "supported "`, got: `"msg Al hi\n"`,
		},
		"extra line at the end": {
			server: answers{"help": supported, "msg hi": "msgok 0\n", "users": "users Al\n\n"}, steps: greetAndSay,
			kind: play.ExtraLine, line: 9, want: "nothing more for alice", got: `"\n"`,
		},
		"extra line before the end of the stream": {
			server: answers{"bye": "bye\n" + hangUp}, steps: []string{"dial alice", "alice > bye", "alice < EOF"},
			kind: play.ExtraLine, line: 7, want: "the end of the stream", got: `"bye\n"`,
		},
		"closed": {
			server: answers{"help": supported, "msg hi": hangUp}, steps: greetAndSay,
			kind: play.Closed, line: 7, want: `"msgok 0\n"`, got: "the end of the stream",
		},
		"closed within a line": {
			server: answers{"help": supported, "msg hi": "msgo" + hangUp}, steps: greetAndSay,
			kind: play.Closed, line: 7, want: `"msgok 0\n"`, got: `"msgo", then the end of the stream`,
		},
		"reset instead of an end": {
			server: answers{"bye": reset}, steps: []string{"dial alice", "alice > bye", "alice < EOF"},
			kind: play.Closed, line: 7, want: "the end of the stream", got: "a reset: ",
		},
		"closed before the raw bytes": {
			server: answers{"a": "b" + hangUp}, steps: []string{"dial alice", "alice > a", `alice <raw "bc"`},
			kind: play.Closed, line: 7, want: `"bc"`, got: `"b", then the end of the stream`,
		},
		"wrong raw bytes": {
			server: answers{"a": "b\r\n"}, steps: []string{"dial alice", "alice > a", `alice <raw "b\n"`},
			kind: play.WrongLine, line: 7, want: `"b\n"`, got: `"b\r\n"`,
		},
		"a wrong line among raw ones": {
			server: answers{"a": "b\nc\nd\ne\n"}, steps: []string{"dial alice", "alice > a", `alice <raw "b\nc\nx\ne\n"`},
			kind: play.WrongLine, line: 7, want: `"x\n"`, got: `"d\n"`,
		},
		"too few raw lines": {
			server: answers{"a": "b\nc\n"}, steps: []string{"dial alice", "alice > a", `alice <raw "b\nc\nd\n"`},
			kind: play.Timeout, line: 7, want: `"d\n"`, got: "nothing within 200ms",
		},
		"hangs": {
			server: answers{}, steps: []string{"dial alice", "alice > msg hi", "alice < msgok 0"},
			kind: play.Timeout, line: 7, want: `"msgok 0\n"`, got: "nothing within 200ms",
		},
		"hangs within a line": {
			server: answers{"help": supported, "msg hi": "msgok 0"}, steps: greetAndSay,
			kind: play.Timeout, line: 7, want: `"msgok 0\n"`, got: `"msgok 0", then nothing within 200ms`,
		},
		"hangs at once": {
			server: answers{}, steps: greetAndSay,
			kind: play.Timeout, line: 5, want: `only the answer to "help": a line that begins with "supported "`, got: "nothing within 200ms",
		},
		"does not end": {
			server: right, steps: []string{"connect alice", "alice < EOF"},
			kind: play.Timeout, line: 6, want: "the end of the stream", got: "nothing within 200ms",
		},
		"pattern": {
			server: answers{"joke": "joke \n"}, steps: []string{"dial alice", "alice > joke", "alice <~ joke .+"},
			kind: play.WrongLine, line: 7, want: `a line that matches \A(?:joke .+)\z`, got: `"joke \n"`,
		},
		"poll": {
			server: answers{"users": "users Al Bo\n"}, steps: []string{"dial alice", "alice poll users {alice}"},
			kind: play.WrongLine, line: 6, want: `"users {alice}\n"`, got: `at last "users Al Bo\n"`,
		},
		"poll without an answer": {
			server: answers{}, steps: []string{"dial alice", "alice poll users {alice}"},
			kind: play.Timeout, line: 6, want: `"users {alice}\n"`, got: "nothing within 200ms",
		},
		"two connections of one name": {
			server: answers{"users": "users Al Al\n"},
			steps:  []string{"dial alice bob", "alice > users", "alice < users {alice} {bob}"},
			kind:   play.WrongLine, line: 7, want: `"users {alice} {bob}\n"`, got: `"users Al Al\n"`,
		},
		"another name than before": {
			server: answers{"users": "users Al\n", "again": "users Bo\n"},
			steps:  []string{"dial alice", "alice > users", "alice < users {alice}", "alice > again", "alice < users {alice}"},
			kind:   play.WrongLine, line: 9, want: `"users Al\n"`, got: `"users Bo\n"`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			player := play.Player{Dial: start(t, test.server.serve), Timeout: 200 * time.Millisecond}
			err := player.Play(t.Context(), conversation(t, test.steps...))
			var f *play.Failure
			if !errors.As(err, &f) {
				t.Fatalf("got %v, want a failure", err)
			}
			if f.Kind != test.kind || f.Step.Line != test.line || f.Want != test.want || !strings.HasPrefix(f.Got, test.got) {
				t.Errorf("got %q in line %d, want %q in line %d; expected %s, want %s; came %s, want %s",
					f.Kind, f.Step.Line, test.kind, test.line, f.Want, test.want, f.Got, test.got)
			}
		})
	}
}

func TestReport(t *testing.T) {
	long := "msg Al " + strings.Repeat("x", 1000) + "\n"
	bob := answers{"help": supported + long}
	dial := start(t, answers{"help": supported, "msg hi": "msgok 1\nhow?\n"}.serve, bob.serve)
	err := play.Play(t.Context(), dial, conversation(t, "connect alice bob", "alice > msg hi", "alice < msgok 0"))
	const want = `an-id: x.txtar:7: wrong line
  title     A title [P-50]
  step      alice < msgok 0
  expected  "msgok 0\n"
  came      "msgok 1\n"
  alice has received 28 bytes
    "supported help\n"
    "msgok 1\n"
    "how?\n"
  bob has received 1023 bytes
    "supported help\n"
`
	if err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Fatalf("got\n%v\nwant\n%s…", err, want)
	}
	if shown := strings.TrimPrefix(err.Error(), want); len(shown) > 300 || !strings.HasSuffix(shown, `x\n" (1008 bytes)`) {
		t.Errorf("the long line is not cut short: %s", shown)
	}
}

func TestNotConnected(t *testing.T) {
	dial := func(context.Context) (net.Conn, error) { return nil, errors.New("refused") }
	err := play.Play(t.Context(), dial, conversation(t, "dial alice"))
	var f *play.Failure
	if !errors.As(err, &f) || f.Kind != play.NotConnected || f.Got != "refused" {
		t.Errorf("got %v", err)
	}
}

func TestContextEndsThePlay(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	server := func(conn *net.TCPConn) {
		defer conn.Close()
		lines := bufio.NewScanner(conn)
		lines.Scan()
		cancel(enough)
		lines.Scan() // until the client is gone
	}
	err := play.Play(ctx, start(t, server), conversation(t, "dial alice", "alice > msg hi", "alice < msgok 0"))
	if !errors.Is(err, enough) {
		t.Errorf("got %v, want %v", err, enough)
	}
}

// A server that does not read fails the step in which it no longer takes
// bytes.
func TestServerThatDoesNotRead(t *testing.T) {
	done := make(chan struct{})
	server := func(conn *net.TCPConn) {
		defer conn.Close()
		_ = conn.SetReadBuffer(4096)
		<-done
	}
	dial := start(t, server)
	t.Cleanup(func() { close(done) }) // before start's own, which waits for the server
	steps := slices.Repeat([]string{"alice > {x*1048575}"}, 20)
	player := play.Player{Dial: dial, Timeout: 200 * time.Millisecond}
	err := player.Play(t.Context(), conversation(t, append([]string{"dial alice"}, steps...)...))
	var f *play.Failure
	if !errors.As(err, &f) || f.Kind != play.Timeout || !strings.HasPrefix(f.Want, `to be read: "xxx`) {
		t.Errorf("got %v", err)
	}
}

// What comes over a connection that cannot do what a step asks for is no
// failure of the server, but it must not pass for a success either.
func TestConnectionWithoutHalfClose(t *testing.T) {
	for _, step := range []string{"half-close", "reset"} {
		tcp := start(t, right.serve)
		dial := func(ctx context.Context) (net.Conn, error) {
			conn, err := tcp(ctx)
			return struct{ net.Conn }{conn}, err
		}
		player := play.Player{Dial: dial, Timeout: 200 * time.Millisecond}
		err := player.Play(t.Context(), conversation(t, "connect alice", "alice "+step))
		if err == nil || !strings.Contains(err.Error(), "this kind of connection cannot") {
			t.Errorf("%s: got %v", step, err)
		}
	}
}
