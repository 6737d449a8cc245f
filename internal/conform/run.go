package conform

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"
)

// Run runs checks against one program and reports what they found: first those
// that run together, with a second look at what fails, then the others one after
// the other. It is an error only if
// it could not begin; whatever ends it early is in the report, beside the
// results until then.
func Run(ctx context.Context, target Target, checks []*Check, opts Options) (*Report, error) {
	if err := opts.Validate(); err != nil {
		return nil, err
	}
	opts = opts.orDefaults()
	r := &run{ctx: ctx, target: target, opts: &opts, checks: checks, ended: make(map[string]chan struct{}), results: make(map[string]Result)}
	for _, c := range checks {
		if c.Phase == Together {
			r.ended[c.ID] = make(chan struct{})
		}
	}
	began := time.Now()
	r.together(checks)
	r.again()
	for _, phase := range []Phase{Alone, Last} {
		for _, c := range checks {
			if c.Phase == phase {
				r.one(c)
				r.lookForLife([]string{c.ID})
				r.lookForHarm(c.ID, "fails since "+c.ID)
			}
		}
	}
	report := &Report{
		Target: target, Address: opts.Address, Dialect: opts.Dialect, Step: opts.Step, Seed: opts.Seed,
		Took: time.Since(began), Broken: r.broken, Died: r.dead, Harmed: r.harmed,
	}
	report.Overlooked = r.overlooked("")
	for _, c := range checks {
		report.Results = append(report.Results, r.results[c.ID])
	}
	return report, nil
}

// run is the state of one [Run].
type run struct {
	ctx    context.Context
	target Target
	opts   *Options
	checks []*Check                 // in their order
	ended  map[string]chan struct{} // by the id of those that run together; closed when the result is there

	mu      sync.Mutex // guards all below
	results map[string]Result
	running []string // ids of the checks that run now
	latest  string   // the check that ended last
	before  string   // the one that ended before it
	dead    string   // why no check can run any more
	harmed  string   // why no check can run that needs the vital one
	broken  string   // why the run as a whole says nothing
}

// together runs the checks that may run beside each other.
func (r *run) together(checks []*Check) {
	slots := make(chan struct{}, r.workers())
	var all sync.WaitGroup
	for _, c := range checks {
		if c.Phase != Together {
			continue
		}
		all.Go(func() {
			r.awaitNeeds(c)
			slots <- struct{}{}
			defer func() { <-slots }()
			r.one(c)
		})
	}
	all.Wait()
	r.lookForLife(nil)
}

// workers is how many checks run beside each other: fewer where each starts a
// program on this machine.
func (r *run) workers() int {
	switch {
	case r.opts.Programs == nil:
		return r.opts.Workers
	case !r.opts.Programs.Together():
		return 1
	}
	return min(r.opts.Workers, 2*runtime.NumCPU())
}

// awaitNeeds waits for the checks that c needs, as far as they run in this phase.
func (r *run) awaitNeeds(c *Check) {
	for _, id := range c.Needs {
		if ended, ok := r.ended[id]; ok {
			<-ended
		}
	}
}

// one runs a check and keeps its result. What may be due to something else is
// told only when it is settled.
func (r *run) one(c *Check) {
	result := r.attempt(c, c.ID)
	r.keep(&result)
	if ended, ok := r.ended[c.ID]; ok {
		close(ended)
	}
	if !r.isDoubtful(&result) {
		r.announce(&result)
	}
}

// attempt runs a check, if nothing is in its way. What it draws by chance depends
// on the run's seed and on the stream.
func (r *run) attempt(c *Check, stream string) Result {
	result := r.hindrance(c)
	if result.Message == "" {
		r.begin(c.ID)
		result = r.try(c, stream)
		r.end(c.ID)
	}
	if result.Kind == NotConnected || result.Kind == Closed {
		r.lookForLife(r.suspects(c.ID))
		if r.isOver() && !result.hasSent() {
			result = r.hindrance(c)
		}
	}
	result.Seed = r.opts.Seed
	if r.opts.Again != nil {
		result.Rerun = r.opts.Again(fmt.Sprintf("--seed %d --only %s", r.opts.Seed, c.ID))
	}
	return result
}

func (r *run) keep(result *Result) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.results[result.Check.ID] = *result
}

func (r *run) resultOf(id string) Result {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.results[id]
}

