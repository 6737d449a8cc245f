package drive

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"

	"parley/internal/conform"
)

// ByHand has a person start the program and use it: what a check would type is
// written to out as a request, and what the program shows is asked for. The
// person answers on in.
func ByHand(listenAt string, in io.Reader, out io.Writer) conform.Programs {
	if listenAt == "" {
		listenAt = DefaultListen
	}
	return &byHand{listenAt, &person{in: bufio.NewReader(in), out: out}}
}

type byHand struct {
	listenAt string
	person   *person
}

func (b *byHand) Listen(ctx context.Context) (net.Listener, error) { return listen(ctx, b.listenAt) }

// Together is false: a person does one thing at a time.
func (b *byHand) Together() bool { return false }

func (b *byHand) Start(ctx context.Context, address string, _ func(string)) (conform.Program, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	m := &manual{ctx, b.person}
	if err := m.Type(fmt.Sprintf("start your program afresh, to connect to %s port %s", host, port)); err != nil {
		return nil, err
	}
	return m, nil
}

// manual is a program that a person has started and uses.
type manual struct {
	ctx    context.Context
	person *person
}

var _ conform.Witness = (*manual)(nil)

// Keys are what the person is asked to do.
func (m *manual) Keys(name string, args ...string) (request string, ok bool) {
	a, known := actionCalled(name)
	if !known || len(args) != len(a.args) {
		return "", false
	}
	quoted := make([]any, len(args))
	for i, arg := range args {
		quoted[i] = strconv.QuoteToGraphic(arg)
	}
	return fmt.Sprintf(a.asks, quoted...), true
}

// Type asks for something, and waits until the person says it is done.
func (m *manual) Type(request string) error {
	_, err := m.person.ask(m.ctx, "Now "+request+"; then press Enter here. ")
	return err
}

// Sees asks a question until the answer is yes or no.
func (m *manual) Sees(question string) (bool, error) {
	for {
		answer, err := m.person.ask(m.ctx, question+" [y/n] ")
		if err != nil {
			return false, err
		}
		switch strings.ToLower(strings.TrimSpace(answer)) {
		case "y", "yes":
			return true, nil
		case "n", "no":
			return false, nil
		}
	}
}

// Ended is never closed: whether the program has ended is asked for.
func (m *manual) Ended() <-chan struct{} { return nil }

func (m *manual) Ending() string { return "" }

// Stop leaves the program to the person, who is asked to start it afresh.
func (m *manual) Stop() {}

// person answers by lines. One that is waited for no longer is kept for the next
// question: a plain reader cannot be interrupted.
type person struct {
	in      *bufio.Reader
	out     io.Writer
	pending chan reply // of the read that is under way; nil if none is
}

type reply struct {
	line string
	err  error
}

func (p *person) ask(ctx context.Context, text string) (string, error) {
	if _, err := io.WriteString(p.out, text); err != nil {
		return "", err
	}
	if p.pending == nil {
		p.pending = make(chan reply, 1)
		go func(to chan<- reply) {
			line, err := p.in.ReadString('\n')
			to <- reply{line, err}
		}(p.pending)
	}
	select {
	case r := <-p.pending:
		p.pending = nil
		return r.line, r.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}
