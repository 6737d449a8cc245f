package play

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"parley/internal/transcript"
)

var fences = map[transcript.Service]fence{
	transcript.Chat: {
		ask:  "help",
		says: `a line that begins with "supported "`,
		is:   func(line string) bool { return strings.HasPrefix(line, "supported ") },
	},
	transcript.Sum: {
		ask:  "1+1",
		says: `"2\n"`,
		is:   func(line string) bool { return line == "2" },
	},
}

var actions = map[transcript.Action]func(*stage, context.Context, transcript.Step) *Failure{
	transcript.Dial:      (*stage).dial,
	transcript.Send:      (*stage).send,
	transcript.Line:      (*stage).line,
	transcript.Pattern:   (*stage).line,
	transcript.Bytes:     (*stage).bytes,
	transcript.EOF:       (*stage).eof,
	transcript.Quiet:     (*stage).quiet,
	transcript.Poll:      (*stage).poll,
	transcript.HalfClose: (*stage).halfClose,
	transcript.Close:     (*stage).close,
	transcript.Reset:     (*stage).reset,
}

func (s *stage) deadline() time.Time { return time.Now().Add(s.Timeout) }

func (s *stage) dial(ctx context.Context, step transcript.Step) *Failure {
	dialing, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	conn, err := s.Dial(dialing)
	if err != nil {
		return &Failure{Kind: NotConnected, Want: "a connection", Got: err.Error()}
	}
	p := &peer{who: step.Who, conn: conn}
	p.forget = context.AfterFunc(ctx, func() { _ = conn.Close() })
	s.peers[step.Who] = p
	s.order = append(s.order, p)
	return nil
}

func (s *stage) send(ctx context.Context, step transcript.Step) *Failure {
	for i, text := range step.Texts {
		if i > 0 {
			pause(ctx, s.Gap)
		}
		if f := s.write(step.Who, text.Fill(s.given)); f != nil {
			return f
		}
	}
	return nil
}

func (s *stage) write(who, bytes string) *Failure {
	if err := s.peers[who].write(bytes, s.deadline()); err != nil {
		return &Failure{Kind: kindOf(err), Want: "to be read: " + quote(bytes), Got: s.describe(err)}
	}
	return nil
}

// wish is a line that is waited for: how it is described and recognised.
type wish struct {
	says string
	is   func(line string) bool
}

// wish is what a step waits for, if that is one line.
func (s *stage) wish(step transcript.Step) (want wish, isLine bool) {
	switch step.Action {
	case transcript.Line:
		text := step.Texts[0]
		return wish{says: s.quoteText(text), is: s.learner(text)}, true
	case transcript.Pattern:
		return wish{says: "a line that matches " + step.Regexp.String(), is: step.Regexp.MatchString}, true
	default:
		return wish{}, false
	}
}

func (s *stage) line(_ context.Context, step transcript.Step) *Failure {
	want, _ := s.wish(step)
	return s.expect(step.Who, want)
}

// quiet proves by a fence that nothing else has come.
func (s *stage) quiet(_ context.Context, step transcript.Step) *Failure {
	if f := s.write(step.Who, s.fence.ask+"\n"); f != nil {
		return f
	}
	return s.expect(step.Who, wish{
		says: fmt.Sprintf("only the answer to %q: %s", s.fence.ask, s.fence.says),
		is:   s.fence.is,
	})
}

func (s *stage) expect(who string, want wish) *Failure {
	p := s.peers[who]
	line, err := p.line(s.deadline())
	switch {
	case err != nil:
		return &Failure{Kind: s.missing(p, err), Want: want.says, Got: s.cut(string(p.pending), err)}
	case want.is(line):
		return nil
	}
	f := &Failure{Kind: WrongLine, Want: want.says, Got: quote(line + "\n"), line: line}
	if next, err := p.line(time.Now().Add(grace)); err == nil && want.is(next) {
		f.Kind = ExtraLine
	}
	return f
}

