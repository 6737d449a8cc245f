package history

import (
	"bytes"
	"database/sql"
	"sync"
	"time"
)

const (
	// groupTime is how long the first message of a group waits for others that
	// go to the disk with it, groupLines how many end the waiting.
	groupTime  = 5 * time.Millisecond
	groupLines = 100
	// maxQueued bounds what waits for the disk, in bytes of lines.
	maxQueued = 16 << 20
	// pruneEvery is how often old messages are removed, pruneLines how many at
	// a time, so that commits go on in between.
	pruneEvery = time.Minute
	pruneLines = 1000
)

// store is a file with a writer: a goroutine that takes what is queued to the
// disk, in groups.
type store struct {
	*file
	opts  Options
	wake  chan struct{} // something is queued, or the store is to end
	ended chan struct{} // closed when the writer has

	mu      sync.Mutex // guards all below
	waiting []batch
	lines   int      // in waiting
	bytes   int      // in waiting
	receipt *Receipt // of those in waiting
	closing bool
	failure error // of the last group, or of the queue
	told    bool  // the failure is logged
}

func openStore(opts Options) (*store, error) {
	f, err := openFile(opts.File, true)
	if err != nil {
		return nil, err
	}
	return &store{
		file: f, opts: opts,
		wake:    make(chan struct{}, 1),
		ended:   make(chan struct{}),
		receipt: &Receipt{done: make(chan struct{})},
	}, nil
}

func (s *store) start() { go s.run() }

// queue takes a batch on its way to the disk. It never waits: what there is no
// room for is not kept.
func (s *store) queue(b batch) *Receipt {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bytes+len(b.wire) > maxQueued {
		s.fail(errQueueFull)
		return refused
	}
	s.waiting = append(s.waiting, b)
	s.lines += b.n
	s.bytes += len(b.wire)
	if s.lines == b.n || s.lines >= groupLines {
		s.signal()
	}
	return s.receipt
}

func (s *store) signal() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// run is the writer. It ends when the store is closed and nothing waits.
func (s *store) run() {
	defer close(s.ended)
	prune := time.NewTimer(0)
	defer prune.Stop()
	for {
		select {
		case <-prune.C:
			s.prune()
			prune.Reset(pruneEvery)
		case <-s.wake:
			s.gather()
			if !s.commit() {
				return
			}
		}
	}
}

// gather waits for others to come into the group.
func (s *store) gather() {
	timer := time.NewTimer(groupTime)
	defer timer.Stop()
	for {
		s.mu.Lock()
		enough := s.lines >= groupLines || s.closing
		s.mu.Unlock()
		if enough {
			return
		}
		select {
		case <-s.wake:
		case <-timer.C:
			return
		}
	}
}

// commit takes all that waits to the disk. It reports whether there may be more.
func (s *store) commit() (more bool) {
	s.mu.Lock()
	group, receipt, closing := s.waiting, s.receipt, s.closing
	s.waiting, s.lines, s.bytes = nil, 0, 0
	s.receipt = &Receipt{done: make(chan struct{})}
	s.mu.Unlock()
	var err error
	if len(group) > 0 {
		err = s.insert(group)
	}
	receipt.kept = err == nil
	close(receipt.done)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.fail(err)
	} else if len(group) > 0 {
		s.recover()
	}
	return !closing
}

// insert puts messages into the file.
func (s *store) insert(group []batch) error {
	return s.change(func(tx *sql.Tx) error {
		row, err := tx.Prepare("INSERT INTO message (id, at, sender, text) VALUES (?, ?, ?, ?)")
		if err != nil {
			return err
		}
		defer row.Close()
		for i := range group {
			for _, r := range group[i].records() {
				sender, text := r.parts()
				if _, err := row.Exec(r.stamp.ID, group[i].at, sender, text); err != nil {
					return err
				}
			}
		}
		newest := &group[len(group)-1]
		_, err = tx.Exec("UPDATE state SET newest = ?, at = ?", newest.last(), newest.at)
		return err
	})
}

// parts takes a line apart: msg SENDER TEXT.
func (r *record) parts() (sender, text string) {
	line := bytes.TrimPrefix(bytes.TrimSuffix(r.line, []byte("\n")), []byte("msg "))
	name, rest, _ := bytes.Cut(line, []byte(" "))
	return string(name), string(rest)
}

// fail notes why messages are not kept, and logs it once. The lock is held.
func (s *store) fail(err error) {
	s.failure = err
	if !s.told {
		s.told = true
		s.opts.Log.Error("messages are not kept", "file", s.opts.File, "error", err)
	}
}

// recover is the end of a failure. The lock is held.
func (s *store) recover() {
	if s.told {
		s.opts.Log.Info("messages are kept again", "file", s.opts.File)
	}
	s.failure, s.told = nil, false
}

func (s *store) err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failure
}

// close takes what waits to the disk and closes the file.
func (s *store) close() {
	s.mu.Lock()
	s.closing = true
	s.mu.Unlock()
	s.signal()
	<-s.ended
	if err := s.file.close(); err != nil {
		s.opts.Log.Error("could not close the history", "file", s.opts.File, "error", err)
	}
}
