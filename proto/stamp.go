package proto

import (
	"bytes"
	"strconv"
)

// Stamp is the place of a public message in the order of P-81 and the time at
// which it was said. A private message has ID 0.
type Stamp struct {
	ID   int64  // 1 to MaxID
	Time string // UTC with milliseconds, TimeLen bytes: 2026-11-22T16:49:00.123Z
}

// Limits of stamps and of what is asked of the history.
const (
	MaxID   = 1<<53 - 1
	TimeLen = len(TimeLayout)

	// MaxPage is how many lines one answer to history has at the most, and
	// MaxFound one to search; MaxBlock bounds both in bytes.
	MaxPage  = 1000
	MaxFound = 100
	MaxBlock = 1 << 20
)

// TimeLayout is the form of [Stamp.Time], as package time describes it.
const TimeLayout = "2006-01-02T15:04:05.000Z"

// AppendStamp appends what stands before a stamped line.
func AppendStamp(dst []byte, s Stamp) []byte {
	dst = strconv.AppendInt(append(dst, '@'), s.ID, 10)
	return append(append(append(dst, ' '), s.Time...), ' ')
}

// cutStamp takes the stamp off a line that begins with one.
func cutStamp(line []byte) (s Stamp, rest []byte, ok bool) {
	id, rest, _ := bytes.Cut(line[1:], space)
	at, rest, ok := bytes.Cut(rest, space)
	if !ok {
		return Stamp{}, nil, false
	}
	s, ok = parseStamp(id, at)
	return s, rest, ok
}

func parseStamp(id, at []byte) (Stamp, bool) {
	n, ok := parseID(id)
	if !ok || n > MaxID || len(at) != TimeLen || at[TimeLen-1] != 'Z' {
		return Stamp{}, false
	}
	return Stamp{ID: n, Time: string(at)}, true
}

// Range says which end of the history a [Page] is of.
type Range uint8

// The ranges of X-5.
const (
	Newest Range = iota // the newest of all
	Before              // the newest with IDs smaller than ID
	Since               // the oldest with IDs greater than ID
)

// Page is what history asks for.
type Page struct {
	Range Range
	ID    int64
	N     int // 1 to MaxPage
}

// How many lines are asked for by whoever does not say.
const (
	defaultPage  = 100
	defaultSince = MaxPage
)

// parsePage reads the arguments of history.
func parsePage(arg []byte, hasArg bool) (Page, bool) {
	page := Page{Range: Newest, N: defaultPage}
	if !hasArg {
		return page, true
	}
	word, rest, hasRest := bytes.Cut(arg, space)
	switch string(word) {
	case "before":
		page.Range = Before
	case "since":
		page.Range, page.N = Since, defaultSince
	default:
		return page.withCount(arg)
	}
	if !hasRest {
		return Page{}, false
	}
	id, count, hasCount := bytes.Cut(rest, space)
	var ok bool
	if page.ID, ok = parseID(id); !ok || !hasCount {
		return page, ok
	}
	return page.withCount(count)
}

func (p Page) withCount(digits []byte) (Page, bool) {
	n, ok := parseID(digits)
	p.N = int(min(n, MaxPage))
	return p, ok && n > 0
}

// parseID reads a decimal number; one beyond all IDs counts as the first of
// those.
func parseID(digits []byte) (int64, bool) {
	if len(digits) == 0 {
		return 0, false
	}
	var n int64
	for _, d := range digits {
		if d < '0' || d > '9' {
			return 0, false
		}
		n = min(n*10+int64(d-'0'), MaxID+1)
	}
	return n, true
}

func appendPage(dst []byte, p Page) []byte {
	switch p.Range {
	case Before:
		dst = strconv.AppendInt(append(dst, " before "...), p.ID, 10)
	case Since:
		dst = strconv.AppendInt(append(dst, " since "...), p.ID, 10)
	case Newest:
	}
	if p.N > 0 {
		dst = strconv.AppendInt(append(dst, ' '), int64(p.N), 10)
	}
	return dst
}
