package proto

import (
	"bytes"
	"errors"
	"strconv"
)

// ErrNotServerLine says that a line is none that a server of this protocol
// sends.
var ErrNotServerLine = errors.New("not a line of this protocol")

// Kind tells the lines of a server apart.
type Kind uint8

// The kinds of lines that a server sends.
const (
	LoginAccepted Kind = iota + 1
	LoginRefused
	ModeSwitched
	MsgAccepted
	MsgRefused
	InboxFollows
	UserNames
	Commands
	JokeTold
	CmdRefused
	PublicMessage
	PrivateMessage
)

// ServerLine is a parsed line of a server. Its slices alias the line.
type ServerLine struct {
	Kind   Kind
	Count  int    // MsgAccepted: recipients; InboxFollows: lines that follow
	Sender []byte // PublicMessage, PrivateMessage
	// Text is the message, the joke, the reason of a refusal, or the names or
	// commands, a space between each two.
	Text []byte
}

// IsMessage reports whether the line brings what somebody said. Every other
// line is an answer (P-14).
func (l ServerLine) IsMessage() bool {
	return l.Kind == PublicMessage || l.Kind == PrivateMessage
}

// ParseServerLine reads one line of a server, without its LF. The only error
// is [ErrNotServerLine].
func ParseServerLine(line []byte) (ServerLine, error) {
	word, rest, _ := bytes.Cut(line, space)
	kind := kindOf(word)
	switch kind {
	case PublicMessage, PrivateMessage:
		sender, text, ok := bytes.Cut(rest, space)
		if !ok || len(sender) == 0 || len(text) == 0 {
			return ServerLine{}, ErrNotServerLine
		}
		return ServerLine{Kind: kind, Sender: sender, Text: text}, nil
	case MsgAccepted, InboxFollows:
		n, ok := parseCount(rest)
		if !ok {
			return ServerLine{}, ErrNotServerLine
		}
		return ServerLine{Kind: kind, Count: n}, nil
	case LoginAccepted, ModeSwitched:
		if len(word) != len(line) {
			return ServerLine{}, ErrNotServerLine
		}
	case 0:
		return ServerLine{}, ErrNotServerLine
	default:
	}
	return ServerLine{Kind: kind, Text: rest}, nil
}

func kindOf(word []byte) Kind {
	switch string(word) {
	case "msg":
		return PublicMessage
	case "privmsg":
		return PrivateMessage
	case "msgok":
		return MsgAccepted
	case "msgerr":
		return MsgRefused
	case "loginok":
		return LoginAccepted
	case "loginerr":
		return LoginRefused
	case "modeok":
		return ModeSwitched
	case "inbox":
		return InboxFollows
	case "users":
		return UserNames
	case "supported":
		return Commands
	case "joke":
		return JokeTold
	case "cmderr":
		return CmdRefused
	}
	return 0
}

// maxCount keeps a count that nobody can have from being believed.
const maxCount = 1 << 30

func parseCount(digits []byte) (int, bool) {
	if len(digits) == 0 || len(digits) > 10 || digits[0] < '0' || digits[0] > '9' {
		return 0, false
	}
	n, err := strconv.Atoi(string(digits))
	return n, err == nil && n <= maxCount
}
