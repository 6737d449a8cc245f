package zoo

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// check is the error that an answer stands for which is not the one wanted.
func check(answer, wanted string) error {
	if strings.HasPrefix(answer, wanted) {
		return nil
	}
	_, reason, _ := strings.Cut(answer, " ")
	return fmt.Errorf("the server refused it: %s", reason)
}

func (c *menuClient) logIn() error {
	name, err := c.ask("Your name: ")
	if err != nil {
		return err
	}
	if c.flaw == "client-logs-in-twice" && c.conn != nil {
		_ = c.send("login", name)
	}
	answer, err := c.request("login", name)
	if err != nil {
		return err
	}
	if err := check(answer, "loginok"); err != nil {
		if c.flaw == "client-keeps-the-reason" {
			err = errors.New("you could not be logged in")
		}
		return err
	}
	c.show("You are logged in.")
	return nil
}

func (c *menuClient) say() error {
	text, err := c.ask("Your message: ")
	if err != nil {
		return err
	}
	if c.flaw == "client-sends-the-first-word" {
		text, _, _ = strings.Cut(text, " ")
	}
	answer, err := c.request("msg", text)
	switch {
	case err != nil:
		return err
	case c.flaw == "client-trusts-msgok":
		c.show("Sent.")
		return nil
	}
	if err := check(answer, "msgok"); err != nil {
		return err
	}
	c.show("Sent.")
	return nil
}

func (c *menuClient) whisper() error {
	to, err := c.ask("To whom: ")
	if err != nil {
		return err
	}
	text, err := c.ask("Your message: ")
	if err != nil {
		return err
	}
	if c.flaw == "client-swaps-name-and-text" {
		to, text = text, to
	}
	answer, err := c.request("privmsg", to+" "+text)
	if err != nil {
		return err
	}
	if c.flaw == "client-trusts-private-msgok" {
		answer = "msgok 1"
	}
	if err := check(answer, "msgok"); err != nil {
		return err
	}
	c.show("Sent.")
	return nil
}

func (c *menuClient) readInbox() error {
	answer, err := c.request("inbox", "")
	if err != nil {
		return err
	}
	if err := check(answer, "inbox "); err != nil {
		return err
	}
	messages, err := c.readMessages(strings.TrimPrefix(answer, "inbox "))
	c.show("%d messages", len(messages))
	for _, m := range messages {
		c.showMessage(m)
	}
	return err
}

// readMessages reads as many messages as count says. Those that came before the
// first answer go first.
func (c *menuClient) readMessages(count string) ([]string, error) {
	n, err := strconv.Atoi(count)
	if err != nil {
		return nil, errors.New("the server says something that is no number")
	}
	switch c.flaw {
	case "client-reads-one-line-of-the-inbox":
		n = 0
	case "client-reads-a-line-first":
		n = max(n, 1)
	case "client-reads-ten-messages":
		n = min(n, 10)
	}
	messages := c.early
	c.early = nil
	for range n {
		line, err := c.readLine()
		if err != nil {
			return messages, err
		}
		messages = append(messages, line)
	}
	return messages, nil
}

func (c *menuClient) showMessage(line string) {
	kind, rest, _ := strings.Cut(line, " ")
	sender, text, _ := strings.Cut(rest, " ")
	if kind == "privmsg" && c.flaw != "client-shows-all-alike" {
		sender += " (private)"
	}
	c.show("  %s: %s", sender, text)
}

func (c *menuClient) listUsers() error {
	answer, err := c.request("users", "")
	if err != nil {
		return err
	}
	if err := check(answer, "users "); err != nil {
		return err
	}
	names := strings.Fields(answer)[1:]
	if c.flaw == "client-loses-the-last-name" {
		names = names[:len(names)-1]
	}
	c.show("%d users", len(names))
	for _, name := range names {
		c.show("  %s", name)
	}
	return nil
}

func (c *menuClient) joke() error {
	answer, err := c.request("joke", "")
	if err != nil {
		return err
	}
	if err := check(answer, "joke "); err != nil {
		return err
	}
	text := strings.TrimPrefix(answer, "joke ")
	if c.flaw == "client-tells-half-a-joke" {
		text, _, _ = strings.Cut(text, "?")
	}
	c.show("%s", text)
	return nil
}
