package web

import "unicode/utf8"

// utf8Check looks whether bytes that come in pieces are UTF-8: a character may
// be cut anywhere.
type utf8Check struct {
	part [utf8.UTFMax]byte // the beginning of a character
	n    int
}

// add takes the next piece, and reports whether all may still be UTF-8.
func (c *utf8Check) add(piece []byte) bool {
	for c.n > 0 && len(piece) > 0 {
		c.part[c.n] = piece[0]
		c.n++
		piece = piece[1:]
		if utf8.FullRune(c.part[:c.n]) {
			if !utf8.Valid(c.part[:c.n]) {
				return false
			}
			c.n = 0
		}
	}
	end := len(piece)
	for i := 1; i <= min(utf8.UTFMax-1, len(piece)); i++ {
		if tail := piece[len(piece)-i:]; utf8.RuneStart(tail[0]) {
			if !utf8.FullRune(tail) {
				end = len(piece) - i
			}
			break
		}
	}
	if !utf8.Valid(piece[:end]) {
		return false
	}
	c.n += copy(c.part[c.n:], piece[end:])
	return true
}

// whole reports whether no character is left unfinished.
func (c *utf8Check) whole() bool { return c.n == 0 }
