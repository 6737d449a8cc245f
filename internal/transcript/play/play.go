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
	failure := s.perform(ctx)
	s.leave()
	if failure == nil {
		failure = s.surplus()
	}
	switch {
	case failure == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("%s: %w", c.ID, context.Cause(ctx))
	}
	failure.Conversation = c
	for _, p := range s.order {
		failure.Received = append(failure.Received, Received{Who: p.who, Bytes: p.seen})
	}
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

// perform plays the steps up to the first that fails.
func (s *stage) perform(ctx context.Context) *Failure {
	for i, step := range s.script.Steps {
		if f := actions[step.Action](s, ctx, step); f != nil {
			f.Step = step
			s.judge(f, i)
			return f
		}
	}
	return nil
}

// endWait bounds the wait for the end of the streams after the conversation,
// which is not what the conversation is about.
const endWait = time.Second

// leave ends all connections in order and keeps what still came.
func (s *stage) leave() {
	open := slices.DeleteFunc(slices.Clone(s.order), func(p *peer) bool { return p.closed })
	for _, p := range open {
		_ = p.halfClose() // one that the server has ended is as good
	}
	deadline := time.Now().Add(min(s.Timeout, endWait))
	for _, p := range open {
		p.drain(deadline)
		p.close()
	}
}

// surplus finds what came to somebody and was not expected.
func (s *stage) surplus() *Failure {
	for _, p := range s.order {
		if len(p.pending) > 0 {
			last := s.script.Steps[len(s.script.Steps)-1]
			return &Failure{
				Step: transcript.Step{Line: last.Line, Source: "the end of the conversation", Who: p.who},
				Kind: ExtraLine,
				Want: "nothing more for " + p.who,
				Got:  quote(p.pending),
			}
		}
	}
	return nil
}
