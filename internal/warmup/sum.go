// Package warmup is the course's first exercise: a service that adds two
// numbers, and its client (section 9 of the protocol).
package warmup

import (
	"bytes"
	"math/big"
)

// What the service knows beside sums.
const (
	GameOver = "game over" // S-3
	Error    = "error\n"   // S-2
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
	return append(a.Add(a, b).Append(dst, 10), '\n')
}

// number reads a decimal integer greater than zero.
func number(digits []byte) (*big.Int, bool) {
	for _, c := range digits {
		if c < '0' || c > '9' {
			return nil, false
		}
	}
	n, ok := new(big.Int).SetString(string(digits), 10)
	return n, ok && n.Sign() > 0
}
