package load

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Report is what came of a run. Its JSON form is documented in docs/load.md.
// Times are in milliseconds where their name ends in MS.
type Report struct {
	Scenario    string    `json:"scenario"`
	Target      string    `json:"target"`
	Started     time.Time `json:"started"`
	Seconds     float64   `json:"seconds"` // of the measurement
	Interrupted bool      `json:"interrupted"`
	Stopped     string    `json:"stopped,omitempty"` // why it ended early, if not by the user
	OK          bool      `json:"ok"`
	Findings    []string  `json:"findings"` // what is wrong with the server, or with the run
	Notes       []string  `json:"notes"`    // what to know when reading the numbers

	Settings  Settings         `json:"settings"`
	Clients   Clients          `json:"clients"`
	Lines     Lines            `json:"lines"`
	PerSecond PerSecond        `json:"per_second"`
	Times     map[string]Times `json:"times"` // delivery, answer, entry, lateness
	Over      []Moment         `json:"over_time"`
	Generator Generator        `json:"generator"`
	Server    *Server          `json:"server,omitempty"` // where the number of its process is known
}

// Settings are the options that shaped the run.
type Settings struct {
	Clients    int     `json:"clients"`
	Senders    int     `json:"senders"`
	Size       int     `json:"size"`
	Loop       string  `json:"loop"` // open or closed
	Rate       float64 `json:"rate"`
	Window     int     `json:"window"`
	RampS      float64 `json:"ramp_s"`
	DurationS  float64 `json:"duration_s"`
	PollS      float64 `json:"poll_s"`
	TimeoutS   float64 `json:"timeout_s"`
	DropOf100  int     `json:"drop_percent"`
	NeverReads int     `json:"deaf_percent"`
}

// Clients tells what became of the connections.
type Clients struct {
	Wanted   int            `json:"wanted"`
	Entered  int64          `json:"entered"` // connected and logged in; in connect: how often
	Failed   map[string]int `json:"failed"`  // by reason
	NotTried int            `json:"not_tried"`
	Vanished int            `json:"vanished"` // reset their connection, as planned
	Deaf     int            `json:"deaf"`     // never read, as planned
	Cut      map[string]int `json:"cut"`      // connections that the server ended, by reason
}

// Lines are exact counts.
type Lines struct {
	Said       int64 `json:"said"`       // messages sent
	Asked      int64 `json:"asked"`      // questions sent
	Unanswered int64 `json:"unanswered"` // of both, by clients that were there to the end
	Refused    int64 `json:"refused"`
	Delivered  int64 `json:"delivered"` // messages that arrived, at all clients together
	Lost       int64 `json:"lost"`
	Doubled    int64 `json:"doubled"`
	Reordered  int64 `json:"reordered"`
	Unknown    int64 `json:"unknown"` // lines that nobody can have sent, or that were changed
	Foreign    int64 `json:"foreign"` // messages of other people on the server
}

// PerSecond are rates over the measured time.
type PerSecond struct {
	Said      float64 `json:"said"`
	Asked     float64 `json:"asked"`
	Delivered float64 `json:"delivered"`
	Answered  float64 `json:"answered"`
	Entered   float64 `json:"entered"` // in connect
}

// Times says how long something took.
type Times struct {
	Count  int64   `json:"count"`
	MinMS  float64 `json:"min_ms"`
	MeanMS float64 `json:"mean_ms"`
	P50MS  float64 `json:"p50_ms"`
	P90MS  float64 `json:"p90_ms"`
	P99MS  float64 `json:"p99_ms"`
	P999MS float64 `json:"p99_9_ms"`
	MaxMS  float64 `json:"max_ms"`
	Curve  []Point `json:"curve"`
}

// Point says that this part of all took no longer than that.
type Point struct {
	Part float64 `json:"part"` // 0 to 1
	MS   float64 `json:"ms"`
}

