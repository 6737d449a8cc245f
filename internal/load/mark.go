package load

import (
	"crypto/rand"
	"strconv"
)

// A text begins with a mark: the tag of the run, so that other people's chat is
// not taken for ours, then who says it, the how many-th of his lines it is, and
// when it was to be sent. The rest is padding. All of it is of 64 characters
// that no server has a reason to change.
const (
	tagSize    = 4
	senderSize = 3
	seqSize    = 4
	stampSize  = 5
	markSize   = tagSize + senderSize + seqSize + stampSize

	seqBits  = 6 * seqSize
	stampMax = 1<<(6*stampSize) - 1 // microseconds; it begins anew after 17 minutes
)

const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"

// noDigit is the value of what is none.
const noDigit = 0xff

var digitValue = func() (values [256]uint8) {
	for i := range values {
		values[i] = noDigit
	}
	for v, c := range []byte(digits) {
		values[c] = uint8(v)
	}
	return values
}()

// mark is what a text says of itself.
type mark struct {
	sender int
	seq    uint32 // the lowest seqBits of the line's number
	stamp  int64  // when it was to be sent, see [since]
}

// newTag makes a tag that is also good for a part of a name (P-21).
func newTag() string { return rand.Text()[:tagSize] }

// namePrefix is what the names of a run begin with; a number follows.
func namePrefix(tag string) string { return "load" + tag + "n" }

// nameSize is the length of a long name.
const nameSize = len("load") + tagSize + len("n12345")

func clientName(tag string, n int) string { return namePrefix(tag) + strconv.Itoa(n) }

// appendMark appends the mark of a text.
func appendMark(dst []byte, tag string, sender int, seq, stamp int64) []byte {
	dst = append(dst, tag...)
	dst = appendDigits(dst, int64(sender), senderSize)
	dst = appendDigits(dst, seq, seqSize)
	return appendDigits(dst, stamp, stampSize)
}

// appendDigits appends the lowest n digits of v.
func appendDigits(dst []byte, v int64, n int) []byte {
	for shift := 6 * (n - 1); shift >= 0; shift -= 6 {
		dst = append(dst, digits[v>>shift&63])
	}
	return dst
}

// parseMark reads what follows the tag of a mark.
func parseMark(rest []byte) (m mark, ok bool) {
	if len(rest) < markSize-tagSize {
		return mark{}, false
	}
	sender, ok1 := number(rest[:senderSize])
	seq, ok2 := number(rest[senderSize : senderSize+seqSize])
	stamp, ok3 := number(rest[senderSize+seqSize : markSize-tagSize])
	return mark{int(sender), uint32(seq), stamp}, ok1 && ok2 && ok3
}

func number(text []byte) (v int64, ok bool) {
	seen := uint8(0)
	for _, c := range text {
		d := digitValue[c]
		seen |= d
		v = v<<6 | int64(d)
	}
	return v, seen < 64
}

// since is how long before now a stamp was, both in microseconds.
func since(now, stamp int64) int64 { return (now - stamp) & stampMax }
