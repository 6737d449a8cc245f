package sum

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"parley/internal/conform"
	"parley/proto"
)

// patience is how long a client may wait between two requests: the assignment
// says a few seconds.
const patience = 15 * time.Second

// late is how late an answer comes, longer than the pause between two requests:
// one who waits for the time alone is known by that.
const late = 7 * time.Second

// request is what a client sends that asks for a sum. A CR at its end is allowed
// (P-3).
var request = regexp.MustCompile(`^([0-9]+\+[0-9]+)\r?$`)

// ClientChecks are the checks of warm-up clients: of the scripted test of the
// assignment, this side being the server.
func ClientChecks() []*conform.Check {
	all := slices.Concat(scriptChecks, answerChecks)
	for i, c := range all {
		complete := *c
		complete.Target, complete.Step = conform.SumClient, 1
		all[i] = &complete
	}
	return all
}

// What nearly every check needs, and what those need that look at the screen.
var (
	asks  = []string{"sumclient-asks"}
	shows = []string{"sumclient-asks", "sumclient-shows-sum"}
)

var scriptChecks = []*conform.Check{
	{
		ID: "sumclient-asks", Rule: proto.S1, Points: 3,
		Title: "It connects and asks for the sum of two numbers, as in 12+34",
		Hint:  "The wrong port, spaces around the plus, or nothing is sent before a key is pressed.",
		Run: func(t *conform.T) {
			p := start(t)
			p.Ignore()
			if line, ok := p.Line(t.Timeout()); ok && request.MatchString(line) {
				return
			} else if ok {
				t.Fail(conform.WrongLine, "two numbers with a plus between them", "it sent %s", conform.Quote(line+"\n"))
			}
			if request.MatchString(p.Pending()) {
				t.Skip("it asks for a sum, but the line does not end: see sumclient-line-end")
			}
			p.Expect(aRequest()) // it says what is wrong
		},
	},
	{
		ID: "sumclient-line-end", Rule: proto.P2, Points: 2,
		Title: "A request ends with one newline", Run: clientLineEnd,
		Hint: "No newline at all: a server that reads lines waits for ever. Or two: the second makes an empty request.",
	},
	{
		ID: "sumclient-shows-sum", Rule: proto.S1, Points: 1, Needs: asks,
		Title: "It shows the sum",
		Hint:  "The answer is read, and not printed.",
		Run: func(t *conform.T) {
			p, sum := asked(t)
			p.Send(sum)
			t.Shows(0, sum)
			p.Ignore()
		},
	},
	{
		ID: "sumclient-waits", Rule: proto.S1, Points: 1, Needs: asks,
		Title: "It waits for an answer that is late",
		Hint:  "The next request is sent before the answer is read; a server's answer then counts for the wrong request.",
		Run: func(t *conform.T) {
			p, sum := asked(t)
			t.Note("The answer comes %v late; until then the client has nothing to say.", late)
			t.Cause("it did not wait for the answer")
			p.Silent(late)
			t.Cause("")
			p.Send(sum)
			if line, ok := p.Line(patience); !ok || line == "" {
				p.ExpectLine("bla+bla") // it says what is wrong
			}
			p.Ignore()
		},
	},
	{
		ID: "sumclient-error", Rule: proto.S2, Points: 2, Needs: shows,
		Title: "It sends bla+bla, and shows the error that it gets",
		Hint:  "The answer is turned into a number, which error is not.",
		Run: func(t *conform.T) {
			p, sum := asked(t)
			p.Send(sum)
			answered := time.Now()
			wrongRequest(t, p)
			if time.Since(answered) < time.Second {
				t.Remark("it does not wait a few seconds before bla+bla")
			}
			p.Send("error")
			t.Shows(0, "error")
			p.Ignore()
		},
	},
	{
		ID: "sumclient-closes", Rule: proto.S3, Points: 2, Needs: asks,
		Title: "It closes the connection after game over, and sends nothing more",
		Hint:  "The connection is never closed, so that the 2+2 that must fail is sent.",
		Run:   clientCloses,
	},
}

