package play

import (
	"context"
	"fmt"
	"net"
	"slices"
	"time"

	"parley/internal/transcript"
)

// Player plays conversations. Several may be played at once, but a
// conversation that counts heads needs a server of its own meanwhile.
type Player struct {
	// Dial connects to the server. The connections must be able to
	// half-close, as those of TCP are.
	Dial func(context.Context) (net.Conn, error)

	// Timeout is how long each step may take; 0 means 5 s.
	Timeout time.Duration

	// Gap is the pause between two segments of one step, so that a server
	// has a chance to see them apart; 0 means 1 ms. Nothing depends on it:
	// a server that gets them together must do the same.
	Gap time.Duration
}

// Play plays one conversation with the default times.
func Play(ctx context.Context, dial func(context.Context) (net.Conn, error), c transcript.Conversation) error {
	return Player{Dial: dial}.Play(ctx, c)
}

// Play plays one conversation. The error is a *[Failure] when the server
// departed from it. When Play returns, its connections are closed, and a
// server that follows P-10 has forgotten them.
func (p Player) Play(ctx context.Context, c transcript.Conversation) error {
	if p.Timeout == 0 {
		p.Timeout = 5 * time.Second
	}
	if p.Gap == 0 {
		p.Gap = time.Millisecond
	}
	s := &stage{Player: p, script: c, fence: fences[c.Service], peers: map[string]*peer{}}
	defer s.clear()
	failure := s.perform(ctx)
	switch {
	case failure == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("%s: %w", c.ID, context.Cause(ctx))
	}
	failure.Conversation = c
	failure.Received = s.received()
	return failure
}

// stage is one conversation being played.
type stage struct {
	Player
	script transcript.Conversation
	fence  fence

	peers map[string]*peer
	order []*peer           // as they connected
	given map[string]string // the names the server gave, as far as seen
}

// fence is a command without effect. All that came before its answer was
// there before the command was handled.
type fence struct {
	ask  string
	says string
	is   func(line string) bool
}

// perform plays the steps. What it returns lacks only what does not depend
// on the step.
func (s *stage) perform(ctx context.Context) *Failure {
	for i, step := range s.script.Steps {
		if f := actions[step.Action](s, ctx, step); f != nil {
			f.Step = step
			s.judge(f, i)
			return f
		}
	}
	return s.nothingMore()
}

// endWait bounds the wait for a stream's end after the conversation: it is
// not what the conversation is about.
const endWait = time.Second

// nothingMore ends all connections and finds what came unexpected.
func (s *stage) nothingMore() *Failure {
	open := slices.DeleteFunc(slices.Clone(s.order), func(p *peer) bool { return p.closed })
	for _, p := range open {
		_ = p.halfClose() // a connection that has ended already is as good
	}
	last := s.script.Steps[len(s.script.Steps)-1].Line
	deadline := time.Now().Add(min(s.Timeout, endWait))
	for _, p := range open {
		if p.drain(deadline); len(p.pending) > 0 {
			return &Failure{
				Step: transcript.Step{Line: last, Source: "the end of the conversation", Who: p.who},
				Kind: ExtraLine,
				Want: "nothing more for " + p.who,
				Got:  quote(p.pending),
			}
		}
	}
	return nil
}

func (s *stage) clear() {
	for _, p := range s.order {
		p.close()
	}
}

// received tells what has come to each connection up to now.
func (s *stage) received() []Received {
	all := make([]Received, 0, len(s.order))
	for _, p := range s.order {
		p.drain(time.Now().Add(grace))
		all = append(all, Received{Who: p.who, Bytes: p.seen})
	}
	return all
}