// announce tells who waits for it, one result after the other.
func (r *run) announce(result *Result) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.opts.Progress != nil {
		r.opts.Progress(*result)
	}
}

// isOver reports whether no check can run any more.
func (r *run) isOver() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ctx.Err() != nil || r.dead != ""
}

// hindrance is the result of a check that cannot run; its message is empty if c
// can.
func (r *run) hindrance(c *Check) Result {
	r.mu.Lock()
	defer r.mu.Unlock()
	result := Result{Check: c, Status: Skipped}
	switch {
	case r.ctx.Err() != nil:
		result.Message = "interrupted"
		return result
	case r.dead != "":
		result.Message = r.dead
		return result
	case r.harmed != "" && r.restsOnVital(c):
		result.Message = r.harmed
		return result
	}
	for _, id := range c.Needs {
		needed, ended := r.results[id]
		if !ended || needed.isRightAlone() || needed.Habit != nil {
			continue
		}
		how := "failed"
		if needed.Status == Skipped {
			how, result.Excused = "was skipped", needed.Excused
		}
		result.Message = fmt.Sprintf("it needs what %s is about, which %s", id, how)
		break
	}
	return result
}

func (r *run) begin(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.running = append(r.running, id)
}

func (r *run) end(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.running = slices.DeleteFunc(r.running, func(s string) bool { return s == id })
	r.before, r.latest = r.latest, id
}

// suspects are the checks during which a server may have died: the one that saw
// it, those that run beside it, and the one before, which has just closed its
// connections.
func (r *run) suspects(id string) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := append([]string{id}, r.running...)
	if r.before != "" && !slices.Contains(all, r.before) {
		all = append(all, r.before)
	}
	return all
}

// lookForLife connects once. A server that does not let us in is dead: what
// comes later is skipped with that reason, and with the checks it died in.
func (r *run) lookForLife(suspects []string) {
	if r.opts.Programs != nil || r.ctx.Err() != nil || r.endsByItself() {
		return
	}
	ctx, cancel := context.WithTimeout(r.ctx, r.opts.Timeout)
	defer cancel()
	conn, err := r.opts.Dial(ctx, r.opts.Address)
	if err == nil {
		_ = conn.Close()
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.dead != "" || r.ctx.Err() != nil {
		return
	}
	r.dead = fmt.Sprintf("the server accepts no connection any more: %s", plainly(err))
	if len(suspects) > 0 {
		r.dead += "; it was there before " + strings.Join(suspects, ", ")
	}
}

// endsByItself reports whether the server has come no further than to accept one
// client and exit, as the assignment's first steps want it.
func (r *run) endsByItself() bool {
	const acceptsAgain = 3
	return r.target == Server && r.opts.Step > 0 && r.opts.Step < acceptsAgain
}

// try runs a check once.
func (r *run) try(c *Check, stream string) (result Result) {
	rng := rngFor(r.opts.Seed, stream)
	t := &T{
		Rand: rng, ctx: r.ctx, opts: r.opts, check: c, token: newToken(rng), fence: fenceOf(r.target, r.opts.Step),
		log: &log{began: time.Now()}, habits: r.overlooked(c.ID),
	}
	t.noteHabits()
	defer func() {
		result = t.result(recover())
		if result.Kind == BrokeOff {
			r.breakOff(c.ID + ": " + result.Message)
		}
	}()
	defer t.close()
	c.Run(t)
	t.finish()
	return
}

func (r *run) breakOff(why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.broken == "" {
		r.broken = why
	}
}

// result is what has been found, ended being what the check panicked with.
func (t *T) result(ended any) Result {
	result := Result{Check: t.check, Status: Passed, Remarks: t.remarks, Events: t.log.all(), Token: t.token, Took: time.Since(t.log.began)}
	switch e := ended.(type) {
	case nil:
		if len(t.remarks) > 0 {
			result.Status, result.Message = Remark, strings.Join(t.remarks, "; ")
		}
	case ending:
		result.Status, result.Kind, result.Expected, result.Message = e.status, e.kind, e.expected, e.message
		result.Excused = e.excused
		if e.status == Failed {
			result.Cause, result.Habit = t.cause, t.habit
		}
	default:
		result.Status, result.Kind = Failed, BrokeOff
		result.Message = fmt.Sprintf("the check itself broke off: %v\n%s", e, debug.Stack())
	}
	return result
}
