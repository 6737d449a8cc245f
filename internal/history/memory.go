package history

import (
	"bytes"
	"cmp"
	"math"
	"slices"

	"parley/proto"
)

// batch is messages that were said in one go. Its lines are those that were
// delivered: they are in memory once.
type batch struct {
	first int64 // the ID of the first message
	n     int
	wire  []byte
	at    int64 // ms since 1970
	time  string
	saved *Receipt // nil: memory is all there is
}

// onDisk reports whether the batch is known to be in the file, waiting whether
// that is not known yet.
func (b *batch) onDisk() (kept, waiting bool) {
	if b.saved == nil {
		return false, false
	}
	select {
	case <-b.saved.done:
		return b.saved.kept, false
	default:
		return false, true
	}
}

func (b *batch) last() int64 { return b.first + int64(b.n) - 1 }

// record is one message.
type record struct {
	stamp proto.Stamp
	line  []byte // msg SENDER TEXT, with its LF
}

func (b *batch) records() []record {
	records := make([]record, 0, b.n)
	for line := range bytes.Lines(b.wire) {
		records = append(records, record{proto.Stamp{ID: b.first + int64(len(records)), Time: b.time}, line})
	}
	return records
}

// memory is the newest messages, within its limits. IDs ascend.
type memory struct {
	maxLines, maxBytes int

	batches []batch
	lines   int
	bytes   int
	dropped bool // there were older ones
}

// add takes a batch and drops the oldest ones that are more than may be kept; of
// those that wait for the disk none. It returns the newest ID that is nowhere any
// more, or 0.
func (m *memory) add(b batch) (lost int64) {
	m.push(b)
	drop := 0
	for drop < len(m.batches)-1 && m.full(m.batches[drop]) {
		old := &m.batches[drop]
		kept, waiting := old.onDisk()
		if waiting {
			break
		}
		if !kept {
			lost = old.last()
		}
		m.lines -= old.n
		m.bytes -= len(old.wire)
		*old = batch{}
		m.dropped = true
		drop++
	}
	m.batches = m.batches[drop:]
	return lost
}

func (m *memory) push(b batch) {
	m.batches = append(m.batches, b)
	m.lines += b.n
	m.bytes += len(b.wire)
}

// full reports whether there is more than may be kept, oldest being too many. Of
// a limit on lines no more is dropped than must be.
func (m *memory) full(oldest batch) bool {
	return m.lines-oldest.n >= m.maxLines || m.bytes > m.maxBytes
}

// oldest is the smallest ID in memory, or greater than all.
func (m *memory) oldest() int64 {
	if len(m.batches) == 0 {
		return math.MaxInt64
	}
	return m.batches[0].first
}

// after returns the batches that hold the first n messages with IDs greater than
// id; at both ends there may be others in them. What is in a batch never changes,
// so they are read when the lock is not held any more.
func (m *memory) after(id int64, n int) []batch {
	from, _ := slices.BinarySearchFunc(m.batches, id, func(b batch, id int64) int { return cmp.Compare(b.last(), id+1) })
	to := from
	for lines := int64(0); to < len(m.batches) && lines < int64(n); to++ {
		b := &m.batches[to]
		lines += min(int64(b.n), b.last()-id)
	}
	return slices.Clone(m.batches[from:to])
}

// before returns the batches that hold the last n messages with IDs smaller than
// id, in the same way.
func (m *memory) before(id int64, n int) []batch {
	to, _ := slices.BinarySearchFunc(m.batches, id, func(b batch, id int64) int { return cmp.Compare(b.first, id) })
	from := to
	for lines := int64(0); from > 0 && lines < int64(n); {
		from--
		b := &m.batches[from]
		lines += min(int64(b.n), id-b.first)
	}
	return slices.Clone(m.batches[from:to])
}

// within returns the messages of batches with IDs greater than after and smaller
// than before.
func within(batches []batch, after, before int64) []record {
	var found []record
	for i := range batches {
		for _, r := range batches[i].records() {
			if r.stamp.ID > after && r.stamp.ID < before {
				found = append(found, r)
			}
		}
	}
	return found
}

// forget drops all up to an ID.
func (m *memory) forget(upTo int64) {
	for len(m.batches) > 0 && m.batches[0].first <= upTo {
		b := &m.batches[0]
		m.lines--
		end := bytes.IndexByte(b.wire, '\n') + 1
		m.bytes -= end
		b.wire = b.wire[end:]
		b.first++
		if b.n--; b.n == 0 {
			*b = batch{}
			m.batches = m.batches[1:]
		}
	}
}

// keepOnly drops what is not in the file any more, and what never came there: of
// the latter nobody can say whether it was to be erased. It returns the newest ID
// that is nowhere any more, or 0.
func (m *memory) keepOnly(left *remains) (lost int64) {
	old := m.batches
	m.batches, m.lines, m.bytes = make([]batch, 0, len(old)), 0, 0
	for i := range old {
		b := &old[i]
		switch kept, waiting := b.onDisk(); {
		case b.first > left.newest && (waiting || kept):
			m.push(*b)
		case !waiting && !kept:
			lost = b.last()
		default:
			for _, r := range b.records() {
				if _, ok := left.ids[r.stamp.ID]; ok {
					m.push(batch{first: r.stamp.ID, n: 1, wire: r.line, at: b.at, time: b.time, saved: b.saved})
				}
			}
		}
	}
	return lost
}
