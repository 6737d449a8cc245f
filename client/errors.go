package client

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"parley/proto"
)

// What a server may refuse; a [*Refused] is each of these to [errors.Is] if its
// reason is the one of the rule.
var (
	ErrBadName      = errors.New("incorrect username format")    // P-23
	ErrNameTaken    = errors.New("username already in use")      // P-24
	ErrNotNow       = errors.New("not possible at the moment")   // P-27
	ErrUnauthorized = errors.New("login needed")                 // P-52
	ErrNoRecipient  = errors.New("nobody has this name")         // P-52
	ErrSpam         = errors.New("too many messages")            // P-61, see Refused.RetryAfter
	ErrUnsupported  = errors.New("command not supported")        // P-30
	ErrLineTooLong  = errors.New("line too long for the server") // P-8
	ErrServerFull   = errors.New("server full")                  // P-72
)

var refusals = map[string]error{
	proto.LoginBadName:    ErrBadName,
	proto.LoginTaken:      ErrNameTaken,
	proto.LoginNotNow:     ErrNotNow,
	proto.MsgUnauthorized: ErrUnauthorized,
	proto.MsgNoRecipient:  ErrNoRecipient,
	proto.CmdUnsupported:  ErrUnsupported,
	proto.CmdLineTooLong:  ErrLineTooLong,
	proto.CmdServerFull:   ErrServerFull,
}

// Refused is an answer that says no. The connection goes on.
type Refused struct {
	// Command is what was refused; [proto.Unsupported] if it is the connection
	// itself (P-72).
	Command proto.Verb
	// Kind is [proto.LoginRefused], [proto.MsgRefused] or [proto.CmdRefused].
	Kind proto.Kind
	// Reason is in the server's words, as it sent them.
	Reason string

	is error // the sentinel, nil if the reason is none of the protocol's
}

func refusal(verb proto.Verb, line []byte, l proto.ServerLine) *Refused {
	e := &Refused{Command: verb, Kind: l.Kind, Reason: string(l.Text), is: refusals[string(line)+"\n"]}
	if l.Kind == proto.MsgRefused && strings.HasPrefix(e.Reason, "spam") {
		e.is = ErrSpam
	}
	return e
}

func (e *Refused) Error() string {
	what := e.Command.String()
	if e.Command == proto.Unsupported {
		what = "the connection"
	}
	return fmt.Sprintf("the server refused %s: %s", what, proto.Visible(e.Reason))
}

// Unwrap gives the sentinel that the reason stands for, or nil.
func (e *Refused) Unwrap() error { return e.is }

// RetryAfter returns for how long messages go on being refused as spam, in whole
// seconds (P-61); ok is false if the reason does not say.
func (e *Refused) RetryAfter() (wait time.Duration, ok bool) {
	s, found := strings.CutPrefix(e.Reason, "spam, blocked for ")
	s, unit := strings.CutSuffix(s, " s")
	n, err := strconv.ParseUint(s, 10, 16)
	return time.Duration(n) * time.Second, found && unit && err == nil
}

// InputError says why a command cannot be sent. Nothing was.
type InputError struct {
	Command proto.Verb
	Reason  string
}

func (e *InputError) Error() string { return fmt.Sprintf("%s not sent: %s", e.Command, e.Reason) }

// ProtocolError says that the server sent what it must not. It ends the
// connection.
type ProtocolError struct {
	Line    string // the line, as it came; at most its first 256 bytes
	Awaited string // in words, what should have come
	Err     error  // [proto.ErrLineTooLong] for a line that was not kept, else nil
}

func (e *ProtocolError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("the server broke the protocol: %v where %s was awaited", e.Err, e.Awaited)
	}
	return fmt.Sprintf("the server broke the protocol: it sent \"%s\" where %s was awaited", proto.Visible(e.Line), e.Awaited)
}

func (e *ProtocolError) Unwrap() error { return e.Err }

func broken(line []byte, awaited string) *ProtocolError {
	return &ProtocolError{Line: string(line[:min(len(line), 256)]), Awaited: awaited}
}
