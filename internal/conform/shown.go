package conform

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// Screen is all that the program has shown, without control characters.
func (t *T) Screen() string {
	t.bench.screen.mu.Lock()
	defer t.bench.screen.mu.Unlock()
	return t.bench.screen.plain.String()
}

// RawScreen is all that the program has shown, as it is: with its colours.
func (t *T) RawScreen() string {
	t.bench.screen.mu.Lock()
	defer t.bench.screen.mu.Unlock()
	return t.bench.screen.raw.String()
}

// Shows waits until the program has shown all of these since it had shown the
// first so many bytes; from is [T.Screen]'s length at that time. A program that
// goes on showing things is waited for longer.
func (t *T) Shows(from int, texts ...string) {
	if t.ByHand() {
		t.Sees(fmt.Sprintf("Does it show %s?", quoteAll(texts)), "to show "+quoteAll(texts))
		return
	}
	s := &search{texts: texts, from: from, at: from}
	began := time.Now()
	for {
		before := len(t.Screen())
		if t.await(t.opts.Timeout, func() bool { return s.foundIn(t.Screen()) }) {
			return
		}
		if before == len(t.Screen()) || time.Since(began) > mostTimeouts*t.opts.Timeout {
			break
		}
	}
	expected := "to show " + Quote(s.texts[0])
	t.hasEnded(expected, 0)
	t.hangs(expected)
	t.fail(NotShown, expected, "it did not within %v; it showed %s", time.Since(began).Round(time.Second/10), t.ShownSince(from))
}

// mostTimeouts is how many timeouts a program may go on showing things before it
// has shown what it must.
const mostTimeouts = 5

// search looks for texts in a screen that grows, each byte no more often than
// there are texts.
type search struct {
	texts []string // those not found so far
	from  int      // where the screen begins that counts
	at    int      // before it, the first of texts is not
}

// foundIn reports whether all texts are found.
func (s *search) foundIn(screen string) bool {
	for len(s.texts) > 0 {
		if !strings.Contains(screen[s.at:], s.texts[0]) {
			s.at = max(s.at, len(screen)-len(s.texts[0]))
			return false
		}
		s.texts, s.at = s.texts[1:], s.from
	}
	return true
}

// ShowsAnything waits until the program has shown something since it had shown
// the first so many bytes.
func (t *T) ShowsAnything(from int, what string) {
	if t.ByHand() {
		t.Sees("Does it show "+what+"?", "to show "+what)
		return
	}
	if t.await(t.opts.Timeout, func() bool { return strings.TrimSpace(t.Screen()[from:]) != "" }) {
		return
	}
	t.hasEnded("to show "+what, 0)
	t.hangs("to show " + what)
	t.fail(NotShown, "to show "+what, "it showed nothing for %v", t.opts.Timeout)
}

// Settled waits until the program has shown something since it had shown the
// first so many bytes, and then nothing more for [Silence]. It returns that.
func (t *T) Settled(from int) string {
	t.await(t.opts.Timeout, func() bool { return len(t.Screen()) > from })
	t.awaitQuiet(Silence)
	return t.Screen()[from:]
}

// AwaitShown waits until something holds of the screen, or reports false when
// that takes too long.
func (t *T) AwaitShown(holds func() bool) bool { return t.await(t.opts.Timeout, holds) }

// Ends waits until the program ends by itself.
func (t *T) Ends() {
	const expected = "the program ends"
	if t.ByHand() {
		t.Sees("Has the program ended?", expected)
		return
	}
	if !t.endsWithin(t.opts.Timeout) {
		t.hangs(expected)
		t.fail(Timeout, expected, "it still runs after %v, in which %s", t.opts.Timeout, t.bench.last)
	}
}

// Sees asks the person at the program, and fails the check if the answer is no.
func (t *T) Sees(question, expected string) {
	witness, ok := t.bench.program.(Witness)
	if !ok {
		t.Skip("nobody is there to ask: %s", question)
	}
	yes, err := witness.Sees(question)
	t.interruptedIf(t.ctx.Err() != nil || errors.Is(err, io.EOF))
	if !yes {
		t.fail(NotShown, expected, "the person at the program says no")
	}
}

func quoteOr(nothing, text string) string {
	if text == "" {
		return nothing
	}
	return Quote(text)
}

func quoteAll(texts []string) string {
	quoted := make([]string, len(texts))
	for i, text := range texts {
		quoted[i] = Quote(text)
	}
	return strings.Join(quoted, ", ")
}
