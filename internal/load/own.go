package load

import (
	"runtime"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// nap is how long the watch of the generator sleeps at a time.
const nap = 10 * time.Millisecond

// ownUse is what the generator itself needed, and missed, during a measurement.
type ownUse struct {
	cpu       time.Duration
	cpuKnown  bool
	cores     int
	elapsed   time.Duration
	overslept *hdrhistogram.Histogram // by how much the watch overslept, in µs
}

// ownWatch watches the generator. It sleeps a little, again and again, and looks
// at how much longer that took: by so much every client may have been late too,
// which no measurement of theirs could tell from a slow server.
type ownWatch struct {
	began   time.Time
	cpu     time.Duration
	quit    chan struct{}
	overdue *hdrhistogram.Histogram // the watcher's until quit is answered
	ended   chan struct{}
}

func watchOwn() *ownWatch {
	w := &ownWatch{began: time.Now(), overdue: newHistogram(), quit: make(chan struct{}), ended: make(chan struct{})}
	w.cpu, _ = cpuTime()
	go w.watch()
	return w
}

func (w *ownWatch) watch() {
	defer close(w.ended)
	timer := time.NewTimer(nap)
	defer timer.Stop()
	for {
		lay := time.Now()
		timer.Reset(nap)
		select {
		case <-w.quit:
			return
		case <-timer.C:
			late := (time.Since(lay) - nap).Microseconds()
			_ = w.overdue.RecordValue(min(max(late, 1), longest)) // within its bounds, so it takes it
		}
	}
}

func (w *ownWatch) stop() ownUse {
	close(w.quit)
	<-w.ended
	cpu, known := cpuTime()
	return ownUse{
		cpu: cpu - w.cpu, cpuKnown: known,
		cores: runtime.GOMAXPROCS(0), elapsed: time.Since(w.began), overslept: w.overdue,
	}
}
