package main

import (
	"fmt"
	"io"
	"sync/atomic"
	"time"
)

const (
	// logBacklog is how many lines of the log may wait for who reads them.
	logBacklog = 4096
	// logPatience is how long the end of the program waits for them.
	logPatience = 500 * time.Millisecond
)

// logWriter writes lines of the log in a goroutine of its own, so that a
// terminal that was stopped, or a pipe that nobody reads, does not stop the
// server. Lines that find no room are dropped and counted.
type logWriter struct {
	to      io.Writer
	lines   chan []byte // filled by any goroutine; closed by close
	dropped atomic.Uint64
	done    chan struct{} // closed when all is written
}

func newLogWriter(to io.Writer) *logWriter {
	w := &logWriter{to: to, lines: make(chan []byte, logBacklog), done: make(chan struct{})}
	go w.run()
	return w
}

// Write takes a line; it never waits.
func (w *logWriter) Write(line []byte) (int, error) {
	select {
	case w.lines <- append([]byte(nil), line...):
	default:
		w.dropped.Add(1)
	}
	return len(line), nil
}

func (w *logWriter) run() {
	defer close(w.done)
	for line := range w.lines {
		w.tellDropped()
		_, _ = w.to.Write(line) // a log that cannot be written has nobody to tell
	}
	w.tellDropped()
}

func (w *logWriter) tellDropped() {
	if n := w.dropped.Swap(0); n > 0 {
		fmt.Fprintf(w.to, "parley: %d lines of the log were dropped: nobody read them in time\n", n)
	}
}

// close writes what is left, if somebody reads it. Nobody may log afterwards.
func (w *logWriter) close() {
	close(w.lines)
	select {
	case <-w.done:
	case <-time.After(logPatience):
	}
}
