package history

import "parley/proto"

// Archive keeps what was said for several servers together and gives the IDs. A
// History with one is their memory of the newest; it is told what to remember by
// [History.Record] and [History.Lose], and nothing by Keep.
type Archive interface {
	// Before returns up to n messages with IDs smaller than id, oldest first: the
	// newest of them. After returns up to n with greater IDs, oldest first.
	Before(id int64, n int) ([]Message, error)
	After(id int64, n int) ([]Message, error)
	// Lost is an ID: whoever has seen no later one may have missed messages that
	// are no longer kept.
	Lost() int64
}

// older is where messages are that are not in memory.
type older interface {
	before(id int64, n int) ([]record, error)
	between(after, before int64, n int) ([]record, error)
	dropped() int64 // as [Archive.Lost]
}

// dropped is told to the history as it happens.
func (s *store) dropped() int64 { return 0 }

// archive is an Archive in the form of a store.
type archive struct{ Archive }

func (a archive) before(id int64, n int) ([]record, error) { return recordsOf(a.Before(id, n)) }
func (a archive) dropped() int64                           { return a.Lost() }

func (a archive) between(after, before int64, n int) ([]record, error) {
	records, err := recordsOf(a.After(after, n))
	for i, r := range records {
		if r.stamp.ID >= before {
			return records[:i], err
		}
	}
	return records, err
}

func recordsOf(messages []Message, err error) ([]record, error) {
	records := make([]record, len(messages))
	for i, m := range messages {
		records[i] = record{m.Stamp, proto.AppendPublic(nil, m.Sender, []byte(m.Text))}
	}
	return records, err
}

// MessageOf takes a line apart, msg SENDER TEXT with its LF.
func MessageOf(stamp proto.Stamp, line []byte) Message {
	r := record{stamp, line}
	return r.message()
}

// Start says that an archive begins with an ID: whoever has seen no later one than
// those before it may have missed some.
func (h *History) Start(first int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.given = max(h.given, first-1)
	h.lost = max(h.lost, first-1)
}

// Record remembers the n lines of wire, the first of which has the ID and time of
// first and the others the IDs after it. IDs ascend from call to call; wire must
// not change any more.
func (h *History) Record(first proto.Stamp, wire []byte, n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	b := batch{first: first.ID, n: n, wire: wire, time: first.Time}
	h.given = b.last()
	h.memory.add(b) // what it drops is in the archive
}

// Lose notes that messages have been said that have no ID and are not kept.
func (h *History) Lose() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lost = max(h.lost, h.given+1)
}
