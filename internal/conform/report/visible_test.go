package report

import (
	"strings"
	"testing"
)

func TestVisible(t *testing.T) {
	for in, want := range map[string]string{
		"login bob\n":         "login bob⏎",
		"sync \n":             "sync␣⏎",
		" a  b ":              "␣a␣␣b␣",
		"a\r\nb\tc\n":         `a\r⏎b⇥c⏎`,
		"\x00\x1b[2J\x7f":     `\x00\x1b[2J\x7f`,
		"æ\xc3\xff日本":         `æ\xc3\xff日本`,
		"a\\n⏎␣⟧":             `a\\n\u23ce\u2423\u27e7`,
		"\u202e\u009b\u00a0 ": `\u202e\u009b\u00a0␣`,
		"":                    "",
	} {
		if got := visible(in); got != want {
			t.Errorf("visible(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestLongSegments(t *testing.T) {
	got := bracketed(strings.Repeat("æ", 500))
	if !strings.HasSuffix(got, "⟧ (1000 bytes)") || strings.Contains(got, `\x`) || len(got) > 260 {
		t.Errorf("a long segment: %s", got)
	}
	if got := bracketedAll(make([]string, 1000)); strings.Count(got, "⟦") != fewSegments+1 || !strings.Contains(got, "… 975 more …") {
		t.Errorf("many segments: %s", got)
	}
	if got := shorten(make([]row, 500)); len(got) != mostRows || got[firstRows].Text == "" {
		t.Errorf("many rows: %d are shown", len(got))
	}
}
