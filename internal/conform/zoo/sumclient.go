package zoo

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"time"

	"parley/internal/conform"
	"parley/proto"
)

// asker is a warm-up client that does the assignment's scripted test, with one
// flaw or with none.
type asker struct {
	flaw  string
	out   io.Writer
	conn  net.Conn
	lines *bufio.Reader
}

// betweenRequests is how long the test waits.
const betweenRequests = 2 * time.Second

// sumClient returns a warm-up client with a flaw; without a name it is correct.
func sumClient(flaw string) clientFunc {
	return func(ctx context.Context, _ io.Reader, out io.Writer, address string) error {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		if err != nil {
			fmt.Fprintln(out, "no connection:", err)
			return nil
		}
		defer conn.Close()
		defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
		a := &asker{flaw: flaw, out: out, conn: conn, lines: bufio.NewReader(conn)}
		if err := a.script(ctx); err != nil {
			fmt.Fprintln(out, "that did not work:", err)
		}
		return nil
	}
}

// script is the test of the assignment.
func (a *asker) script(ctx context.Context) error {
	x, y := 10+rand.IntN(90), 10+rand.IntN(90)
	if err := a.ask(fmt.Sprintf("%d+%d", x, y)); err != nil {
		return err
	}
	select {
	case <-time.After(betweenRequests):
	case <-ctx.Done():
		return ctx.Err()
	}
	if a.flaw != "sumclient-knows-no-error" {
		if err := a.ask("bla+bla"); err != nil {
			return err
		}
	}
	if a.flaw != "sumclient-leaves-without-a-word" {
		if err := a.send(gameOver); err != nil {
			return err
		}
	}
	if a.flaw != "sumclient-stays" {
		_ = a.conn.Close()
	}
	if a.send("2+2") == nil {
		return errors.New("2+2 could be sent, and must not")
	}
	fmt.Fprintln(a.out, "2+2 failed, as it must")
	return nil
}

func (a *asker) ask(request string) error {
	if err := a.send(request); err != nil {
		return err
	}
	if a.flaw == "sumclient-does-not-wait" {
		return nil
	}
	answer, err := a.receive()
	if err == nil && a.flaw != "sumclient-shows-nothing" {
		fmt.Fprintln(a.out, request, "->", answer)
	}
	return err
}

func (a *asker) send(request string) error {
	end := "\n"
	switch a.flaw {
	case "sumclient-forgets-the-newline":
		end = ""
	case "sumclient-sends-two-newlines":
		end = "\n\n"
	}
	_, err := io.WriteString(a.conn, request+end)
	return err
}

func (a *asker) receive() (answer string, err error) {
	switch a.flaw {
	case "sumclient-one-read-one-answer":
		answer, err = readSegment(a.conn, 4096)
		return strings.TrimSpace(answer), err
	case "sumclient-a-reader-for-each-answer":
		a.lines = bufio.NewReader(a.conn)
	case "sumclient-spins-at-the-end":
		return a.spin()
	}
	answer, err = a.lines.ReadString('\n')
	return strings.TrimSpace(answer), err
}

// spin reads until there is a newline, and takes the end of the stream for
// nothing more than a pause.
func (a *asker) spin() (answer string, err error) {
	for !strings.HasSuffix(answer, "\n") {
		c, err := a.lines.ReadByte()
		if errors.Is(err, net.ErrClosed) {
			return "", err
		}
		if err != nil {
			pause(time.Millisecond) // others have the computer too
			continue
		}
		answer += string(c)
	}
	return strings.TrimSpace(answer), nil
}

// sumClients are the warm-up clients with a flaw.
func sumClients() []*Mistake {
	var all []*Mistake
	for _, f := range sumClientFlaws {
		m := f.in(conform.SumClient)
		m.run = sumClient(f.name)
		all = append(all, m)
	}
	return all
}

var sumClientFlaws = []flaw{
	{"sumclient-forgets-the-newline", proto.P2, "sumclient-line-end", "sends requests without a newline"},
	{"sumclient-sends-two-newlines", proto.P2, "sumclient-line-end", "sends two newlines after each request"},
	{"sumclient-shows-nothing", proto.S1, "sumclient-shows-sum", "does not show the sum"},
	{"sumclient-does-not-wait", proto.S1, "sumclient-waits", "does not wait for answers"},
	{"sumclient-knows-no-error", proto.S2, "sumclient-error", "leaves bla+bla out"},
	{"sumclient-leaves-without-a-word", proto.S3, "sumclient-closes", "closes without game over"},
	{"sumclient-stays", proto.S3, "sumclient-closes", "does not close after game over, and sends 2+2"},
	{"sumclient-one-read-one-answer", proto.P6, "sumclient-pieces", "takes what one recv() returns for one answer"},
	{"sumclient-a-reader-for-each-answer", proto.P6, "sumclient-two-answers", "makes a new reader for each answer, and loses what the one before has read"},
	{"sumclient-spins-at-the-end", proto.P7, "sumclient-cut", "reads for ever when the server has closed"},
}
