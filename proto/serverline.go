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
	HistoryFollows
	FoundFollows
)

// ServerLine is a parsed line of a server. Its slices alias the line.
type ServerLine struct {
	Kind   Kind
	Count  int    // MsgAccepted: recipients; InboxFollows, HistoryFollows, FoundFollows: lines that follow
	Gap    bool   // HistoryFollows: some are no longer kept
	Stamp  Stamp  // PublicMessage, PrivateMessage, MsgAccepted: where asked for; else its Time is empty
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
	var stamp Stamp
	stamped := len(line) > 0 && line[0] == '@'
	if stamped {
		var ok bool
		if stamp, line, ok = cutStamp(line); !ok {
			return ServerLine{}, ErrNotServerLine
		}
	}
	l, ok := parseServerLine(line)
	if !ok || stamped && !l.IsMessage() {
		return ServerLine{}, ErrNotServerLine
	}
	if stamped {
		l.Stamp = stamp
	}
	return l, nil
}

func parseServerLine(line []byte) (l ServerLine, ok bool) {
	word, rest, _ := bytes.Cut(line, space)
	kind := kindOf(word)
	switch kind {
	case PublicMessage, PrivateMessage:
		sender, text, ok := bytes.Cut(rest, space)
		return ServerLine{Kind: kind, Sender: sender, Text: text}, ok && len(sender) > 0 && len(text) > 0
	case MsgAccepted:
		return parseAccepted(rest)
	case HistoryFollows:
		digits, gap := bytes.CutSuffix(rest, []byte(" gap"))
		n, ok := parseCount(digits)
		return ServerLine{Kind: kind, Count: n, Gap: gap}, ok
	case InboxFollows, FoundFollows:
		n, ok := parseCount(rest)
		return ServerLine{Kind: kind, Count: n}, ok
	case LoginAccepted, ModeSwitched:
		return ServerLine{Kind: kind}, len(word) == len(line)
	default:
		return ServerLine{Kind: kind, Text: rest}, kind != 0
	}
}

// parseAccepted reads what stands behind msgok: a count, and a stamp for who has
// asked for it.
func parseAccepted(rest []byte) (l ServerLine, ok bool) {
	digits, stamp, stamped := bytes.Cut(rest, space)
	l.Kind = MsgAccepted
	if l.Count, ok = parseCount(digits); !ok || !stamped {
		return l, ok
	}
	id, at, _ := bytes.Cut(stamp, space)
	l.Stamp, ok = parseStamp(id, at)
	return l, ok
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
	case "history":
		return HistoryFollows
	case "search":
		return FoundFollows
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
