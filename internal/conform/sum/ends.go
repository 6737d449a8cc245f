package sum

import (
	"strings"

	"parley/internal/conform"
	"parley/proto"
)

var endChecks = []*conform.Check{
	{
		ID: "sum-game-over", Rule: proto.S3, Points: 2, Phase: conform.Alone,
		Title: "game over is answered by the end of the stream, and by nothing else",
		Hint:  "A goodbye before closing, or a connection that stays open.",
		Run: func(t *conform.T) {
			p := t.Connect("alice")
			p.Send("game over")
			closes(t, p)
		},
	},
	{
		ID: "sum-game-over-in-order", Rule: proto.S3, Also: []proto.Rule{proto.S4, proto.P6}, Points: 1, Phase: conform.Alone,
		Title: "Requests before game over are answered, also in the same segment",
		Hint:  "The end is looked for in all that has come, not in one line after the other.",
		Run: func(t *conform.T) {
			p := t.Connect("alice")
			p.SendTogether("1+2", "3+4", "game over")
			for _, sum := range []string{"3", "7"} {
				if line, ok := p.Line(t.Timeout()); !ok || line != sum {
					t.Skip("it needs an answer to each request of a segment: see sum-two-in-one-segment")
				}
			}
			closes(t, p)
		},
	},
	{
		ID: "sum-half-close", Rule: proto.P10, Also: []proto.Rule{proto.S4}, Points: 1, Phase: conform.Alone,
		Title: "Who closes its sending side still gets all answers, then the end of the stream",
		Hint:  "A loop that does not notice the end of the stream, or a close that comes before the answers.",
		Run: func(t *conform.T) {
			p := t.Connect("alice")
			p.SendParts("1+2\n")
			p.HalfClose()
			p.ExpectLine("3")
			t.Cause("it does not notice that the client will send nothing more")
			p.Ended()
			t.Cause("")
		},
	},
	{
		ID: "sum-unfinished", Rule: proto.P7, Also: []proto.Rule{proto.S4}, Points: 1, Phase: conform.Alone,
		Title: "A request whose line does not end is not answered when the stream ends",
		Hint:  "Many line readers return what is left at the end of the stream as if it were a line.",
		Run:   unfinished,
	},
	{
		ID: "sum-closes-in-order", Rule: proto.P15, Also: []proto.Rule{proto.S3, proto.S4}, Points: 1, Phase: conform.Alone, Strict: true,
		Title: "What is sent after game over does not destroy the answers before it",
		Hint: "Closing a socket while unread bytes wait sends a reset, and the other side may lose what it has not read yet. " +
			"Shut down the sending side first, and read on for a while.",
		Run: func(t *conform.T) {
			p := t.Connect("alice")
			t.Note("More requests come after game over, which nobody will read.")
			p.SendParts("1+2\ngame over\n" + strings.Repeat("7+8\n", 5000))
			p.ExpectLine("3")
			p.Ended()
		},
	},
}

// closes wants the connection to be closed without a line.
func closes(t *conform.T, p *conform.Peer) {
	if line, ok := p.Line(t.Timeout()); ok {
		t.Cause("it answers game over, and must close without an answer")
		if line == "error" {
			t.Cause("it takes game over for a request, and does not close")
		}
		t.Fail(conform.ExtraLine, "the end of the stream, without a line", "%s got %s", p.Who, conform.Quote(line+"\n"))
	}
	t.Cause("it leaves the connection open after game over")
	p.Ended()
	t.Cause("")
}

func unfinished(t *conform.T) {
	p := t.Connect("alice")
	t.Note("The stream ends in the middle of a line.")
	p.SendParts("20+22")
	p.HalfClose()
	if line, ok := p.Line(t.Timeout()); ok {
		if !t.Course() {
			t.Cause("it took 20+22 for a request, though its line had not ended; a cut connection may have lost the rest: 20+221")
			t.Fail(conform.ExtraLine, "no answer to 20+22, whose line did not end", "alice got %s", conform.Quote(line+"\n"))
		}
		t.Remark("it answers 20+22, whose line has not ended; parley does not, since the rest may have been lost: 20+221")
	}
	p.Ended()
}
