// Package warmup is the course's first exercise: a service that adds two
// numbers, and its client (section 9 of the protocol).
package warmup

import (
	"bytes"
	"slices"
)

// What the service knows beside sums.
const (
	GameOver = "game over"  // S-3
	Error    = noSum + "\n" // S-2

	noSum = "error"
)

// AppendAnswer appends the answer to one request line, LF included: the sum of
// its two numbers (S-1), or error (S-2).
func AppendAnswer(dst, line []byte) []byte {
	left, right, _ := bytes.Cut(line, []byte{'+'})
	a, okA := number(left)
	b, okB := number(right)
	if !okA || !okB {
		return append(dst, Error...)
	}
	return append(appendSum(dst, a, b), '\n')
}

// number takes the leading zeros off a decimal integer; ok is false if it is
// none, or not greater than zero.
func number(digits []byte) (significant []byte, ok bool) {
	significant = bytes.TrimLeft(digits, "0")
	return significant, len(significant) > 0 && allDigits(digits)
}

func allDigits(s []byte) bool {
	for _, c := range s {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// appendSum adds as one does on paper, last digit first: in the time it takes to
// read the numbers. Turning long ones into binary and back, as math/big does,
// takes a hundred times as long, and a client could keep a processor busy by it.
func appendSum(dst, a, b []byte) []byte {
	if len(a) < len(b) {
		a, b = b, a
	}
	start, carry := len(dst), byte(0)
	for i := range len(a) {
		digit := a[len(a)-1-i] - '0' + carry
		if i < len(b) {
			digit += b[len(b)-1-i] - '0'
		}
		dst, carry = append(dst, '0'+digit%10), digit/10
	}
	if carry > 0 {
		dst = append(dst, '1')
	}
	slices.Reverse(dst[start:])
	return dst
}