var answerChecks = []*conform.Check{
	{
		ID: "sumclient-pieces", Rule: proto.P6, Points: 2, Needs: shows,
		Title: "An answer that comes in pieces is one answer",
		Hint:  "One recv() or read() is taken for one answer. Read until there is a newline.",
		Run: func(t *conform.T) {
			p, sum := asked(t)
			p.SendParts(sum[:1], sum[1:]+"\n")
			t.Cause("it took the part before the cut, %s, for the answer", conform.Quote(sum[:1]))
			t.Shows(0, sum)
			t.Cause("")
			needsWrongRequest(t, p)
			p.SendParts("er", "ror\n")
			t.Cause(`it took the part before the cut, "er", for the answer`)
			t.Shows(0, "error")
			p.Ignore()
		},
	},
	{
		ID: "sumclient-two-answers", Rule: proto.P6, Points: 1, Needs: shows,
		Title: "Two answers in one segment are two answers",
		Hint:  "A new reader for each answer: the one before has read both, and takes the second with it.",
		Run: func(t *conform.T) {
			p, sum := asked(t)
			t.Note("The answer to bla+bla comes together with the sum.")
			p.SendTogether(sum, "error")
			needsWrongRequest(t, p)
			t.Cause("it read both answers at once and forgot the second, or took both for one")
			await(t, p, "game over")
			p.Ignore()
		},
	},
	{
		ID: "sumclient-cut", Rule: proto.P7, Points: 1, Needs: asks,
		Title: "It ends when the server closes in the middle of an answer",
		Hint:  "A loop that reads until there is a newline, and does not look whether the stream has ended.",
		Run: func(t *conform.T) {
			p, sum := asked(t)
			p.SendParts(sum[:1])
			p.HalfClose()
			t.Note("The server has closed, and the rest of the answer will never come.")
			t.Cause("it hangs: it waits for the end of a line that will never come")
			gone(t, p)
		},
	},
}

// start starts the program and waits for it to connect.
func start(t *conform.T) *conform.Peer {
	t.StartProgram()
	return t.Accept("client")
}

func aRequest() conform.Want {
	return conform.Want{Says: `two numbers with a plus between them, as in "12+34\n"`, Is: request.MatchString}
}

// asked starts the program, takes its request and returns the right answer.
func asked(t *conform.T) (p *conform.Peer, sum string) {
	p = start(t)
	p.PassOver(func(line string) bool { return line == "" }) // sumclient-line-end is about them
	return p, mustSum(request.FindStringSubmatch(p.Expect(aRequest()))[1])
}

// await wants a line of the script, before which the client may wait.
func await(t *conform.T, p *conform.Peer, want string) {
	line, ok := p.Line(patience)
	switch {
	case ok && strings.TrimSuffix(line, "\r") == want:
		t.Cause("")
	case ok:
		t.Cause("")
		t.Fail(conform.WrongLine, conform.Quote(want+"\n"), "it sent %s", conform.Quote(line+"\n"))
	default:
		t.Note("For %v, or until the end of the connection, nothing came.", patience)
		p.ExpectLine(want) // it says what is wrong
	}
}

func wrongRequest(t *conform.T, p *conform.Peer) { await(t, p, "bla+bla") }

// needsWrongRequest is wrongRequest where another check is about it.
func needsWrongRequest(t *conform.T, p *conform.Peer) {
	if line, ok := p.Line(patience); !ok || strings.TrimSuffix(line, "\r") != "bla+bla" {
		t.Skip("it needs bla+bla, which does not come: see sumclient-error")
	}
}

func clientLineEnd(t *conform.T) {
	p := start(t)
	line, ok := p.Line(t.Timeout())
	const expected = "a request that ends with one LF"
	switch {
	case !ok && p.Pending() == "":
		t.Skip("it asks nothing: see sumclient-asks")
	case !ok:
		t.Cause("it sends its request without a newline; a server that reads lines waits for ever")
		t.Fail(conform.Timeout, expected, "it sent %s, which does not end", conform.Quote(p.Pending()))
	case strings.HasSuffix(line, "\r"):
		t.Remark("its lines end with CR LF; the protocol has LF alone, and servers drop the CR")
	}
	if line, ok := p.Line(conform.Silence); ok && strings.TrimSpace(line) == "" {
		t.Cause("it sends two newlines; the second makes an empty request, and every answer after it belongs to another request")
		t.Fail(conform.ExtraLine, expected, "after it, it sent %s", conform.Quote(line+"\n"))
	}
	p.Ignore()
}

func clientCloses(t *conform.T) {
	p, sum := asked(t)
	p.Send(sum)
	if line, ok := p.Line(patience); ok && strings.TrimSuffix(line, "\r") != "game over" {
		p.Send("error")
		await(t, p, "game over")
	} else if !ok {
		p.ExpectLine("bla+bla") // it says what is wrong
	}
	t.Note("The server closes without an answer, and so does the client.")
	p.HalfClose()
	if line, ok := p.Line(t.Timeout()); ok {
		if strings.TrimSpace(line) == "2+2" {
			t.Cause("it sends 2+2 on a connection that it should have closed: sending must fail there")
		}
		t.Fail(conform.ExtraLine, "the end of the stream", "it sent %s after game over", conform.Quote(line+"\n"))
	}
	t.Cause("it leaves the connection open after game over")
	gone(t, p)
}

// gone waits until the client has closed or ended.
func gone(t *conform.T, p *conform.Peer) {
	p.Gone(patience)
	t.Cause("")
}
