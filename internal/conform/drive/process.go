package drive

import (
	"cmp"
	"context"
	"os"
	"os/exec"
	"sync"
	"time"
)

const (
	// lastWish is how long a program has from the hang-up of its terminal until
	// it is killed.
	lastWish = 500 * time.Millisecond
	// drain is how long what a program has printed is waited for when it has
	// ended. It is there at once, unless something that it has started holds the
	// terminal open.
	drain = 200 * time.Millisecond
	// typing is how long a program may leave its terminal full of keys.
	typing = time.Second
)

// process is a program in a terminal, the leader of a session of its own.
type process struct {
	cmd      *exec.Cmd
	terminal *os.File      // our side
	read     chan struct{} // closed when all it printed has been shown
	ended    chan struct{} // closed after that, and when it has been waited for
	ending   string        // how it ended; before ended is closed, nobody's but await's
	stop     sync.Once
}

// start starts a command. shown is called with what it prints.
func start(ctx context.Context, command []string, shown func(string)) (*process, error) {
	ours, theirs, err := openTerminal()
	if err != nil {
		return nil, err
	}
	defer func() { _ = theirs.Close() }()
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Env = environment()
	cmd.Stdin, cmd.Stdout, cmd.Stderr = theirs, theirs, theirs
	leadSession(cmd)
	cmd.Cancel = func() error { return killGroup(cmd.Process.Pid) }
	if err := cmd.Start(); err != nil {
		_ = ours.Close()
		return nil, err
	}
	p := &process{cmd: cmd, terminal: ours, read: make(chan struct{}), ended: make(chan struct{})}
	go p.show(shown)
	go p.await()
	return p, nil
}

// environment is ours, with a terminal that can do nothing and, where nothing is
// said about the encoding of text, UTF-8.
func environment() []string {
	env := append(os.Environ(), "TERM=dumb")
	if cmp.Or(os.Getenv("LC_ALL"), os.Getenv("LC_CTYPE"), os.Getenv("LANG")) == "" {
		env = append(env, "LANG=C.UTF-8")
	}
	return env
}

// show passes on what the program prints, until no process has the terminal open
// any more or our side is closed.
func (p *process) show(shown func(string)) {
	defer close(p.read)
	buf := make([]byte, 32<<10)
	for {
		n, err := p.terminal.Read(buf)
		if n > 0 {
			shown(string(buf[:n]))
		}
		if err != nil {
			return
		}
	}
}

// await waits for the program, and ends what it has left running.
func (p *process) await() {
	_ = p.cmd.Wait() // the state says more
	_ = killGroup(p.cmd.Process.Pid)
	timer := time.NewTimer(drain)
	defer timer.Stop()
	select {
	case <-p.read:
	case <-timer.C:
	}
	p.ending = p.cmd.ProcessState.String()
	close(p.ended)
}

// Type types keys.
func (p *process) Type(keys string) error {
	if err := p.terminal.SetWriteDeadline(time.Now().Add(typing)); err != nil {
		return err
	}
	_, err := p.terminal.WriteString(keys)
	return err
}

// Ended is closed when the program has ended, and all that it printed is shown.
func (p *process) Ended() <-chan struct{} { return p.ended }

// Ending says how it has ended.
func (p *process) Ending() string {
	select {
	case <-p.ended:
		return p.ending
	default:
		return "it runs"
	}
}

// Stop ends the program as one whose terminal is closed, and kills it if that
// does not help, together with all that it has started in its session. It waits
// until nothing of it is left.
func (p *process) Stop() {
	p.stop.Do(func() {
		p.hangUp()
		<-p.ended
		_ = p.terminal.Close()
		<-p.read
	})
}

func (p *process) hangUp() {
	select {
	case <-p.ended:
		return
	default:
	}
	_ = hangUpGroup(p.cmd.Process.Pid)
	timer := time.NewTimer(lastWish)
	defer timer.Stop()
	select {
	case <-p.ended:
	case <-timer.C:
		_ = killGroup(p.cmd.Process.Pid)
	}
}
