package menu

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"parley/client"
	"parley/proto"
)

var errTooLong = errors.New("input line too long")

// keyboard reads lines of input, each no longer than could be sent.
type keyboard struct {
	in *bufio.Reader // only ever read by one goroutine: the last one that line started
}

func newKeyboard(in io.Reader) keyboard {
	return keyboard{bufio.NewReaderSize(in, proto.MaxLine)}
}

// line waits for a line. If the context ends first the read goes on by itself,
// and line must not be called again.
func (k keyboard) line(ctx context.Context) (string, error) {
	var line string
	var err error
	read := make(chan struct{})
	go func() {
		defer close(read)
		line, err = k.read()
	}()
	select {
	case <-read:
		return line, err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// read returns the next line without its end. A last line needs none. One that
// is too long is passed over whole.
func (k keyboard) read() (string, error) {
	line, err := k.in.ReadSlice('\n')
	tooLong := errors.Is(err, bufio.ErrBufferFull)
	for errors.Is(err, bufio.ErrBufferFull) {
		_, err = k.in.ReadSlice('\n')
	}
	switch {
	case tooLong && err == nil:
		return "", errTooLong
	case !tooLong && len(line) > 0:
		return strings.TrimRight(string(line), "\r\n"), nil
	}
	return "", err
}

// screen is written to by the menu and, for traced lines, by the client's
// goroutine.
type screen struct {
	mu       sync.Mutex // guards what follows
	out      io.Writer
	prompted bool  // the cursor stands behind a prompt
	err      error // the first failure; nothing is written after it
}

// say prints a line of its own.
func (s *screen) say(format string, args ...any) {
	s.print(fmt.Sprintf(format, args...)+"\n", false)
}

// prompt prints what stands before a line of input.
func (s *screen) prompt(text string) { s.print(text, true) }

// entered notes whether the line of input was typed, with its end, so that the
// cursor has moved on.
func (s *screen) entered(typed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.prompted = s.prompted && !typed
}

// trace prints a line of the conversation with the server.
func (s *screen) trace(dir client.Direction, line []byte) {
	end := ""
	if text, whole := bytes.CutSuffix(line, []byte("\n")); whole {
		line, end = text, "⏎"
	}
	s.say("    %c %s%s", dir, proto.Visible(line), end)
}

func (s *screen) print(text string, prompt bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.prompted {
		text = "\n" + text
	}
	s.prompted = prompt
	if s.err == nil {
		_, s.err = io.WriteString(s.out, text)
	}
}

func (s *screen) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}
