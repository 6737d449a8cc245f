package session

import (
	"sync/atomic"

	"parley/proto"
)

// Stats counts what the sessions of a server do. It costs nothing for a
// delivery and next to nothing for a line: sessions count in their batches and
// add up here when a batch ends.
type Stats struct {
	Lines   [proto.NumVerbs]atomic.Uint64 // commands read, by verb
	TooLong atomic.Uint64                 // lines read that passed the limit (P-8)

	Public    atomic.Uint64 // public messages said
	Delivered atomic.Uint64 // times that one was queued for or put by for a member
	Private   atomic.Uint64 // private messages said

	Refused    atomic.Uint64             // messages refused as spam (P-61)
	Blocks     atomic.Uint64             // times that a connection was blocked (P-60)
	InboxDrops atomic.Uint64             // messages dropped from full inboxes (P-54)
	Logins     [numLogins]atomic.Uint64  // by result
	Ended      [numReasons]atomic.Uint64 // sessions ended, by reason

	// Fanout, if not nil, is told of each block of public messages to how many
	// members it went. Set before the first session begins.
	Fanout func(recipients int)
}

// LoginResult is how a login went (P-22 to P-27).
type LoginResult int

// The results.
const (
	LoginOK LoginResult = iota
	LoginBadName
	LoginTaken
	LoginUnavailable
	numLogins
)

var loginNames = [numLogins]string{
	LoginOK: "ok", LoginBadName: "bad_name", LoginTaken: "taken", LoginUnavailable: "unavailable",
}

// String is the result in snake_case.
func (r LoginResult) String() string { return loginNames[r] }

// LoginResults lists the results of a login.
func LoginResults() []LoginResult {
	return []LoginResult{LoginOK, LoginBadName, LoginTaken, LoginUnavailable}
}

// countPublic counts a block of messages that went to so many recipients each.
func (st *Stats) countPublic(messages, recipients int) {
	st.Public.Add(uint64(messages))
	st.Delivered.Add(uint64(messages * recipients))
	if st.Fanout != nil {
		st.Fanout(recipients)
	}
}