// Moment is what happened in one stretch of the run.
type Moment struct {
	AtS       float64 `json:"at_s"` // its beginning
	Seconds   float64 `json:"seconds"`
	Delivered int64   `json:"delivered"`
	Answered  int64   `json:"answered"` // answers, or in connect entries
	SlowestMS float64 `json:"slowest_ms"`
}

// Generator says how much of the limit was our own.
type Generator struct {
	Cores     int     `json:"cores"`     // that it may use
	CPUKnown  bool    `json:"cpu_known"` // else the next two are 0
	CPUCores  float64 `json:"cpu_cores"` // that it used
	CPUShare  float64 `json:"cpu_share"` // of those that it may use
	Overslept Times   `json:"overslept"` // by how much it woke up late
	Saturated bool    `json:"saturated"` // it used all it could get: the limit is its own
	Starved   bool    `json:"starved"`   // it got the processor late: the times are also its own
	SameHost  bool    `json:"same_host"` // it shares the machine with the server
}

// report adds everything up. Nobody listens or writes any more.
func (r *run) report(use ownUse, cause error) *Report {
	times, slots := merge(r.tallies)
	rep := &Report{
		Scenario: r.opts.Scenario, Target: r.target.String(), Started: r.start.UTC().Truncate(time.Second),
		Seconds: round(r.measured.Seconds()), Settings: r.settings(), Clients: r.countClients(), Lines: r.countLines(),
		Times: map[string]Times{}, Over: r.moments(slots), Generator: use.generator(),
		Findings: []string{}, Notes: r.opts.Warnings(),
	}
	for kind, name := range timeNames {
		if times[kind].TotalCount() > 0 {
			rep.Times[name] = timesOf(times[kind])
		}
	}
	if n := r.wentOn(); n > 0 {
		rep.note("%s a sender went on although somebody had not got a line for %v: then more than the window was under way, and a slow reader may have been cut for it.",
			plural(n, "time"), patience)
	}
	if p := r.server; p != nil && p.gone == nil {
		rep.Server = p.report(r.opts.Scenario, rep.Clients.Entered)
	} else if p != nil {
		rep.note("What the server used is not known: %v.", p.gone)
	}
	rep.Generator.SameHost = r.target.Addr().IsLoopback()
	rep.Interrupted = errors.Is(cause, context.Canceled)
	if cause != nil && !rep.Interrupted {
		rep.Stopped = cause.Error()
	}
	rep.PerSecond = rep.rates()
	rep.judge()
	return rep
}

// wentOn is how often the closed loop was not closed.
func (r *run) wentOn() (n int) {
	for _, c := range r.clients {
		if c.said != nil {
			n += c.said.wentOn
		}
	}
	return n
}

func (r *run) settings() Settings {
	o := r.opts
	loop := "open"
	if o.Rate == 0 {
		loop = "closed"
	}
	senders := o.speakers()
	if o.Scenario == Connect {
		senders = o.workers()
	}
	return Settings{
		Clients: o.Clients, Senders: senders, Size: o.Size, Loop: loop, Rate: o.Rate, Window: o.Window,
		RampS: o.Ramp.Seconds(), DurationS: o.Duration.Seconds(), PollS: o.Poll.Seconds(), TimeoutS: o.Timeout.Seconds(),
		DropOf100: o.Drop, NeverReads: o.Deaf,
	}
}

func (r *run) countClients() Clients {
	n := Clients{
		Wanted: r.opts.Clients, Entered: r.entered.Load(), Failed: r.failures, NotTried: r.notTried,
		Cut: map[string]int{},
	}
	for _, c := range r.clients {
		switch {
		case c.vanished.Load():
			n.Vanished++
		case c.end != nil:
			n.Cut[c.end.Error()]++
		case c.role == deaf && c.lines != nil:
			n.Deaf++
		}
	}
	return n
}

func (r *run) countLines() Lines {
	var n Lines
	for _, c := range r.clients {
		n.Delivered += c.ledger.heard
		n.Doubled += c.ledger.doubled
		n.Reordered += c.ledger.reordered
		n.Unknown += c.unknown
		n.Foreign += c.other
		n.addVoice(&n.Said, c.said, c)
		n.addVoice(&n.Asked, c.asked, c)
		lost, invented := r.missed(c)
		n.Lost += lost
		n.Unknown += invented
	}
	return n
}

