package zoo

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"time"

	"parley/internal/conform"
	"parley/proto"
)

// Mistake is a program with one planted flaw. One without a rule is correct:
// see [Correct].
type Mistake struct {
	Name   string         // unique over all targets; lower-case words and hyphens
	Target conform.Target // the kind of program
	Rule   proto.Rule     // the rule that it breaks
	Check  string         // the id of the check that is about it
	About  string         // what it does: "takes one recv() for one message"

	serve func(ctx context.Context, l net.Listener, opts Options) // servers
	run   clientFunc                                              // clients
}

// flaw is what is wrong in a mistake.
type flaw struct {
	name  string
	rule  proto.Rule
	check string // that is about it
	about string
}

// in returns the mistake without what starts it.
func (f flaw) in(target conform.Target) *Mistake {
	return &Mistake{Name: f.name, Target: target, Rule: f.rule, Check: f.check, About: f.about}
}

// clientFunc is a client program: keys come from in, and what it shows goes to
// out. It ends when the user quits, when in ends or when ctx does.
type clientFunc func(ctx context.Context, in io.Reader, out io.Writer, address string) error

// Options are the times of the zoo's programs. Those of zero value are what
// docs/protocol.md says.
type Options struct {
	SpamBlock time.Duration // how long a server blocks for spam (P-60)
}

func (o Options) orDefaults() Options {
	o.SpamBlock = cmp.Or(o.SpamBlock, conform.DefaultSpamBlock)
	return o
}

// All lists the mistakes, target by target.
func All() []*Mistake {
	return slices.Concat(chatServers(), sumServers(), chatClients(), sumClients())
}

// Correct returns the program without a flaw. Its name is "correct-" and the
// target.
func Correct(target conform.Target) *Mistake {
	right := &Mistake{Name: "correct-" + string(target), Target: target, About: "does everything right"}
	switch target {
	case conform.Server:
		right.serve = chatServer("")
	case conform.SumServer:
		right.serve = sumServer("")
	case conform.Client:
		right.run = chatClient("")
	case conform.SumClient:
		right.run = sumClient("")
	}
	return right
}

// Find returns the mistake, or the correct program, of that name.
func Find(name string) (*Mistake, error) {
	all := All()
	for _, target := range []conform.Target{conform.Server, conform.SumServer, conform.Client, conform.SumClient} {
		all = append(all, Correct(target))
	}
	for _, m := range all {
		if m.Name == name {
			return m, nil
		}
	}
	return nil, fmt.Errorf("the zoo has nothing called %q; `parley zoo list` shows what it has", name)
}

// IsServer reports whether the program is started with [Mistake.Start], not with
// [Mistake.Run].
func (m *Mistake) IsServer() bool { return m.serve != nil }

// Start starts a server on an address; port 0 is any that is free. It runs until
// ctx ends or it is stopped.
func (m *Mistake) Start(ctx context.Context, address string, opts Options) (*Running, error) {
	if m.serve == nil {
		return nil, fmt.Errorf("%s is no server", m.Name)
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	r := &Running{Address: l.Addr().String(), cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(r.done)
		m.serve(ctx, l, opts.orDefaults())
	}()
	return r, nil
}

// Running is a server that runs.
type Running struct {
	Address string // where it listens

	cancel context.CancelFunc
	done   chan struct{}
}

// Done is closed when the server has ended, by itself too: a wrong one may die.
func (r *Running) Done() <-chan struct{} { return r.done }

// Stop ends the server, and waits until all that it began has ended.
func (r *Running) Stop() {
	r.cancel()
	<-r.done
}

// Run runs a client program that connects to address. Its keys come from in, what
// it shows goes to out.
func (m *Mistake) Run(ctx context.Context, in io.Reader, out io.Writer, address string) error {
	if m.run == nil {
		return fmt.Errorf("%s is no client", m.Name)
	}
	return m.run(ctx, in, out, address)
}
