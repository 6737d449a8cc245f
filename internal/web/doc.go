// Package web carries the chat to browsers: the protocol over WebSocket
// (section 8 of docs/protocol.md) and the page that speaks it. It knows sessions
// only as something that serves a connection.
package web
