package client_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"

	"parley/client"
	"parley/proto"
)

// TestBroken plays servers that end or break the conversation while two calls
// wait, and holds both calls and the end to what is said about it.
//
// Rules: P-2, P-7, P-8, P-14, P-43, P-53
func TestBroken(t *testing.T) {
	const broke = "the server broke the protocol: "
	tests := map[string]struct {
		steps []string // after "> inbox" and "> users"
		opts  *client.Options
		want  string
		is    error
	}{
		"closes": {
			steps: []string{"close"},
			want:  "the server closed the connection: EOF", is: io.EOF,
		},
		"closes inside a line": {
			steps: []string{"<|inbo", "close"},
			want:  "the server's stream broke off: unexpected EOF", is: io.ErrUnexpectedEOF,
		},
		"closes before the line end": {
			steps: []string{"<|inbox 0", "close"},
			want:  "the server's stream broke off: unexpected EOF", is: io.ErrUnexpectedEOF,
		},
		"closes inside an inbox": {
			steps: []string{"< inbox 2", "< msg bob hi", "close"},
			want:  "the server's stream broke off: unexpected EOF", is: io.ErrUnexpectedEOF,
		},
		"speaks another protocol": {
			steps: []string{"< HTTP/1.1 400 Bad Request"},
			want:  broke + `it sent "HTTP/1.1 400 Bad Request" where the answer to inbox was awaited`,
		},
		"sends control characters": {
			steps: []string{"< \x1b[2J\x00"},
			want:  broke + `it sent "\x1b[2J\x00" where the answer to inbox was awaited`,
		},
		"sends an empty line": {
			steps: []string{"< "},
			want:  broke + `it sent "" where the answer to inbox was awaited`,
		},
		"answers something else": {
			steps: []string{"< msgok 3"},
			want:  broke + `it sent "msgok 3" where the answer to inbox was awaited`,
		},
		"answers what another command fails with": {
			steps: []string{"< msgerr unauthorized"},
			want:  broke + `it sent "msgerr unauthorized" where the answer to inbox was awaited`,
		},
		"puts an answer into an inbox": {
			steps: []string{"< inbox 3", "< msg bob hi", "< users bob"},
			want:  broke + `it sent "users bob" where line 2 of 3 of the answer to inbox was awaited`,
		},
		"puts nonsense into an inbox": {
			steps: []string{"< inbox 3", "< bob: hi"},
			want:  broke + `it sent "bob: hi" where line 1 of 3 of the answer to inbox was awaited`,
		},
		"claims a great inbox": {
			steps: []string{"< inbox 1073741824"},
			want:  broke + `it sent "inbox 1073741824" where an answer to inbox of at most 16777216 bytes was awaited`,
		},
		"claims an inbox beyond all numbers": {
			steps: []string{"< inbox 18446744073709551617"},
			want:  broke + `it sent "inbox 18446744073709551617" where the answer to inbox was awaited`,
		},
		"sends a great inbox": {
			steps: []string{"< inbox 2", "< msg a b", "< msg a " + strings.Repeat("x", 130)},
			opts:  &client.Options{MaxBytes: 3 * client.MessageCost},
			want:  broke + `it sent "msg a ` + strings.Repeat("x", 130) + `" where an answer to inbox of at most 288 bytes was awaited`,
		},
		"sends a line without end": {
			steps: []string{"<|inbox " + strings.Repeat("0", 100)},
			opts:  &client.Options{MaxLine: 99},
			want:  broke + `line too long where a line of at most 99 bytes was awaited`, is: proto.ErrLineTooLong,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := dialogue(t, tt.opts, append([]string{"> inbox", "> users"}, tt.steps...)...)
				inbox, users := make(chan error, 1), make(chan error, 1)
				go func() { _, err := c.Inbox(t.Context()); inbox <- err }()
				synctest.Wait()
				go func() { _, err := c.Users(t.Context()); users <- err }()
				expect(t, <-inbox, "no answer to inbox: "+tt.want, tt.is)
				expect(t, <-users, "no answer to users: "+tt.want, tt.is)
				expect(t, c.Err(), tt.want, tt.is)
				if broken := (*client.ProtocolError)(nil); strings.HasPrefix(tt.want, broke) != errors.As(c.Err(), &broken) {
					t.Errorf("the end has the type %T", c.Err())
				}
			})
		})
	}
}

func expect(t *testing.T, err error, want string, is error) {
	t.Helper()
	if err == nil || err.Error() != want || is != nil && !errors.Is(err, is) {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// TestUnasked ends a connection whose server answers what nobody asked, and
// takes a cmderr that nobody asked for as a refusal of the whole connection.
//
// Rules: P-14, P-72
func TestUnasked(t *testing.T) {
	tests := map[string]string{
		"< users bob":          `the server broke the protocol: it sent "users bob" where nothing but a message was awaited`,
		"< hello":              `the server broke the protocol: it sent "hello" where nothing but a message was awaited`,
		"< cmderr server full": "the server refused the connection: server full",
	}
	for step, want := range tests {
		c := dialogue(t, nil, step)
		<-c.Done()
		expect(t, c.Err(), want, nil)
	}
}

// TestLongBrokenLine keeps no more of a wrong line than is worth showing.
func TestLongBrokenLine(t *testing.T) {
	c := dialogue(t, nil, "< "+strings.Repeat("x", 100_000))
	<-c.Done()
	var broken *client.ProtocolError
	if err := c.Err(); !errors.As(err, &broken) || len(broken.Line) != 256 {
		t.Errorf("got %v", err)
	}
}
