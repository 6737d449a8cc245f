package client_test

import (
	"bufio"
	"context"
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

// aServer stands in for parley: it logs one client in, lets it hear two people
// and ends when the second was answered.
func aServer() string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	go func() {
		defer l.Close()
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		lines := bufio.NewScanner(conn)
		lines.Scan()
		fmt.Fprint(conn, "loginok\nmsg alice good morning\nprivmsg bob are you there?\n")
		lines.Scan()
		fmt.Fprint(conn, "msgok 1\n")
	}()
	return l.Addr().String()
}
