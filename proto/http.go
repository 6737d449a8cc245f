package proto

import "bytes"

const whiteSpace = " \t\r\n\v\f"

// IsHTTPRequest reports whether a connection whose very first line ends in this
// speaks HTTP (P-17): a web page must not be able to make a visitor's browser
// post here.
func IsHTTPRequest(line []byte) bool {
	line = bytes.TrimRight(line, whiteSpace)
	return bytes.HasSuffix(line, []byte(" HTTP/1.1")) || bytes.HasSuffix(line, []byte(" HTTP/1.0"))
}
