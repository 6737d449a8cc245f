package report

import (
	"fmt"
	"html/template"
	"regexp"
	"strings"
	"unicode/utf8"

	"parley/proto"
)

var (
	strong   = regexp.MustCompile(`\*\*([^*]+)\*\*`)
	emphasis = regexp.MustCompile(`\*([^*]+)\*`)
)

// plain is a text in our Markdown for a terminal. Code keeps its backticks.
func plain(markdown string) string {
	return eachPart(markdown, func(code string) string { return "`" + code + "`" }, func(text string) string {
		return emphasis.ReplaceAllString(strong.ReplaceAllString(text, "$1"), "$1")
	})
}

// markup is a text in our Markdown for a page.
func markup(markdown string) template.HTML {
	return template.HTML(eachPart(markdown, func(code string) string {
		return "<code>" + template.HTMLEscapeString(code) + "</code>"
	}, func(text string) string {
		text = strong.ReplaceAllString(template.HTMLEscapeString(text), "<strong>$1</strong>")
		return emphasis.ReplaceAllString(text, "<em>$1</em>")
	}))
}

// eachPart hands over what is between backticks and what is not.
func eachPart(markdown string, code, text func(string) string) string {
	var b strings.Builder
	for i, part := range strings.Split(markdown, "`") {
		if i%2 == 1 {
			b.WriteString(code(part))
		} else {
			b.WriteString(text(part))
		}
	}
	return b.String()
}

// inShort is the beginning of a rule's text: whole sentences, if they are short
// enough.
func inShort(text string, id proto.Rule) string {
	const most = 320
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	cut := string([]rune(text)[:most])
	if end := strings.LastIndex(cut, ". "); end > most/3 {
		cut = cut[:end+1]
	} else {
		cut = cut[:strings.LastIndex(cut, " ")]
	}
	return fmt.Sprintf("%s … (parley check explain %s)", cut, id)
}

// wrapped breaks a text into lines of at most width characters, at spaces. Of
// several spaces none is lost but the one at the break.
func wrapped(text string, width int) []string {
	var lines []string
	for paragraph := range strings.SplitSeq(text, "\n") {
		words := strings.Split(paragraph, " ")
		line := words[0]
		for _, word := range words[1:] {
			if utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
				lines = append(lines, line)
				line = word
			} else {
				line += " " + word
			}
		}
		lines = append(lines, line)
	}
	return lines
}
