package warmup_test

import (
	"math/big"
	"regexp"
	"strings"
	"testing"

	"parley/internal/warmup"
	"parley/proto"
)

// Rules: S-1, S-2
func TestAppendAnswer(t *testing.T) {
	half := (proto.MaxLine - 1) / 2
	for name, tt := range map[string]struct{ line, want string }{
		"small":                {"2+3", "5"},
		"one":                  {"1+1", "2"},
		"carry":                {"9+1", "10"},
		"carry all the way":    {"999+1", "1000"},
		"carry inside":         {"195+17", "212"},
		"short first":          {"1+999", "1000"},
		"unequal":              {"123456+7", "123463"},
		"over 64 bits":         {"18446744073709551615+1", "18446744073709551616"},
		"leading zeros":        {"007+000035", "42"},
		"zeros at the end":     {"500+500", "1000"},
		"zeros in the middle":  {"1001+2002", "3003"},
		"huge with a carry":    {strings.Repeat("9", half) + "+1", "1" + strings.Repeat("0", half)},
		"huge without a carry": {strings.Repeat("4", half) + "+" + strings.Repeat("5", half), strings.Repeat("9", half)},
		"huge leading zeros":   {strings.Repeat("0", half) + "1+" + strings.Repeat("0", half-1) + "2", "3"},

		"empty":             {"", "error"},
		"plus alone":        {"+", "error"},
		"no first":          {"+3", "error"},
		"no second":         {"2+", "error"},
		"no plus":           {"23", "error"},
		"three":             {"1+2+3", "error"},
		"two pluses":        {"1++2", "error"},
		"zero first":        {"0+3", "error"},
		"zero second":       {"2+0", "error"},
		"many zeros":        {"2+000", "error"},
		"minus":             {"-2+3", "error"},
		"signs":             {"+2++3", "error"},
		"another operation": {"3-2", "error"},
		"letters":           {"bla+bla", "error"},
		"a letter":          {"2+3a", "error"},
		"hexadecimal":       {"0x2+3", "error"},
		"underscore":        {"1_000+1", "error"},
		"fraction":          {"1.5+1", "error"},
		"exponent":          {"1e3+1", "error"},
		"spaces":            {"2 + 3", "error"},
		"space before":      {" 2+3", "error"},
		"space after":       {"2+3 ", "error"},
		"TAB":               {"2+\t3", "error"},
		"CR":                {"2+3\r", "error"}, // the one that ends a line has gone before
		"NUL":               {"2+3\x00", "error"},
		"Arabic digits":     {"٢+٣", "error"},
		"wide digits":       {"２+３", "error"},
		"wide plus":         {"2＋3", "error"},
		"no UTF-8":          {"2+\xff", "error"},
		"before 0":          {"1+/", "error"},
		"after 9":           {":+1", "error"},
		"game over, nearly": {"game over ", "error"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := string(warmup.AppendAnswer([]byte("before "), []byte(tt.line))); got != "before "+tt.want+"\n" {
				t.Errorf("AppendAnswer(%q) appends %q, want %q", tt.line, strings.TrimPrefix(got, "before "), tt.want+"\n")
			}
		})
	}
}

var sum = regexp.MustCompile(`^([0-9]+)\+([0-9]+)$`)

// answerTo works the answer out by other means: a pattern, and binary numbers.
func answerTo(line string) string {
	parts := sum.FindStringSubmatch(line)
	if parts == nil {
		return "error\n"
	}
	a, _ := new(big.Int).SetString(parts[1], 10)
	b, _ := new(big.Int).SetString(parts[2], 10)
	if a.Sign() == 0 || b.Sign() == 0 {
		return "error\n"
	}
	return a.Add(a, b).String() + "\n"
}

// Rules: S-1, S-2
func FuzzAppendAnswer(f *testing.F) {
	for _, line := range []string{"2+3", "99+1", "007+35", "0+1", "1+2+3", "bla+bla", "", "+", "٢+٣"} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		got, want := string(warmup.AppendAnswer([]byte("9"), line)), "9"+answerTo(string(line))
		if got != want {
			t.Errorf("AppendAnswer(%q) makes %q of \"9\", want %q", line, got, want)
		}
	})
}

// A request costs no memory beside its answer, whatever is in it.
func TestAppendAnswerAllocatesNothing(t *testing.T) {
	dst := make([]byte, 0, proto.MaxLine)
	for _, line := range []string{"2+3", "bla+bla", strings.Repeat("9", 8000) + "+" + strings.Repeat("9", 8000)} {
		request := []byte(line)
		if n := testing.AllocsPerRun(100, func() { warmup.AppendAnswer(dst, request) }); n != 0 {
			t.Errorf("%.10s...: %v allocations, want none", line, n)
		}
	}
}
