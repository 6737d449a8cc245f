package proto

import "bytes"

// EndsAsHTTP reports whether a connection whose very first line ends in this,
// white space and control bytes after it aside (P-4), speaks HTTP (P-17): a web
// page must not be able to make a visitor's browser post here.
func EndsAsHTTP(end []byte) bool {
	end = trimEnd(end)
	return bytes.HasSuffix(end, []byte(" HTTP/1.1")) || bytes.HasSuffix(end, []byte(" HTTP/1.0"))
}
