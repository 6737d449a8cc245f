package zoo

import (
	"bytes"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"unicode/utf8"
)

// prompt is what only flawed servers write.
const prompt = "> "

// maxLine is how long a line may be (P-8).
const maxLine = 16384

var errTooLong = errors.New("line too long")

// source returns one line after the other, without its end.
type source func() (line string, err error)

// lines takes a stream apart into lines, wherever it was cut (P-6). Of a line
// that is too long it keeps nothing (P-8).
type lines struct {
	conn     net.Conn
	buf      []byte
	skipping bool // until the end of a line that was too long
	keepCR   bool
}

func (l *lines) next() (string, error) {
	for {
		end := bytes.IndexByte(l.buf, '\n')
		switch {
		case end < 0 && len(l.buf) > maxLine:
			l.buf = nil
			if !l.skipping {
				l.skipping = true
				return "", errTooLong
			}
		case end < 0:
			if err := l.read(); err != nil {
				return "", err
			}
		default:
			line := string(l.buf[:end])
			l.buf = l.buf[end+1:]
			skipped := l.skipping
			l.skipping = false
			if skipped {
				continue
			}
			if len(line) > maxLine {
				return "", errTooLong
			}
			if l.keepCR {
				return line, nil
			}
			return strings.TrimSuffix(line, "\r"), nil
		}
	}
}

// read reads one segment.
func (l *lines) read() error {
	segment, err := readSegment(l.conn, 4096)
	l.buf = append(l.buf, segment...)
	return err
}

// readSegment reads once: what one recv() returns.
func readSegment(conn net.Conn, size int) (string, error) {
	buf := make([]byte, size)
	n, err := conn.Read(buf)
	if n > 0 {
		err = nil // it will come again
	}
	return string(buf[:n]), err
}

// linesOf returns how a server with this flaw reads lines.
func linesOf(conn net.Conn, flaw string) source {
	l := &lines{conn: conn}
	switch flaw {
	case "one-read-one-line":
		return oneRead(conn, 4096)
	case "buffer-of-10":
		return oneRead(conn, 10)
	case "first-of-a-segment":
		return firstOfSegment(conn)
	case "buffer-of-100":
		return short(l, 100)
	case "buffer-of-1000":
		return short(l, 1000)
	case "dies-at-a-cut-character":
		return decodedBySegment(l)
	case "runs-the-unfinished-line":
		return withUnfinished(l)
	case "dies-at-a-reset":
		return fragile(l)
	case "spins-at-the-end":
		return spinning(l)
	case "keeps-the-cr":
		l.keepCR = true
	}
	return l.next
}

// oneRead takes what one read returns for one line.
func oneRead(conn net.Conn, size int) source {
	return func() (string, error) {
		segment, err := readSegment(conn, size)
		return strings.TrimRight(segment, "\r\n"), err
	}
}

// firstOfSegment waits for the end of a line, and then takes the first line of
// what has come and forgets the others.
func firstOfSegment(conn net.Conn) source {
	return func() (string, error) {
		read := ""
		for !strings.HasSuffix(read, "\n") {
			segment, err := readSegment(conn, 4096)
			if err != nil {
				return "", err
			}
			read += segment
		}
		line, _, _ := strings.Cut(read, "\n")
		return strings.TrimSuffix(line, "\r"), nil
	}
}

// short has room for so many bytes of a line.
func short(l *lines, size int) source {
	return func() (string, error) {
		line, err := l.next()
		return line[:min(len(line), size)], err
	}
}

// decodedBySegment decodes each segment by itself, and dies if a character was
// cut.
func decodedBySegment(l *lines) source {
	return func() (string, error) {
		for !bytes.Contains(l.buf, []byte("\n")) {
			segment, err := readSegment(l.conn, 4096)
			if err != nil {
				return "", err
			}
			if !utf8.ValidString(segment) {
				return "", errors.New("invalid start byte")
			}
			l.buf = append(l.buf, segment...)
		}
		return l.next()
	}
}

// withUnfinished takes the rest of the stream for a line.
func withUnfinished(l *lines) source {
	return func() (string, error) {
		line, err := l.next()
		if errors.Is(err, io.EOF) && len(l.buf) > 0 && !l.skipping {
			line, l.buf = string(l.buf), nil
			return line, nil
		}
		return line, err
	}
}

// fragile brings the server down when a connection breaks.
func fragile(l *lines) source {
	return func() (string, error) {
		line, err := l.next()
		if errors.Is(err, syscall.ECONNRESET) {
			return "", errDies
		}
		return line, err
	}
}

// spinning takes the end of the stream for one empty line after the other.
func spinning(l *lines) source {
	return func() (string, error) {
		line, err := l.next()
		if errors.Is(err, io.EOF) {
			return "", nil
		}
		return line, err
	}
}
