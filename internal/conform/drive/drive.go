// Package drive starts a client program in a terminal of its own and types into
// it, as a person would: the course's clients are menus, and a pipe would make
// many of them hold back what they print. Where there is no command to start, a
// person is asked to do it: see [ByHand].
package drive

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"

	"parley/internal/conform"
)

// DefaultListen is where programs connect to that have the address of the
// assignment written in.
const DefaultListen = "127.0.0.1:1300"

// Options say what program is checked.
type Options struct {
	// Command is the program and its arguments, in which {host} and {port} stand
	// for where to connect to.
	Command []string

	// Listen is where it will connect to. Default [DefaultListen]; for a program
	// that can be told the port, any free port of this machine.
	Listen string

	// Keys describe its menu. Default those of [Template].
	Keys Keys
}

// Programs starts the same program again and again.
type Programs struct{ opts Options }

var _ conform.Programs = (*Programs)(nil)

// New returns what starts a program. Whether it can be started shows only then.
func New(opts Options) (*Programs, error) {
	if len(opts.Command) == 0 || opts.Command[0] == "" {
		return nil, errors.New("there is no command to start")
	}
	if opts.Keys == nil {
		keys, err := ParseKeys("the template's keys", Template)
		if err != nil {
			return nil, err
		}
		opts.Keys = keys
	}
	canBeTold := strings.Contains(strings.Join(opts.Command, " "), "{port}") || opts.Keys.asksForPort()
	switch {
	case opts.Listen == "" && canBeTold:
		opts.Listen = "127.0.0.1:0"
	case opts.Listen == "":
		opts.Listen = DefaultListen
	}
	_, port, err := net.SplitHostPort(opts.Listen)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%q is no address to listen on: %w", opts.Listen, err)
	case port == "0" && !canBeTold:
		return nil, errors.New("any free port is to be used, but neither the command nor the keys say {port}: the program cannot know which")
	}
	return &Programs{opts}, nil
}

// Listen opens where the program will connect to.
func (p *Programs) Listen(ctx context.Context) (net.Listener, error) {
	return listen(ctx, p.opts.Listen)
}

// Together reports whether several may run: each has a port of its own.
func (p *Programs) Together() bool { return strings.HasSuffix(p.opts.Listen, ":0") }

// Start starts the program, which is to connect to address.
func (p *Programs) Start(ctx context.Context, address string, shown func(string)) (conform.Program, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	filledIn := strings.NewReplacer("{host}", host, "{port}", port)
	command := make([]string, len(p.opts.Command))
	for i, word := range p.opts.Command {
		command[i] = filledIn.Replace(word)
	}
	process, err := start(ctx, command, shown)
	if err != nil {
		return nil, err
	}
	return &program{process, p.opts.Keys, filledIn}, nil
}

func listen(ctx context.Context, address string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("somebody listens at %s already: stop that server, or choose another address", address)
	}
	return l, err
}

// program is a process and what its menu wants.
type program struct {
	*process
	keys    Keys
	address *strings.Replacer
}

func (p *program) Keys(action string, args ...string) (keys string, ok bool) {
	return p.keys.typed(action, args, p.address)
}
