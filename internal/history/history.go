package history

import (
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"parley/proto"
)

// Defaults of [Options].
const (
	DefaultMemoryLines = 10_000
	DefaultMemoryBytes = 16 << 20
)

// Options say what is kept. The zero value keeps the newest in memory.
type Options struct {
	File        string  // a SQLite file; empty: memory alone
	Keep        Keep    // what the file keeps
	MemoryLines int     // default [DefaultMemoryLines]
	MemoryBytes int     // default [DefaultMemoryBytes]
	Archive     Archive // who has what is older, and gives the IDs; nil: nobody but the file
	Log         *slog.Logger
	Now         func() time.Time // default [time.Now]

	// Committed, if not nil, is told of each group that has been put on disk how
	// long that took.
	Committed func(took time.Duration)
}

func (o Options) orDefaults() Options {
	if o.MemoryLines == 0 {
		o.MemoryLines = DefaultMemoryLines
	}
	if o.MemoryBytes == 0 {
		o.MemoryBytes = DefaultMemoryBytes
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Committed == nil {
		o.Committed = func(time.Duration) {}
	}
	return o
}

// History is what was said. Make it with [Open] and end it with
// [History.Close].
type History struct {
	// Fixed after Open.
	opts  Options
	store *store // nil without a file
	older older  // the store or the archive; nil: memory is all there is

	forgetting sync.Mutex // held by who takes out of memory what was erased

	unread atomic.Bool // the file could not be read the last time

	mu     sync.Mutex // guards all below; the hub's may be held before it
	memory memory
	given  int64 // the newest ID given out
	lost   int64 // whoever has seen no later ID may have missed some
	clock  clock

	erasures int64 // how many there were in the file when memory was last held to it
}

// Open returns what was said before, from the file if there is one. It makes a
// file that is not there. One that is damaged, or of a later version, is an
// error, and nothing in it is changed.
func Open(opts Options) (*History, error) {
	h := &History{opts: opts.orDefaults()}
	h.memory = memory{maxLines: h.opts.MemoryLines, maxBytes: h.opts.MemoryBytes}
	if h.opts.Archive != nil {
		h.older, h.memory.dropped = archive{h.opts.Archive}, true
		return h, nil
	}
	// IDs that other starts gave without a file lie below this one.
	h.given = h.opts.Now().UnixMicro() - 1
	h.lost = h.given
	if h.opts.File == "" {
		return h, nil
	}
	store, err := openStore(h.opts)
	if err != nil {
		return nil, fmt.Errorf("history file %s: %w", h.opts.File, err)
	}
	if err := h.load(store); err != nil {
		_ = store.file.close() // the first error says more
		return nil, fmt.Errorf("history file %s: %w", h.opts.File, err)
	}
	h.store, h.older = store, store
	store.forget = h.forget
	store.start()
	return h, nil
}

// load takes over what the file holds.
func (h *History) load(s *store) error {
	state, err := s.state(h.given)
	if err != nil {
		return err
	}
	h.given = max(h.given, state.newest)
	h.lost, h.erasures = state.lost, state.erasures
	h.clock.last = state.newestAt
	return h.memory.load(s.file)
}

// forget drops from memory all up to an ID, which the file is not to keep.
func (h *History) forget(upTo int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lost = max(h.lost, upTo)
	h.memory.forget(upTo)
}

// Hurry ends the patience with a file that others keep locked: what cannot be put
// there at once is not kept.
func (h *History) Hurry() {
	if h.store != nil {
		h.store.hurry.Store(true)
	}
}

// Close waits until what was said is on disk, as far as that succeeds.
func (h *History) Close() {
	if h.store != nil {
		h.store.close()
	}
}

// Receipt tells when messages are on disk, together with others of the time.
type Receipt struct {
	done chan struct{} // closed when it is known
	kept bool          // whether they are
}

// Kept waits until it is known, and reports whether the messages are on disk. A
// nil Receipt is for memory alone: there they are kept.
func (r *Receipt) Kept() bool {
	if r == nil {
		return true
	}
	<-r.done
	return r.kept
}

// refused is the receipt of what there was no room for.
var refused = func() *Receipt {
	r := &Receipt{done: make(chan struct{})}
	close(r.done)
	return r
}()

// Keep takes the n lines of wire, each `msg SENDER TEXT` with its LF, said at one
// time. It returns the stamp of the first; the others have the IDs after it. wire
// must not change any more. Whether they are kept, [Receipt.Kept] of saved tells.
func (h *History) Keep(wire []byte, n int) (first proto.Stamp, saved interface{ Kept() bool }) {
	h.mu.Lock()
	defer h.mu.Unlock()
	b := batch{first: h.given + 1, n: n, wire: wire}
	b.at, b.time = h.clock.tell(h.opts.Now())
	h.given += int64(n)
	if h.store != nil {
		b.saved = h.store.queue(b)
	}
	h.lost = max(h.lost, h.memory.add(b))
	return proto.Stamp{ID: b.first, Time: b.time}, b.saved
}

// Time is the stamp of a private message: ID 0 and the time.
func (h *History) Time() proto.Stamp {
	h.mu.Lock()
	defer h.mu.Unlock()
	_, text := h.clock.tell(h.opts.Now())
	return proto.Stamp{Time: text}
}

// Newest is the newest ID given out so far. All that was said up to it is what
// [History.Page] then answers from.
func (h *History) Newest() int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.given
}

// CanSearch reports whether there is a file to search in.
func (h *History) CanSearch() bool { return h.store != nil }

// Disk is how it goes with the file.
type Disk struct {
	Kept    uint64 // messages put there since the start
	Refused uint64 // messages that were not
	Waiting int    // messages on their way
	Err     error  // why messages are not kept at present, or nil
}

// Disk is zero without a file.
func (h *History) Disk() Disk {
	if h.store == nil {
		return Disk{}
	}
	return h.store.disk()
}

// clock gives times that never fall. The text is made once for each
// millisecond.
type clock struct {
	last int64 // ms since 1970
	text string
}

func (c *clock) tell(now time.Time) (ms int64, text string) {
	if ms := max(now.UnixMilli(), c.last); ms != c.last || c.text == "" {
		c.last, c.text = ms, formatTime(ms)
	}
	return c.last, c.text
}

func formatTime(ms int64) string { return time.UnixMilli(ms).UTC().Format(proto.TimeLayout) }
