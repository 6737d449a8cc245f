// Package load puts load on a chat server, whoever wrote it, and measures what
// comes of it: what is delivered, lost, doubled or out of order, how late it is,
// and how much of all that is the load generator's own doing.
//
// Each client is a connection with a goroutine that reads it and owns its
// counts; one that speaks has a second one that writes. What they share is
// little: the senders' progress, and a few histograms. Counts are added up at the
// end.
package load

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// The ends of a run.
var (
	errTimeUp  = errors.New("time is up")
	errSpam    = errors.New("the server took us for spam: start it with a higher limit (parley serve --spam-rate 1000000), or lower --rate")
	errFailing = errors.New("too many connections failed")
	errAlone   = errors.New("the server has closed every connection")
)

// run is one measurement.
type run struct {
	// Fixed before the first connection.
	opts      Options
	target    netip.AddrPort
	server    *process
	tag       string
	prefix    []byte // what our names begin with
	tallies   []*tally
	slotWidth int64 // of the plots over time, in µs
	grace     time.Duration

	// Fixed before anybody listens.
	start    time.Time
	clients  []*client // all who are in, or are to come in
	speakers []*client // the first of them; a mark's sender is an index into it

	stop     context.CancelCauseFunc // ends the measurement; the first cause counts
	hearers  atomic.Int64            // clients that hear what one of them says
	entered  atomic.Int64            // clients that came in
	present  atomic.Int64            // of these, clients that the server has not cut off
	writing  sync.WaitGroup          // the writers
	settled  chan struct{}           // closed when said is fixed
	said     []said                  // by speaker; read after settled
	measured time.Duration

	mu       sync.Mutex // guards what follows
	failures map[string]int
	notTried int
}

// Run puts load on a server and reports what came of it. It ends early, with
// what was measured until then, when ctx does, or when the server refuses the
// load. The error is an [*OptionError] for options that make no sense, and
// otherwise says why there is nothing to report.
func Run(ctx context.Context, opts Options) (*Report, error) {
	r, err := prepare(ctx, opts)
	if err != nil {
		return nil, err
	}
	bar := r.showProgress()
	defer bar.stop()
	switch opts.Scenario {
	case Connect:
		return r.connectScenario(ctx)
	case Class:
		return r.classScenario(ctx)
	}
	return r.roomScenario(ctx)
}

// prepare checks all that can be checked before the first client connects.
func prepare(ctx context.Context, opts Options) (*run, error) {
	if err := opts.Validate(); err != nil {
		return nil, err
	}
	if err := checkFiles(opts.Clients, raiseFileLimit); err != nil {
		return nil, err
	}
	server, err := watchProcess(opts.PID)
	if err != nil {
		return nil, err
	}
	target, err := reach(ctx, opts)
	if err != nil {
		return nil, err
	}
	r := newRun(opts, target)
	r.server = server
	return r, nil
}

func newRun(opts Options, target netip.AddrPort) *run {
	tag := newTag()
	return &run{
		opts: opts, target: target, tag: tag, prefix: []byte(namePrefix(tag)),
		tallies:   newTallies(),
		slotWidth: max(opts.total(), slotCount*shortestSlot).Microseconds() / slotCount,
		grace:     min(patience, opts.Timeout),
		settled:   make(chan struct{}),
		failures:  make(map[string]int),
	}
}

// now is the time since the start, in µs.
func (r *run) now() int64 { return time.Since(r.start).Microseconds() }

// begin starts the clock of the measurement, which ends with the context it
// returns.
func (r *run) begin(ctx context.Context) context.Context {
	r.start = time.Now()
	ctx, r.stop = context.WithCancelCause(ctx)
	timer := time.AfterFunc(r.opts.total(), func() { r.stop(errTimeUp) })
	context.AfterFunc(ctx, func() { timer.Stop() })
	return ctx
}

// await waits for the end of the measurement. What the server uses counts from
// when the load is steady.
func (r *run) await(measuring context.Context) {
	sleepUntil(measuring, r.start.Add(r.opts.settling()))
	r.server.begin(r.tallies)
	<-measuring.Done()
	r.measured = time.Since(r.start)
	r.server.end(r.tallies)
}

// stopCause is why a measurement ended before its time; nil if it did not. The
// user's wish is [context.Canceled].
func stopCause(user, measuring context.Context) error {
	switch cause := context.Cause(measuring); {
	case errors.Is(cause, errTimeUp):
		return nil
	case cause == context.Cause(user): //nolint:errorlint // the very same one
		return context.Canceled
	default:
		return cause
	}
}

