package conform

import "testing"

// Control sequences are no text, however they are cut.
func TestScreen(t *testing.T) {
	for shown, want := range map[string]string{
		"plain\r\ntext\n":                          "plain\ntext\n",
		"\x1b[1;31mred\x1b[0m":                     "red",
		"\x1b]0;title\x07a\x1b]0;title\x1b\\b":     "ab",
		"\x1b(Ba\x1b=b\x1b[?25lc\x1b[2J\x1b[10;5H": "abc",
		"a\bb\x00\x7f\tc":                          "ab\tc",
		"blåbær":                                   "blåbær",
	} {
		whole, pieces := &screen{}, &screen{}
		whole.show(shown)
		for i := range len(shown) {
			pieces.show(shown[i : i+1])
		}
		if a, b := whole.plain.String(), pieces.plain.String(); a != want || b != want {
			t.Errorf("%q: %q whole, %q in pieces", shown, a, b)
		}
	}
}
