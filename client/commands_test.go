package client_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"parley/client"
	"parley/proto"
)

// TestCommands holds each method to the line it sends and to what it makes of
// the answer.
//
// Rules: P-22, P-41, P-43, P-50, P-51, P-53, P-55, P-56, P-57
func TestCommands(t *testing.T) {
	tests := map[string]struct {
		steps []string
		call  func(context.Context, *client.Client) (any, error)
		want  string
	}{
		"login": {
			[]string{"> login bob", "< loginok"},
			func(ctx context.Context, c *client.Client) (any, error) { return nil, c.Login(ctx, "bob") },
			"<nil>",
		},
		"say": {
			[]string{"> msg  hello æøå", "< msgok 17"},
			func(ctx context.Context, c *client.Client) (any, error) { return c.Say(ctx, " hello æøå") },
			"17",
		},
		"whisper": {
			[]string{"> privmsg bob see you", "< msgok 1"},
			func(ctx context.Context, c *client.Client) (any, error) {
				return nil, c.Whisper(ctx, "bob", "see you")
			},
			"<nil>",
		},
		"users": {
			[]string{"> users", "< users bob Anonymous2 eve"},
			func(ctx context.Context, c *client.Client) (any, error) { return c.Users(ctx) },
			"[bob Anonymous2 eve]",
		},
		"help": {
			[]string{"> help", "< supported login msg"},
			func(ctx context.Context, c *client.Client) (any, error) { return c.Help(ctx) },
			"[login msg]",
		},
		"joke": {
			[]string{"> joke", "< joke Knock, knock."},
			func(ctx context.Context, c *client.Client) (any, error) { return c.Joke(ctx) },
			"Knock, knock.",
		},
		"empty inbox": {
			[]string{"> inbox", "< inbox 0"},
			func(ctx context.Context, c *client.Client) (any, error) { return c.Inbox(ctx) },
			"[]",
		},
		"inbox": {
			[]string{"> inbox", "< inbox 2", "< msg bob hi all", "< privmsg eve  psst"},
			func(ctx context.Context, c *client.Client) (any, error) {
				inbox, err := c.Inbox(ctx)
				return brief(inbox), err
			},
			"[{false bob hi all} {true eve  psst}]",
		},
		"sync": {
			[]string{"> sync", "< modeok"},
			func(ctx context.Context, c *client.Client) (any, error) { return nil, c.Sync(ctx) },
			"<nil>",
		},
		"async": {
			[]string{"> async", "< modeok"},
			func(ctx context.Context, c *client.Client) (any, error) { return nil, c.Async(ctx) },
			"<nil>",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := dialogue(t, nil, tt.steps...)
			got, err := tt.call(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			if fmt.Sprint(got) != tt.want {
				t.Errorf("got %v, want %s", got, tt.want)
			}
		})
	}
}

