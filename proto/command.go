package proto

import "bytes"

// Verb is the first word of a command.
type Verb uint8

// The verbs. The zero Verb stands for whatever is not supported (P-30).
const (
	Unsupported Verb = iota
	Login
	Msg
	Privmsg
	Users
	Help
	Sync
	Async
	Inbox
	Joke
	StampLines // stamp
	History
	Search
	numVerbs
)

// NumVerbs is how many verbs there are, Unsupported included: the size of a
// table indexed by Verb.
const NumVerbs = int(numVerbs)

var verbNames = [NumVerbs]string{
	Unsupported: "unsupported",
	Login:       "login",
	Msg:         "msg",
	Privmsg:     "privmsg",
	Users:       "users",
	Help:        "help",
	Sync:        "sync",
	Async:       "async",
	Inbox:       "inbox",
	Joke:        "joke",
	StampLines:  "stamp",
	History:     "history",
	Search:      "search",
}

// String is the word on the wire.
func (v Verb) String() string {
	if v < numVerbs {
		return verbNames[v]
	}
	return verbNames[Unsupported]
}

// Command is a parsed line of a client. Its slices alias the line.
type Command struct {
	Verb Verb
	Name []byte // login: the name as sent, valid or not; privmsg: the recipient
	Text []byte // msg, privmsg: the text as sent, see [AppendText]; search: the words
	Page Page   // history: what is asked for
}

// Complete reports whether a privmsg has both a recipient and a text. It is
// asked apart from parsing because P-52 puts another question first: is the
// sender authorized?
func (c Command) Complete() bool { return len(c.Name) > 0 && len(c.Text) > 0 }

// Trim removes white space and control bytes at both ends of a line (P-4).
func Trim(line []byte) []byte {
	for len(line) > 0 && line[0] <= ' ' {
		line = line[1:]
	}
	return trimEnd(line)
}

func trimEnd(line []byte) []byte {
	for len(line) > 0 && line[len(line)-1] <= ' ' {
		line = line[:len(line)-1]
	}
	return line
}

// ParseCommand reads one line of a client, without its LF (P-4, P-5, P-13).
// A line that is no command, or one whose arguments do not fit (P-25, P-50,
// P-58), gives [Unsupported]; the exception is privmsg, see
// [Command.Complete].
func ParseCommand(line []byte) Command {
	word, arg, hasArg := bytes.Cut(Trim(line), space)
	verb := lookup(word)
	switch verb {
	case Login:
		if hasArg {
			return Command{Verb: Login, Name: arg}
		}
	case Msg:
		// After trimming, an argument that is there ends in a visible byte.
		if hasArg {
			return Command{Verb: Msg, Text: arg}
		}
	case Privmsg:
		name, text, _ := bytes.Cut(arg, space)
		return Command{Verb: Privmsg, Name: name, Text: text}
	case History:
		if page, ok := parsePage(arg, hasArg); ok {
			return Command{Verb: History, Page: page}
		}
	case Search:
		if hasArg {
			return Command{Verb: Search, Text: arg}
		}
	default:
		if !hasArg {
			return Command{Verb: verb}
		}
	}
	return Command{}
}

var space = []byte{' '}

// lookup is a switch, not a map: the compiler makes it a search by length and
// value that neither hashes nor allocates.
func lookup(word []byte) Verb {
	switch string(word) {
	case "msg":
		return Msg
	case "privmsg":
		return Privmsg
	case "login":
		return Login
	case "users":
		return Users
	case "help":
		return Help
	case "sync":
		return Sync
	case "async":
		return Async
	case "inbox":
		return Inbox
	case "joke":
		return Joke
	case "stamp":
		return StampLines
	case "history":
		return History
	case "search":
		return Search
	}
	return Unsupported
}

// AppendCommand appends the line that sends c, LF included. It does not check
// c: a text with a line break in it would be two lines.
func AppendCommand(dst []byte, c Command) []byte {
	dst = append(dst, c.Verb.String()...)
	if c.Verb == History {
		dst = appendPage(dst, c.Page)
	}
	if len(c.Name) > 0 {
		dst = append(append(dst, ' '), c.Name...)
	}
	if len(c.Text) > 0 {
		dst = append(append(dst, ' '), c.Text...)
	}
	return append(dst, '\n')
}
