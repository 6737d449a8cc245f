package load

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
)

// progress shows on a terminal how far a run is.
type progress struct {
	to    io.Writer
	quit  chan struct{}
	ended chan struct{}
}

// clearLine goes to the beginning of the terminal's line and empties it.
const clearLine = "\r\x1b[K"

func (r *run) showProgress() *progress {
	p := &progress{to: r.opts.Progress, quit: make(chan struct{}), ended: make(chan struct{})}
	go func() {
		defer close(p.ended)
		if p.to != nil {
			p.show(r, time.Now())
		}
	}()
	return p
}

func (p *progress) stop() {
	close(p.quit)
	<-p.ended
}

// show draws until the run is over, and leaves nothing behind.
func (p *progress) show(r *run, began time.Time) {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-p.quit:
			_, _ = io.WriteString(p.to, clearLine) // a terminal that is gone shows nothing
			return
		case <-tick.C:
			_, _ = io.WriteString(p.to, clearLine+r.progressLine(time.Since(began)))
		}
	}
}

// progressLine is one state of the display. The time to connect is a guess where
// there is no ramp, so the bar may stand at its end for a moment.
func (r *run) progressLine(elapsed time.Duration) string {
	in := humanize.Comma(r.entered.Load())
	if r.opts.Scenario != Connect {
		in += " of " + humanize.Comma(int64(r.opts.Clients))
	}
	whole := r.opts.Ramp + r.opts.Duration
	heard, answers := soFar(r.tallies)
	return fmt.Sprintf("%s %s: %s in, %s lines", bar(float64(elapsed)/float64(whole)), r.opts.Scenario, in, humanize.Comma(heard+answers))
}

const barWidth = 30

func bar(part float64) string {
	full := int(min(max(part, 0), 1) * barWidth)
	return "[" + strings.Repeat("█", full) + strings.Repeat("·", barWidth-full) + "]"
}
