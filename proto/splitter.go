package proto

import (
	"bytes"
	"errors"
)

// ErrLineTooLong says that a line has passed the limit (P-8). It is not the
// end: the rest of that line is skipped and the next one is read as usual.
var ErrLineTooLong = errors.New("line too long")

// Splitter cuts a stream of bytes into lines of a bounded length (P-2, P-3,
// P-6, P-8). Bytes are fed in chunks as they come; a line that lies whole in
// a chunk is returned without a copy. The zero value is not ready: use
// [NewSplitter]. Not safe for concurrent use.
type Splitter struct {
	max   int
	chunk []byte // what is left of the chunk fed last; the feeder's memory
	held  []byte // the start of a line whose LF has not come; ours
	skip  bool   // inside the rest of a line that was refused
	tail  []byte // the last bytes of that line, as far as it has come
	ended []byte // the last bytes of the line refused last that has ended
}

// tailSize is as much of the end of a refused line as P-17 asks about.
const tailSize = len(" HTTP/1.1\r")

// NewSplitter returns a splitter for lines of at most limit bytes before their
// LF, CR counted.
func NewSplitter(limit int) Splitter { return Splitter{max: limit} }

// Feed gives the next chunk of the stream. The chunk must stay untouched until
// [Splitter.Next] has said that there is no more; only then may the next chunk
// be fed.
func (s *Splitter) Feed(chunk []byte) { s.chunk = chunk }

// Next returns the next complete line without its LF and without one CR
// before it. ok is false when the chunk is used up, what is left of it having
// been kept. The line is valid until the next call of Next or Feed.
//
// The error can only be [ErrLineTooLong], once for each such line and as soon
// as the limit is passed; ok is true with it.
func (s *Splitter) Next() (line []byte, ok bool, err error) {
	for len(s.chunk) > 0 {
		end := bytes.IndexByte(s.chunk, '\n')
		if s.skip {
			s.skipTo(end)
			continue
		}
		if s.tooLong(end) {
			s.skip, s.tail = true, nil
			s.keepTail(s.held)
			s.held = nil
			return nil, true, ErrLineTooLong
		}
		if end < 0 {
			s.held = append(s.held, s.chunk...)
			break
		}
		line, s.chunk = s.chunk[:end], s.chunk[end+1:]
		if len(s.held) > 0 {
			line, s.held = append(s.held, line...), nil
		}
		return dropCR(line), true, nil
	}
	s.chunk = nil
	return nil, false, nil
}

// Partial reports whether the stream, as far as it was fed and taken, stands
// inside a line.
func (s *Splitter) Partial() bool { return s.skip || len(s.held) > 0 }

// Refused returns the last bytes of the line refused last, once it has ended,
// without LF and CR; before that what it said of the one before, or nil. It
// serves P-17, which asks how a first line ends even where that line is too
// long to keep.
func (s *Splitter) Refused() (end []byte) { return s.ended }

// tooLong reports whether the line that the chunk goes on with is past the
// limit, its LF being at end, or nowhere yet (-1).
func (s *Splitter) tooLong(end int) bool {
	if end < 0 {
		end = len(s.chunk)
	}
	return len(s.held)+end > s.max
}

// skipTo passes over the rest of a refused line, whose LF is at end, or not in
// this chunk (-1).
func (s *Splitter) skipTo(end int) {
	if end < 0 {
		s.keepTail(s.chunk)
		s.chunk = nil
		return
	}
	s.keepTail(s.chunk[:end])
	s.ended = dropCR(s.tail)
	s.chunk, s.skip = s.chunk[end+1:], false
}

// keepTail makes the tail that of a line which goes on with part.
func (s *Splitter) keepTail(part []byte) {
	s.tail = append(s.tail, part[max(0, len(part)-tailSize):]...)
	s.tail = append(s.tail[:0], s.tail[max(0, len(s.tail)-tailSize):]...)
}

func dropCR(line []byte) []byte {
	if n := len(line); n > 0 && line[n-1] == '\r' {
		return line[:n-1]
	}
	return line
}
