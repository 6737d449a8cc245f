//go:build linux || darwin

package drive

import (
	"os"
	"os/exec"
	"syscall"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// The size of the terminal: wide, so that no program breaks a line by itself.
const (
	rows    = 50
	columns = 200
)

// openTerminal opens a pseudo-terminal that echoes nothing: what is shown is
// what the program shows.
func openTerminal() (ours, theirs *os.File, err error) {
	blocking, theirs, err := pty.Open()
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = blocking.Close() }()
	if ours, err = prepare(blocking, theirs); err != nil {
		_ = theirs.Close()
		return nil, nil, err
	}
	return ours, theirs, nil
}

// prepare sets up the terminal, and returns our side as a file whose reads and
// writes can be broken off.
func prepare(blocking, theirs *os.File) (*os.File, error) {
	if err := pty.Setsize(blocking, &pty.Winsize{Rows: rows, Cols: columns}); err != nil {
		return nil, err
	}
	settings, err := unix.IoctlGetTermios(int(theirs.Fd()), getSettings)
	if err != nil {
		return nil, err
	}
	settings.Lflag &^= unix.ECHO
	if err := unix.IoctlSetTermios(int(theirs.Fd()), setSettings, settings); err != nil {
		return nil, err
	}
	fd, err := unix.FcntlInt(blocking.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		_ = unix.Close(fd)
		return nil, err
	}
	return os.NewFile(uintptr(fd), blocking.Name()), nil
}

// leadSession makes the command the leader of a session whose terminal is its
// standard input.
func leadSession(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
}

func hangUpGroup(leader int) error { return unix.Kill(-leader, unix.SIGHUP) }

func killGroup(leader int) error { return unix.Kill(-leader, unix.SIGKILL) }
