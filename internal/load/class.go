package load

import (
	"context"
	"math/rand/v2"
	"time"
)

// classScenario is a class of people: they come one after the other, talk now
// and then, and their programs ask for the users all the time. Some vanish
// without closing, some never read.
func (r *run) classScenario(ctx context.Context) (*Report, error) {
	r.clients = make([]*client, r.opts.Clients)
	for i := range r.clients {
		r.clients[i] = newClient(r, i)
		r.clients[i].role = r.roleOf(i)
	}
	r.speakers = r.clients[:r.opts.speakers()]
	for _, c := range r.speakers {
		c.said = newVoice(humanWindow, r.message(c.index))
	}
	defer r.closeAll()
	own := watchOwn()
	measuring := r.begin(ctx)
	for _, c := range r.clients {
		r.writing.Go(func() { r.attend(measuring, c) })
	}
	r.await(measuring)
	use := own.stop()
	r.finish(ctx)
	if r.entered.Load() == 0 {
		return nil, r.nobody(ctx)
	}
	return r.report(use, stopCause(ctx, measuring)), nil
}

// humanWindow is how many lines of one person may be under way: more than
// anybody types into silence.
const humanWindow = 64

// roleOf spreads those who vanish and those who never read over the class.
func (r *run) roleOf(i int) role {
	switch {
	case chosen(i, r.opts.Drop):
		return vanishes
	case chosen(r.opts.Clients-1-i, r.opts.Deaf):
		return deaf
	}
	return stays
}

// chosen picks this percentage of all numbers, evenly.
func chosen(i, percent int) bool { return (i+1)*percent/100 > i*percent/100 }

// attend is the life of one of the class, in its writer.
func (r *run) attend(ctx context.Context, c *client) {
	if !sleepUntil(ctx, r.start.Add(r.joinAt(c.index))) {
		return
	}
	if err := r.enter(ctx, c); err != nil {
		if ctx.Err() == nil {
			r.fail(c, err)
		}
		return
	}
	if c.role == deaf {
		return
	}
	habits := r.habits(c)
	c.listening = true
	go c.listen()
	if c.role == stays {
		_ = r.pace(c).onTime(ctx, habits) // the listener says what is wrong
		return
	}
	left := r.opts.total() - time.Since(r.start)
	short, cancel := context.WithTimeout(ctx, rand.N(max(left, 1)))
	defer cancel()
	if r.pace(c).onTime(short, habits) == nil && ctx.Err() == nil {
		c.vanished.Store(true)
		c.reset()
	}
}

// enter brings one client in. From here on it misses nothing that others begin
// to say (P-12, P-84).
func (r *run) enter(ctx context.Context, c *client) error {
	began := time.Now()
	if err := c.dial(ctx, nil); err != nil {
		return err
	}
	if err := c.greet(ctx); err != nil {
		return err
	}
	if err := c.login(ctx); err != nil {
		return err
	}
	c.batch.tally.record(entry, time.Since(began).Microseconds(), 1)
	for i, s := range r.speakers {
		c.ledger.expect(i, s.said.sent.Load())
	}
	r.entered.Add(1)
	r.present.Add(1)
	return nil
}

// habits are what a client does from now on: it asks for the users at a steady
// pace, and talks as people do.
func (r *run) habits(c *client) []strand {
	now := time.Since(r.start)
	var strands []strand
	if poll := r.opts.Poll; poll > 0 {
		c.asked = newVoice(humanWindow, askUsers)
		strands = append(strands, strand{c.asked, now + rand.N(poll), func() time.Duration { return poll }})
	}
	if c.said != nil {
		mean := float64(time.Second) / r.opts.Rate
		talk := func() time.Duration { return pause(mean, rand.ExpFloat64()) }
		strands = append(strands, strand{c.said, now + time.Duration(mean*rand.Float64()), talk})
	}
	return strands
}

// pause is how long somebody waits before he speaks again: as chance has it,
// but nobody types without a pause, and nobody falls silent for good.
func pause(mean, chance float64) time.Duration {
	return time.Duration(mean * min(max(chance, 0.2), 5))
}
