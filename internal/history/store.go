package history

import (
	"context"
	"database/sql"
	_ "embed" // the schema
	"errors"
	"fmt"
	"net/url"
	"os"
	"time"

	_ "modernc.org/sqlite" // the driver
)

//go:embed schema.sql
var schema string

// What the pragmas of the schema set: whose file it is, and its version.
const (
	applicationID = 1886610533
	version       = 1
)

// What is wrong with a file; nothing in it has been changed.
var (
	errForeign = errors.New("it is a database, but not one of parley's")
	errNewer   = errors.New("it was made by a newer parley, use that one")
	errDamaged = errors.New("it is damaged")
)

// What is wrong with those who use it.
var (
	errQueueFull  = errors.New("the disk is too slow: too much waits for it")
	errBusyReader = errors.New("the messages are erased, but their bytes are still in the -wal file: somebody reads all the time; try again later")
)

// file is an open history file.
type file struct {
	write *sql.DB // one connection
	read  *sql.DB
}

// openFile opens a file, and makes it if it is not there. A file that is
// somebody else's is left as it is.
func openFile(name string, mayCreate bool) (*file, error) {
	info, err := os.Stat(name)
	switch {
	case err != nil && !mayCreate:
		return nil, err
	case err == nil && info.IsDir():
		return nil, errors.New("it is a directory")
	case err == nil && info.Size() == 0 && !mayCreate:
		return nil, errForeign
	}
	write, err := sql.Open("sqlite", dsn(name, "_txlock=immediate"))
	if err != nil {
		return nil, err
	}
	write.SetMaxOpenConns(1)
	f := &file{write: write}
	if err := f.prepare(); err != nil {
		_ = write.Close()
		return nil, err
	}
	if f.read, err = sql.Open("sqlite", dsn(name, "_pragma=query_only(1)")); err != nil {
		_ = write.Close()
		return nil, err
	}
	f.read.SetMaxOpenConns(readers)
	return f, nil
}

// readers is how many read the file at a time.
const readers = 4

// dsn names a file as the driver wants it. WAL lets others read while one writes;
// synchronous=FULL makes a commit mean that it is on disk.
func dsn(name, more string) string {
	u := url.URL{Scheme: "file", Opaque: url.PathEscape(name)}
	patience := fmt.Sprintf("?_pragma=busy_timeout(%d)", startTime.Milliseconds())
	return u.String() + patience + "&_pragma=synchronous(FULL)&_pragma=secure_delete(ON)&" + more
}

// startTime is how long a file that is locked is waited for at the start, and by
// an operator.
const startTime = 5 * time.Second

// check looks through the messages: what is damaged must not be written to. Then
// the file is a server's.
func (f *file) check() error {
	var found string
	if err := f.write.QueryRow("PRAGMA quick_check(message)").Scan(&found); err != nil {
		return err
	}
	if found != "ok" {
		return fmt.Errorf("%w: %s", errDamaged, found)
	}
	_, err := f.write.Exec(fmt.Sprintf("PRAGMA busy_timeout = %d", tryTime.Milliseconds()))
	return err
}

// prepare makes the tables of an empty file, or looks whether they are ours.
func (f *file) prepare() error {
	var id, found, tables int
	row := f.write.QueryRow("SELECT (SELECT application_id FROM pragma_application_id), " +
		"(SELECT user_version FROM pragma_user_version), (SELECT count(*) FROM sqlite_schema)")
	if err := row.Scan(&id, &found, &tables); err != nil {
		return err
	}
	switch {
	case tables == 0 && id == 0:
		return f.create()
	case id != applicationID:
		return errForeign
	case found > version:
		return errNewer
	}
	_, err := f.write.Exec("PRAGMA journal_mode = WAL")
	return err
}

func (f *file) create() error {
	if _, err := f.write.Exec("PRAGMA journal_mode = WAL"); err != nil {
		return err
	}
	return f.change(func(tx *sql.Tx) error {
		_, err := tx.Exec(schema)
		return err
	})
}

// change does something to the file, wholly or not at all.
func (f *file) change(do func(*sql.Tx) error) error {
	tx, err := f.write.BeginTx(context.Background(), nil)
	if err != nil {
		return err
	}
	if err := do(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

func (f *file) close() error {
	return errors.Join(f.read.Close(), f.write.Close())
}

// state is the row of table state.
type state struct {
	newest, newestAt, lost int64
	erasures               int64
}

// state reads it; a file that has none yet gets one that says: whatever was said
// up to now is not in here.
func (f *file) state(now int64) (s state, err error) {
	const read = "SELECT newest, at, lost, erasures FROM state"
	scan := func() error {
		return f.write.QueryRow(read).Scan(&s.newest, &s.newestAt, &s.lost, &s.erasures)
	}
	if err = scan(); !errors.Is(err, sql.ErrNoRows) {
		return s, err
	}
	if _, err = f.write.Exec("INSERT INTO state VALUES (1, ?, 0, ?, 0)", now, now); err != nil {
		return s, fmt.Errorf("a new file: %w", err)
	}
	return s, scan()
}
