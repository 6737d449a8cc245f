package history

import (
	"database/sql"
	"errors"
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

// prune removes what is not to be kept. So that commits go on in between, it does
// so in pieces.
func (s *store) prune() {
	for {
		n, err := s.pruneSome()
		if err != nil {
			s.opts.Log.Error("could not remove old messages", "file", s.opts.File, "error", err)
		}
		if err != nil || n == 0 {
			return
		}
	}
}

// pruneSome removes some of what is not to be kept, the oldest first, and returns
// how many messages.
func (s *store) pruneSome() (removed int64, err error) {
	upTo, err := s.pruneTo()
	if err != nil || upTo == 0 {
		return 0, err
	}
	err = s.change(func(tx *sql.Tx) error {
		result, err := tx.Exec("DELETE FROM message WHERE id <= ?", upTo)
		if err != nil {
			return err
		}
		removed, _ = result.RowsAffected() // this driver knows it
		_, err = tx.Exec("UPDATE state SET lost = max(lost, ?)", upTo)
		return err
	})
	return removed, err
}

// pruneTo is the newest ID of those that are not to be kept, among the oldest, or
// 0.
func (s *store) pruneTo() (id int64, err error) {
	const oldest = "(SELECT id, at FROM message ORDER BY id LIMIT ?)"
	var found sql.NullInt64
	switch keep := s.opts.Keep; {
	case keep.For > 0:
		old := s.opts.Now().Add(-keep.For).UnixMilli()
		err = s.read.QueryRow("SELECT max(id) FROM "+oldest+" WHERE at < ?", pruneLines, old).Scan(&found)
	case keep.Lines > 0:
		err = s.read.QueryRow("SELECT max(id) FROM "+oldest+
			" WHERE id <= (SELECT id FROM message ORDER BY id DESC LIMIT 1 OFFSET ?)", pruneLines, keep.Lines).Scan(&found)
	}
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return found.Int64, err
}
