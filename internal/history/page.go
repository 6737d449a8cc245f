package history

import (
	"slices"

	"parley/proto"
)

// Page answers history from what was said up to newest, which is
// what [History.Newest] gave at the moment that the answer is for. It appends the
// whole block to dst. The error is that of the file.
func (h *History) Page(dst []byte, p proto.Page, newest int64) ([]byte, error) {
	block, err := h.page(dst, p, newest)
	h.tellRead(err)
	return block, err
}

// tellRead logs that the file cannot be read, once until it can be again.
func (h *History) tellRead(err error) {
	if failed := err != nil; h.unread.Swap(failed) == failed {
		return
	}
	if err == nil {
		h.opts.Log.Info("what was said can be read again", "file", h.opts.File)
		return
	}
	h.opts.Log.Error("what was said cannot be read", "file", h.opts.File, "error", err)
}

func (h *History) page(dst []byte, p proto.Page, newest int64) ([]byte, error) {
	if err := h.seeErasures(); err != nil {
		return dst, err
	}
	if p.Range == proto.Since {
		return h.since(dst, p, newest)
	}
	before := newest + 1
	if p.Range == proto.Before {
		before = min(before, p.ID)
	}
	recent, oldest, older := h.remembered(func(m *memory) []batch { return m.before(before, p.N) })
	found := within(recent, 0, before)
	found = found[max(0, len(found)-p.N):]
	if older && len(found) < p.N {
		inFile, err := h.older.before(min(before, oldest), p.N-len(found))
		if err != nil {
			return dst, err
		}
		found = append(inFile, found...)
	}
	return appendPage(dst, fitNewest(found), false), nil
}

// since is `history since`.
func (h *History) since(dst []byte, p proto.Page, newest int64) ([]byte, error) {
	if p.ID > newest {
		return appendPage(dst, nil, true), nil // it is not one of ours
	}
	recent, oldest, older := h.remembered(func(m *memory) []batch { return m.after(p.ID, p.N) })
	found := within(recent, p.ID, newest+1)
	dropped := int64(0)
	if older && p.ID+1 < oldest {
		inFile, err := h.older.between(p.ID, min(oldest, newest+1), p.N)
		if err != nil {
			return dst, err
		}
		found, dropped = append(inFile, found...), h.older.dropped()
	}
	found = found[:min(len(found), p.N)]
	// Asked last: what was removed from the file meanwhile counts.
	return appendPage(dst, fitOldest(found), p.ID < max(dropped, h.lostUpTo())), nil
}

// remembered looks into the memory. It is looked into before the file: what it
// has dropped by then is on disk, or lost. oldest is the smallest ID in it; older
// says whether those before that may be in the file.
func (h *History) remembered(look func(*memory) []batch) (found []batch, oldest int64, older bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return look(&h.memory), h.memory.oldest(), h.older != nil && h.memory.dropped
}

func (h *History) lostUpTo() int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.lost
}

// fitNewest keeps as many of the newest as one block may hold, fitOldest of the
// oldest; one at least.
func fitNewest(records []record) []record {
	size := 0
	for i, r := range slices.Backward(records) {
		if size += r.size(); size > proto.MaxBlock && i < len(records)-1 {
			return records[i+1:]
		}
	}
	return records
}

func fitOldest(records []record) []record {
	size := 0
	for i, r := range records {
		if size += r.size(); size > proto.MaxBlock && i > 0 {
			return records[:i]
		}
	}
	return records
}

// size is at least what the stamped line takes in a block.
func (r *record) size() int { return len("@9007199254740991  ") + proto.TimeLen + len(r.line) }

func appendPage(dst []byte, records []record, gap bool) []byte {
	return appendRecords(proto.AppendHistory(dst, len(records), gap), records)
}

func appendRecords(dst []byte, records []record) []byte {
	for _, r := range records {
		dst = append(proto.AppendStamp(dst, r.stamp), r.line...)
	}
	return dst
}

// Search answers search. It appends the whole block to dst. The error is
// that of the file. It waits until all up to newest is there (P-84).
func (h *History) Search(dst []byte, words []byte, newest int64) ([]byte, error) {
	h.store.settle()
	found, err := h.store.search(string(words), newest)
	h.tellRead(err)
	if err != nil {
		return dst, err
	}
	found = fitOldest(found) // the best come first
	return appendRecords(proto.AppendSearch(dst, len(found)), found), nil
}
