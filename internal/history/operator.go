package history

import (
	"database/sql"
	"errors"
	"fmt"
	"math"
	"time"

	"parley/proto"
)

// Message is one message of a file.
type Message struct {
	Stamp  proto.Stamp
	Sender string
	Text   string
}

// AppendLine appends the message as it is on the wire, stamped.
func (m *Message) AppendLine(dst []byte) []byte {
	return proto.AppendPublic(proto.AppendStamp(dst, m.Stamp), m.Sender, []byte(m.Text))
}

// Export calls each for every message of a file, oldest first, until that fails.
// A server may run on the file.
func Export(name string, each func(Message) error) error {
	return reading(name, func(f *file) error {
		for last := int64(0); ; {
			page, err := f.between(last, math.MaxInt64, proto.MaxPage)
			if err != nil || len(page) == 0 {
				return err
			}
			for i := range page {
				if err := each(page[i].message()); err != nil {
					return err
				}
			}
			last = page[len(page)-1].stamp.ID
		}
	})
}

// Search calls each for the messages of a file that have all words, best first,
// as search does.
func Search(name, words string, each func(Message) error) error {
	return reading(name, func(f *file) error {
		found, err := f.search(words, proto.MaxID)
		if err != nil {
			return err
		}
		for i := range found {
			if err := each(found[i].message()); err != nil {
				return err
			}
		}
		return nil
	})
}

func (r *record) message() Message {
	sender, text := r.parts()
	return Message{r.stamp, sender, text}
}

// Erase removes all that a sender has said from a file and returns how many
// messages that were. A server may run on the file: it forgets them before it
// answers the next time.
func Erase(name, sender string) (removed int64, err error) {
	err = reading(name, func(f *file) error {
		for n := int64(eraseLines); n == eraseLines; {
			began := time.Now()
			if n, err = f.eraseSome(sender); err != nil {
				return err
			}
			removed += n
			time.Sleep(time.Since(began)) // the server is to get at the file too
		}
		return f.scrub()
	})
	return removed, err
}

// eraseLines is how many messages are erased at a time.
const eraseLines = 100

func (f *file) eraseSome(sender string) (removed int64, err error) {
	err = f.change(func(tx *sql.Tx) error {
		result, err := tx.Exec("DELETE FROM message WHERE id IN (SELECT id FROM message WHERE sender = ? LIMIT ?)", sender, eraseLines)
		if err != nil {
			return err
		}
		removed, _ = result.RowsAffected() // this driver knows it
		_, err = tx.Exec("UPDATE state SET erasures = erasures + 1")
		return err
	})
	return removed, err
}

// scrub makes erased texts unreadable for those who look at the bytes: a text's
// words stay in the index until that is made anew, and in the log of the last
// changes until that is.
func (f *file) scrub() error {
	err := f.change(func(tx *sql.Tx) error {
		_, err := tx.Exec("INSERT INTO word (word) VALUES ('optimize')")
		return err
	})
	if err != nil {
		return err
	}
	for until := time.Now().Add(lockTime); ; {
		var busy, pages, done int
		if err := f.write.QueryRow("PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &done); err != nil || busy == 0 {
			return err
		}
		if time.Now().After(until) {
			return errBusyReader
		}
	}
}

// reading opens a file that is there, for an operator.
func reading(name string, do func(*file) error) error {
	f, err := openFile(name, false)
	if err == nil {
		err = errors.Join(do(f), f.close())
	}
	if err != nil {
		return fmt.Errorf("history file %s: %w", name, err)
	}
	return nil
}
