package history

import (
	"database/sql"
	"errors"
	"fmt"

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
			page, err := f.after(last, proto.MaxPage)
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
		err := f.change(func(tx *sql.Tx) error {
			result, err := tx.Exec("DELETE FROM message WHERE sender = ?", sender)
			if err != nil {
				return err
			}
			removed, _ = result.RowsAffected() // this driver knows it
			_, err = tx.Exec("UPDATE state SET erasures = erasures + 1")
			return err
		})
		if err != nil {
			return err
		}
		// What was erased is also in the log of the last changes.
		_, err = f.write.Exec("PRAGMA wal_checkpoint(TRUNCATE)")
		return err
	})
	return removed, err
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
