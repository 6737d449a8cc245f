package client_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log"
	"net"

	"parley/client"
)

// A bot that answers whoever whispers to it.
func Example() {
	addr := aServer()
	ctx := context.Background()
	bot, err := client.Dial(ctx, addr, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer bot.Close()
	if err := bot.Login(ctx, "echo"); err != nil {
		log.Fatal(err)
	}
	for m := range bot.Messages(ctx) {
		fmt.Printf("%s: %s\n", m.Sender, m.Text)
		if m.Private {
			_ = bot.Whisper(ctx, m.Sender, "you said "+m.Text)
		}
	}
	fmt.Println(bot.Err())
	// Output:
	// alice: good morning
	// bob: are you there?
	// the server closed the connection: EOF
}

// A program that was away comes back: it gets what it has missed, and goes on with
// what is said from now on.
func ExampleClient_CatchUp() {
	ctx := context.Background()
	c, err := client.Dial(ctx, aServerWithHistory(), nil)
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	show := func(m client.Message) { fmt.Printf("%d %s: %s\n", m.Stamp.ID, m.Sender, m.Text) }
	const last = 7 // the ID of the newest message that it has
	gap, err := c.CatchUp(ctx, last, show)
	if errors.Is(err, client.ErrUnsupported) {
		fmt.Println("this server keeps nothing")
	} else if gap {
		fmt.Println("some of it is no longer kept")
	}
	for m := range c.Messages(ctx) {
		show(m)
	}
	// Output:
	// 8 alice: where are you?
	// 9 bob: he is away
	// 10 alice: ah, there
}

// aServerWithHistory says the last of it while history is asked for.
func aServerWithHistory() string {
	const at = "2026-11-22T16:49:00.123Z"
	return aScript(
		"modeok\n",
		"@9 "+at+" msg bob he is away\nhistory 2\n@8 "+at+" msg alice where are you?\n@9 "+at+" msg bob he is away\n",
		"history 0\n@10 "+at+" msg alice ah, there\n")
}

// aServer stands in for parley: it logs one client in, lets it hear two people
// and ends when the second was answered.
func aServer() string {
	return aScript("loginok\nmsg alice good morning\nprivmsg bob are you there?\n", "msgok 1\n")
}

// aScript answers the lines of one client with these texts.
func aScript(answers ...string) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go func() {
		defer l.Close()
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		lines := bufio.NewScanner(conn)
		for _, answer := range answers {
			lines.Scan()
			fmt.Fprint(conn, answer)
		}
	}()
	return l.Addr().String()
}
