package zoo

import (
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"time"
	"unicode/utf8"
)

// request sends a command and reads one line of its answer.
func (c *menuClient) request(command, arguments string) (answer string, err error) {
	if c.conn == nil {
		return "", errNoCon
	}
	if err := c.send(command, arguments); err != nil {
		return "", err
	}
	answer, err = c.readLine()
	if c.flaw == "client-dies-at-cmderr" && command != "sync" && strings.HasPrefix(answer, "cmderr") {
		return "", errDies
	}
	return answer, err
}

func (c *menuClient) send(command, arguments string) error {
	line := command
	if arguments != "" || c.flaw == "client-adds-a-space" {
		line += " " + arguments
	}
	end := "\n"
	switch c.flaw {
	case "client-writes-crlf":
		end = "\r\n"
	case "client-writes-two-newlines":
		end = "\n\n"
	case "client-writes-latin1":
		line = latin1(line)
	}
	if _, err := io.WriteString(c.conn, line+end); err != nil {
		c.hangUp()
		return errGone
	}
	return nil
}

// latin1 encodes text with one byte for each character.
func latin1(text string) string {
	var encoded []byte
	for _, r := range text {
		encoded = append(encoded, byte(r))
	}
	return string(encoded)
}

// patience is how long the client waits that does not wait long.
const patience = 300 * time.Millisecond

// readLine reads a line, without its end.
func (c *menuClient) readLine() (string, error) {
	line, err := c.readUntilLF()
	switch {
	case err == nil:
		return c.decode(strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"))
	case errors.Is(err, errDies), errors.Is(err, os.ErrDeadlineExceeded):
		return "", err
	case c.flaw == "client-reads-on-at-the-end":
		<-c.ctx.Done() // as a loop in which recv() returns nothing, for ever
	}
	c.hangUp()
	return "", errGone
}

// readUntilLF reads until there is a line feed; flawed clients do otherwise.
func (c *menuClient) readUntilLF() (string, error) {
	switch c.flaw {
	case "client-one-read-one-line":
		return c.readOnce(64 << 10)
	case "client-decodes-each-segment":
		return c.readAndDecode()
	case "client-hangs-when-late":
		return c.readInTime()
	}
	return c.lines.ReadString('\n')
}

// readOnce takes what one read brings for a line.
func (c *menuClient) readOnce(most int) (string, error) {
	buf := make([]byte, most)
	n, err := c.conn.Read(buf)
	return string(buf[:n]), err
}

// readAndDecode decodes what each read brings by itself.
func (c *menuClient) readAndDecode() (string, error) {
	for line := ""; ; {
		if before, after, ok := strings.Cut(c.unread+line, "\n"); ok {
			c.unread = after
			return before, nil
		}
		piece, err := c.readOnce(64 << 10)
		if err != nil {
			return "", err
		}
		if !utf8.ValidString(piece) {
			c.show("UnicodeDecodeError: 'utf-8' codec can't decode the last byte: unexpected end of data")
			return "", errDies
		}
		line += piece
	}
}

// readInTime waits for an answer for a while only, and then for something that
// never comes.
func (c *menuClient) readInTime() (string, error) {
	if err := c.conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return "", err
	}
	line, err := c.lines.ReadString('\n')
	if late := net.Error(nil); errors.As(err, &late) && late.Timeout() {
		<-c.ctx.Done()
	}
	return line, err
}

// decode makes text of a line's bytes.
func (c *menuClient) decode(line string) (string, error) {
	switch {
	case c.flaw == "client-buffer-of-100":
		return line[:min(len(line), 100)], nil
	case c.flaw == "client-line-limit" && len(line) > 64<<10:
		c.hangUp()
		return "", errors.New("token too long")
	case c.flaw == "client-reads-latin1":
		return string(runes(line)), nil
	}
	return line, nil
}

// runes takes each byte for a character.
func runes(line string) []rune {
	var all []rune
	for i := range len(line) {
		all = append(all, rune(line[i]))
	}
	return all
}
