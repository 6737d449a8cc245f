package main

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
)

// A log that nobody reads stops nobody, and when somebody reads again he is told
// how much is missing.
func TestLogWriterNeverWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := io.Pipe()
		log := newLogWriter(w)
		const lines = 3 * logBacklog
		for i := range lines {
			fmt.Fprintf(log, "line %d\n", i)
		}
		log.close() // gives up after a while
		read := make(chan string)
		go func() {
			text, _ := io.ReadAll(r)
			read <- string(text)
		}()
		<-log.done
		w.Close()
		text := <-read
		got, dropped := 0, 0
		for line := range strings.Lines(text) {
			n := 0
			if _, err := fmt.Sscanf(line, "parley: %d lines of the log were dropped", &n); err == nil {
				dropped += n
			} else {
				got++
			}
		}
		if got+dropped != lines || dropped == 0 {
			t.Errorf("%d lines and %d dropped, want %d together", got, dropped, lines)
		}
	})
}
