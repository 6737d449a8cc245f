package zoo

import (
	"parley/internal/conform"
	"parley/proto"
)

// chatClients are the chat clients with a flaw.
func chatClients() []*Mistake {
	var all []*Mistake
	for _, m := range []struct {
		name  string
		rule  proto.Rule
		check string
		about string
	}{
		// Lines.
		{"client-one-read-one-line", proto.P6, "client-segments", "takes what one recv() returns for one answer"},
		{"client-writes-crlf", proto.P2, "client-line-end", "ends its commands with CR LF"},
		{"client-writes-two-newlines", proto.P5, "client-no-empty-lines", "ends its commands with two newlines"},
		{"client-adds-a-space", proto.P13, "client-bare-commands", "puts a space behind a command that has no arguments"},
		{"client-buffer-of-100", proto.P8, "client-users-many", "has room for 100 bytes of a line, and drops the rest"},
		{"client-line-limit", proto.P8, "client-long-line", "reads lines of up to 64 KiB, as Go's Scanner does"},
		{"client-decodes-each-segment", proto.P9, "client-utf8-cut", "decodes each segment by itself, and dies where a UTF-8 character was cut"},
		{"client-writes-latin1", proto.P9, "client-public-utf8", "encodes what is typed as Latin-1"},
		{"client-reads-latin1", proto.P9, "client-inbox-utf8", "decodes what comes as Latin-1"},
		{"client-reads-on-at-the-end", proto.P7, "client-cut-off", "reads on for ever when the server closes in the middle of a line"},
		{"client-dies-with-the-connection", proto.P7, "client-cut-off", "ends when the server closes the connection"},

		// Connections.
		{"client-dies-without-server", proto.P1, "client-nobody-listens", "ends when nobody listens at the server's address"},
		{"client-connects-once", proto.P11, "client-reconnect", "cannot connect a second time"},
		{"client-keeps-the-socket", proto.P11, "client-disconnect", "says that it has disconnected, and leaves the socket open"},
		{"client-says-quit", proto.P11, "client-disconnect", "sends quit before it disconnects"},
		{"client-without-a-way-out", proto.P11, "client-quit", "does not end when one quits"},
		{"client-misses-the-end", proto.P15, "client-server-closes", "stays connected for ever when the server closes while the menu waits"},

		// Modes.
		{"client-without-sync", proto.P41, "client-sync", "sends no sync"},
		{"client-trusts-modeok", proto.P41, "client-modeok", "takes any answer to sync for modeok"},
		{"client-takes-a-message-for-modeok", proto.P44, "client-before-modeok", "takes a message that comes before modeok for the answer to sync"},

		// Commands.
		{"client-logs-in-twice", proto.P22, "client-login", "sends login twice"},
		{"client-keeps-the-reason", proto.P24, "client-login-refused", "does not show why a login was refused"},
		{"client-hangs-when-late", proto.P43, "client-late-answer", "hangs when an answer takes longer than 300 ms"},
		{"client-dies-at-cmderr", proto.P30, "client-cmderr", "ends when the server does not support a command"},
		{"client-sends-the-first-word", proto.P50, "client-public", "cuts what is typed at the first space"},
		{"client-trusts-msgok", proto.P61, "client-public-refused", "takes any answer to a public message for msgok"},
		{"client-swaps-name-and-text", proto.P51, "client-private", "sends the text of a private message before the recipient"},
		{"client-trusts-private-msgok", proto.P52, "client-private-refused", "takes any answer to a private message for msgok"},
		{"client-loses-the-last-name", proto.P55, "client-users", "shows all users but the last"},
		{"client-reads-one-line-of-the-inbox", proto.P53, "client-inbox", "reads the first line of the inbox only"},
		{"client-reads-a-line-first", proto.P53, "client-inbox-empty", "reads a line of an inbox that is empty"},
		{"client-reads-ten-messages", proto.P53, "client-inbox-hundred", "reads ten messages of the inbox at most"},
		{"client-shows-all-alike", proto.P53, "client-inbox-kinds", "shows private messages as public ones"},
		{"client-tells-half-a-joke", proto.P57, "client-joke", "shows a joke up to the question mark"},
	} {
		all = append(all, &Mistake{m.name, conform.Client, m.rule, m.check, m.about, nil, chatClient(m.name)})
	}
	return all
}