// missing tells a server that has left out a line from one that hangs: the
// first still answers the fence.
func (s *stage) missing(p *peer, err error) Kind {
	kind := kindOf(err)
	if kind != Timeout || p.mute || len(p.pending) > 0 {
		return kind
	}
	if p.write(s.fence.ask+"\n", time.Now().Add(grace)) != nil {
		return kind
	}
	if line, err := p.line(time.Now().Add(grace)); err == nil && s.fence.is(line) {
		return MissingLine
	}
	return kind
}

func (s *stage) bytes(_ context.Context, step transcript.Step) *Failure {
	p := s.peers[step.Who]
	want := step.Texts[0].Fill(s.given)
	ok, err := p.take(want, s.deadline())
	if ok {
		return nil
	}
	rest, got := differ(want, string(p.pending))
	if err != nil {
		return &Failure{Kind: kindOf(err), Want: quote(rest), Got: s.cut(got, err)}
	}
	p.drain(time.Now().Add(grace)) // the rest of the line makes the report clearer
	rest, got = differ(want, string(p.pending))
	return &Failure{Kind: WrongLine, Want: quote(rest), Got: quote(got)}
}

// differ leaves away the lines that are the same, and everything after the
// first ones that are not.
func differ(want, got string) (wantLine, gotLine string) {
	for {
		var restWant, restGot string
		wantLine, restWant = cutLine(want)
		gotLine, restGot = cutLine(got)
		if wantLine != gotLine || wantLine == "" {
			return wantLine, gotLine
		}
		want, got = restWant, restGot
	}
}

func cutLine(s string) (line, rest string) {
	if end := strings.IndexByte(s, '\n') + 1; end > 0 {
		return s[:end], s[end:]
	}
	return s, ""
}

func (s *stage) eof(_ context.Context, step transcript.Step) *Failure {
	p := s.peers[step.Who]
	const want = "the end of the stream"
	var err error
	if len(p.pending) == 0 {
		err = p.more(s.deadline())
	}
	switch {
	case len(p.pending) > 0:
		return &Failure{Kind: ExtraLine, Want: want, Got: quote(p.pending)}
	case !errors.Is(err, io.EOF):
		return &Failure{Kind: kindOf(err), Want: want, Got: s.describe(err)}
	}
	return nil
}

// pollPause keeps the question from becoming a flood.
const pollPause = 5 * time.Millisecond

func (s *stage) poll(ctx context.Context, step transcript.Step) *Failure {
	p, want := s.peers[step.Who], step.Texts[0]
	question, _, _ := strings.Cut(want.String(), " ")
	is := s.learner(want)
	for deadline := s.deadline(); ; pause(ctx, pollPause) {
		if f := s.write(step.Who, question+"\n"); f != nil {
			return f
		}
		line, err := p.line(s.deadline())
		switch {
		case err != nil:
			return &Failure{Kind: kindOf(err), Want: s.quoteText(want), Got: s.cut(string(p.pending), err)}
		case is(line):
			return nil
		case time.Now().After(deadline):
			return &Failure{Kind: WrongLine, Want: s.quoteText(want), Got: "at last " + quote(line+"\n")}
		}
	}
}

func (s *stage) halfClose(_ context.Context, step transcript.Step) *Failure {
	return s.ended(s.peers[step.Who].halfClose())
}

func (s *stage) close(_ context.Context, step transcript.Step) *Failure {
	s.peers[step.Who].abandon()
	return nil
}

func (s *stage) reset(_ context.Context, step transcript.Step) *Failure {
	return s.ended(s.peers[step.Who].reset())
}

func (s *stage) ended(err error) *Failure {
	if err != nil {
		return &Failure{Kind: kindOf(err), Want: "a connection to end", Got: err.Error()}
	}
	return nil
}

// learner recognises a text, and keeps the given names it shows.
func (s *stage) learner(text transcript.Text) func(string) bool {
	return func(line string) bool {
		given, ok := text.Match(line, s.given)
		if ok {
			s.given = given
		}
		return ok
	}
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
