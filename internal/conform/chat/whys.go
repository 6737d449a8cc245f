package chat

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// altered are ways in which servers spoil a text, and what they look like.
var altered = []struct {
	why string
	do  func(text string) string
}{
	{"it makes one space of several", func(text string) string { return strings.Join(strings.Fields(text), " ") }},
	{"it drops the spaces at the beginning of the text", func(text string) string { return strings.TrimLeft(text, " ") }},
	{"it drops every byte that is no ASCII", func(text string) string { return swapped(text, "", "") }},
	{"it makes a ? of every character that is no ASCII", func(text string) string { return swapped(text, "?", "") }},
	{"it makes a ? of every byte that is no ASCII", func(text string) string { return swapped(text, "", "?") }},
	{"it decodes the text as ASCII, not as UTF-8", func(text string) string { return swapped(text, "", "\ufffd") }},
	{"it decodes the text as Latin-1, not as UTF-8", latin1},
	{"it encodes the text as Latin-1, not as UTF-8", notUTF8},
}

// swapped puts something in the place of each character, or of each byte, that
// is no ASCII.
func swapped(text, character, octet string) string {
	var out strings.Builder
	for _, c := range text {
		switch {
		case c < utf8.RuneSelf:
			out.WriteRune(c)
		default:
			out.WriteString(character + strings.Repeat(octet, utf8.RuneLen(c)))
		}
	}
	return out.String()
}

func latin1(text string) string {
	var out strings.Builder
	for i := range len(text) {
		out.WriteRune(rune(text[i]))
	}
	return out.String()
}

// notUTF8 is a text of which each character has become one byte.
func notUTF8(text string) string {
	var out strings.Builder
	for _, c := range text {
		if c > 0xff {
			c = '?'
		}
		out.WriteByte(byte(c))
	}
	return out.String()
}

// whyAltered says what a server does that passed on another text than this one.
func whyAltered(text string) func(line string) string {
	return func(line string) string {
		_, got := parted(line)
		for _, a := range altered {
			if got == a.do(text) && got != text {
				return a.why
			}
		}
		switch {
		case got == "":
			return ""
		case strings.HasPrefix(text, got):
			return fmt.Sprintf("of a text of %d bytes it passed on the first %d", len(text), len(got))
		case strings.HasSuffix(text, got):
			return fmt.Sprintf("of a text of %d bytes it passed on the last %d", len(text), len(got))
		case strings.ContainsRune(got, utf8.RuneError):
			return "it decodes the text with another encoding than UTF-8, or decodes each segment by itself"
		}
		return ""
	}
}

// parted takes a message apart into its sender and its text.
func parted(line string) (sender, text string) {
	_, rest, _ := strings.Cut(line, " ")
	sender, text, _ = strings.Cut(rest, " ")
	return sender, text
}
