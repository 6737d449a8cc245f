package sum

import (
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"

	"parley/internal/conform"
)

var addition = regexp.MustCompile(`^[0-9]+\+[0-9]+`)

// sumOf adds what a request names; ok is false where it is none.
func sumOf(request string) (sum string, ok bool) {
	if addition.FindString(request) != request || request == "" {
		return "", false
	}
	left, right, _ := strings.Cut(request, "+")
	a, _ := new(big.Int).SetString(left, 10)
	b, _ := new(big.Int).SetString(right, 10)
	return a.Add(a, b).String(), true
}

// mustSum is sumOf for requests of this package's own.
func mustSum(request string) string {
	sum, ok := sumOf(request)
	if !ok {
		panic("no addition: " + request)
	}
	return sum
}

// whySum says how a wrong sum of a and b came about, if one can see it.
func whySum(a, b *big.Int, got string) string {
	sum := new(big.Int).Add(a, b)
	x, _ := new(big.Float).SetInt(a).Float64()
	y, _ := new(big.Float).SetInt(b).Float64()
	value, err := strconv.ParseFloat(got, 64)
	switch {
	case got == strconv.Itoa(int(int32(sum.Uint64()))): //nolint:gosec // that is what it may have done
		return fmt.Sprintf("answered %s: it counts in 32 bits, and the sum does not fit into them", got)
	case got == strconv.FormatInt(int64(sum.Uint64()), 10): //nolint:gosec // that is what it may have done
		return fmt.Sprintf("answered %s: it counts in 64 bits, and the sum does not fit into them", got)
	case err == nil && value == x+y:
		return fmt.Sprintf("answered %s: it adds floating-point numbers, which have 15 or 16 right digits", got)
	case got == a.String()+b.String():
		return fmt.Sprintf("answered %s: it put one text after the other instead of adding numbers", got)
	case got == "error":
		return "it takes a number of this size for none"
	}
	return ""
}

// whyCut says what a server did that got a request in pieces and answered got.
func whyCut(request, before string) func(got string) string {
	return func(got string) string {
		for end := len(request) - 1; end > 0; end-- {
			if sum, ok := sumOf(request[:end]); ok && sum == got {
				return fmt.Sprintf("answered %s: it added %s, the part before the cut", got, request[:end])
			}
		}
		if got == "error" && before != "" {
			return fmt.Sprintf("answered error: it took %s, the part before the cut, for a whole request", conform.Quote(before))
		}
		return ""
	}
}

// whyMerged says what a server did that got several requests in one segment and
// answered got to number i of them.
func whyMerged(requests []string, i int) func(got string) string {
	return func(got string) string {
		if got == "error" {
			return fmt.Sprintf("answered error: it took %s, all that one read brought, for one request",
				conform.Quote(strings.Join(requests, "\n")+"\n"))
		}
		for j, request := range requests {
			if sum, ok := sumOf(request); ok && sum == got && j > i {
				return fmt.Sprintf("answered %s, the sum of %s: it left out %s, which stood before it in the segment", got, request, requests[i])
			}
		}
		return ""
	}
}
