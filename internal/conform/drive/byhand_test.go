package drive_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"

	"parley/internal/conform"
	"parley/internal/conform/chatclient"
	"parley/internal/conform/drive"
)

// student does by hand what the check asks for, with a client that connects and
// logs in, and shows nothing but the reasons of refusals.
func student(t *testing.T, address string, asked io.Reader, answers io.Writer) {
	var conn net.Conn
	var lines *bufio.Reader
	synced := false
	send := func(line string) {
		if _, err := io.WriteString(conn, line+"\n"); err != nil {
			t.Error(err)
		}
	}
	asks := bufio.NewScanner(asked)
	asks.Split(untilSpace)
	for asks.Scan() {
		answer := ""
		switch ask := asks.Text(); {
		case strings.Contains(ask, "choose “connect”"):
			conn, _ = net.Dial("tcp", address)
			defer conn.Close()
			lines, synced = bufio.NewReader(conn), false
			send("sync")
		case strings.Contains(ask, "choose “log in”"):
			if !synced {
				_, _ = lines.ReadString('\n')
				synced = true
			}
			send("login " + strings.Split(ask, `"`)[1])
		case strings.Contains(ask, "Does it show"):
			line, _ := lines.ReadString('\n')
			answer = map[bool]string{true: "y", false: "no"}[strings.Contains(line, "already")]
		}
		_, _ = io.WriteString(answers, answer+"\n")
	}
}

// untilSpace splits at a space behind which nothing has been written yet: there
// the question ends.
func untilSpace(data []byte, _ bool) (int, []byte, error) {
	if len(data) > 0 && data[len(data)-1] == ' ' {
		return len(data), data, nil
	}
	return 0, nil, nil
}

func TestByHand(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	asked, out := io.Pipe()
	in, answers := io.Pipe()
	go student(t, address, asked, answers)
	defer in.Close()
	defer out.Close()
	opts := conform.Options{Programs: drive.ByHand(address, in, out), Only: []string{"client-login-refused"}}
	checks, err := conform.Select(chatclient.Checks(), &opts)
	if err != nil {
		t.Fatal(err)
	}
	report, err := conform.Run(t.Context(), conform.Client, checks, opts)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range report.Results[:len(report.Results)-1] {
		if r.Status != conform.Passed {
			t.Errorf("%s: %s", r.Check.ID, r.Message)
		}
	}
	last := report.Results[len(report.Results)-1]
	if last.Kind != conform.NotShown || !strings.Contains(last.Message, "the person") || !strings.Contains(last.Expected, "incorrect username format") {
		t.Errorf("%s %s: %s, %s", last.Status, last.Kind, last.Message, last.Expected)
	}
}

// A person who is interrupted is not waited for; the next answer still counts.
func TestByHandInterrupted(t *testing.T) {
	in, answers := io.Pipe()
	programs := drive.ByHand("", in, io.Discard)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := programs.Start(ctx, "127.0.0.1:1300", nil); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	go func() { _, _ = io.WriteString(answers, "\n") }()
	if _, err := programs.Start(t.Context(), "127.0.0.1:1300", nil); err != nil {
		t.Error(err)
	}
	answers.Close()
	if _, err := programs.Start(t.Context(), "127.0.0.1:1300", nil); !errors.Is(err, io.EOF) {
		t.Error(err)
	}
}

// Where nobody answers, nothing is said about the program.
func TestNobodyThere(t *testing.T) {
	programs := drive.ByHand("127.0.0.1:0", strings.NewReader(""), io.Discard)
	report, err := conform.Run(t.Context(), conform.Client, chatclient.Checks(), conform.Options{Programs: programs})
	if err != nil || report.Broken != "" || report.Count(conform.Skipped) != len(report.Results) {
		t.Errorf("%v, %s, %d skipped", err, report.Broken, report.Count(conform.Skipped))
	}
}
