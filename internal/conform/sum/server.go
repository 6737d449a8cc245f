package sum

import (
	"math/big"
	"slices"
	"strings"

	"parley/internal/conform"
	"parley/proto"
)

// basics are what every other check of a server needs. Each of them needs the
// first.
var basics = []string{"sum-speaks-second", "sum-adds", "sum-line-end"}

// ServerChecks are the checks of warm-up servers.
func ServerChecks() []*conform.Check {
	all := slices.Concat(basicChecks, segmentChecks, numberChecks, endChecks, crowdChecks, errorChecks)
	for i, c := range all {
		complete := *c
		complete.Target, complete.Step = conform.SumServer, 1
		complete.Needs = basics
		if i := slices.Index(basics, c.ID); i >= 0 {
			complete.Needs = basics[:min(i, 1)]
		}
		all[i] = &complete
	}
	return all
}

var basicChecks = []*conform.Check{
	{
		ID: "sum-speaks-second", Rule: proto.S1, Points: 1,
		Title: "The server says nothing before it is asked",
		Hint:  "A greeting, which the client takes for the answer to its first request.",
		Run: func(t *conform.T) {
			p := t.Dial("alice")
			t.Note("The client speaks first: nothing may come for %v.", conform.Silence)
			greeting := p.Greeting()
			if greeting.Text == "" {
				return
			}
			if greeting.IsLike(t.Dial("bob").Greeting()) {
				t.Overlook(greeting.Habit())
			}
			t.Fail(conform.ExtraLine, "nothing to alice before it is asked for", "alice got %s", conform.Quote(greeting.Text))
		},
	},
	{
		ID: "sum-adds", Rule: proto.S1, Points: 3,
		Title: "Two numbers and a plus are answered with their sum",
		Hint:  "The numbers are joined as texts, or a word stands around the sum.",
		Run: func(t *conform.T) {
			p := t.Dial("alice")
			p.Ignore() // what ends a line, and comes behind it, is the next check's business
			for range 3 {
				a, b := 2+t.Rand.IntN(998), 2+t.Rand.IntN(998)
				looseAsk(t, p, big.NewInt(int64(a)), big.NewInt(int64(b)))
			}
		},
	},
	{
		ID: "sum-line-end", Rule: proto.P2, Also: []proto.Rule{proto.S4}, Points: 2,
		Title: "An answer ends with one newline and nothing else",
		Hint: "println on Windows writes CR LF; a newline in the text and another from println are two; " +
			"a string without one is no line, and a client that reads lines waits for ever.",
		Run: lineEnd,
	},
}

// looseAsk wants the right sum, whatever ends the line.
func looseAsk(t *conform.T, p *conform.Peer, a, b *big.Int) {
	request, sum := a.String()+"+"+b.String(), new(big.Int).Add(a, b).String()
	p.Send(request)
	for { // an empty line is no answer, but one newline too many
		line, ok := p.Line(t.Timeout())
		switch {
		case !ok && p.Pending() == sum:
			t.Skip("the sum is right, but its line does not end: see sum-line-end")
		case !ok:
			p.ExpectLine(sum) // it says what is wrong
		case strings.TrimSpace(line) == sum:
			return
		case strings.TrimSpace(line) != "":
			t.Cause("%s", whySum(a, b, line))
			t.Fail(conform.WrongLine, conform.Quote(sum+"\n"), "%s got %s", p.Who, conform.Quote(line+"\n"))
		}
	}
}

func lineEnd(t *conform.T) {
	p := t.Dial("alice")
	p.Send("2+3")
	switch lines := p.LineEnd(); len(lines) {
	case 0:
		t.Skip("it answers nothing: see sum-adds")
	case 1:
	default:
		t.Fail(conform.ExtraLine, "one line", "after %s, alice got %s", conform.Quote(lines[0]+"\n"), conform.Quote(lines[1]+"\n"))
	}
}

// ask sends a request and wants its answer.
func ask(p *conform.Peer, request, answer string) {
	p.Send(request)
	p.ExpectLine(answer)
}
