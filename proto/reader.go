package proto

import (
	"errors"
	"io"
)

// readSize is how much a [Reader] asks its source for at once.
const readSize = 4096

// Reader reads lines of a bounded length from a stream (P-2, P-3, P-7, P-8).
// Not safe for concurrent use.
type Reader struct {
	src   io.Reader
	lines Splitter
	buf   []byte
	err   error // what the source ended with, once its bytes are used up
}

// NewReader returns a reader of lines of at most limit bytes before their LF.
func NewReader(src io.Reader, limit int) *Reader {
	return &Reader{src: src, lines: NewSplitter(limit), buf: make([]byte, readSize)}
}

// ReadLine returns the next line without its LF and one CR before it; it is
// valid until the next call. [ErrLineTooLong] stands for one line, and reading
// goes on behind it. Any other error is the source's and final:
// [io.EOF] at the end of the stream, or [io.ErrUnexpectedEOF] if the stream
// ended inside a line, which is discarded.
func (r *Reader) ReadLine() ([]byte, error) {
	for {
		if line, ok, err := r.lines.Next(); ok {
			return line, err
		}
		if errors.Is(r.err, io.EOF) && r.lines.Partial() {
			return nil, io.ErrUnexpectedEOF
		}
		if r.err != nil {
			return nil, r.err
		}
		n, err := r.src.Read(r.buf)
		r.lines.Feed(r.buf[:n])
		r.err = err
	}
}
