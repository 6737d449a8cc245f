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

var (
	errInUse    = errors.New("another server keeps what is said in it")
	errNoFolder = errors.New("its folder is not there, or files cannot be made in it")
)

// lock keeps other servers off a file: two would give IDs twice. It is a database
// of its own beside it, empty, with a transaction that nobody commits, so that the
// end of the program ends it, whatever that is. Those who only look or erase do
// not ask for it.
type lock struct {
	db   *sql.DB
	conn *sql.Conn // holds the transaction
}

func newLock(name string) (*lock, error) {
	db, err := sql.Open("sqlite", dsn(name+"-lock", "_pragma=journal_mode(OFF)"))
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
	switch code(err) {
	case busy:
		return nil, errInUse
	case cantOpen:
		return nil, errNoFolder
	}
	return nil, err
}

func (l *lock) release() {
	if l.conn != nil {
		_ = l.conn.Close()
	}
	_ = l.db.Close()
}

// What SQLite says, as far as it matters here; the bits above these say more.
const (
	busy     = 5  // SQLITE_BUSY
	cantOpen = 14 // SQLITE_CANTOPEN
)

func isLocked(err error) bool { return code(err) == busy }

func code(err error) int {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code() & 0xff
	}
	return 0
}

// realName is the name of a file that all its names and links have in common.
func realName(name string) (string, error) {
	name, err := filepath.Abs(name)
	if err != nil {
		return "", err
	}
	resolved, err := filepath.EvalSymlinks(name)
	if errors.Is(err, os.ErrNotExist) {
		return name, nil // it will be made
	}
	return resolved, err
}
