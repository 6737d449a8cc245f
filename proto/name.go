package proto

import "strconv"

// Anonymous is what a given name begins with; a number follows (P-20).
const Anonymous = "Anonymous"

// AppendAnonymous appends the given name with number n (P-20).
func AppendAnonymous(dst []byte, n int) []byte {
	return strconv.AppendInt(append(dst, Anonymous...), int64(n), 10)
}

// ValidName reports whether name may be logged in with (P-21): 1 to [MaxName]
// ASCII letters and digits.
func ValidName[T string | []byte](name T) bool {
	if len(name) == 0 || len(name) > MaxName {
		return false
	}
	for i := range len(name) {
		if !alphanumeric(name[i]) {
			return false
		}
	}
	return true
}

func alphanumeric(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}
