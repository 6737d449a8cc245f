package warmup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strconv"
	"time"

	"parley/internal/wire"
	"parley/proto"
)

// Demo holds the conversation of the assignment and tells of each step. It stops
// with an error at the first one that does not go as it must.
func Demo(ctx context.Context, out io.Writer, opts Options) error {
	a, b := 1+rand.IntN(1000), 1+rand.IntN(1000)
	d := demo{opts: opts}
	defer d.hangUp()
	for i, step := range []struct {
		title string
		take  func(context.Context) (outcome string, err error)
	}{
		{"connect to " + wire.WithPort(opts.Server, proto.DefaultSumPort), d.connect},
		{fmt.Sprintf("ask %d+%d", a, b), d.ask(fmt.Sprintf("%d+%d", a, b), strconv.Itoa(a+b))},
		{fmt.Sprintf("wait %v", opts.Pause), d.pause},
		{"ask bla+bla", d.ask("bla+bla", noSum)},
		{"say " + GameOver, d.gameOver},
		{"close the connection", d.close},
		{"ask 2+2 once more", d.askInVain},
	} {
		if _, err := fmt.Fprintf(out, "%d. %s: ", i+1, step.title); err != nil {
			return err
		}
		outcome, err := step.take(ctx)
		if err != nil {
			fmt.Fprintln(out, "failed")
			return err
		}
		fmt.Fprintln(out, outcome)
	}
	return nil
}

// demo is the state of the conversation.
type demo struct {
	opts   Options
	client *Client // nil before it is connected
}

func (d *demo) hangUp() {
	if d.client != nil {
		_ = d.client.Close()
	}
}

func (d *demo) connect(ctx context.Context) (string, error) {
	c, err := d.opts.dial(ctx)
	d.client = c
	return "connected", err
}

// ask is the step that sends a request to which there is one right answer.
func (d *demo) ask(expr, want string) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		answer, err := d.opts.ask(ctx, d.client, expr)
		if err == nil && answer != want {
			err = fmt.Errorf("the answer to %s must be %s, and is %s", expr, want, quote(answer))
		}
		return answer + ", which is right", err
	}
}

func (d *demo) pause(ctx context.Context) (string, error) {
	select {
	case <-time.After(d.opts.Pause):
		return "done", nil
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

func (d *demo) gameOver(ctx context.Context) (string, error) {
	return "the server closed without an answer, as it must", d.opts.gameOver(ctx, d.client)
}

func (d *demo) close(context.Context) (string, error) {
	_ = d.client.Close()
	return "closed", nil
}

func (d *demo) askInVain(ctx context.Context) (string, error) {
	answer, err := d.opts.ask(ctx, d.client, "2+2")
	switch {
	case err == nil:
		return "", fmt.Errorf("2+2 must fail on a closed connection, and the answer is %s", quote(answer))
	case !errors.Is(err, net.ErrClosed):
		return "", err
	}
	return "failed, as it must: " + err.Error(), nil
}
