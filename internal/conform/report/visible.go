package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Marks that stand for bytes which cannot be seen, and for the ends of a segment.
const (
	markLF    = '⏎'
	markTab   = '⇥'
	markSpace = '␣'
	markOpen  = '⟦'
	markClose = '⟧'
)

// visible shows what was in one segment: ⏎ for LF, ⇥ for TAB, \r for CR, \x.. for
// other control characters and for bytes that are no UTF-8, and \u.... for
// characters that cannot be seen or that could be taken for one of these marks. A
// space that could be overlooked is ␣.
func visible(segment string) string {
	var b strings.Builder
	before := rune(-1)
	for i := 0; i < len(segment); {
		char, size := utf8.DecodeRuneInString(segment[i:])
		next := i + size
		switch {
		case char == ' ' && isHidden(before, segment[next:]):
			b.WriteRune(markSpace)
		case char == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, segment[i])
		default:
			writeVisible(&b, char)
		}
		before, i = char, next
	}
	return b.String()
}

// isHidden reports whether a space between before and rest is one that people
// overlook: at an end of a line or of the segment, or beside another.
func isHidden(before rune, rest string) bool {
	switch before {
	case -1, '\n', ' ':
		return true
	}
	return rest == "" || rest[0] == '\n' || rest[0] == '\r' || rest[0] == ' '
}

func writeVisible(b *strings.Builder, char rune) {
	const marks = string(markLF) + string(markTab) + string(markSpace) + string(markOpen) + string(markClose)
	switch {
	case char == '\n':
		b.WriteRune(markLF)
	case char == '\t':
		b.WriteRune(markTab)
	case char == '\r':
		b.WriteString(`\r`)
	case char < ' ' || char == 0x7f:
		fmt.Fprintf(b, `\x%02x`, char)
	case char == '\\':
		b.WriteString(`\\`)
	case strings.ContainsRune(marks, char) || !unicode.IsGraphic(char) || char != ' ' && unicode.IsSpace(char):
		fmt.Fprintf(b, `\u%04x`, char)
	default:
		b.WriteRune(char)
	}
}

// Of a long segment its beginning and its end are shown.
const (
	longSegment  = 200
	longBegin    = 120
	longEnd      = 40
	manySegments = 40
	fewSegments  = 24
)

// bracketed shows a segment between its boundaries.
func bracketed(segment string) string {
	if len(segment) <= longSegment {
		return string(markOpen) + visible(segment) + string(markClose)
	}
	begin, end := longBegin, len(segment)-longEnd
	for begin > 0 && !utf8.RuneStart(segment[begin]) {
		begin--
	}
	for end < len(segment) && !utf8.RuneStart(segment[end]) {
		end++
	}
	return fmt.Sprintf("%c%s … %s%c (%d bytes)", markOpen, visible(segment[:begin]), visible(segment[end:]), markClose, len(segment))
}

// bracketedAll shows segments beside each other.
func bracketedAll(segments []string) string {
	var parts []string
	for i, segment := range segments {
		if len(segments) > manySegments && i == fewSegments {
			parts = append(parts, fmt.Sprintf("… %d more …", len(segments)-fewSegments-1))
		}
		if len(segments) > manySegments && i >= fewSegments && i < len(segments)-1 {
			continue
		}
		parts = append(parts, bracketed(segment))
	}
	return strings.Join(parts, " ")
}

// printable is text of ours that may quote the program's: what could disturb a
// terminal is escaped, line breaks stay.
func printable(text string) string {
	return strings.Map(func(char rune) rune {
		switch {
		case char == '\n' || unicode.IsGraphic(char):
			return char
		case char == '\t':
			return ' '
		}
		return unicode.ReplacementChar
	}, text)
}
