package conform

import (
	"slices"
	"sync"
	"time"
)

// EventKind is what an [Event] is about.
type EventKind string

// The kinds of events. Sent and Received are single segments as this side wrote
// and read them: a line may be in several, and one may hold several lines.
const (
	Connected EventKind = "connected"
	Sent      EventKind = "sent"
	Received  EventKind = "received"
	EndSent   EventKind = "end sent"     // the sending side of this side is closed
	EndSeen   EventKind = "end received" // the other side has closed its sending side
	ResetSeen EventKind = "reset"        // the connection broke
	HungUp    EventKind = "closed"       // this side closed
	Typed     EventKind = "typed"        // into the program under test
	Shown     EventKind = "shown"        // by the program under test
	Note      EventKind = "note"         // said by the check: what it does next, and why
)

// Event is one thing that happened in a check.
type Event struct {
	At   time.Duration // since the check began
	Who  string        // the connection's name in the check; empty for notes
	Kind EventKind
	Data string // bytes, or the text of a note
}

// maxNoted bounds what is noted of one check: floods are told, not kept.
const maxNoted = 256 << 10

// log notes the events of one check. Its peers' readers write to it too.
type log struct {
	began time.Time

	mu     sync.Mutex // guards all below
	events []Event
	bytes  int
	cut    bool
	hidden map[string]bool // whose events are not noted
}

// add notes an event. What this side does is noted before it does it, so that no
// answer stands before its cause: no is its number, for [log.shorten], or -1.
func (l *log) add(who string, kind EventKind, data string) (no int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.hidden[who] {
		return
	}
	if l.bytes+len(data) > maxNoted {
		if !l.cut {
			l.cut = true
			l.events = append(l.events, Event{time.Since(l.began), "", Note, "what follows was too much to be noted"})
		}
		return -1
	}
	l.bytes += len(data)
	l.events = append(l.events, Event{time.Since(l.began), who, kind, data})
	return len(l.events) - 1
}

// shorten says that only n bytes of an event were sent.
func (l *log) shorten(no, n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if no >= 0 {
		l.events[no].Data = l.events[no].Data[:n]
	}
}

// hide drops the events of who, those to come too.
func (l *log) hide(who string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.hidden == nil {
		l.hidden = make(map[string]bool)
	}
	l.hidden[who] = true
	l.events = slices.DeleteFunc(l.events, func(e Event) bool { return e.Who == who })
}

func (l *log) all() []Event {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]Event(nil), l.events...)
}
