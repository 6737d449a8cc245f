package sum

import (
	"fmt"
	"strings"

	"parley/internal/conform"
	"parley/proto"
)

// errorChecks come last: what they send may bring a bad server down.
var errorChecks = []*conform.Check{
	{
		ID: "sum-error", Rule: proto.S2, Points: 3, Phase: conform.Last,
		Title: "bla+bla is answered with error, and the connection stays",
		Hint:  "An exception of the number reader that nobody catches: the thread ends, or the program.",
		Run: func(t *conform.T) {
			p := t.Connect("alice")
			p.Send("bla+bla")
			p.Expect(conform.Exactly("error").Because(whyNoError("bla+bla")))
			t.Note("The connection stays, and the next request has its sum.")
			t.Cause("it closes the connection after an error")
			ask(p, "20+22", "42")
			t.Cause("")
		},
	},
	{
		ID: "sum-error-parts", Rule: proto.S2, Points: 2, Phase: conform.Last,
		Title: "A request with a part too few or too many is an error",
		Hint:  "Splitting at + and taking the first two parts, whether there are two or not.",
		Run: func(t *conform.T) {
			for _, request := range []string{"5", "1+", "+1", "+", "1++2", "1+2+3", "a+1", "1+a", "1a+1", "hello"} {
				refuses(t, request)
			}
		},
	},
	{
		ID: "sum-error-empty-line", Rule: proto.S2, Points: 1, Phase: conform.Last,
		Title: "An empty line is an error like any other",
		Hint:  "Empty lines are passed over without an answer, or taken for the end of the stream.",
		Run: func(t *conform.T) {
			t.Cause("it does not answer an empty line: a client that waits for an answer hangs")
			refuses(t, "")
			t.Cause("")
		},
	},
	{
		ID: "sum-error-zero", Rule: proto.S2, Points: 1, Phase: conform.Last,
		Title: "Zero is no number here",
		Hint:  "The assignment speaks of positive numbers.",
		Run: func(t *conform.T) {
			leniently(t, "0+1", "1", "1+0", "1", "0+0", "0", "000+5", "5")
		},
	},
	{
		ID: "sum-error-signs-and-spaces", Rule: proto.S2, Points: 1, Phase: conform.Last,
		Title: "Signs and spaces are errors",
		Hint:  "The number readers of most languages take signs, and pass over spaces.",
		Run: func(t *conform.T) {
			leniently(t, "1 + 2", "3", " 1+2", "3", "1+2 ", "3", "1+2\t", "3", "-1+2", "1", "1+-2", "-1", "+1+2", "3")
		},
	},
	{
		ID: "sum-error-code", Rule: proto.S2, Points: 2, Phase: conform.Last,
		Title: "A request is never run as a program",
		Hint:  "eval() runs whatever anybody sends: it may delete your files. Split the request and read two numbers.",
		Run:   noCode,
	},
	{
		ID: "sum-error-numbers", Rule: proto.S2, Points: 1, Phase: conform.Last, Strict: true,
		Title: "Only the digits 0 to 9 make numbers",
		Hint:  "Number readers that know fractions, exponents, hexadecimal numbers or the digits of other alphabets.",
		Run: func(t *conform.T) {
			for _, request := range []string{"1.5+2", "1,5+2", "1e3+1", "0x10+1", "1_000+1", "1L+1", "١+٢", "１+２", "²+1", "1＋2", "1+2\xff", "1+2\x00"} {
				refuses(t, request)
			}
		},
	},
	{
		ID: "sum-too-long", Rule: proto.S2, Points: 1, Phase: conform.Last, Strict: true,
		Title: "A line of more than 16,384 bytes is one error, as soon as it is too long",
		Hint:  "Whoever sends bytes without a newline fills the memory of a server that keeps all of them.",
		Run: func(t *conform.T) {
			p := t.Connect("alice")
			p.SendParts(strings.Repeat("1", 16385))
			t.Note("No newline has come yet, and none is needed to see that the line is too long.")
			p.Expect(anError(""))
			t.Note("The rest of the line is no request of its own.")
			p.SendParts(strings.Repeat("1", 50000)+"+1", "\n")
			p.Quiet()
		},
	},
	{
		ID: "sum-game-over-exactly", Rule: proto.S3, Also: []proto.Rule{proto.S2}, Points: 1, Phase: conform.Last, Strict: true,
		Title: "What is nearly game over is an error",
		Hint:  "Comparing without regard to case, or by contains.",
		Run: func(t *conform.T) {
			for _, request := range []string{"Game over", "gameover", "game over!", "game  over", " game over"} {
				refuses(t, request)
			}
		},
	},
}

// anError is any word for it: only sum-error is about the right one.
func anError(request string) conform.Want {
	return conform.Want{
		Says: conform.Quote("error\n"),
		Is:   func(got string) bool { return strings.HasPrefix(strings.ToLower(strings.TrimSpace(got)), "error") },
		Why:  whyNoError(request),
	}
}

// refuses sends what is no request, on a connection of its own, since others are
// about what happens to that, and wants an error.
func refuses(t *conform.T, request string) {
	p := t.Connect("alice")
	p.Send(request)
	p.Expect(anError(request))
	p.Close()
}

func whyNoError(request string) func(got string) string {
	return func(got string) string {
		lower := strings.ToLower(got)
		switch before := addition.FindString(request); {
		case strings.Contains(lower, "exception") || strings.Contains(lower, "traceback"):
			return "it sends the text of an exception"
		case strings.Contains(lower, "error"):
			return fmt.Sprintf("the answer is the word error, in small letters and alone on its line, not %s", conform.Quote(got))
		case before != "" && before != request && got == mustSum(before):
			return fmt.Sprintf("answered %s: it added %s and overlooked the rest of %s", got, before, conform.Quote(request))
		}
		return ""
	}
}

// leniently sends what other servers add: in the course's dialect each of
// requests may have an error for an answer or what stands behind it.
func leniently(t *conform.T, requestsAndSums ...string) {
	var added []string
	for request, sum := range pairs(requestsAndSums...) {
		if !t.Course() {
			refuses(t, request)
			continue
		}
		want := anError(request)
		isError := want.Is
		want.Says += fmt.Sprintf(", or %s as some servers do", conform.Quote(sum+"\n"))
		want.Is = func(got string) bool { return isError(got) || got == sum }
		p := t.Connect("alice")
		p.Send(request)
		if p.Expect(want) == sum {
			added = append(added, conform.Quote(request))
		}
		p.Close()
	}
	if len(added) > 0 {
		t.Remark("it adds %s; parley answers error", strings.Join(added, ", "))
	}
}

// noCode sends what has a value for a server that hands requests to an
// interpreter.
func noCode(t *conform.T) {
	for request, value := range pairs(
		"2**9", "512", "2*3", "6", "7-2", "5", "(1)+(2)", "3", "1+ord('a')", "98", "len('ab')+1", "3",
		"__import__('os')", "", "__import__('os').getpid()", "",
	) {
		want := anError(request)
		want.Why = func(got string) string {
			if got == value || value == "" {
				return fmt.Sprintf("answered %s: it runs what it is sent as a program, as eval() does; anybody can do anything with its computer",
					conform.Quote(got))
			}
			return ""
		}
		p := t.Connect("alice")
		p.Send(request)
		p.Expect(want)
		p.Close()
	}
}
