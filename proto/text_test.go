package proto_test

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"parley/proto"
)

// Rules: P-9
func TestAppendText(t *testing.T) {
	for text, want := range map[string]string{
		"plain":                   "plain",
		"eight by eight by eight": "eight by eight by eight",
		"tab\tstays":              "tab\tstays",
		"\x1b[31mred":             "?[31mred",
		"a\rb":                    "a?b",
		"nul\x00del\x7f":          "nul?del?",
		"c1 \u0085\u009f end":     "c1 ?? end",
		"nbsp\u00a0":              "nbsp\u00a0",
		"æøå 漢字 🎉":                "æøå 漢字 🎉",
		"\xff":                    "\uFFFD",
		"\xe6\xbc":                "\uFFFD\uFFFD",
		"\xe6\xbcx":               "\uFFFD\uFFFDx",
		"\xed\xa0\x80":            "\uFFFD\uFFFD\uFFFD", // a surrogate
		"\xc0\xaf":                "\uFFFD\uFFFD",       // an overlong slash
		"\xf4\x90\x80\x80":        "\uFFFD\uFFFD\uFFFD\uFFFD",
		"\uFFFD":                  "\uFFFD",
		"  inner  spaces":         "  inner  spaces",
		"long enough to be \x01":  "long enough to be ?",
		"1234567\x7f":             "1234567?",
		"12345678\x7f":            "12345678?",
		"\x1f2345678":             "?2345678",
		"1\x80345678":             "1\uFFFD345678",
	} {
		if got := string(proto.AppendText([]byte("<"), []byte(text))); got != "<"+want {
			t.Errorf("AppendText(%q) = %q, want %q", text, got, "<"+want)
		}
	}
}

// Each byte, at each place of the eight that are looked at together, comes out
// as it does alone.
func TestAppendTextEveryByteEverywhere(t *testing.T) {
	for c := range 256 {
		alone := string(proto.AppendText(nil, []byte{byte(c)}))
		for at := range 16 {
			text := []byte(strings.Repeat("~", 16))
			text[at] = byte(c)
			want := strings.Repeat("~", at) + alone + strings.Repeat("~", 15-at)
			if got := proto.IsText(text); got != (want == string(text)) {
				t.Errorf("IsText(%q) = %v", text, got)
			}
			if got := string(proto.AppendText(nil, text)); got != want {
				t.Fatalf("byte %#x at %d: %q, want %q", c, at, got, want)
			}
		}
	}
}

// A cleaned text is valid, holds no control character but TAB, and is not
// changed by cleaning it again.
func FuzzAppendText(f *testing.F) {
	f.Add([]byte("plain"))
	f.Add([]byte("\x1b[2J\xff\xc2\x9b æ"))
	f.Fuzz(func(t *testing.T, text []byte) {
		clean := proto.AppendText(nil, text)
		if got, want := proto.IsText(text), bytes.Equal(clean, text); got != want {
			t.Errorf("IsText(%q) = %v", text, got)
		}
		if !utf8.Valid(clean) {
			t.Errorf("%q became %q, which is no UTF-8", text, clean)
		}
		for _, r := range string(clean) {
			if r != '\t' && (r < ' ' || 0x7f <= r && r <= 0x9f) {
				t.Errorf("%q became %q, with control character %U", text, clean, r)
			}
		}
		if again := proto.AppendText(nil, clean); !bytes.Equal(again, clean) {
			t.Errorf("%q became %q, and then %q", text, clean, again)
		}
	})
}

func TestVisible(t *testing.T) {
	for s, want := range map[string]string{
		"plain æ 漢 🎉":        "plain æ 漢 🎉",
		"\x1b[31m":           `\x1b[31m`,
		"a\r\n\tb":           `a\r\n\tb`,
		"\xff":               `\xff`,
		"\u009b2J":           `\u009b2J`,
		"\u202egnp.exe":      `\u202egnp.exe`,
		"\u2028":             `\u2028`,
		"\x7f":               `\x7f`,
		"\U000e0001":         `\U000e0001`,
		"👩\u200d🔬":           "👩\u200d🔬",
		"quotes ' and \" \\": "quotes ' and \" \\",
	} {
		if got := proto.Visible(s); got != want {
			t.Errorf("Visible(%q) = %s, want %s", s, got, want)
		}
	}
}

func BenchmarkAppendText(b *testing.B) {
	for name, text := range map[string]string{
		"ascii": strings.Repeat("hello there ", 5),
		"utf8":  strings.Repeat("blåbærsyltetøy ", 4),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			dst := make([]byte, 0, 256)
			for b.Loop() {
				dst = proto.AppendText(dst[:0], []byte(text))
			}
		})
	}
}
