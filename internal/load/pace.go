package load

import (
	"context"
	"time"
)

// maxPiece is how much is written at once, at most.
const maxPiece = 32 << 10

// pace decides when the lines of one client go out. It runs in the client's
// writer, and only there.
type pace struct {
	start time.Time // of the measurement: stamps count from here
	write func([]byte) error
	late  func(time.Duration) // told of each line how late it is sent; open loop
	buf   []byte
}

func (p *pace) flush() error {
	if len(p.buf) == 0 {
		return nil
	}
	err := p.write(p.buf)
	p.buf = p.buf[:0]
	return err
}

// asAnswered is the closed loop: it keeps a voice's window full until ctx ends.
// The stamp is the time of sending.
func (p *pace) asAnswered(ctx context.Context, v *voice) error {
	wait := time.NewTimer(patience)
	defer wait.Stop()
	for ctx.Err() == nil {
		now := time.Since(p.start).Microseconds()
		for n := v.free(); n > 0 && len(p.buf) < maxPiece; n-- {
			p.buf = v.next(p.buf, now)
		}
		if len(p.buf) > 0 {
			if err := p.flush(); err != nil {
				return err
			}
			continue
		}
		wait.Reset(patience)
		select {
		case <-ctx.Done():
		case <-v.wake:
		case <-wait.C:
			v.goOn()
		}
	}
	return nil
}

// strand is a voice with the times at which it is to speak, whatever comes back.
type strand struct {
	voice *voice
	due   time.Duration        // the next time, since the start
	gap   func() time.Duration // from one time to the next
}

// onTime is the open loop: it sends the lines of all strands when they are due,
// until ctx ends. What it cannot send in time it sends as soon as it can, and
// the stamp is when it was due: whoever waits behind a stall is counted with
// all of his waiting.
func (p *pace) onTime(ctx context.Context, strands []strand) error {
	if len(strands) == 0 {
		<-ctx.Done()
		return nil
	}
	for ctx.Err() == nil {
		s := earliest(strands)
		late := time.Since(p.start) - s.due
		ready := late >= 0 && s.voice.free() > 0
		if len(p.buf) > 0 && (!ready || len(p.buf) >= maxPiece) {
			if err := p.flush(); err != nil {
				return err
			}
			continue // it may have taken its time
		}
		if !ready {
			s.await(ctx, -late)
			continue
		}
		p.late(late)
		p.buf = s.voice.next(p.buf, s.due.Microseconds())
		s.due += s.gap()
	}
	return p.flush()
}

func earliest(strands []strand) *strand {
	first := &strands[0]
	for i := range strands {
		if strands[i].due < first.due {
			first = &strands[i]
		}
	}
	return first
}

// await waits for the time until the next line is due or, where it is due and
// too many are under way, for an answer.
func (s *strand) await(ctx context.Context, until time.Duration) {
	if until <= 0 {
		select {
		case <-ctx.Done():
		case <-s.voice.wake:
		}
		return
	}
	timer := time.NewTimer(until)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
