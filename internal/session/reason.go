package session

// Reason is why a session ended: the field of the log and the label of the
// metric. A session has exactly one, the first.
type Reason uint32

// The reasons. The zero Reason means that the session goes on.
const (
	Running    Reason = iota
	Left              // the peer ended its side (P-10)
	Lost              // the connection broke
	Idle              // the peer sent nothing for too long (P-70)
	SlowReader        // the peer read too little, too late (P-71)
	HTTP              // a browser was made to speak to us (P-17)
	Stopping          // the server stops (P-73)
	NameLost          // several servers share the names, and another has this one by now
	numReasons
)

var reasonNames = [numReasons]string{
	Running:    "running",
	Left:       "left",
	Lost:       "connection_lost",
	Idle:       "idle",
	SlowReader: "slow_reader",
	HTTP:       "http_request",
	Stopping:   "server_stopping",
	NameLost:   "name_lost",
}

// String is the reason in snake_case.
func (r Reason) String() string { return reasonNames[r] }

// Reasons lists the reasons with which a session can end.
func Reasons() []Reason {
	var all []Reason
	for r := Left; r < numReasons; r++ {
		all = append(all, r)
	}
	return all
}
