package proto

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Visible returns s with everything that a terminal would act upon, or not
// show, written as a Go escape: control characters, bytes that are no UTF-8,
// marks that change the direction of text. What others wrote goes through it
// before it is shown.
func Visible[T string | []byte](s T) string {
	var b strings.Builder
	for rest := string(s); rest != ""; {
		r, size := utf8.DecodeRuneInString(rest)
		switch {
		case r == utf8.RuneError && size == 1:
			b.WriteString(`\x`)
			b.WriteByte(hex[rest[0]>>4])
			b.WriteByte(hex[rest[0]&15])
		case strconv.IsPrint(r) || r == zwj:
			b.WriteString(rest[:size])
		default:
			q := strconv.QuoteRune(r)
			b.WriteString(q[1 : len(q)-1])
		}
		rest = rest[size:]
	}
	return b.String()
}

// zwj joins emoji into one; it moves nothing else.
const zwj = '\u200d'

const hex = "0123456789abcdef"
