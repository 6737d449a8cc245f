package sum

import (
	"fmt"

	"parley/internal/conform"
	"parley/proto"
)

var crowdChecks = []*conform.Check{
	{
		ID: "sum-several-clients", Rule: proto.S4, Points: 3, Phase: conform.Alone,
		Title: "A client that says nothing does not hold up others",
		Hint:  "accept() and the conversation are in one loop: each client needs a thread of its own.",
		Run: func(t *conform.T) {
			silent := t.Dial("silent")
			t.Cause("it serves one client at a time: as long as one is connected, others wait")
			ask(t.Dial("alice"), "1+2", "3")
			ask(silent, "3+4", "7")
			t.Cause("")
		},
	},
	{
		ID: "sum-many-clients", Rule: proto.S4, Points: 1, Phase: conform.Alone,
		Title: "Thirty clients at once get each their own sums",
		Hint:  "A buffer or a result that all threads share.",
		Run:   manyClients,
	},
	{
		ID: "sum-reset", Rule: proto.S4, Points: 1, Phase: conform.Last,
		Title: "A client that breaks off in the middle of a request is no matter to others",
		Hint:  "An exception in one client's thread ends the whole program.",
		Run: func(t *conform.T) {
			p, other := t.Connect("alice"), t.Connect("bob")
			p.SendParts("12+")
			p.Reset()
			ask(other, "3+4", "7")
			ask(t.Dial("carol"), "5+6", "11")
		},
	},
}

// manyClients has the requests of all on their way before an answer is read.
func manyClients(t *conform.T) {
	const clients, rounds = 30, 3
	peers := make([]*conform.Peer, clients)
	for i := range peers {
		peers[i] = t.Dial(fmt.Sprintf("client%d", i+1))
	}
	for round := range rounds {
		request := func(i int) string { return fmt.Sprintf("%d+%d", 1000*(i+1), round+1) }
		for i, p := range peers {
			p.Send(request(i))
		}
		for i, p := range peers {
			p.Expect(conform.Exactly(mustSum(request(i))).Because(func(got string) string {
				for other := range peers {
					if other != i && got == mustSum(request(other)) {
						return fmt.Sprintf("answered %s, which is the sum of another client", got)
					}
				}
				return ""
			}))
		}
	}
}
