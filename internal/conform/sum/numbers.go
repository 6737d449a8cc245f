package sum

import (
	"math/big"
	"strings"

	"parley/internal/conform"
	"parley/proto"
)

var numberChecks = []*conform.Check{
	{
		ID: "sum-large-numbers", Rule: proto.S1, Points: 2, Phase: conform.Alone,
		Title: "Numbers of any size are added",
		Hint:  "int and long overflow without a word, double loses digits: Java has BigInteger, Python counts right by itself.",
		Run:   largeNumbers,
	},
	{
		ID: "sum-leading-zeros", Rule: proto.S1, Points: 1, Phase: conform.Alone,
		Title: "Leading zeros are allowed, and the sum has none",
		Hint:  "Some number readers take 010 for an octal number, or refuse 08.",
		Run: func(t *conform.T) {
			p := t.Connect("alice")
			for request, sum := range pairs("007+05", "12", "010+1", "11", "08+09", "17", strings.Repeat("0", 50)+"7+3", "10") {
				p.Send(request)
				p.Expect(conform.Exactly(sum).Because(func(got string) string {
					if request == "010+1" && got == "9" {
						return "answered 9: it took 010 for an octal number, which is 8"
					}
					return ""
				}))
			}
		},
	},
	{
		ID: "sum-longest-line", Rule: proto.S1, Also: []proto.Rule{proto.S4}, Points: 1, Phase: conform.Alone, Strict: true,
		Title: "Numbers may fill the longest line, 16,384 bytes",
		Hint:  "A buffer of a fixed size.",
		Run: func(t *conform.T) {
			p := t.Connect("alice")
			ask(p, padded(7, 8191)+"+"+padded(1, 8192), "8")
		},
	},
}

// pairs ranges over requests and their answers.
func pairs(list ...string) func(yield func(request, answer string) bool) {
	return func(yield func(request, answer string) bool) {
		for i := 0; i < len(list); i += 2 {
			if !yield(list[i], list[i+1]) {
				return
			}
		}
	}
}

func largeNumbers(t *conform.T) {
	p := t.Connect("alice")
	t.Note("The numbers do not fit into 32 bits, then not into what a double holds exactly, then not into 64 bits.")
	refused := ""
	for _, request := range []string{
		"2147483647+1", "4294967295+1", "9007199254740992+1", "9223372036854775807+1", "18446744073709551615+1",
		randomNumber(t, 30) + "+" + randomNumber(t, 30),
	} {
		sum := mustSum(request)
		left, right, _ := strings.Cut(request, "+")
		a, _ := new(big.Int).SetString(left, 10)
		b, _ := new(big.Int).SetString(right, 10)
		want := conform.Exactly(sum)
		if t.Course() {
			want.Says += ` or "error\n"`
			want.Is = func(got string) bool { return got == sum || got == "error" }
		}
		p.Send(request)
		if p.Expect(want.Because(func(got string) string { return whySum(a, b, got) })) == "error" && refused == "" {
			refused = request
		}
	}
	if refused != "" {
		t.Remark("it answers error to %s; parley adds numbers of any size. An error is better than a wrong sum, which other servers give", refused)
	}
}

func randomNumber(t *conform.T, length int) string {
	digits := []byte{byte('1' + t.Rand.IntN(9))}
	for len(digits) < length {
		digits = append(digits, byte('0'+t.Rand.IntN(10)))
	}
	return string(digits)
}
