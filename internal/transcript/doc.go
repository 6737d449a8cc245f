// Package transcript holds conversations between clients and a server as
// data: who sends which bytes, cut where, and who gets which. Each one shows
// some rules of docs/protocol.md. The data is in data/*.txtar, one file for
// each theme; package play plays it against a server.
//
// # The format
//
// A file is a txtar archive: a comment, then sections. Each section is one
// conversation with an id of its own: headers, an empty line, steps.
//
//	-- msg-reaches-the-others --
//	rules: P-50
//	title: A message reaches everybody but its sender
//
//	connect alice bob
//	# alice is the other one here
//	bob > msg hi
//	bob < msgok 1
//	alice < msg {bob} hi
//
// The headers "rules" and "title" are required. These are optional:
//
//	service: sum            the warm-up service; without it, chat
//	dialect: parley         the course leaves this open or its servers differ
//	server: fresh           nobody has connected to the server before
//	server: spam-rate=3     a setting that the server must have, by its flag's name
//
// The steps, one on a line; a line that begins with # says why:
//
//	connect alice bob       connect, in this order, each known by the server before the next step
//	dial alice              connect and wait for nothing
//	alice > msg hi          send this line and its LF in one segment
//	alice >> "he" "lp\n"    send exactly these bytes, each Go string in a segment of its own
//	alice < msgok 1         the next line that alice gets is exactly this one
//	alice < EOF             the stream to alice ends here
//	alice <~ joke .+        the next line matches the whole regular expression
//	alice <raw "msgok 1\n"  the next bytes are exactly these
//	alice quiet             nothing else has come to alice: the next line is the answer to a command sent now
//	alice poll users bob    ask "users" again and again until this is the answer
//	alice half-close        end the sending side
//	alice close             close both sides
//	alice reset             close with a TCP reset
//
// A step that expects something waits for it: that is the only order between
// connections. What a conversation does not expect must not come: at its end
// every connection that is still open has received nothing more.
//
// Two things stand in braces in a text. {alice} is the name that the server
// gave to alice on connecting; the first line that shows it tells which it
// is, and it is the same from then on. {ab*3} is ababab. Any other brace is
// itself.
package transcript
