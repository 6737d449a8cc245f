package history

import (
	"errors"
	"math"
	"slices"
	"strings"
	"unicode"

	"parley/proto"
)

var errQueueFull = errors.New("the disk is too slow: too much waits for it")

// query returns messages as they were delivered.
func (f *file) query(q string, args ...any) ([]record, error) {
	rows, err := f.read.Query(q, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []record
	for rows.Next() {
		var id, at int64
		var sender, text string
		if err := rows.Scan(&id, &at, &sender, &text); err != nil {
			return nil, err
		}
		found = append(found, record{
			proto.Stamp{ID: id, Time: formatTime(at)}, []byte("msg " + sender + " " + text + "\n"),
		})
	}
	return found, rows.Err()
}

// before returns up to n messages with IDs smaller than id, oldest first: the
// newest of them.
func (f *file) before(id int64, n int) ([]record, error) {
	found, err := f.query("SELECT id, at, sender, text FROM message WHERE id < ? ORDER BY id DESC LIMIT ?", id, n)
	slices.Reverse(found)
	return found, err
}

// after returns up to n messages with IDs greater than id, oldest first.
func (f *file) after(id int64, n int) ([]record, error) {
	return f.query("SELECT id, at, sender, text FROM message WHERE id > ? ORDER BY id LIMIT ?", id, n)
}

// search returns the messages up to newest that have all words, best first, ties
// newest first.
func (f *file) search(words string, newest int64) ([]record, error) {
	match := matching(words)
	if match == "" {
		return nil, nil
	}
	return f.query("SELECT m.id, m.at, m.sender, m.text FROM word JOIN message m ON m.id = word.rowid "+
		"WHERE word MATCH ? AND m.id <= ? ORDER BY rank, m.id DESC LIMIT ?", match, newest, proto.MaxFound)
}

// matching makes words a query of FTS5, in which each is quoted: nothing that
// somebody writes is an operator. Words are what the file's tokenizer takes for
// words; if there is none the query is empty.
func matching(words string) string {
	var quoted []string
	for _, word := range strings.FieldsFunc(words, func(r rune) bool { return !isWord(r) }) {
		quoted = append(quoted, `"`+word+`"`)
	}
	return strings.Join(quoted, " ")
}

// isWord is what unicode61 takes for part of a word; marks are, behind a letter.
func isWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) || unicode.Is(unicode.Co, r)
}

// reload makes the memory the newest of what the file holds; what is not in
// there yet stays. The lock is not held.
func (h *History) reload(s *store) error {
	newest, err := s.before(math.MaxInt64, h.opts.MemoryLines)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	recent := h.memory.batches
	h.memory = memory{
		maxLines: h.memory.maxLines, maxBytes: h.memory.maxBytes,
		dropped: len(newest) == h.opts.MemoryLines,
	}
	last := int64(0)
	for _, r := range newest {
		last = r.stamp.ID
		h.memory.add(batch{first: last, n: 1, wire: r.line, time: r.stamp.Time, saved: onDisk})
	}
	for _, b := range recent {
		if b.first > last {
			h.memory.add(b)
		}
	}
	return nil
}

// onDisk is the receipt of what was in the file when it was opened.
var onDisk = func() *Receipt {
	r := &Receipt{done: make(chan struct{}), kept: true}
	close(r.done)
	return r
}()

// seeErasures forgets what an operator has erased from the file meanwhile.
func (h *History) seeErasures() error {
	if h.store == nil {
		return nil
	}
	var erasures int64
	if err := h.store.read.QueryRow("SELECT erasures FROM state").Scan(&erasures); err != nil {
		return err
	}
	h.mu.Lock()
	same := erasures == h.erasures
	h.erasures = erasures
	h.mu.Unlock()
	if same {
		return nil
	}
	return h.reload(h.store)
}
