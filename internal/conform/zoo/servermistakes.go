package zoo

import (
	"parley/internal/conform"
	"parley/proto"
)

// chatServers are the chat servers with a flaw.
func chatServers() []*Mistake {
	var all []*Mistake
	for _, f := range chatFlaws {
		m := f.in(conform.Server)
		m.serve = chatServer(f.name)
		all = append(all, m)
	}
	return all
}

var chatFlaws = []flaw{
	// Lines.
	{"one-read-one-line", proto.P6, "cut-msg", "takes what one recv() returns for one line"},
	{"first-of-a-segment", proto.P6, "two-in-one-segment", "reads until a line ends, and forgets what else came with it"},
	{"dies-at-a-cut-character", proto.P6, "cut-character", "decodes each segment by itself, and dies where a UTF-8 character was cut"},
	{"buffer-of-10", proto.P6, "cut-unknown", "takes what it reads for a line, at most 10 bytes"},
	{"buffer-of-100", proto.P8, "long-line-1000", "has room for 100 bytes of a line, and drops the rest"},
	{"buffer-of-1000", proto.P8, "long-line-4000", "has room for 1,000 bytes of a line, and drops the rest"},
	{"runs-the-unfinished-line", proto.P7, "unfinished-line", "executes the unfinished line at the end of a stream"},
	{"spins-at-the-end", proto.P10, "half-close", "takes the end of the stream for empty lines, without end"},
	{"keeps-the-cr", proto.P3, "crlf", "does not know that a line may end with CR LF"},
	{"trims-nothing", proto.P4, "trailing-space", "does not know a command with a space after it"},
	{"squeezes-spaces", proto.P9, "text-inner-spaces", "makes one space of several inside a text"},
	{"forwards-control-bytes", proto.P9, "text-control", "lets one user send escape codes to the terminals of the others"},
	{"speaks-ascii", proto.P9, "text-letters", "makes ? of every character that is not ASCII"},
	{"forgets-the-newline", proto.P2, "line-end", "writes lines without a newline"},
	{"writes-two-newlines", proto.P2, "line-end", "writes two newlines after each line"},
	{"writes-crlf", proto.P2, "line-end", "writes CR LF after each line"},
	{"writes-a-space", proto.P2, "line-end", "puts a space at the end of each line"},
	{"tears-lines", proto.P2, "crowd-whole-lines", "writes from several threads without a lock, so that lines get mixed"},

	// Names.
	{"names-not-unique", proto.P24, "name-taken", "gives a name that somebody has"},
	{"finds-by-contains", proto.P24, "name-whole", "refuses a name that is a part of somebody's"},
	{"finds-by-beginning", proto.P51, "privmsg-whole-name", "takes the beginning of a name for the name"},
	{"names-ignore-case", proto.P21, "name-case", "takes Bob and bob for one name"},
	{"takes-any-name", proto.P23, "name-format", "accepts names with any characters in them"},
	{"repeats-the-name", proto.P22, "login", "says loginok and the name"},
	{"second-login-keeps-the-name", proto.P22, "rename", "says loginok to a second login, and keeps the first name"},
	{"names-stay-taken", proto.P11, "name-free-after-close", "never frees a name again"},
	{"ghost-after-reset", proto.P11, "users-gone-after-reset", "forgets to remove a client whose connection was reset"},
	{"two-winners", proto.P26, "name-race", "looks whether a name is free and takes it in two steps, without a lock"},

	// Commands.
	{"silent-at-the-unknown", proto.P30, "unknown-command", "does not answer a command that it does not know"},
	{"closes-after-an-error", proto.P30, "unknown-command", "closes the connection after an unknown command"},
	{"overlooks-arguments", proto.P58, "no-argument-taken", "overlooks arguments of commands that take none"},
	{"ignores-case", proto.P13, "command-case", "takes HELP for help"},
	{"greets", proto.P14, "no-greeting", "greets those who connect"},
	{"prompts", proto.P14, "no-greeting", "writes a prompt when it waits for a command"},
	{"announces-logins", proto.P14, "no-notices", "tells everybody who has logged in"},
	{"announces-leaves", proto.P14, "no-notices", "tells everybody who leaves"},
	{"help-in-two-lines", proto.P43, "answers", "answers help with one line more"},
	{"capital-help", proto.P56, "help", "answers help with Supported, with a capital letter"},
	{"rewords-the-error", proto.P30, "unknown-command", "answers an unknown command with cmderr and words of its own"},
	{"joke-in-two-lines", proto.P57, "joke", "tells a joke in two lines"},
	{"joke-in-a-thread", proto.P83, "answers-in-order", "looks for a joke in another thread, and the next answer overtakes it"},

	// Messages.
	{"login-before-speaking", proto.P20, "speaks-without-login", "lets nobody speak who has not logged in"},
	{"says-nothing-at-all", proto.P50, "msg-without-text", "sends a message without a text"},
	{"echoes", proto.P50, "msg-not-to-sender", "sends a message to its sender too"},
	{"counts-the-sender", proto.P50, "msg-count-without-sender", "counts the sender in msgok"},
	{"counts-the-authorized", proto.P50, "msg-count", "counts in msgok only those who have logged in"},
	{"first-word-only", proto.P50, "msg-reaches-others", "splits at every space, and sends the first word"},
	{"private-to-everybody", proto.P51, "privmsg-only-recipient", "sends a private message to everybody"},
	{"private-from-the-recipient", proto.P51, "privmsg-delivered", "writes the recipient's name where the sender's belongs"},
	{"anyone-sends-private", proto.P52, "privmsg-needs-login", "lets one send private messages who has not logged in"},
	{"sends-to-nobody", proto.P52, "privmsg-unknown-recipient", "says msgok for a recipient who does not exist"},
	{"silent-without-text", proto.P43, "every-command-answered", "does not answer a private message without a text"},
	{"a-thread-for-each-message", proto.P80, "crowd-sender-order", "starts a thread for each message, and they overtake each other"},
	{"loses-what-is-too-much", proto.P82, "crowd-each-once", "loses messages when there are many at once"},

	// Modes and lists.
	{"sync-changes-nothing", proto.P41, "sync-holds-messages", "says modeok to sync, and sends messages at once as before"},
	{"async-empties-the-inbox", proto.P41, "inbox-after-async", "throws the inbox away at async"},
	{"inbox-newest-first", proto.P53, "inbox", "shows the inbox newest first"},
	{"inbox-stays-full", proto.P53, "inbox", "does not empty the inbox when it has been read"},
	{"inbox-knows-no-private", proto.P53, "inbox", "keeps private messages as public ones in the inbox"},
	{"users-without-anonymous", proto.P55, "users-anonymous", "lists only those who have logged in"},
	{"users-sorted", proto.P55, "users-order", "lists users by name, not by their coming"},
	{"users-of-yesterday", proto.P55, "users", "lists users as they were when somebody asked the last time"},

	// Spam and load.
	{"no-spam-filter", proto.P60, "spam-eleventh-refused", "has no spam filter"},
	{"blocks-for-ever", proto.P60, "spam-block-ends", "blocks a spammer for ever"},
	{"prolongs-the-block", proto.P61, "spam-block-not-prolonged", "begins the block anew with each refused message"},
	{"silent-while-blocked", proto.P61, "spam-refused-not-delivered", "answers only the first refused message"},
	{"one-client-at-a-time", proto.P1, "second-client-served", "serves one client after the other"},
	{"waits-for-the-slow", proto.P71, "silent-reader-stalls-nobody", "waits for one who does not read, and everybody with it"},
	{"dies-at-a-reset", proto.P11, "users-gone-after-reset", "dies when a client resets its connection"},
}
