package play

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"time"

	"parley/internal/transcript"
)

// Kind is in one word how a server departed from a conversation.
type Kind string

// The kinds.
const (
	WrongLine    Kind = "wrong line"    // something else came
	MissingLine  Kind = "missing line"  // what should come after it came
	ExtraLine    Kind = "extra line"    // something came besides
	Closed       Kind = "closed"        // the stream ended too early
	Timeout      Kind = "timeout"       // nothing came in time
	NotConnected Kind = "not connected" // there was nobody to talk to
)

// Failure tells where and how a server departed from a conversation.
type Failure struct {
	Conversation transcript.Conversation
	Step         transcript.Step
	Kind         Kind
	Want         string // in words, bytes quoted
	Got          string // in words, bytes quoted
	Received     []Received

	line string // that came instead, if one did
}

// Received is all that came to one connection up to the failure.
type Received struct {
	Who   string
	Bytes []byte
}

// grace is how long to look, after a failure, for what tells its kind.
const grace = 50 * time.Millisecond

// Error is the report for a person, several lines long.
func (f *Failure) Error() string {
	var b strings.Builder
	c := f.Conversation
	fmt.Fprintf(&b, "%s: %s:%d: %s\n", c.ID, c.File, f.Step.Line, f.Kind)
	fmt.Fprintf(&b, "  title     %s %v\n", c.Title, c.Rules)
	fmt.Fprintf(&b, "  step      %s\n", f.Step.Source)
	fmt.Fprintf(&b, "  expected  %s\n", f.Want)
	fmt.Fprintf(&b, "  came      %s", f.Got)
	for _, r := range f.Received {
		fmt.Fprintf(&b, "\n  %s has received %d bytes", r.Who, len(r.Bytes))
		for line := range strings.Lines(string(r.Bytes)) {
			fmt.Fprintf(&b, "\n    %s", quote(line))
		}
	}
	return b.String()
}

// judge finds out whether the line that came is the one that should come
// after the one that was waited for in step i.
func (s *stage) judge(f *Failure, i int) {
	if f.Kind != WrongLine || f.line == "" {
		return
	}
	for _, next := range s.script.Steps[i+1:] {
		if want, isLine := s.wish(next); isLine && next.Who == f.Step.Who {
			if want.is(f.line) {
				f.Kind = MissingLine
			}
			return
		}
	}
}

func kindOf(err error) Kind {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return Timeout
	}
	return Closed
}

// cut describes a stream that did not bring what was waited for.
func (s *stage) cut(came string, err error) string {
	if came == "" {
		return s.describe(err)
	}
	return quote(came) + ", then " + s.describe(err)
}

func (s *stage) describe(err error) string {
	switch {
	case errors.Is(err, io.EOF):
		return "the end of the stream"
	case errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Sprintf("nothing within %v", s.Timeout)
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "a reset: " + err.Error()
	}
	return err.Error()
}

// quoteText quotes the line that a text makes, with the given names put in
// as far as they are known.
func (s *stage) quoteText(text transcript.Text) string {
	var known transcript.Text
	for _, part := range text {
		if name, ok := s.given[part.Name]; ok {
			part = transcript.Part{Bytes: name}
		}
		known = append(known, part)
	}
	return quote(known.String() + "\n")
}

// quoteMax is how many bytes of a long line a report shows at its beginning.
const (
	quoteMax  = 160
	quoteTail = 20
)

func quote[T string | []byte](bytes T) string {
	if len(bytes) <= quoteMax+quoteTail {
		return fmt.Sprintf("%q", string(bytes))
	}
	return fmt.Sprintf("%q … %q (%d bytes)",
		string(bytes[:quoteMax]), string(bytes[len(bytes)-quoteTail:]), len(bytes))
}