// roomScenario is for those in which all are there before anything is measured.
func (r *run) roomScenario(ctx context.Context) (*Report, error) {
	r.gather(ctx)
	if len(r.clients) == 0 {
		return nil, r.nobody(ctx)
	}
	defer r.closeAll()
	r.speakers = r.clients[:min(r.opts.speakers(), len(r.clients))]
	r.hearers.Store(int64(len(r.clients) - 1))
	for i, c := range r.clients {
		c.index = i
		r.equip(c)
	}
	own := watchOwn()
	measuring := r.begin(ctx)
	for _, c := range r.clients {
		c.listening = true
		go c.listen()
		r.speak(measuring, c)
	}
	r.await(measuring)
	use := own.stop()
	r.finish(ctx)
	return r.report(use, stopCause(ctx, measuring)), nil
}

// equip gives a client what it says and asks in this scenario.
func (r *run) equip(c *client) {
	window := r.opts.Window
	if r.opts.Rate > 0 {
		window = openWindow
	}
	if c.index < len(r.speakers) {
		c.said = newVoice(window, r.message(c.index))
		if r.opts.Scenario == Fanout && r.opts.Rate == 0 {
			c.said.awaitHearers()
		}
	}
	switch {
	case r.opts.Scenario == Requests:
		c.asked = newVoice(window, func(dst []byte, _, _ int64) []byte { return append(dst, "help\n"...) })
	case r.opts.Scenario == Latency && r.opts.Poll > 0:
		c.asked = newVoice(humanWindow, askUsers)
	}
}

func askUsers(dst []byte, _, _ int64) []byte { return append(dst, "users\n"...) }

// openWindow is how many lines of a client may be under way in the open loop;
// where more would be, the sending is late, and so counted.
const openWindow = 1024

// message returns what appends the messages of a speaker.
func (r *run) message(speaker int) func(dst []byte, n, stamp int64) []byte {
	padding := slices.Repeat([]byte{'x'}, r.opts.Size-markSize)
	return func(dst []byte, n, stamp int64) []byte {
		dst = appendMark(append(dst, wordMsg...), r.tag, speaker, n, stamp)
		return append(append(dst, padding...), '\n')
	}
}

// speak starts the writer of a client that has something to say or to ask.
func (r *run) speak(ctx context.Context, c *client) {
	p, voice := r.pace(c), cmp.Or(c.said, c.asked)
	switch {
	case voice == nil:
	case r.opts.Rate == 0:
		r.writing.Go(func() { _ = p.asAnswered(ctx, voice) }) // the listener says what is wrong
	default:
		strands := r.strands(c)
		r.writing.Go(func() { _ = p.onTime(ctx, strands) })
	}
}

// strands are what a client says and asks in the open loop.
func (r *run) strands(c *client) (all []strand) {
	gap := time.Duration(float64(time.Second) / r.opts.Rate)
	if c.said != nil {
		all = append(all, steady(c.said, gap, c.index, len(r.speakers)))
	}
	if r.opts.Scenario == Latency {
		gap = r.opts.Poll
	}
	if c.asked != nil {
		all = append(all, steady(c.asked, gap, c.index, len(r.clients)))
	}
	return all
}

// steady is the i-th of n strands that take turns, each once in a gap.
func steady(v *voice, gap time.Duration, i, n int) strand {
	return strand{v, gap * time.Duration(i) / time.Duration(n), func() time.Duration { return gap }}
}

func (r *run) pace(c *client) *pace {
	return &pace{start: r.start, write: c.write, late: func(d time.Duration) {
		c.batch.tally.record(lateness, d.Microseconds(), 1)
	}}
}

// cutOff notes that the server has ended a connection.
func (r *run) cutOff() {
	r.hearers.Add(-1)
	if r.present.Add(-1) == 0 {
		r.stop(errAlone)
	}
}

// nobody is the error where no client came in.
func (r *run) nobody(ctx context.Context) error {
	if ctx.Err() != nil {
		return errors.New("ended before anybody was in")
	}
	return fmt.Errorf("not one of %d clients came in: %s", r.opts.Clients, r.failureList())
}

func (r *run) closeAll() {
	for _, c := range r.clients {
		c.close()
	}
	for _, c := range r.clients {
		if c.listening {
			<-c.done
		}
	}
}
