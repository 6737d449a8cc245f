package history

import (
	"bytes"
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
	m.batches = append(m.batches, b)
	m.lines += b.n
	m.bytes += len(b.wire)
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

// full reports whether there is more than may be kept, oldest being too many. Of
// a limit on lines no more is dropped than must be.
func (m *memory) full(oldest batch) bool {
	return m.lines-oldest.n >= m.maxLines || m.bytes > m.maxBytes
}

// oldest is the smallest ID in memory, or 0.
func (m *memory) oldest() int64 {
	if len(m.batches) == 0 {
		return 0
	}
	return m.batches[0].first
}

// after returns up to n messages with IDs greater than id, up to newest, oldest
// first.
func (m *memory) after(id, newest int64, n int) []record {
	from, _ := slices.BinarySearchFunc(m.batches, id, func(b batch, id int64) int { return int(b.last() - id - 1) })
	var found []record
	for i := from; i < len(m.batches) && len(found) < n; i++ {
		for _, r := range m.batches[i].records() {
			if r.stamp.ID > id && r.stamp.ID <= newest && len(found) < n {
				found = append(found, r)
			}
		}
	}
	return found
}

// before returns up to n messages with IDs smaller than id, oldest first: the
// newest of them.
func (m *memory) before(id int64, n int) []record {
	var found []record // newest first
	for i := len(m.batches) - 1; i >= 0 && len(found) < n; i-- {
		for _, r := range slices.Backward(m.batches[i].records()) {
			if r.stamp.ID < id && len(found) < n {
				found = append(found, r)
			}
		}
	}
	slices.Reverse(found)
	return found
}
