package load

import (
	"context"
	"sync"
	"time"
)

// hurry is how long a run that was interrupted may take to its end.
const hurry = 2 * time.Second

// finish waits until everything that was said has been answered and heard, or
// will not be any more. Nothing waits for a guess: each client asks one more
// question. When that is answered, so is all it said before (P-83); and once
// everybody's is, a second one is answered after all that the client had to
// hear (P-82, P-84). Servers that do not keep to the latter get the grace of
// a second.
func (r *run) finish(ctx context.Context) {
	r.writing.Wait()
	limit := r.opts.Timeout
	if ctx.Err() != nil {
		limit = min(limit, hurry)
	}
	listening := r.listening()
	fenceAll(listening, limit)
	for _, c := range r.speakers {
		r.said = append(r.said, c.account())
	}
	close(r.settled)
	fenceAll(listening, limit)
	// Who has answered ends within the grace, who has not is late for good.
	for _, c := range listening {
		if c.fenced.Load() < maxFences {
			c.lines.Interrupt()
		}
		<-c.done
	}
}

// listening are the clients that have a listener.
func (r *run) listening() []*client {
	var all []*client
	for _, c := range r.clients {
		if c.listening {
			all = append(all, c)
		}
	}
	return all
}

// fenceAll asks each one more question and waits for the answers.
func fenceAll(clients []*client, limit time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	var wg sync.WaitGroup
	for _, c := range clients {
		wg.Go(func() {
			c.fence()
			select {
			case <-c.reached:
			case <-c.done:
			case <-ctx.Done():
			}
		})
	}
	wg.Wait()
}

// account is what a speaker has said. His listener may go on meanwhile, if the
// server has not answered his fence; what it takes then is late.
func (c *client) account() said {
	if c.said == nil {
		return said{}
	}
	return said{answered: c.said.answered.Load(), sent: c.said.sent.Load(), refused: c.said.refusals()}
}
