package zoo

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"time"
)

// menuClient is a chat client with one flaw, or with none: the menu of the
// course's template, all in one thread.
type menuClient struct {
	flaw    string
	ctx     context.Context
	out     io.Writer
	typed   <-chan string // lines of input; closed when the input ends
	address string

	conn   net.Conn // nil while disconnected
	lines  *bufio.Reader
	early  []string // messages that came before the answer to sync
	unread string   // what has come behind a line, where lines is not used
	joined bool     // it has been connected
}

// chatClient returns the client program with a flaw; an empty one is correct.
func chatClient(flaw string) clientFunc {
	return func(ctx context.Context, in io.Reader, out io.Writer, address string) error {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		c := &menuClient{flaw: flaw, ctx: ctx, out: out, typed: typedLines(ctx, in), address: address}
		defer c.hangUp()
		err := c.loop()
		if errors.Is(err, errQuit) || errors.Is(err, io.EOF) {
			return nil
		}
		return err
	}
}

// typedLines passes on what is typed. A read that is under way when ctx ends is
// left behind.
func typedLines(ctx context.Context, in io.Reader) <-chan string {
	lines := make(chan string)
	go func() {
		defer close(lines)
		for scanner := bufio.NewScanner(in); scanner.Scan(); {
			select {
			case lines <- scanner.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	return lines
}

// What ends the program: only the first in a correct one. Everything else that
// can go wrong ends an action, or the connection.
var (
	errQuit  = errors.New("quit")
	errDies  = errors.New("unhandled exception in thread main")
	errGone  = errors.New("the server has closed the connection")
	errNoCon = errors.New("you are not connected")
)

var menuItems = []struct {
	title string
	run   func(*menuClient) error
}{
	{"Connect to the server", (*menuClient).connect},
	{"Disconnect", (*menuClient).disconnect},
	{"Log in", (*menuClient).logIn},
	{"Send a public message", (*menuClient).say},
	{"Send a private message", (*menuClient).whisper},
	{"Read the inbox", (*menuClient).readInbox},
	{"List users", (*menuClient).listUsers},
	{"Ask for a joke", (*menuClient).joke},
	{"Quit", (*menuClient).quit},
}

func (c *menuClient) loop() error {
	for {
		for i, item := range menuItems {
			c.show("%d. %s", i+1, item.title)
		}
		choice, err := c.ask("Your choice: ")
		if err != nil {
			return err
		}
		run := func(*menuClient) error { return errors.New("there is no such choice") }
		for i, item := range menuItems {
			if choice == fmt.Sprint(i+1) {
				run = item.run
			}
		}
		if err := run(c); c.ends(err) {
			return err
		}
	}
}

// ends shows an error, and reports whether it is the end of the program.
func (c *menuClient) ends(err error) bool {
	switch {
	case err == nil:
		return false
	case errors.Is(err, errQuit), errors.Is(err, errDies), errors.Is(err, io.EOF), c.ctx.Err() != nil:
		return true
	}
	c.show("Error: %v", err)
	return errors.Is(err, errGone) && c.flaw == "client-dies-with-the-connection"
}

// show shows a line.
func (c *menuClient) show(format string, args ...any) {
	_, _ = fmt.Fprintf(c.out, format+"\n", args...)
}

// ask prompts for a line.
func (c *menuClient) ask(prompt string) (string, error) {
	_, _ = io.WriteString(c.out, prompt)
	select {
	case line, ok := <-c.typed:
		if !ok {
			return "", io.EOF
		}
		return strings.TrimRight(line, "\r"), nil
	case <-c.ctx.Done():
		return "", c.ctx.Err()
	}
}

func (c *menuClient) connect() error {
	if c.conn != nil {
		return errors.New("you are connected already")
	}
	c.unread = ""
	if c.joined && c.flaw == "client-connects-once" {
		return errors.New("socket closed")
	}
	conn, err := new(net.Dialer).DialContext(c.ctx, "tcp", c.address)
	switch {
	case err != nil && c.flaw == "client-dies-without-server":
		return errDies
	case err != nil:
		return errors.New("could not connect to the server")
	}
	c.conn, c.lines, c.early, c.joined = conn, bufio.NewReader(conn), nil, true
	context.AfterFunc(c.ctx, func() { _ = conn.Close() })
	return c.switchMode()
}

func (c *menuClient) switchMode() error {
	if c.flaw == "client-without-sync" {
		c.show("Connected.")
		return nil
	}
	answer, err := c.request("sync", "")
	for err == nil && isMessage(answer) && c.flaw != "client-takes-a-message-for-modeok" {
		c.early = append(c.early, answer)
		answer, err = c.readLine()
	}
	switch {
	case err != nil:
		return err
	case answer != "modeok" && c.flaw != "client-trusts-modeok":
		return fmt.Errorf("the server does not change its mode: %s", strings.TrimPrefix(answer, "cmderr "))
	}
	c.show("Connected.")
	return nil
}

func isMessage(line string) bool {
	return strings.HasPrefix(line, "msg ") || strings.HasPrefix(line, "privmsg ")
}

func (c *menuClient) disconnect() error {
	switch {
	case c.conn == nil:
		return errNoCon
	case c.flaw == "client-misses-the-end" && c.hasEnded():
		return errors.New("broken pipe")
	case c.flaw == "client-says-quit":
		_ = c.send("quit", "")
	case c.flaw == "client-keeps-the-socket":
		c.conn = nil
	}
	c.hangUp()
	c.show("Disconnected.")
	return nil
}

// hasEnded reports whether the server has closed the connection.
func (c *menuClient) hasEnded() bool {
	_ = c.conn.SetReadDeadline(time.Now().Add(patience))
	_, err := c.lines.Peek(1)
	return errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET)
}

func (c *menuClient) quit() error {
	if c.flaw == "client-without-a-way-out" {
		return nil
	}
	return errQuit
}

func (c *menuClient) hangUp() {
	if c.conn != nil {
		_ = c.conn.Close()
	}
	c.conn = nil
}
