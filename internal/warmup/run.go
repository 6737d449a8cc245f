package warmup

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"parley/proto"
)

// Options are what the user of the client may set. Start from [Defaults].
type Options struct {
	Server  string        // host with or without a port
	Exprs   []string      // what Run asks; if there are none, the lines of its input
	Timeout time.Duration // for connecting and for each answer
	Pause   time.Duration // of Demo, half-way
}

// Defaults are the options of a user who has said nothing.
func Defaults() Options {
	return Options{
		Server:  fmt.Sprintf("127.0.0.1:%d", proto.DefaultSumPort),
		Timeout: 10 * time.Second,
		Pause:   2 * time.Second,
	}
}

// ErrNoSum says that some of the answers were error.
var ErrNoSum = errors.New("a request is two whole numbers greater than zero, like 2+3")

// Run asks for sums and prints one answer a line, each as it comes, until the
// input ends or says game over. An answer may be error: it is printed like any
// other, and when all is asked, Run returns an [ErrNoSum].
//
// An [*InputError] among opts.Exprs is found before anything is asked. When the
// context ends, Run returns even if nobody types; the goroutine that reads the
// input ends with the read it is in.
func Run(ctx context.Context, in io.Reader, out io.Writer, opts Options) error {
	for _, expr := range opts.Exprs {
		if err := checkRequest(expr); err != nil {
			return err
		}
	}
	if len(opts.Exprs) > 0 {
		in = strings.NewReader(strings.Join(opts.Exprs, "\n") + "\n")
	}
	c, err := opts.dial(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	return opts.askAll(ctx, c, in, out)
}

func (o *Options) askAll(ctx context.Context, c *Client, in io.Reader, out io.Writer) error {
	var t tally
	for expr, err := range inputLines(ctx, in) {
		if err != nil {
			return err
		}
		if expr == GameOver {
			return cmp.Or(o.gameOver(ctx, c), t.err())
		}
		answer, err := o.ask(ctx, c, expr)
		if err != nil {
			return err
		}
		t.add(answer)
		if _, err := fmt.Fprintln(out, answer); err != nil {
			return err
		}
	}
	return t.err()
}

// tally counts answers.
type tally struct{ all, refusals int }

func (t *tally) add(answer string) {
	t.all++
	if answer == noSum {
		t.refusals++
	}
}

func (t *tally) err() error {
	if t.refusals == 0 {
		return nil
	}
	return fmt.Errorf("%d of %d requests got the answer %s; %w", t.refusals, t.all, noSum, ErrNoSum)
}

func (o *Options) dial(ctx context.Context) (*Client, error) {
	ctx, cancel := o.patience(ctx)
	defer cancel()
	return Dial(ctx, o.Server)
}

func (o *Options) ask(ctx context.Context, c *Client, expr string) (string, error) {
	ctx, cancel := o.patience(ctx)
	defer cancel()
	return c.Ask(ctx, expr)
}

func (o *Options) gameOver(ctx context.Context, c *Client) error {
	ctx, cancel := o.patience(ctx)
	defer cancel()
	return c.GameOver(ctx)
}

// patience bounds one thing that is asked of the server.
func (o *Options) patience(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, o.Timeout, fmt.Errorf("nothing came for %v", o.Timeout))
}

// inputLines reads in a goroutine of its own, since a read from a terminal
// cannot be called off.
func inputLines(ctx context.Context, in io.Reader) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		ctx, stop := context.WithCancel(ctx)
		defer stop()
		lines := make(chan string)
		var readErr error // set before lines is closed
		go func() {
			defer close(lines)
			readErr = scan(ctx, in, lines)
		}()
		for {
			select {
			case line, ok := <-lines:
				if !ok && readErr != nil {
					yield("", readErr)
				}
				if !ok || !yield(line, nil) {
					return
				}
			case <-ctx.Done():
				yield("", context.Cause(ctx))
				return
			}
		}
	}
}

// scan sends the lines of in; the last one need not end. No more than one line
// that can be sent is kept in memory.
func scan(ctx context.Context, in io.Reader, lines chan<- string) error {
	s := bufio.NewScanner(in)
	s.Buffer(nil, proto.MaxLine+len("\r\n"))
	for s.Scan() {
		select {
		case lines <- s.Text():
		case <-ctx.Done():
			return nil
		}
	}
	if errors.Is(s.Err(), bufio.ErrTooLong) {
		return fmt.Errorf("a line of the input has more than %d bytes", proto.MaxLine)
	}
	return s.Err()
}
