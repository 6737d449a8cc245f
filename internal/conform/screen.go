package conform

import (
	"strings"
	"sync"
)

// screen is what a client program has shown. Its program writes to it, the check
// reads.
type screen struct {
	mu      sync.Mutex // guards all below
	raw     strings.Builder
	plain   strings.Builder // without control sequences and carriage returns
	control control
	changed chan struct{} // holds one element if something was shown since it was last empty
}

// show adds what the program has printed: any bytes, cut anywhere.
func (s *screen) show(text string) {
	s.mu.Lock()
	s.raw.WriteString(text)
	for i := range len(text) {
		if b := text[i]; s.control.passes(b) {
			s.plain.WriteByte(b)
		}
	}
	s.mu.Unlock()
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// control tells the bytes of a terminal's control sequences from text, one byte
// after the other.
type control int

const (
	inText    control = iota
	inEscape          // behind ESC
	inCSI             // in ESC [ …, which a letter or one of @ ~ ends
	inCharset         // behind ESC ( and the like: one more
	inString          // in ESC ] …, which BEL or ESC \ ends
)

const (
	bell   = 0x07
	escape = 0x1b
	del    = 0x7f
)

// passes takes the next byte, and reports whether it is text: no part of a
// control sequence, and no control character but TAB and LF.
func (c *control) passes(b byte) bool {
	state := *c
	switch {
	case b == escape:
		*c = inEscape
	case state == inText:
		return b >= ' ' && b != del || b == '\t' || b == '\n'
	case state == inEscape:
		*c = afterEscape(b)
	case state == inCSI && b < '@', state == inString && b != bell:
		// it goes on
	default:
		*c = inText
	}
	return false
}

func afterEscape(b byte) control {
	switch b {
	case '[':
		return inCSI
	case ']', 'P', '^', '_', 'X':
		return inString
	case '(', ')', '*', '+', '#', '%', ' ':
		return inCharset
	}
	return inText
}