func (n *Lines) addVoice(sent *int64, v *voice, c *client) {
	if v == nil {
		return
	}
	*sent += v.sent.Load()
	n.Refused += int64(len(v.refusals()))
	if !c.vanished.Load() {
		n.Unanswered += v.sent.Load() - v.answered.Load()
	}
}

// missed is what a client did not hear, and what it heard that nobody said. Of
// one that went away, or was cut off, the lines before its last one count.
func (r *run) missed(c *client) (lost, invented int64) {
	if !c.listening {
		return 0, 0
	}
	lost = c.ledger.writtenOff
	for i, s := range r.said {
		if i == c.index {
			continue
		}
		if c.vanished.Load() || c.end != nil {
			s.answered = min(s.answered, c.ledger.next[i])
		}
		l, inv := c.ledger.lostOf(i, s)
		lost, invented = lost+l, invented+inv
	}
	return lost, invented
}

// moments are the stretches up to the end of the measurement.
func (r *run) moments(slots []slot) []Moment {
	over := []Moment{}
	width := float64(r.slotWidth) / 1e6
	for i, s := range slots[:slotCount] {
		at := float64(i) * width
		length := min(width, r.measured.Seconds()-at)
		if length < width/2 && i > 0 {
			break // too short for a rate
		}
		over = append(over, Moment{round(at), round(length), s.heard, s.answers, millis(s.slowest)})
	}
	return over
}

func (rep *Report) rates() PerSecond {
	per := func(n int64) float64 { return round(float64(n) / max(rep.Seconds, 0.001)) }
	rates := PerSecond{Said: per(rep.Lines.Said), Asked: per(rep.Lines.Asked), Delivered: per(rep.Lines.Delivered), Answered: per(rep.Times["answer"].Count)}
	if rep.Scenario == Connect {
		rates.Entered = per(rep.Clients.Entered)
	}
	return rates
}

func timesOf(h *hdrhistogram.Histogram) Times {
	at := func(percent float64) float64 { return millis(h.ValueAtPercentile(percent)) }
	return Times{
		Count: h.TotalCount(), MinMS: millis(h.Min()), MeanMS: round(h.Mean() / 1000),
		P50MS: at(50), P90MS: at(90), P99MS: at(99), P999MS: at(99.9), MaxMS: millis(h.Max()),
		Curve: curve(h),
	}
}

// curve has a point for each halving of what is left above it, and some between,
// as far as there are values to tell.
func curve(h *hdrhistogram.Histogram) []Point {
	if h.TotalCount() == 0 {
		return []Point{}
	}
	points := []Point{{0, millis(h.Min())}}
	for rest := math.Sqrt2 / 2; rest*float64(h.TotalCount()) >= 1; rest *= math.Sqrt2 / 2 {
		points = append(points, Point{math.Round((1-rest)*1e9) / 1e9, millis(h.ValueAtPercentile(100 * (1 - rest)))})
	}
	return append(points, Point{1, millis(h.Max())})
}

func (u ownUse) generator() Generator {
	g := Generator{Cores: u.cores, CPUKnown: u.cpuKnown, Overslept: timesOf(u.overslept)}
	if u.cpuKnown {
		g.CPUCores = round(u.cpu.Seconds() / max(u.elapsed.Seconds(), 0.001))
		g.CPUShare = round(g.CPUCores / float64(u.cores))
	}
	g.Saturated = g.CPUShare >= saturatedShare
	g.Starved = g.Overslept.P99MS >= lateMS
	return g
}

const (
	// saturatedShare of what it may use, and the generator is at its limit.
	saturatedShare = 0.85
	// lateMS is from when on being late shows in the results.
	lateMS = 10
)

func millis(micros int64) float64 { return float64(micros) / 1000 }

// round keeps the digits that mean something.
func round(f float64) float64 { return math.Round(f*1000) / 1000 }
