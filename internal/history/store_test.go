package history_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/history"
	"parley/proto"
)

func newFile(t *testing.T) string { return filepath.Join(t.TempDir(), "said.db") }

// A commit means that it is on disk: the settings that make it so are read back
// from the connection in use.
//
// Rules: X-4
func TestPragmas(t *testing.T) {
	m := open(t, history.Options{File: newFile(t)})
	for name, want := range map[string]string{
		"journal_mode": "wal", "synchronous": "2", "secure_delete": "1", "fullfsync": "0", "locking_mode": "normal",
	} {
		if got := m.h.Pragma(name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}

// What was erased is in no byte of the file, nor of those beside it, as soon as
// that is said, and the server does not serve it any more, not to those either
// who ask at once. Meanwhile others talk, and everything of theirs is kept.
func TestEraseUnderLoad(t *testing.T) {
	file := newFile(t)
	m := open(t, history.Options{File: file})
	const secrets = 1500
	var wire []byte
	for i := range secrets {
		wire = proto.AppendPublic(wire, "mallory", fmt.Appendf(nil, "the secret%dword is out", i))
	}
	_, saved := m.h.Keep(wire, secrets)
	saved.Kept()

	stop, said := make(chan struct{}), make(chan int)
	go func() {
		n := 0
		defer func() { said <- n }()
		for {
			select {
			case <-stop:
				return
			default:
			}
			if _, saved := m.h.Keep([]byte("msg bob the word is out\n"), 1); !saved.Kept() {
				t.Error("not kept")
			}
			n++
		}
	}()
	if removed, err := history.Erase(file, "mallory"); err != nil || removed != secrets {
		t.Errorf("%d removed, %v", removed, err)
	}
	for _, name := range []string{file, file + "-wal", file + "-shm"} {
		b, err := os.ReadFile(name)
		if err != nil || bytes.Contains(b, []byte("secret")) || bytes.Contains(b, []byte("mallory")) {
			t.Errorf("%s still has it (%v)", name, err)
		}
	}
	var lookers sync.WaitGroup
	for range 8 {
		lookers.Go(func() {
			if _, lines := m.page(proto.Page{N: proto.MaxPage}); strings.Contains(lines, "mallory") {
				t.Error("what was erased is served")
			}
		})
	}
	lookers.Wait()
	close(stop)
	n, all := <-said, 0
	_ = history.Export(file, func(history.Message) error { all++; return nil })
	if all != n {
		t.Errorf("of %d messages %d are left", n, all)
	}
	if d := m.h.Disk(); d.Kept != uint64(secrets+n) || d.Refused != 0 || d.Waiting != 0 || d.Err != nil {
		t.Errorf("%+v after %d", d, secrets+n)
	}
}

// What was erased is gone from memory wherever it stood in it, the newest too,
// and what stands around it is not.
//
// Rules: X-7
func TestEraseAmongOthers(t *testing.T) {
	file := newFile(t)
	m := open(t, history.Options{File: file, MemoryLines: 2})
	for _, line := range []string{"msg bob 1\n", "msg eve 2\nmsg bob 3\nmsg eve 4\n", "msg bob 5\n", "msg eve 6\n"} {
		_, saved := m.h.Keep([]byte(line), strings.Count(line, "\n"))
		saved.Kept()
	}
	before := m.h.Newest() - 6
	if n, err := history.Erase(file, "eve"); n != 3 || err != nil {
		t.Fatal(n, err)
	}
	for _, p := range []proto.Page{{N: 10}, {Range: proto.Since, ID: before, N: 10}} {
		head, lines := m.page(p)
		if got := texts(lines); head != "history 3" || got != "1 3 5" {
			t.Errorf("%+v: %s: %s", p, head, got)
		}
	}
	m.h.Keep([]byte("msg eve 7\n"), 1)
	if _, lines := m.page(proto.Page{N: 10}); texts(lines) != "1 3 5 7" {
		t.Errorf("later: %s", texts(lines))
	}
}

// texts is what is said in a block.
func texts(lines string) string {
	var all []string
	for line := range strings.Lines(lines) {
		all = append(all, strings.TrimSpace(strings.SplitN(line, " ", 5)[4]))
	}
	return strings.Join(all, " ")
}

// What is pruned is a gap from then on, in the file and in memory, and after the
// next start too.
//
// Rules: X-7
func TestPrunedIsAGap(t *testing.T) {
	for keep, want := range map[history.Keep]string{
		{Lines: 2}:                        "4 5",
		{For: 3 * history.PruneEvery / 2}: "5",
	} {
		file, first := newFile(t), int64(0)
		look := func(h *history.History, when string, ids int64) {
			for id := first - 1; id <= first+4; id++ {
				block, err := h.Page(nil, proto.Page{Range: proto.Since, ID: id, N: 10}, h.Newest())
				head, lines, _ := strings.Cut(string(block), "\n")
				kept := first + 5 - ids // the oldest
				if gap := strings.HasSuffix(head, " gap"); err != nil || gap != (id < kept-1) {
					t.Errorf("%s, %v, since %d: %q, %v", when, keep, id-first+1, head, err)
				}
				if id < kept && texts(lines) != want {
					t.Errorf("%s, %v, since %d: %s, want %s", when, keep, id-first+1, texts(lines), want)
				}
			}
		}
		synctest.Test(t, func(t *testing.T) {
			h, err := history.Open(history.Options{File: file, Keep: keep})
			if err != nil {
				t.Fatal(err)
			}
			defer h.Close()
			wire := []byte("msg bob 1\nmsg bob 2\nmsg bob 3\nmsg bob 4\n")
			stamp, _ := h.Keep(wire, 4)
			first = stamp.ID
			time.Sleep(history.PruneEvery) //nolint:forbidigo // in a bubble
			_, saved := h.Keep([]byte("msg bob 5\n"), 1)
			saved.Kept()
			time.Sleep(history.PruneEvery + time.Second) //nolint:forbidigo // in a bubble
			synctest.Wait()
			look(h, "at once", int64(len(strings.Fields(want))))
		})
		h, err := history.Open(history.Options{File: file, Now: func() time.Time { return time.Now().Add(-time.Hour) }})
		if err != nil {
			t.Fatal(err)
		}
		look(h, "after a start", int64(len(strings.Fields(want))))
		h.Close()
	}
}

// Who has been answered finds what it said (P-84), however busy the disk is.
//
// Rules: X-10, P-84
func TestSearchFindsTheNewest(t *testing.T) {
	m := open(t, history.Options{File: newFile(t)})
	for i := range 20 {
		m.say(fmt.Sprint("word", i))
		block, err := m.h.Search(nil, fmt.Appendf(nil, "word%d", i), m.h.Newest())
		if err != nil || !bytes.HasPrefix(block, []byte("search 1\n")) {
			t.Fatalf("word %d: %q, %v", i, block, err)
		}
	}
	many := strings.Repeat("word1 x,", 2000)
	if block, err := m.h.Search(nil, []byte(many), m.h.Newest()); err != nil || string(block) != "search 0\n" {
		t.Errorf("many words: %q, %v", block, err)
	}
}

// Two servers do not keep the same file, by whatever name.
//
// Rules: X-2
func TestTwoServersOnOneFile(t *testing.T) {
	file := newFile(t)
	m := open(t, history.Options{File: file})
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	if _, err := history.Open(history.Options{File: link}); err == nil || !strings.Contains(err.Error(), "another server") {
		t.Errorf("%v", err)
	}
	m.h.Close()
	open(t, history.Options{File: link}).h.Close()
}

// What cannot be put on disk is delivered and stays in memory, in its place;
// once the memory has forgotten it, and after the next start, it is a gap.
//
// Rules
func TestRefusedByTheDisk(t *testing.T) {
	file := newFile(t)
	m := open(t, history.Options{File: file, MemoryLines: 4})
	m.say("1").Kept()
	m.say("2").Kept()
	unlock := lockFile(t, file)
	m.h.Hurry() // else it would be waited for
	if m.say("3").Kept() {
		t.Fatal("kept in a locked file")
	}
	if d := m.h.Disk(); d.Err == nil || d.Refused != 1 {
		t.Errorf("%+v", d)
	}
	unlock()
	m.say("4").Kept()
	m.say("5").Kept()
	if d := m.h.Disk(); d.Err != nil || d.Kept != 4 {
		t.Errorf("%+v", d)
	}
	since := func(h *history.History, i int) string {
		block, err := h.Page(nil, proto.Page{Range: proto.Since, ID: m.all[0].id + int64(i) - 1, N: 10}, h.Newest())
		head, lines, _ := strings.Cut(string(block), "\n")
		return strings.TrimSpace(fmt.Sprint(strings.TrimPrefix(head, "history "), ": ", texts(lines), " ", err))
	}
	if got := since(m.h, 0); got != "5: 1 2 3 4 5 <nil>" {
		t.Errorf("while in memory: %s", got)
	}
	m.say("6", "7").Kept()
	if got := since(m.h, 1); got != "5 gap: 2 4 5 6 7 <nil>" {
		t.Errorf("forgotten: %s", got)
	}
	m.h.Close()
	again := open(t, history.Options{File: file})
	for i, want := range []string{"6 gap: 1 2 4 5 6 7 <nil>", "5 gap: 2 4 5 6 7 <nil>", "4 gap: 4 5 6 7 <nil>", "4: 4 5 6 7 <nil>"} {
		if got := since(again.h, i); got != want {
			t.Errorf("after a start, since %d: %s, want %s", i, got, want)
		}
	}
}

// lockFile keeps others from writing to a file.
func lockFile(t *testing.T, file string) (unlock func()) {
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := db.Conn(context.Background())
	if err == nil {
		_, err = conn.ExecContext(t.Context(), "BEGIN IMMEDIATE")
	}
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		_, _ = conn.ExecContext(context.Background(), "ROLLBACK")
		conn.Close()
		db.Close()
	}
}

// An end does not wait for long for a file that somebody has locked (P-73).
//
// Rules: P-73
func TestCloseOfALockedFile(t *testing.T) {
	file := newFile(t)
	m := open(t, history.Options{File: file})
	defer lockFile(t, file)()
	m.say("late")
	began := time.Now()
	m.h.Close()
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("it took %v", took)
	}
}

