package history

import (
	"bytes"
	"database/sql"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// groupTime is how long the first message of a group waits for others that
	// go to the disk with it, groupLines how many end the waiting.
	groupTime  = 5 * time.Millisecond
	groupLines = 100
	// maxQueued bounds what waits for the disk, in bytes of lines; batchCost is
	// what a batch takes beside.
	maxQueued = 16 << 20
	batchCost = 128
	// closeTime is how long an end waits for a file that somebody else has locked.
	closeTime = time.Second
	// pruneEvery is how often old messages are removed, pruneLines how many at
	// a time.
	pruneEvery = time.Minute
	pruneLines = 1000
)

// store is a file with a writer: a goroutine that takes what is queued to the
// disk, in groups.
type store struct {
	*file
	opts   Options
	lock   *lock
	forget func(upTo int64) // takes from memory what is pruned
	wake   chan struct{}    // something is queued, or the store is to end
	ended  chan struct{}    // closed when the writer has
	hurry  atomic.Bool      // a locked file is not waited for

	mu      sync.Mutex // guards all below
	waiting []batch
	lines   int      // in waiting
	bytes   int      // in waiting, with what the batches cost
	receipt *Receipt // of those in waiting
	newest  *Receipt // of what was queued last
	going   int      // messages that are being put on disk
	unkept  int64    // the newest ID that is not kept and of which the file does not know
	kept    uint64   // messages since the start
	refused uint64
	closing bool
	failure error // of the last group, or of the queue
	told    bool  // the failure is logged
}

func openStore(opts Options) (*store, error) {
	name, err := realName(opts.File)
	if err != nil {
		return nil, err
	}
	held, err := newLock(name)
	if err != nil {
		return nil, err
	}
	f, err := openFile(name, true)
	if err == nil {
		if err = f.check(); err != nil {
			_ = f.close() // the first error says more
		}
	}
	if err != nil {
		held.release()
		return nil, err
	}
	return &store{
		file: f, opts: opts, lock: held,
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
	cost := len(b.wire) + batchCost
	if s.bytes+cost > maxQueued {
		s.refused += uint64(b.n)
		s.unkept = b.last()
		s.fail(errQueueFull)
		return refused
	}
	s.waiting = append(s.waiting, b)
	s.lines += b.n
	s.bytes += cost
	s.newest = s.receipt
	if s.lines == b.n || s.lines >= groupLines {
		s.signal()
	}
	return s.receipt
}

// settle waits until it is known of all that is queued whether it is kept.
func (s *store) settle() {
	s.mu.Lock()
	newest := s.newest
	s.mu.Unlock()
	newest.Kept()
}

func (s *store) disk() Disk {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Disk{Kept: s.kept, Refused: s.refused, Waiting: s.lines + s.going, Err: s.failure}
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
			if s.prune() {
				prune.Reset(0)
			} else {
				prune.Reset(pruneEvery)
			}
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
	group, receipt, closing, unkept := s.waiting, s.receipt, s.closing, s.unkept
	s.going = s.lines
	s.waiting, s.lines, s.bytes = nil, 0, 0
	s.receipt = &Receipt{done: make(chan struct{})}
	s.mu.Unlock()
	if len(group) > 0 {
		began := time.Now()
		err := s.insert(group, unkept)
		if err == nil {
			s.opts.Committed(time.Since(began))
		}
		receipt.kept = err == nil
		s.count(group, unkept, err)
	}
	close(receipt.done)
	return !closing
}

// count notes how it went with a group; on success the file knows of unkept.
func (s *store) count(group []batch, unkept int64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.refused += uint64(s.going)
		s.unkept = max(s.unkept, group[len(group)-1].last())
		s.fail(err)
	} else {
		s.kept += uint64(s.going)
		if s.unkept == unkept {
			s.unkept = 0
		}
		s.recover()
	}
	s.going = 0
}

// insert puts messages into the file, and which are not in it. What somebody
// else locks is waited for.
func (s *store) insert(group []batch, unkept int64) error {
	for until := time.Now().Add(lockTime); ; {
		err := s.change(func(tx *sql.Tx) error { return insertInto(tx, group, unkept) })
		if !isLocked(err) || s.hurry.Load() || time.Now().After(until) {
			return err
		}
	}
}

func insertInto(tx *sql.Tx, group []batch, unkept int64) error {
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
	_, err = tx.Exec("UPDATE state SET newest = ?, at = ?, lost = max(lost, ?)", newest.last(), newest.at, unkept)
	return err
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

// close takes what waits to the disk and closes the file.
func (s *store) close() {
	s.mu.Lock()
	s.closing = true
	s.mu.Unlock()
	s.signal()
	hurry := time.AfterFunc(closeTime, func() { s.hurry.Store(true) })
	defer hurry.Stop()
	<-s.ended
	if err := s.file.close(); err != nil {
		s.opts.Log.Error("could not close the history", "file", s.opts.File, "error", err)
	}
	s.lock.release()
}
