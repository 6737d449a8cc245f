package zoo

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"parley/internal/conform"
	"parley/proto"
)

// sumServers are the warm-up servers with a flaw.
func sumServers() []*Mistake {
	var all []*Mistake
	for _, f := range sumFlaws {
		m := f.in(conform.SumServer)
		m.serve = sumServer(f.name)
		all = append(all, m)
	}
	return all
}

var sumFlaws = []flaw{
	{"sum-overflows-at-32-bits", proto.S1, "sum-large-numbers", "adds in 32 bits, and overflows without a word"},
	{"sum-overflows-at-64-bits", proto.S1, "sum-large-numbers", "adds in 64 bits, and overflows without a word"},
	{"sum-adds-in-floating-point", proto.S1, "sum-large-numbers", "adds floating-point numbers, and loses digits"},
	{"sum-counts-in-octal", proto.S1, "sum-leading-zeros", "takes a number with a leading zero for an octal one"},
	{"sum-greets", proto.S1, "sum-speaks-second", "greets those who connect"},
	{"sum-prompts", proto.S1, "sum-speaks-second", "writes a prompt when it waits for a request"},
	{"sum-forgets-the-newline", proto.P2, "sum-line-end", "writes answers without a newline"},
	{"sum-writes-two-newlines", proto.P2, "sum-line-end", "writes two newlines after each answer"},
	{"sum-writes-crlf", proto.P2, "sum-line-end", "writes CR LF after each answer"},
	{"sum-one-read-one-request", proto.P6, "sum-cut", "takes what one recv() returns for one request"},
	{"sum-adds-before-the-end", proto.P6, "sum-bytewise", "adds as soon as there is something to add, and does not wait for the end of the line"},
	{"sum-forgets-the-second", proto.P6, "sum-two-in-one-segment", "answers the first request of a segment, and forgets the others"},
	{"sum-buffer-of-10", proto.P6, "sum-cut-long", "has room for 10 bytes of a request, and drops the rest"},
	{"sum-keeps-the-cr", proto.P3, "sum-crlf", "does not know that a line may end with CR LF"},
	{"sum-runs-the-unfinished", proto.P7, "sum-unfinished", "answers the unfinished request at the end of a stream"},
	{"sum-says-goodbye", proto.S3, "sum-game-over", "answers game over before it closes"},
	{"sum-plays-on", proto.S3, "sum-game-over", "does not close after game over"},
	{"sum-one-client-at-a-time", proto.S4, "sum-several-clients", "serves one client after the other"},
	{"sum-dies-of-letters", proto.S2, "sum-error", "dies of a request that is no number"},
	{"sum-shouts-errors", proto.S2, "sum-error", "says ERROR instead of error"},
	{"sum-closes-at-an-error", proto.S2, "sum-error", "closes the connection after an error"},
	{"sum-overlooks-what-follows", proto.S2, "sum-error-parts", "adds what a request begins with, and overlooks what follows"},
	{"sum-silent-at-an-empty-line", proto.S2, "sum-error-empty-line", "does not answer an empty line"},
	{"sum-takes-zero", proto.S2, "sum-error-zero", "adds zero"},
	{"sum-evaluates", proto.S2, "sum-error-code", "hands what it is sent to eval()"},
}

// evaluate is what Python's eval() does with some requests.
func evaluate(request string) (value string, ok bool) {
	if strings.HasPrefix(request, "__import__(") {
		return "<module 'os' (frozen)>", true
	}
	var a, b int
	if n, _ := fmt.Sscanf(request, "%d**%d", &a, &b); n == 2 && 0 <= b && b < 1000 {
		return new(big.Int).Exp(big.NewInt(int64(a)), big.NewInt(int64(b)), nil).String(), true
	}
	if n, _ := fmt.Sscanf(request, "%d*%d", &a, &b); n == 2 {
		return strconv.Itoa(a * b), true
	}
	if n, _ := fmt.Sscanf(request, "%d-%d", &a, &b); n == 2 {
		return strconv.Itoa(a - b), true
	}
	return "", false
}
