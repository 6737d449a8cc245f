package proto

import (
	"encoding/binary"
	"unicode/utf8"
)

// AppendText appends a text in the form in which it is forwarded (P-9): each
// control character but TAB becomes one `?`, each byte that is part of no
// valid UTF-8 becomes U+FFFD.
func AppendText(dst, text []byte) []byte {
	clean := plainPrefix(text) // text[:clean] may go as it is
	for clean < len(text) {
		r, size := utf8.DecodeRune(text[clean:])
		var instead string
		switch {
		case r == utf8.RuneError && size == 1:
			instead = string(utf8.RuneError)
		case isControl(r) && r != '\t':
			instead = "?"
		default:
			clean += size
			continue
		}
		dst = append(append(dst, text[:clean]...), instead...)
		text, clean = text[clean+size:], 0
	}
	return append(dst, text...)
}

// IsText reports whether a text has the form in which it is forwarded.
func IsText(text []byte) bool {
	for clean := plainPrefix(text); clean < len(text); {
		r, size := utf8.DecodeRune(text[clean:])
		if r == utf8.RuneError && size == 1 || isControl(r) && r != '\t' {
			return false
		}
		clean += size
	}
	return true
}

// isControl reports whether r is in C0, DEL or C1.
func isControl(r rune) bool { return r < ' ' || 0x7f <= r && r < 0xa0 }

// plainPrefix is the length of the run of printable ASCII that text starts
// with, found eight bytes at a time: nearly every text is one such run.
func plainPrefix(text []byte) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	n := 0
	for ; n+8 <= len(text); n += 8 {
		w := binary.LittleEndian.Uint64(text[n:])
		// The high bit of each byte: set in w itself above 0x7f, by the
		// subtraction below 0x20 (or by a borrow, which only an exact hit can
		// start), by the addition for 0x7f.
		if (w|(w-0x20*ones)|(w+ones))&highs != 0 {
			break
		}
	}
	for n < len(text) && ' ' <= text[n] && text[n] < 0x7f {
		n++
	}
	return n
}
