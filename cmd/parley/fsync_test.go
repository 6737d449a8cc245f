package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// A stamped sender has its answer when its message is on disk: the system calls
// of a server show, before each answer, a sync of the file that ended well and
// that began after the answer before.
//
// Rules: X-4
func TestEveryAnswerIsAfterASync(t *testing.T) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("there is no strace")
	}
	dir := t.TempDir()
	program, trace, addrs := filepath.Join(dir, "parley"), filepath.Join(dir, "trace"), filepath.Join(dir, "addrs")
	if err := os.Symlink(os.Args[0], program); err != nil { // its name makes it the program: see TestMain
		t.Fatal(err)
	}
	server := exec.CommandContext(t.Context(), strace, "-f", "-y", "-s", "16", "-e", "trace=fsync,fdatasync,write,writev,sendto,sendmsg", "-o", trace,
		program, "serve", "--listen", "127.0.0.1:0", "--sum", "off", "--web", "off", "--spam-rate", "0", "--log-level", "error",
		"--history", filepath.Join(dir, "said.db"), "--addr-file", addrs)
	server.Stderr = t.Output()
	greeting, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(greeting).ReadString('\n'); err != nil {
		_ = server.Wait()
		t.Skip("strace may not look at programs here: ", err)
	}
	const messages = 50
	sayOneByOne(t, chatAddress(t, addrs), messages)
	interruptChild(t, server.Process.Pid)
	_ = server.Wait()
	text, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}
	syncs, answers := countSyncs(t, string(text))
	if answers != messages || syncs < messages {
		t.Errorf("%d answers and %d syncs of %d messages", answers, syncs, messages)
	}
	t.Logf("%d syncs before %d answers", syncs, answers)
}

// interruptChild ends the program that strace has started: strace itself ignores
// the signal, and ends with it.
func interruptChild(t *testing.T, strace int) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", strace, strace))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	child, err := os.FindProcess(pid)
	if err == nil {
		err = child.Signal(os.Interrupt)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// sayOneByOne says one message after the answer to the other.
func sayOneByOne(t *testing.T, address string, messages int) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	lines := bufio.NewScanner(conn)
	fmt.Fprint(conn, "stamp\n")
	lines.Scan()
	for i := range messages {
		fmt.Fprintf(conn, "msg %d\n", i)
		if !lines.Scan() || !strings.HasPrefix(lines.Text(), "msgok 0 1") {
			t.Fatalf("answer %q, %v", lines.Text(), lines.Err())
		}
	}
}

var (
	called  = regexp.MustCompile(`^(\d+) +(?:fsync|fdatasync)\(\d+<[^>]*/said\.db-wal>(.*)$`)
	resumed = regexp.MustCompile(`^(\d+) +<\.\.\. (?:fsync|fdatasync) resumed>(.*)$`)
)

// countSyncs counts in a trace the syncs that ended well, and the answers, each of
// which one must precede.
func countSyncs(t *testing.T, trace string) (syncs, answers int) {
	open := make(map[string]int) // by thread: how many answers there were when its sync began
	covered := -1                // the most of these of a sync that has ended
	for line := range strings.Lines(trace) {
		line = strings.TrimSuffix(line, "\n")
		end := ""
		if m := called.FindStringSubmatch(line); m != nil {
			open[m[1]] = answers
			end = m[2]
		}
		m := resumed.FindStringSubmatch(line)
		if m != nil {
			end = m[2]
		}
		if strings.HasSuffix(end, "= 0") {
			thread, _, _ := strings.Cut(line, " ")
			if began, ok := open[thread]; ok {
				covered = max(covered, began)
				delete(open, thread)
				syncs++
			}
		}
		if strings.Contains(line, `"msgok 0 `) {
			if covered < answers {
				t.Errorf("answer %d is before its sync: %s", answers, line)
			}
			answers++
		}
	}
	return syncs, answers
}
