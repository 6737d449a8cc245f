//go:build unix

package faults_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is how long a test waits for what must come.
const patience = 40 * time.Second

// program is a process of ours.
type program struct {
	t     testing.TB
	name  string
	cmd   *exec.Cmd
	log   *journal
	ended chan struct{} // closed when it has
}

// run starts a program, which ends with the test at the latest.
func run(t testing.TB, name string, argv ...string) *program {
	t.Helper()
	p := &program{t: t, name: name, log: newJournal(t, name), ended: make(chan struct{})}
	p.cmd = exec.Command(argv[0], argv[1:]...)
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	p.cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0") // by itself it takes a second to end
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait() // the exit code is asked for
		close(p.ended)
	}()
	t.Cleanup(p.kill)
	return p
}

func (p *program) signal(s os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Errorf("%s: %v: %v", p.name, s, err)
	}
}

func (p *program) freeze() { p.signal(syscall.SIGSTOP) }
func (p *program) thaw()   { p.signal(syscall.SIGCONT) }

// kill ends it as a crash would, frozen or not.
func (p *program) kill() {
	_ = p.cmd.Process.Kill() // it may have ended
	<-p.ended
}

// stop ends it in order, and tells the exit code.
func (p *program) stop() int {
	p.t.Helper()
	p.signal(syscall.SIGTERM)
	return p.exit()
}

// exit waits for the end, and tells the exit code.
func (p *program) exit() int {
	p.t.Helper()
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.t.Fatalf("%s does not end", p.name)
	}
	return p.cmd.ProcessState.ExitCode()
}

// journal is what a program has written, line by line.
type journal struct {
	name string
	copy io.Writer

	mu    sync.Mutex // guards all below
	rest  []byte
	lines []string
	more  chan struct{} // closed, and made anew, with every line
}

func newJournal(t testing.TB, name string) *journal {
	return &journal{name: name, copy: t.Output(), more: make(chan struct{})}
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.rest = append(j.rest, p...)
	for {
		line, rest, whole := bytes.Cut(j.rest, []byte("\n"))
		if !whole {
			return len(p), nil
		}
		j.lines, j.rest = append(j.lines, string(line)), rest
		if !bytes.Contains(line, []byte("the peer has closed")) {
			fmt.Fprintf(j.copy, "%s: %s\n", j.name, line)
		}
		close(j.more)
		j.more = make(chan struct{})
	}
}

// count is how many lines have a text.
func (j *journal) count(text string) int {
	n, _ := j.look(text)
	return n
}

func (j *journal) look(text string) (n int, more <-chan struct{}) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, line := range j.lines {
		if strings.Contains(line, text) {
			n++
		}
	}
	return n, j.more
}

func (j *journal) all() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.Join(j.lines, "\n")
}

// await waits until so many lines have a text.
func (p *program) await(times int, text string) {
	p.t.Helper()
	late := time.After(patience)
	for {
		n, more := p.log.look(text)
		if n >= times {
			return
		}
		select {
		case <-more:
		case <-p.ended:
			if p.log.count(text) < times {
				p.t.Fatalf("%s has ended and did not say %q", p.name, text)
			}
		case <-late:
			p.t.Fatalf("%s does not say %q (%d of %d)", p.name, text, n, times)
		}
	}
}
