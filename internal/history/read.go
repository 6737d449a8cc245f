package history

import (
	"context"
	"database/sql"
	_ "embed" // the query of search
	"math"
	"slices"
	"strings"
	"unicode"

	"parley/proto"
)

// query returns messages as they were delivered. It stops at the one with which
// they are more than so many bytes.
func (f *file) query(maxBytes int, q string, args ...any) ([]record, error) {
	rows, err := f.read.Query(q, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []record
	for size := 0; size <= maxBytes && rows.Next(); size += found[len(found)-1].size() {
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
// newest of them. What is more than a block may hold is left out.
func (f *file) before(id int64, n int) ([]record, error) {
	return f.newest(id, n, proto.MaxBlock)
}

func (f *file) newest(before int64, n, maxBytes int) ([]record, error) {
	found, err := f.query(maxBytes, "SELECT id, at, sender, text FROM message WHERE id < ? ORDER BY id DESC LIMIT ?", before, n)
	slices.Reverse(found)
	return found, err
}

// between returns up to n messages with IDs greater than after and smaller than
// before, oldest first, as far as a block may hold them.
func (f *file) between(after, before int64, n int) ([]record, error) {
	return f.query(proto.MaxBlock, "SELECT id, at, sender, text FROM message WHERE id > ? AND id < ? ORDER BY id LIMIT ?",
		after, before, n)
}

// maxRanked is how many messages search ranks at the most, the newest that match:
// to rank half a million takes seconds, and anybody may ask for a common word.
const maxRanked = 10_000

//go:embed search.sql
var searchSQL string

// search returns the messages up to newest that have all words, best first, ties
// newest first.
func (f *file) search(words string, newest int64) ([]record, error) {
	match := matching(words)
	if match == "" {
		return nil, nil
	}
	return f.query(proto.MaxBlock, searchSQL, match, newest, maxRanked, proto.MaxFound)
}

// matching makes words a query of FTS5, in which each is quoted: nothing that
// somebody writes is an operator. Words are what the file's tokenizer takes for
// words; if there is none the query is empty.
func matching(words string) string {
	var quoted []string
	seen := make(map[string]bool)
	for _, word := range strings.FieldsFunc(words, func(r rune) bool { return !isWord(r) }) {
		if !seen[word] {
			quoted = append(quoted, `"`+word+`"`)
		}
		seen[word] = true
	}
	return strings.Join(quoted, " ")
}

// isWord is what unicode61 takes for part of a word; marks are, behind a letter.
func isWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) || unicode.Is(unicode.Co, r)
}

// load makes the memory the newest of what the file holds.
func (m *memory) load(f *file) error {
	newest, err := f.newest(math.MaxInt64, m.maxLines, m.maxBytes)
	if err != nil {
		return err
	}
	m.dropped = len(newest) > 0 // there may be older ones
	for _, r := range newest {
		m.add(batch{first: r.stamp.ID, n: 1, wire: r.line, time: r.stamp.Time, saved: onDisk})
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
	var now int64
	if err := h.store.read.QueryRow("SELECT erasures FROM state").Scan(&now); err != nil || h.hasSeen(now) {
		return err
	}
	// Whoever else asks waits, rather than being answered from what is to go.
	h.forgetting.Lock()
	defer h.forgetting.Unlock()
	if h.hasSeen(now) {
		return nil
	}
	return h.forgetErased()
}

func (h *History) hasSeen(erasures int64) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.erasures >= erasures
}

func (h *History) forgetErased() error {
	h.mu.Lock()
	oldest := h.memory.oldest()
	h.mu.Unlock()
	left, err := h.store.remains(oldest)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lost = max(h.lost, h.memory.keepOnly(left))
	h.erasures = left.erasures
	return nil
}

// remains is what a file holds at one moment.
type remains struct {
	newest, erasures int64 // of its state: all up to newest has come to the file, or never will
	ids              map[int64]struct{}
}

// remains tells which messages from oldest on are still in the file.
func (f *file) remains(oldest int64) (*remains, error) {
	tx, err := f.read.BeginTx(context.Background(), &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	r := &remains{ids: make(map[int64]struct{})}
	if err := tx.QueryRow("SELECT newest, erasures FROM state").Scan(&r.newest, &r.erasures); err != nil {
		return nil, err
	}
	rows, err := tx.Query("SELECT id FROM message WHERE id >= ?", oldest)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		r.ids[id] = struct{}{}
	}
	return r, rows.Err()
}
