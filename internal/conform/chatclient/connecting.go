package chatclient

import (
	"parley/internal/conform"
	"parley/proto"
)

func connecting() []*conform.Check {
	return []*conform.Check{
		{
			ID: connectID, Rule: proto.P1, Step: stepConnect, Points: 3, Run: connect,
			Title: "It connects to the server when one chooses to connect",
			Hint:  "The host or the port is another than the server's, or the menu waits for something else: see what it shows.",
		},
		{
			ID: "client-nobody-listens", Rule: proto.P1, Step: stepConnect, Points: 2, Needs: needConnect, Run: nobodyListens,
			Title: "Without a server it says so, goes back to the menu, and can connect later",
			Hint:  "Connecting throws an exception that nobody catches, or the state becomes “connected” before it is.",
		},
		{
			ID: "client-disconnect", Rule: proto.P11, Step: stepDisconnect, Points: 2, Needs: needConnect, Run: disconnect,
			Title: "Disconnecting closes the connection, and sends nothing before",
			Hint:  "The state is changed but the socket is not closed; or “quit” is sent, a command that there is not.",
		},
		{
			ID: "client-reconnect", Rule: proto.P11, Step: stepDisconnect, Points: 1, Needs: needConnect, Run: reconnect,
			Title: "After disconnecting one can connect again",
			Hint:  "A closed socket cannot be used again: connecting needs a new one, with a new reader and writer.",
		},
		{
			ID: "client-quit", Rule: proto.P11, Step: stepDisconnect, Points: 1, Needs: needConnect, Run: quit,
			Title: "Quitting closes the connection and ends the program",
			Hint:  "The menu's loop has no way out, or a thread that still reads keeps the program alive.",
		},
		{
			ID: "client-server-closes", Rule: proto.P15, Also: []proto.Rule{proto.P73}, Step: stepDisconnect, Points: 2, Needs: needConnect, Run: serverCloses,
			Title: "When the server closes while the menu waits, the program lives on and can connect again",
			Hint:  "The end of the stream (null, an empty string, 0 bytes) is not looked for, or an exception ends the program.",
		},
	}
}

func connect(t *conform.T) { begin(t) }

func nobodyListens(t *conform.T) {
	t.StartProgramApart()
	t.StopListening()
	from := whenSettled(t)
	t.Note("nobody listens there now")
	t.Choose("connect")
	t.ShowsAnything(from, "that it could not connect")
	t.ListenAgain()
	t.Note("now the server listens")
	accept(t, us)
}

func disconnect(t *conform.T) {
	p := connected(t)
	t.Choose("disconnect")
	p.Ended()
}

func reconnect(t *conform.T) {
	p := connected(t)
	t.Choose("disconnect")
	p.Gone(t.Timeout())
	switchMode(t, accept(t, us+" again"))
}

func quit(t *conform.T) {
	p := connected(t)
	t.Choose("quit")
	p.Ended()
	t.Ends()
}

func serverCloses(t *conform.T) {
	p := connected(t)
	whenSettled(t)
	t.Note("the server closes the connection")
	p.Close()
	connectsAgain(t)
}
