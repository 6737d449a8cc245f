package load

import (
	"fmt"
	"time"
)

// process is the server's, watched from outside; nil if its number was not given.
type process struct {
	pid                 int
	before, first, last reading
	gone                error // why there is no last one
}

// reading is what a process has used, and done, up to one moment.
type reading struct {
	at             time.Time
	cpu            time.Duration // user and system
	resident       int64         // bytes of memory
	heard, answers int64         // what has come of it to the clients
}

// watchProcess takes the first reading, before the first client.
func watchProcess(pid int) (*process, error) {
	if pid == 0 {
		return nil, nil
	}
	before, err := readProcess(pid)
	if err != nil {
		return nil, wrong("pid", "%v", err)
	}
	return &process{pid: pid, before: before}, nil
}

func (p *process) begin(tallies []*tally) {
	if p != nil {
		p.first = p.read(tallies)
	}
}

func (p *process) end(tallies []*tally) {
	if p != nil {
		p.last = p.read(tallies)
	}
}

func (p *process) read(tallies []*tally) reading {
	now, err := readProcess(p.pid)
	if err != nil {
		p.gone = err
	}
	now.at = time.Now()
	now.heard, now.answers = soFar(tallies)
	return now
}

// work is what the server did between two readings, and what that is counted in;
// "" is nothing.
func work(scenario string, first, last reading) (units int64, unit string) {
	switch scenario {
	case Idle:
		return 0, ""
	case Requests:
		return last.answers - first.answers, "request"
	case Connect:
		return last.answers - first.answers, "connection"
	}
	return last.heard - first.heard, "delivery"
}

// Server is what the server's process used, as its system tells everybody.
type Server struct {
	PID       int     `json:"pid"`
	Seconds   float64 `json:"seconds"`   // of the measurement, those with a steady load
	CPUS      float64 `json:"cpu_s"`     // what it used in these, user and system
	CPUCores  float64 `json:"cpu_cores"` // the same, a second
	Unit      string  `json:"unit,omitempty"`
	Units     int64   `json:"units,omitempty"`
	CPUMicros float64 `json:"cpu_us_per_unit,omitempty"`
	MemoryMiB float64 `json:"memory_mib"`                      // resident, at the end
	ClientKiB float64 `json:"memory_kib_per_client,omitempty"` // by how much that grew; in idle
}

// report is what a process used in a run in which so many came in.
func (p *process) report(scenario string, entered int64) *Server {
	elapsed, cpu := p.last.at.Sub(p.first.at).Seconds(), p.last.cpu-p.first.cpu
	s := &Server{
		PID: p.pid, Seconds: round(elapsed), CPUS: float64(cpu.Microseconds()) / 1e6,
		CPUCores: round(cpu.Seconds() / max(elapsed, 0.001)), MemoryMiB: round(float64(p.last.resident) / (1 << 20)),
	}
	if s.Units, s.Unit = work(scenario, p.first, p.last); s.Units > 0 {
		s.CPUMicros = round(float64(cpu.Nanoseconds()) / 1000 / float64(s.Units))
	}
	if scenario == Idle && entered > 0 {
		s.ClientKiB = round(float64(p.last.resident-p.before.resident) / 1024 / float64(entered))
	}
	return s
}

func (s *Server) describe() string {
	text := fmt.Sprintf("used %.2f s of CPU in %s, %.2f cores", s.CPUS, seconds(s.Seconds), s.CPUCores)
	if s.Units > 0 {
		text += fmt.Sprintf(", %s µs for a %s", rate(s.CPUMicros), s.Unit)
	}
	text += fmt.Sprintf("; %s MiB of memory", digits3(s.MemoryMiB))
	if s.ClientKiB != 0 {
		text += fmt.Sprintf(", %s KiB more for each client", digits3(s.ClientKiB))
	}
	return text
}
