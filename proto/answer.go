package proto

import "strconv"

// Answers that never vary, whole lines with their LF.
const (
	LoginOK         = "loginok\n"
	LoginBadName    = "loginerr incorrect username format\n"
	LoginTaken      = "loginerr username already in use\n"
	LoginNotNow     = "loginerr not possible at the moment\n"
	ModeOK          = "modeok\n"
	MsgUnauthorized = "msgerr unauthorized\n"
	MsgNoRecipient  = "msgerr incorrect recipient\n"
	CmdUnsupported  = "cmderr command not supported\n"
	CmdLineTooLong  = "cmderr line too long\n"
	CmdServerFull   = "cmderr server full\n"
	HelpAnswer      = "supported login msg privmsg users help sync async inbox joke stamp history\n"
	HelpWithSearch  = "supported login msg privmsg users help sync async inbox joke stamp history search\n"
)

// AppendMsgOK appends the answer to a message that went to n others (P-50).
func AppendMsgOK(dst []byte, n int) []byte {
	return appendCount(dst, "msgok ", n)
}

// AppendSpamBlocked appends the answer to a message that is refused for so
// many more seconds (P-61).
func AppendSpamBlocked(dst []byte, seconds int) []byte {
	dst = strconv.AppendInt(append(dst, "msgerr spam, blocked for "...), int64(seconds), 10)
	return append(dst, " s\n"...)
}

// AppendMsgOKStamped is AppendMsgOK for a sender that has asked for stamps.
func AppendMsgOKStamped(dst []byte, n int, s Stamp) []byte {
	dst = strconv.AppendInt(append(dst, "msgok "...), int64(n), 10)
	dst = strconv.AppendInt(append(dst, ' '), s.ID, 10)
	return append(append(append(dst, ' '), s.Time...), '\n')
}

// AppendInbox appends the first line of an inbox block; n lines follow (P-53).
func AppendInbox(dst []byte, n int) []byte {
	return appendCount(dst, "inbox ", n)
}

// AppendHistory appends the first line of the answer to history; n stamped lines
// follow. gap says that some are no longer kept.
func AppendHistory(dst []byte, n int, gap bool) []byte {
	dst = strconv.AppendInt(append(dst, "history "...), int64(n), 10)
	if gap {
		dst = append(dst, " gap"...)
	}
	return append(dst, '\n')
}

// AppendSearch appends the first line of the answer to search; n stamped lines
// follow.
func AppendSearch(dst []byte, n int) []byte {
	return appendCount(dst, "search ", n)
}

// AppendJoke appends the answer to joke; text is printable ASCII (P-16, P-57).
func AppendJoke(dst []byte, text string) []byte {
	dst = append(append(dst, "joke "...), text...)
	return append(dst, '\n')
}

// AppendPublic appends the line that brings a public message to others (P-50),
// its text cleaned (P-9).
func AppendPublic(dst []byte, sender string, text []byte) []byte {
	return appendMessage(dst, "msg ", sender, text)
}

// AppendPrivate appends the line that brings a private message to its
// recipient (P-51), its text cleaned (P-9).
func AppendPrivate(dst []byte, sender string, text []byte) []byte {
	return appendMessage(dst, "privmsg ", sender, text)
}

func appendMessage(dst []byte, word, sender string, text []byte) []byte {
	dst = append(append(dst, word...), sender...)
	dst = AppendText(append(dst, ' '), text)
	return append(dst, '\n')
}

func appendCount(dst []byte, word string, n int) []byte {
	dst = strconv.AppendInt(append(dst, word...), int64(n), 10)
	return append(dst, '\n')
}
