package history

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"time"

	"modernc.org/sqlite"
)

const (
	// lockTime is how long a file is waited for that somebody else has locked.
	lockTime = 30 * time.Second
	// tryTime is how long the writer of a server waits before it looks whether it
	// still may.
	tryTime = 250 * time.Millisecond
)

var errInUse = errors.New("another server keeps what is said in it")

// lock keeps other servers off a file: two would give IDs twice. It is a database
// of its own beside it, empty, with a transaction that nobody commits, so that the
// end of the program ends it, whatever that is. Those who only look or erase do
// not ask for it.
type lock struct {
	db   *sql.DB
	conn *sql.Conn // holds the transaction
}

func newLock(name string) (*lock, error) {
	db, err := sql.Open("sqlite", dsn(name+"-lock", ""))
	if err != nil {
		return nil, err
	}
	l := &lock{db: db}
	if l.conn, err = db.Conn(context.Background()); err == nil {
		_, err = l.conn.ExecContext(context.Background(), "BEGIN EXCLUSIVE")
	}
	if err == nil {
		return l, nil
	}
	l.release()
	if isLocked(err) {
		err = errInUse
	}
	return nil, err
}

func (l *lock) release() {
	if l.conn != nil {
		_ = l.conn.Close()
	}
	_ = l.db.Close()
}

func isLocked(err error) bool {
	const busy = 5 // SQLITE_BUSY; the bits above say more
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && e.Code()&0xff == busy
}

// realName is the name of a file that all its names and links have in common.
func realName(name string) (string, error) {
	name, err := filepath.Abs(name)
	if err != nil {
		return "", err
	}
	real, err := filepath.EvalSymlinks(name)
	if errors.Is(err, os.ErrNotExist) {
		return name, nil // it will be made
	}
	return real, err
}