// A block is at most 1 MiB, from memory as from the file; who asks on gets all.
//
// Rules: X-6
func TestLongBlocks(t *testing.T) {
	for _, lines := range []int{1, 1000} {
		m := open(t, history.Options{File: newFile(t), MemoryLines: lines})
		long := strings.Repeat("x", proto.MaxLine-10)
		for i := range 150 {
			m.say(fmt.Sprint(i, " ", long))
		}
		m.say("the end").Kept()
		var got string
		p := proto.Page{Range: proto.Since, ID: m.all[0].id - 1, N: proto.MaxPage}
		for pages := 0; ; pages++ {
			head, lines := m.page(p)
			if len(head)+1+len(lines) > proto.MaxBlock {
				t.Errorf("%s and %d bytes", head, len(lines))
			}
			if got += lines; head == "history 0" {
				if pages < 3 {
					t.Errorf("%d pages", pages)
				}
				break
			}
			fmt.Sscanf(lines[strings.LastIndex(lines, "\n@")+1:], "@%d", &p.ID)
		}
		if got != m.want(proto.Page{Range: proto.Newest, N: 1000}) {
			t.Error("the blocks together are not what was said")
		}
		newest, end := m.page(proto.Page{N: proto.MaxPage})
		if len(newest)+1+len(end) > proto.MaxBlock || !strings.HasSuffix(end, "the end\n") || !strings.HasSuffix(got, end) {
			t.Errorf("the newest: %s, %d bytes", newest, len(end))
		}
	}
}

