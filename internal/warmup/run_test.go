package warmup_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"parley/internal/warmup"
	"parley/proto"
)

// optionsFor are the defaults for a server at addr, without the pause.
func optionsFor(addr string) warmup.Options {
	opts := warmup.Defaults()
	opts.Server = addr
	opts.Pause = time.Millisecond
	return opts
}

func TestRun(t *testing.T) {
	for name, tt := range map[string]struct {
		exprs  []string
		in     string
		out    string
		noSums string // what the error says, if there is one
	}{
		"arguments":               {exprs: []string{"2+3", "40+2"}, in: "1+1\n", out: "5\n42\n"},
		"an argument is no sum":   {exprs: []string{"2+3", "bla", "40+2"}, out: "5\nerror\n42\n", noSums: "1 of 3 "},
		"an empty argument":       {exprs: []string{""}, out: "error\n", noSums: "1 of 1 "},
		"input":                   {in: "2+3\n40+2\n", out: "5\n42\n"},
		"input of another system": {in: "2+3\r\n40+2\r\n", out: "5\n42\n"},
		"input that does not end": {in: "2+3\n40+2", out: "5\n42\n"},
		"no input":                {},
		"an empty line":           {in: "\n2+3\n", out: "error\n5\n", noSums: "1 of 2 "},
		"game over":               {in: "2+3\ngame over\n1+1\n", out: "5\n"},
		"game over after error":   {in: "bla\ngame over\n", out: "error\n", noSums: "1 of 1 "},
		"game over, an argument":  {exprs: []string{"2+3", "game over"}, out: "5\n"},
		"the longest line":        {in: strings.Repeat("0", proto.MaxLine-3) + "1+2\r\n1+1\n", out: "3\n2\n"},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, limits)
			opts := optionsFor(s.addr)
			opts.Exprs = tt.exprs
			var out bytes.Buffer
			err := warmup.Run(t.Context(), strings.NewReader(tt.in), &out, opts)
			if out.String() != tt.out {
				t.Errorf("printed %q, want %q", &out, tt.out)
			}
			if tt.noSums == "" && err != nil {
				t.Error(err)
			}
			if tt.noSums != "" && (!errors.Is(err, warmup.ErrNoSum) || !strings.HasPrefix(err.Error(), tt.noSums)) {
				t.Errorf("the error is %v, want %q and ErrNoSum", err, tt.noSums)
			}
			<-s.reasons // the connection is not left open
		})
	}
}

// Each answer is there before the next question is typed.
func TestRunAnswersAtOnce(t *testing.T) {
	opts := optionsFor(serve(t, limits).addr)
	in, keyboard := io.Pipe()
	screen, out := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- warmup.Run(t.Context(), in, out, opts) }()
	for range 3 {
		io.WriteString(keyboard, "20+22\n")
		expect(t, screen, "42\n")
	}
	keyboard.Close()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// Run does not wait for somebody who does not type.
func TestRunCancelled(t *testing.T) {
	opts := optionsFor(serve(t, limits).addr)
	in, keyboard := io.Pipe()
	defer keyboard.Close()
	ctx, cancel := context.WithCancel(t.Context())
	screen, out := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- warmup.Run(ctx, in, out, opts) }()
	io.WriteString(keyboard, "20+22\n")
	expect(t, screen, "42\n")
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("Run: %v, want %v", err, context.Canceled)
	}
}

// What cannot be sent is found before anything is: nobody listens here.
func TestRunRefusesArguments(t *testing.T) {
	opts := optionsFor("127.0.0.1:0")
	opts.Exprs = []string{"2+3", "1+1\n2+2"}
	err := warmup.Run(t.Context(), nil, io.Discard, opts)
	if _, ok := errors.AsType[*warmup.InputError](err); !ok {
		t.Errorf("Run: %v, want an InputError", err)
	}
}

// What cannot be sent is not kept either.
func TestRunRefusesLongInput(t *testing.T) {
	opts := optionsFor(serve(t, limits).addr)
	for _, end := range []string{"", "\n", "1\n", "11111\n"} {
		in := strings.NewReader("2+3\n" + strings.Repeat("1", proto.MaxLine+1) + end + "1+1\n")
		var out bytes.Buffer
		err := warmup.Run(t.Context(), in, &out, opts)
		if expectError(t, err, "16384"); out.String() != "5\n" {
			t.Errorf("printed %q, want the answer before it", &out)
		}
	}
}

func TestRunRefusesEndlessInput(t *testing.T) {
	in := new(endless)
	err := warmup.Run(t.Context(), in, io.Discard, optionsFor(serve(t, limits).addr))
	if expectError(t, err, "16384"); in.read > 64<<10 {
		t.Errorf("read %d bytes of one line", in.read)
	}
}

// endless is input without a line end.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	e.read += len(p)
	if e.read > 1<<24 {
		return 0, errors.New("who can want so much?")
	}
	return copy(p, bytes.Repeat([]byte{'1'}, len(p))), nil
}

func TestRunFails(t *testing.T) {
	for name, tt := range map[string]struct {
		opts warmup.Options
		want string
	}{
		"nobody there":        {optionsFor("127.0.0.1:0"), "no connection to 127.0.0.1:0: "},
		"full":                {optionsFor(answering(t, "error\n")), `no answer to "40+2": the server closed`},
		"closes":              {optionsFor(answering(t)), `no answer to "2+3": the server closed`},
		"nonsense":            {optionsFor(answering(t, "5\n", "\x1b]0;boo\a\n")), `sent "\x1b]0;boo\a"`},
		"answers to goodbyes": {optionsFor(answering(t, "5\n", "42\n", "bye\n")), "answered game over"},
	} {
		t.Run(name, func(t *testing.T) {
			tt.opts.Exprs = []string{"2+3", "40+2", "game over"}
			expectError(t, warmup.Run(t.Context(), nil, io.Discard, tt.opts), tt.want)
		})
	}
}

// A server that is silent is not waited for longer than the timeout, neither
// for an answer nor for its closing.
func TestRunTimesOut(t *testing.T) {
	for _, expr := range []string{"2+3", "game over"} {
		left := make(chan struct{})
		opts := optionsFor(peer(t, func(_ *net.TCPConn, lines *bufio.Scanner) {
			for lines.Scan() {
			}
			close(left)
		}))
		opts.Timeout = 10 * time.Millisecond
		opts.Exprs = []string{expr}
		expectError(t, warmup.Run(t.Context(), nil, io.Discard, opts), "nothing came for 10ms")
		<-left
	}
}

func TestRunCannotPrint(t *testing.T) {
	opts := optionsFor(serve(t, limits).addr)
	opts.Exprs = []string{"2+3"}
	_, out := io.Pipe()
	out.Close()
	if err := warmup.Run(t.Context(), nil, out, opts); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("Run: %v, want %v", err, io.ErrClosedPipe)
	}
}

func TestRunCannotRead(t *testing.T) {
	opts := optionsFor(serve(t, limits).addr)
	in, keyboard := io.Pipe()
	unplugged := errors.New("unplugged")
	keyboard.CloseWithError(unplugged)
	if err := warmup.Run(t.Context(), in, io.Discard, opts); !errors.Is(err, unplugged) {
		t.Errorf("Run: %v, want %v", err, unplugged)
	}
}
