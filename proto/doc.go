// Package proto is the vocabulary of the chat: lines, commands, answers,
// messages, names and limits, and how each is parsed and appended.
//
// It is pure: no sockets, no clocks, no logging. What it returns from a line
// aliases that line, so nothing is allocated on the way of a line; who keeps
// something copies it.
//
// The rules it follows are those of docs/protocol.md and are cited by their
// ids (P-13, S-1, …); [Rule] lists them.
package proto
