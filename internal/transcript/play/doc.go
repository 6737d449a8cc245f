// Package play plays the conversations of package transcript against a
// server, over connections that the caller dials, and says exactly where and
// how the server departs from them.
//
// It reads and writes bytes by itself and shares no code with the server or
// the client, so that a mistake of theirs cannot hide in it.
package play
