package zoo

import (
	"bytes"
	"context"
	"errors"
	"math/big"
	"net"
	"regexp"
	"strconv"
	"strings"
)

// sum is a warm-up server with one flaw, or with none.
type sum struct{ flaw string }

// sumServer returns a warm-up server with a flaw; without a name it is correct.
func sumServer(flaw string) func(context.Context, net.Listener, Options) {
	s := sum{flaw}
	return func(ctx context.Context, l net.Listener, _ Options) {
		accept(ctx, l, flaw == "sum-one-client-at-a-time", s.serve)
	}
}

const (
	gameOver = "game over" // how a client leaves (S-3)
	noSum    = "error"     // the answer to what is no addition (S-2)
)

// serve answers the requests of one client. An error is one that brings the
// server down.
func (s sum) serve(conn net.Conn) error {
	defer hangUp(conn)
	if s.flaw == "sum-greets" {
		send(conn, []byte("welcome\n"))
	}
	if s.flaw == "sum-prompts" {
		send(conn, []byte(prompt))
	}
	for next := s.requests(conn); ; {
		request, err := next()
		if err != nil && !errors.Is(err, errTooLong) {
			return nil // this client has left; the others stay
		}
		if request == gameOver && s.flaw != "sum-plays-on" {
			if s.flaw == "sum-says-goodbye" {
				send(conn, []byte("bye\n"))
			}
			return nil
		}
		answer := s.answer(request)
		if err != nil {
			answer = noSum + "\n"
		}
		switch {
		case s.flaw == "sum-dies-of-letters" && strings.ContainsAny(request, "abcdefghijklmnopqrstuvwxyz"):
			return errors.New("invalid literal for int()")
		case !send(conn, []byte(answer)), s.flaw == "sum-closes-at-an-error" && answer == noSum+"\n":
			return nil
		}
	}
}

// requests returns how the server reads.
func (s sum) requests(conn net.Conn) source {
	l := &lines{conn: conn}
	switch s.flaw {
	case "sum-one-read-one-request":
		return oneRead(conn, 4096)
	case "sum-forgets-the-second":
		return firstOfSegment(conn)
	case "sum-adds-before-the-end":
		return eager(l)
	case "sum-buffer-of-10":
		return short(l, 10)
	case "sum-runs-the-unfinished":
		return withUnfinished(l)
	case "sum-keeps-the-cr":
		l.keepCR = true
	}
	return l.next
}

// eager takes what has come for a request as soon as it is a sum.
func eager(l *lines) source {
	addition := regexp.MustCompile(`^\d+\+\d+`)
	taken := false // a request was, and not yet the end of its line
	return func() (string, error) {
		for {
			if taken && len(l.buf) > 0 {
				l.buf, taken = bytes.TrimPrefix(l.buf, []byte("\n")), false
			}
			if request := addition.Find(l.buf); request != nil {
				l.buf, taken = l.buf[len(request):], true
				return string(request), nil
			}
			if bytes.Contains(l.buf, []byte("\n")) {
				return l.next()
			}
			if err := l.read(); err != nil {
				return "", err
			}
		}
	}
}

// isAddition is what S-1 says, without its "greater than zero".
var isAddition = regexp.MustCompile(`^([0-9]+)\+([0-9]+)$`)

// answer returns the answer to a request, with its end.
func (s sum) answer(request string) string {
	answer := s.add(request)
	if answer == noSum {
		switch {
		case s.flaw == "sum-shouts-errors":
			answer = "ERROR"
		case s.flaw == "sum-silent-at-an-empty-line" && request == "":
			return silence
		}
	}
	switch s.flaw {
	case "sum-forgets-the-newline":
		return answer
	case "sum-prompts":
		return answer + "\n" + prompt
	case "sum-writes-crlf":
		return answer + "\r\n"
	case "sum-writes-two-newlines":
		return answer + "\n\n"
	}
	return answer + "\n"
}

// add adds what a request names.
func (s sum) add(request string) string {
	if s.flaw == "sum-evaluates" {
		if value, ok := evaluate(request); ok {
			return value
		}
	}
	if s.flaw == "sum-overlooks-what-follows" {
		request = regexp.MustCompile(`^[0-9]+\+[0-9]+`).FindString(request)
	}
	numbers := isAddition.FindStringSubmatch(request)
	if numbers == nil {
		return noSum
	}
	base := 10
	if s.flaw == "sum-counts-in-octal" {
		base = 0
	}
	a, aIsNumber := new(big.Int).SetString(numbers[1], base)
	b, bIsNumber := new(big.Int).SetString(numbers[2], base)
	if !aIsNumber || !bIsNumber || (a.Sign() == 0 || b.Sign() == 0) && s.flaw != "sum-takes-zero" {
		return noSum
	}
	return s.plus(a, b)
}

func (s sum) plus(a, b *big.Int) string {
	result := new(big.Int).Add(a, b)
	switch s.flaw {
	case "sum-overflows-at-32-bits":
		return strconv.Itoa(int(int32(result.Uint64()))) //nolint:gosec // the flaw
	case "sum-overflows-at-64-bits":
		return strconv.FormatInt(int64(result.Uint64()), 10) //nolint:gosec // the flaw
	case "sum-adds-in-floating-point":
		x, _ := new(big.Float).SetInt(a).Float64()
		y, _ := new(big.Float).SetInt(b).Float64()
		return strconv.FormatFloat(x+y, 'g', -1, 64)
	}
	return result.String()
}
