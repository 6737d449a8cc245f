//go:build !linux && !darwin

package drive

import (
	"errors"
	"os"
	"os/exec"
)

// openTerminal fails: programs are driven by hand here.
func openTerminal() (ours, theirs *os.File, err error) {
	return nil, nil, errors.New("programs can be started for you on Linux and macOS only; " +
		"leave the command away and do by hand what you are asked to")
}

func leadSession(*exec.Cmd) {}

func hangUpGroup(int) error { return errors.ErrUnsupported }

func killGroup(int) error { return errors.ErrUnsupported }
