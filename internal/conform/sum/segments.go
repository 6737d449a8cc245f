package sum

import (
	"fmt"
	"strings"

	"parley/internal/conform"
	"parley/proto"
)

const oneRead = "One recv() or read() is taken for one request. Read until there is a newline, and keep what comes behind it for the next request."

var alsoS4 = []proto.Rule{proto.S4} // which says that the chat's rules about lines hold

var segmentChecks = []*conform.Check{
	{
		ID: "sum-cut", Rule: proto.P6, Also: alsoS4, Points: 3, Phase: conform.Alone,
		Title: "A request that is cut anywhere has the same sum", Hint: oneRead,
		Run: func(t *conform.T) { cutEverywhere(t, "12+34\n") },
	},
	{
		ID: "sum-cut-long", Rule: proto.P6, Also: alsoS4, Points: 1, Phase: conform.Alone,
		Title: "A long request that comes in many pieces has the right sum",
		Hint:  "A buffer of a fixed size, of 10 or 100 bytes.", Run: cutLong,
	},
	{
		ID: "sum-bytewise", Rule: proto.P6, Also: alsoS4, Points: 1, Phase: conform.Alone,
		Title: "A request that comes one byte at a time is one request", Hint: oneRead,
		Run: func(t *conform.T) {
			p := t.Connect("alice")
			p.SendParts(strings.Split("123+456\n", "")...)
			p.Expect(conform.Exactly("579").Because(whyCut("123+456", "1")))
			p.Quiet()
		},
	},
	{
		ID: "sum-two-in-one-segment", Rule: proto.P6, Also: alsoS4, Points: 2, Phase: conform.Alone,
		Title: "Two requests in one segment get two answers", Hint: oneRead,
		Run: func(t *conform.T) { merged(t, "12+3", "40+2") },
	},
	{
		ID: "sum-ten-in-one-segment", Rule: proto.P6, Also: alsoS4, Points: 1, Phase: conform.Alone,
		Title: "Ten requests in one segment get ten answers, in order", Hint: oneRead,
		Run: func(t *conform.T) {
			var requests []string
			for i := range 10 {
				requests = append(requests, fmt.Sprintf("%d+%d", 100*(i+1), 1+t.Rand.IntN(99)))
			}
			merged(t, requests...)
		},
	},
	{
		ID: "sum-one-and-a-half", Rule: proto.P6, Also: alsoS4, Points: 1, Phase: conform.Alone,
		Title: "A segment may end in the middle of the next request",
		Hint:  "What comes behind the newline is thrown away with the buffer.",
		Run: func(t *conform.T) {
			p := t.Connect("alice")
			p.SendParts("1+2\n30+", "4\n5", "+60\n")
			p.Expect(conform.Exactly("3").Because(whyMerged([]string{"1+2", "30+"}, 0)))
			p.Expect(conform.Exactly("34").Because(whyCut("30+4", "30+")))
			p.ExpectLine("65")
		},
	},
	{
		ID: "sum-crlf", Rule: proto.P3, Also: alsoS4, Points: 1, Phase: conform.Alone,
		Title: "A CR before the newline is no part of the request",
		Hint:  "telnet and Windows end lines with CR LF: drop one CR at the end of a line.",
		Run: func(t *conform.T) {
			p := t.Connect("alice")
			p.SendParts("12+30\r\n")
			p.Expect(conform.Exactly("42").Because(func(got string) string {
				if got == "error" {
					return `answered error: it took the CR for a part of the number, as in "30\r"`
				}
				return ""
			}))
			p.Quiet()
		},
	},
}

// cutEverywhere sends a request cut in two at each place.
func cutEverywhere(t *conform.T, line string) {
	p := t.Connect("alice")
	request := strings.TrimSuffix(line, "\n")
	for i := range len(line) - 1 {
		at := 1 + (i+len(request)-2)%len(request) // from the end of the second number on, where it shows best
		before, after := line[:at], line[at:]
		t.Note("Cut after %s.", conform.Quote(before))
		p.SendParts(before, after)
		p.Expect(conform.Exactly(mustSum(request)).Because(whyCut(request, before)))
	}
	p.Quiet()
}

func cutLong(t *conform.T) {
	p := t.Connect("alice")
	for _, length := range []int{5, 60, 600} {
		request := padded(7, length) + "+" + padded(1, length)
		t.Note("A request of %d bytes.", len(request))
		third := len(request) / 3
		p.SendParts(request[:third], request[third:2*third], request[2*third:]+"\n")
		p.Expect(conform.Exactly("8").Because(whyShort(request)))
	}
	p.Quiet()
}

// padded is a digit with zeros before it: a long number that is in the range of
// every server, and the same for those who take it for an octal one.
func padded(digit, length int) string { return fmt.Sprintf("%0*d", length, digit) }

// whyShort says how many bytes of a request a server had room for.
func whyShort(request string) func(got string) string {
	return func(got string) string {
		if why := whyCut(request, "")(got); why != "" {
			return why + ", or had no room for more"
		}
		if got == "error" {
			return fmt.Sprintf("it has no room for a request of %d bytes, or does not wait for the end of the line", len(request))
		}
		return ""
	}
}

func merged(t *conform.T, requests ...string) {
	p := t.Connect("alice")
	t.Note("%d requests leave in one segment.", len(requests))
	p.SendTogether(requests...)
	for i, request := range requests {
		want := conform.Exactly(mustSum(request)).Because(whyMerged(requests, i))
		t.Cause("")
		if i > 0 {
			t.Cause("it answered the first %d of %d requests that came in one segment, and forgot the others", i, len(requests))
		}
		p.Expect(want)
	}
	t.Cause("")
	p.Quiet()
}
