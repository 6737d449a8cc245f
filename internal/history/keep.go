package history

import (
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Keep is what a file keeps: all, what is not older than a time, or so many
// messages.
type Keep struct {
	For   time.Duration // 0: however old
	Lines int           // 0: however many
}

const day = 24 * time.Hour

// ParseKeep reads a Keep as an operator writes it: 30d, 12h, 1000000, or nothing
// for all.
func ParseKeep(text string) (Keep, error) {
	if text == "" {
		return Keep{}, nil
	}
	if n, err := strconv.Atoi(text); err == nil && n > 0 {
		return Keep{Lines: n}, nil
	}
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if n, err := strconv.Atoi(days); err == nil && n > 0 && n < 100_000 {
			return Keep{For: time.Duration(n) * day}, nil
		}
	} else if d, err := time.ParseDuration(text); err == nil && d > 0 {
		return Keep{For: d}, nil
	}
	return Keep{}, fmt.Errorf("%q is neither a time such as 30d or 12h nor a number of messages such as 1000000", text)
}

// prune removes some of what is not to be kept, the oldest first. It reports
// whether there is more: that is left for later, so that commits go on in between.
func (s *store) prune() (more bool) {
	upTo, n, err := s.pruneTo()
	if err == nil && n > 0 {
		// Forgotten first: who finds them neither there nor in the file is told.
		s.forget(upTo)
		err = s.change(func(tx *sql.Tx) error {
			if _, err := tx.Exec("DELETE FROM message WHERE id <= ?", upTo); err != nil {
				return err
			}
			_, err := tx.Exec("UPDATE state SET lost = max(lost, ?)", upTo)
			return err
		})
	}
	if err != nil {
		s.opts.Log.Error("could not remove old messages", "file", s.opts.File, "error", err)
	}
	return err == nil && n == pruneLines
}

// pruneTo is the newest ID of those that are not to be kept, among the oldest,
// and how many these are.
func (s *store) pruneTo() (id int64, n int, err error) {
	const oldest = "SELECT coalesce(max(id), 0), count(*) FROM (SELECT id, at FROM message ORDER BY id LIMIT ?) WHERE "
	var row *sql.Row
	switch keep := s.opts.Keep; {
	case keep.For > 0:
		old := s.opts.Now().Add(-keep.For).UnixMilli()
		row = s.read.QueryRow(oldest+"at < ?", pruneLines, old)
	case keep.Lines > 0:
		row = s.read.QueryRow(oldest+"id <= (SELECT id FROM message ORDER BY id DESC LIMIT 1 OFFSET ?)", pruneLines, keep.Lines)
	default:
		return 0, 0, nil
	}
	err = row.Scan(&id, &n)
	return id, n, err
}