// TestRefused holds every refusal of the protocol to its sentinel, and sees
// the connection go on after each.
//
// Rules: P-8, P-23, P-24, P-27, P-30, P-52, P-61, P-72
func TestRefused(t *testing.T) {
	tests := map[string]struct {
		is   error
		kind proto.Kind
	}{
		proto.LoginBadName:               {client.ErrBadName, proto.LoginRefused},
		proto.LoginTaken:                 {client.ErrNameTaken, proto.LoginRefused},
		proto.LoginNotNow:                {client.ErrNotNow, proto.LoginRefused},
		proto.CmdUnsupported:             {client.ErrUnsupported, proto.CmdRefused},
		proto.CmdLineTooLong:             {client.ErrLineTooLong, proto.CmdRefused},
		proto.CmdServerFull:              {client.ErrServerFull, proto.CmdRefused},
		proto.MsgUnauthorized:            {client.ErrUnauthorized, proto.MsgRefused},
		proto.MsgNoRecipient:             {client.ErrNoRecipient, proto.MsgRefused},
		"msgerr spam, blocked for 9 s\n": {client.ErrSpam, proto.MsgRefused},
		"msgerr spam\n":                  {client.ErrSpam, proto.MsgRefused},
		"msgerr I do not like you\n":     {nil, proto.MsgRefused},
		"loginerr\n":                     {nil, proto.LoginRefused},
	}
	for line, tt := range tests {
		t.Run(strings.TrimSpace(line), func(t *testing.T) {
			call, sent := func(c *client.Client) error { return c.Whisper(t.Context(), "eve", "hi") }, "> privmsg eve hi"
			if tt.kind == proto.LoginRefused {
				call, sent = func(c *client.Client) error { return c.Login(t.Context(), "bob") }, "> login bob"
			}
			c := dialogue(t, nil, sent, "<|"+line, "> sync", "< modeok")
			err := call(c)
			var refused *client.Refused
			if !errors.As(err, &refused) || refused.Kind != tt.kind || tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("got %#v, want %v", err, tt.is)
			}
			if !strings.Contains(line, " ") != (refused.Reason == "") || !strings.Contains(line, refused.Reason) {
				t.Errorf("the reason is %q", refused.Reason)
			}
			if err := c.Sync(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestRetryAfter reads the seconds of a refusal, where there are any.
//
// Rules: P-61
func TestRetryAfter(t *testing.T) {
	tests := map[string]struct {
		wait time.Duration
		ok   bool
	}{
		"spam, blocked for 10 s":     {10 * time.Second, true},
		"spam, blocked for 1 s":      {time.Second, true},
		"spam, blocked for a while":  {0, false},
		"spam, blocked for -1 s":     {0, false},
		"spam, blocked for 99999 s":  {0, false},
		"spam, blocked for 10":       {0, false},
		"spam":                       {0, false},
		"spam, blocked for 3 months": {0, false},
	}
	for reason, tt := range tests {
		wait, ok := (&client.Refused{Reason: reason}).RetryAfter()
		if ok != tt.ok || ok && wait != tt.wait {
			t.Errorf("%q: got %v, %v", reason, wait, ok)
		}
	}
}

// TestInput refuses what would not be the one line that was meant, before
// anything is sent.
//
// Rules: P-5, P-8, P-25, P-30, P-50, P-52
func TestInput(t *testing.T) {
	tests := map[string]func(context.Context, *client.Client) error{
		"there is a line break in it": func(ctx context.Context, c *client.Client) error {
			_, err := c.Say(ctx, "hi\nlogin eve")
			return err
		},
		"there is a line break in it ": func(ctx context.Context, c *client.Client) error {
			return c.Login(ctx, "bob\rlogin eve")
		},
		"the text is empty": func(ctx context.Context, c *client.Client) error {
			_, err := c.Say(ctx, " \t")
			return err
		},
		"the text is empty ": func(ctx context.Context, c *client.Client) error {
			return c.Whisper(ctx, "bob", "")
		},
		"the name is empty": func(ctx context.Context, c *client.Client) error {
			return c.Login(ctx, " ")
		},
		"the name is empty ": func(ctx context.Context, c *client.Client) error {
			return c.Whisper(ctx, "", "hi")
		},
		"there is a space in the name": func(ctx context.Context, c *client.Client) error {
			return c.Whisper(ctx, "bob hi", "there")
		},
		"the line has 16385 bytes, 16384 are allowed": func(ctx context.Context, c *client.Client) error {
			_, err := c.Say(ctx, strings.Repeat("x", proto.MaxLine-len("msg ")+1))
			return err
		},
	}
	for reason, call := range tests {
		t.Run(reason, func(t *testing.T) {
			c := dialogue(t, nil) // which fails if it is sent anything
			var input *client.InputError
			if err := call(t.Context(), c); !errors.As(err, &input) || !strings.HasSuffix(err.Error(), " not sent: "+strings.TrimSpace(reason)) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestLongestLine sends a line of exactly the limit.
//
// Rules: P-8
func TestLongestLine(t *testing.T) {
	text := strings.Repeat("x", proto.MaxLine-len("msg "))
	c := dialogue(t, nil, "> msg "+text, "< msgok 0")
	if _, err := c.Say(t.Context(), text); err != nil {
		t.Error(err)
	}
}
