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
		got, dropped := strings.Count(text, "line "), 0
		_, after, _ := strings.Cut(text, "parley: ")
		if _, err := fmt.Sscanf(after, "%d lines of the log were dropped", &dropped); err != nil || got+dropped != lines {
			t.Errorf("%d lines and %d dropped (%v), want %d together", got, dropped, err, lines)
		}
	})
}
