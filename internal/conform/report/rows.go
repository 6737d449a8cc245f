package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"parley/internal/conform"
)

// row is what is shown of a transcript at one time: segments of one direction
// that came after each other, or anything else that happened.
type row struct {
	At, Until time.Duration
	Who       string
	Kind      conform.EventKind
	Segments  []string // sent, received, typed or shown
	Text      string   // of a note, or with what happened
	Foreign   int      // so many messages of other people; nothing of the check's own
	To        []string // who heard them
}

// rowsOf makes the rows of a transcript.
func rowsOf(events []conform.Event, token string) []row {
	var rows []row
	for _, e := range events {
		r := rowOf(e, token)
		if n := len(rows); n == 0 || !rows[n-1].takes(&r) {
			rows = append(rows, r)
		}
	}
	return rows
}

func rowOf(e conform.Event, token string) row {
	r := row{At: e.At, Until: e.At, Who: e.Who, Kind: e.Kind}
	switch e.Kind {
	case conform.Received:
		if isForeign(e.Data, token) {
			return row{At: e.At, Until: e.At, Kind: conform.Note, Foreign: strings.Count(e.Data, "\n"), To: []string{e.Who}}
		}
		fallthrough
	case conform.Sent, conform.Typed, conform.Shown:
		r.Segments = []string{e.Data}
	default:
		r.Text = printable(e.Data)
	}
	return r
}

// takes lets what came next be a part of r, if it goes on with the same.
func (r *row) takes(next *row) bool {
	switch {
	case r.Foreign > 0 && next.Foreign > 0:
		r.Foreign += next.Foreign
		if !slices.Contains(r.To, next.To[0]) {
			r.To = append(r.To, next.To[0])
		}
	case len(r.Segments) > 0 && r.Who == next.Who && r.Kind == next.Kind:
		r.Segments = append(r.Segments, next.Segments...)
	default:
		return false
	}
	r.Until = next.Until
	return true
}

// isForeign reports whether a segment holds nothing but messages that are not
// the check's own.
func isForeign(segment, token string) bool {
	if token == "" || strings.Contains(segment, token) {
		return false
	}
	for line := range strings.Lines(segment) {
		if !strings.HasSuffix(line, "\n") || !strings.HasPrefix(line, "msg ") && !strings.HasPrefix(line, "privmsg ") {
			return false
		}
	}
	return true
}

// What is done again and again, such as a login every 150 ms until a name is free,
// is shown once, if it is short and is done often enough.
const (
	longestFolded = 4 // rows
	leastFolded   = 4 // times
)

// fold leaves out what is the same as before but for its time, and says so.
func fold(rows []row) (folded []row) {
	for len(rows) > 0 {
		span, times := repeated(rows)
		if times < leastFolded {
			folded, rows = append(folded, rows[0]), rows[1:]
			continue
		}
		again := rows[span : span*times]
		folded = append(folded, rows[:span]...)
		folded = append(folded, row{
			At: again[0].At, Until: again[len(again)-1].Until, Kind: conform.Note,
			Text: fmt.Sprintf("the same %d times more", times-1),
		})
		rows = rows[span*times:]
	}
	return folded
}

// repeated finds out how many rows at the beginning come how many times.
func repeated(rows []row) (span, times int) {
	for span = 1; span <= longestFolded; span++ {
		times = 1
		for (times+1)*span <= len(rows) && slices.EqualFunc(rows[:span], rows[times*span:(times+1)*span], row.isLike) {
			times++
		}
		if times >= leastFolded {
			return span, times
		}
	}
	return 0, 0
}

// isLike reports whether two rows differ in their times at most.
func (r row) isLike(other row) bool {
	return r.Foreign == 0 && other.Foreign == 0 && r.Who == other.Who && r.Kind == other.Kind && r.Text == other.Text &&
		slices.Equal(r.Segments, other.Segments)
}

// mostRows are shown of one transcript: its beginning and, because the failure
// is there, more of its end.
const (
	mostRows  = 80
	firstRows = 30
)

// shorten leaves out the middle of a long transcript, and says so.
func shorten(rows []row) []row {
	if len(rows) <= mostRows {
		return rows
	}
	left := len(rows) - mostRows + 1
	short := append([]row{}, rows[:firstRows]...)
	gap := row{At: rows[firstRows].At, Kind: conform.Note, Text: fmt.Sprintf("%d more events are left out here; --json has them all", left)}
	gap.Until = gap.At
	return append(append(short, gap), rows[firstRows+left:]...)
}

// what is shown of a row beside its time: who, which way, and what.
func (r *row) what() string {
	switch r.Kind {
	case conform.Sent, conform.Typed:
		return fmt.Sprintf("%s → %s", r.Who, r.bracketed())
	case conform.Received, conform.Shown:
		return fmt.Sprintf("%s ← %s", r.Who, r.bracketed())
	case conform.Note:
		return "— " + r.note()
	case conform.Connected:
		return fmt.Sprintf("%s is connected: %s", r.Who, r.Text)
	default:
		return r.Who + " " + deed(r.Kind) + inBrackets(r.Text)
	}
}

// note is what is said at one time.
func (r *row) note() string {
	if r.Foreign == 0 {
		return r.Text
	}
	slices.Sort(r.To)
	return fmt.Sprintf("(%s of others on the server, which are no matter here, to %s)", plural(r.Foreign, "message"), strings.Join(r.To, " and "))
}

// bracketed shows the segments. What a terminal shows has none, and ends its
// lines in its own way.
func (r *row) bracketed() string {
	if r.Kind == conform.Shown {
		return bracketed(strings.ReplaceAll(strings.Join(r.Segments, ""), "\r\n", "\n"))
	}
	return bracketedAll(r.Segments)
}

// deed is what happened to a connection, in words.
func deed(kind conform.EventKind) string {
	switch kind {
	case conform.EndSent:
		return "→ end of the stream (half-close)"
	case conform.EndSeen:
		return "← end of the stream"
	case conform.ResetSeen:
		return "← the connection broke"
	case conform.HungUp:
		return "→ closed"
	default:
		return string(kind)
	}
}

func inBrackets(text string) string {
	if text == "" {
		return ""
	}
	return " (" + text + ")"
}

// clock is the time of a row in milliseconds.
func (r *row) clock() string {
	from, until := millis(r.At), millis(r.Until)
	if from == until {
		return from
	}
	return from + "–" + until
}

func millis(d time.Duration) string { return fmt.Sprintf("%.1f", float64(d.Microseconds())/1000) }
