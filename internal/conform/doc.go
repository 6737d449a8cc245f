// Package conform checks whether a program follows the protocol, by its bytes
// alone: a server of the chat or of the warm-up service, or a client of either.
// It shares no code with the server or the client that it may judge.
//
// A [Check] looks at one thing. It gets a [T], talks over [Peer]s, each a
// connection whose every byte is noted, and ends passed, with a remark, failed
// or skipped: a [Result], which says what was sent, what came back, what was
// expected and why. Checks do not know of each other. They may share a server
// with each other and with people: each knows its own traffic by names and texts
// that nobody else uses.
package conform
