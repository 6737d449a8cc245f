// Package history keeps what was said in public: the newest of it in memory, all
// of it in a SQLite file if there is one. It gives each message its ID and time
// (section X of docs/protocol.md), tells senders when theirs is on disk, and
// finds what is asked for.
//
// [History.Keep] is called with the hub's lock held, so IDs are in the order of
// P-81; it never waits. Everything else may.
package history
