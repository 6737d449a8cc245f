package load

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// What one program uses is read while it waits, and compared with what its end
// says. This test does nothing itself, so it would notice if it read its own.
func TestReadProcess(t *testing.T) {
	child := exec.Command("sh", "-c", "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; echo done; read _")
	in, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "done\n" {
		t.Errorf("read %q, %v", line, err)
	}
	got, err := readProcess(child.Process.Pid)
	io.WriteString(in, "\n")
	child.Wait()
	end := child.ProcessState
	all := end.UserTime() + end.SystemTime()
	if err != nil || got.cpu < all*8/10 || got.cpu > all+10*time.Millisecond || all < 20*time.Millisecond {
		t.Errorf("read %v, %v; in the end it was %v", got.cpu, err, all)
	}
	if got, err := readProcess(child.Process.Pid); err == nil || !strings.Contains(err.Error(), "there is no process") {
		t.Errorf("of a process that has ended: %+v, %v", got, err)
	}
}

func TestReadMemory(t *testing.T) {
	before, err := readProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	const size = 64 << 20
	for flags, size := range map[int]int{unix.MAP_POPULATE: size, unix.MAP_NORESERVE: 10 * size} { // the latter is never touched
		block, err := unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE|flags)
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Munmap(block)
	}
	after, err := readProcess(os.Getpid())
	if grown := after.resident - before.resident; err != nil || grown < size*9/10 || grown > size*11/10 {
		t.Errorf("%d bytes more, %v, after %d were taken", grown, err, size)
	}
}

// Here server and generator are one process, so both ways to look at it see the
// same time, and each unit of work has its part of it.
func TestServerUse(t *testing.T) {
	address := start(t, nil)
	for scenario, unit := range map[string]string{Fanout: "delivery", Latency: "delivery", Requests: "request", Connect: "connection", Class: "delivery"} {
		t.Run(scenario, func(t *testing.T) {
			o := small(scenario, address)
			o.PID, o.Duration = os.Getpid(), 600*time.Millisecond
			if scenario == Class {
				o.Ramp = 200 * time.Millisecond
			}
			rep := mustRun(t, o)
			if s := rep.Server.Seconds; s < 0.1 || s > rep.Seconds-0.06 {
				t.Errorf("it looked for %v s of %v s, and not for the steady load's", s, rep.Seconds)
			}
			s, own := rep.Server, rep.Generator.CPUCores
			if s.PID != o.PID || s.CPUCores < own/2-0.05 || s.CPUCores > own*2+0.05 {
				t.Errorf("%+v; seen from inside, it used %v cores", s, own)
			}
			all := map[string]int64{"delivery": rep.Lines.Delivered, "request": rep.Times["answer"].Count, "connection": rep.Clients.Entered}[unit]
			if s.Unit != unit || s.Units > all || s.Units < all/4 || s.Units == 0 {
				t.Errorf("%+v of %d", s, all)
			}
			if each := s.CPUS * 1e6 / float64(s.Units); s.CPUMicros < each*0.99-0.01 || s.CPUMicros > each*1.01+0.01 {
				t.Errorf("%+v, want %v µs for each", s, each)
			}
		})
	}
}

// Who waits costs memory and no work, so there is nothing to divide by.
func TestServerUseWhenIdle(t *testing.T) {
	o := small(Idle, start(t, nil))
	o.Clients, o.PID = 300, os.Getpid()
	s := mustRun(t, o).Server
	if s.Unit != "" || s.CPUMicros != 0 || s.MemoryMiB < 1 || s.ClientKiB == 0 {
		t.Errorf("%+v", s)
	}
}

// Nothing is sent to the server where its process cannot be seen.
func TestNoSuchProcess(t *testing.T) {
	o := small(Idle, "192.0.2.1")
	o.PID, o.AllowRemote = maxPID, true
	if _, err := Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), "pid: there is no process 4194304 on this machine") {
		t.Errorf("got %v", err)
	}
}

// A process that ends during the run spoils no report.
func TestProcessThatEnds(t *testing.T) {
	child := exec.Command("cat")
	in, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	o := small(Latency, start(t, nil))
	o.PID = child.Process.Pid
	o.Duration = time.Minute
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	o.Progress = &watcher{text: "12 of 12 in", seen: func() {
		in.Close()
		child.Wait()
		cancel()
	}}
	rep, err := Run(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	if rep.Server != nil || !rep.OK || !strings.Contains(strings.Join(rep.Notes, "\n"), "What the server used is not known: there is no process") {
		t.Errorf("%+v, notes %q", rep.Server, rep.Notes)
	}
}