// IDs rise and times do not fall, whatever the clock does.
//
// Rules: X-2
func TestClockStepsBack(t *testing.T) {
	m := open(t, history.Options{})
	for _, step := range []time.Duration{0, time.Hour, -2 * time.Hour, time.Minute, 0, 3 * time.Hour} {
		m.now = m.now.Add(step)
		m.say("now")
	}
	for i := 1; i < len(m.all); i++ {
		a, b := m.all[i-1], m.all[i]
		if b.id <= a.id || strings.Fields(b.line)[1] < strings.Fields(a.line)[1] {
			t.Errorf("%s after %s", b.line, a.line)
		}
	}
}

// What a file is that cannot be used is said, and nothing in it is changed; this
// holds for those too who only look.
func TestUnusableFiles(t *testing.T) {
	database := func(statements ...string) string {
		file := newFile(t)
		db, err := sql.Open("sqlite", file)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		for _, s := range statements {
			if _, err := db.Exec(s); err != nil {
				t.Fatal(err)
			}
		}
		return file
	}
	damaged := newFile(t)
	m := open(t, history.Options{File: damaged})
	for i := range 300 {
		m.say(fmt.Sprint("text ", i, strings.Repeat(" x", 200)))
	}
	m.h.Close()
	b, err := os.ReadFile(damaged)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(b, []byte("text 50 x")) &^ 4095
	copy(b[at:], strings.Repeat("damage! ", 100))
	if err := os.WriteFile(damaged, b, 0o600); err != nil {
		t.Fatal(err)
	}
	for says, file := range map[string]string{
		"not one of parley's": database("CREATE TABLE t (x)"),
		"made by a newer":     database("CREATE TABLE t (x)", "PRAGMA application_id = 1886610533", "PRAGMA user_version = 2"),
		"damaged":             damaged,
		"it is a directory":   t.TempDir(),
		"folder is not there": filepath.Join(t.TempDir(), "none", "said.db"),
	} {
		was, _ := os.ReadFile(file)
		if _, err := history.Open(history.Options{File: file}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want: %s", err, says)
		}
		if now, _ := os.ReadFile(file); !bytes.Equal(now, was) {
			t.Errorf("%s: the file was changed", says)
		}
	}
	empty := newFile(t)
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := history.Export(empty, nil); err == nil || !strings.Contains(err.Error(), "not one of parley's") {
		t.Errorf("an empty file: %v", err)
	}
	if now, _ := os.ReadFile(empty); len(now) > 0 {
		t.Error("the empty file was changed")
	}
}
