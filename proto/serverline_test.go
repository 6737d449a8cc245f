package proto_test

import (
	"testing"

	"parley/proto"
)

func TestParseServerLine(t *testing.T) {
	for line, want := range map[string]proto.ServerLine{
		"loginok":              {Kind: proto.LoginAccepted},
		"loginerr in use":      {Kind: proto.LoginRefused, Text: []byte("in use")},
		"modeok":               {Kind: proto.ModeSwitched},
		"msgok 0":              {Kind: proto.MsgAccepted},
		"msgok 999":            {Kind: proto.MsgAccepted, Count: 999},
		"msgerr unauthorized":  {Kind: proto.MsgRefused, Text: []byte("unauthorized")},
		"inbox 3":              {Kind: proto.InboxFollows, Count: 3},
		"users a b":            {Kind: proto.UserNames, Text: []byte("a b")},
		"supported login msg":  {Kind: proto.Commands, Text: []byte("login msg")},
		"joke ha":              {Kind: proto.JokeTold, Text: []byte("ha")},
		"cmderr not supported": {Kind: proto.CmdRefused, Text: []byte("not supported")},
		"msg bob hi there":     {Kind: proto.PublicMessage, Sender: []byte("bob"), Text: []byte("hi there")},
		"msg bob  hi":          {Kind: proto.PublicMessage, Sender: []byte("bob"), Text: []byte(" hi")},
		"privmsg bob x":        {Kind: proto.PrivateMessage, Sender: []byte("bob"), Text: []byte("x")},
	} {
		got, err := proto.ParseServerLine([]byte(line))
		if err != nil || got.Kind != want.Kind || got.Count != want.Count ||
			string(got.Sender) != string(want.Sender) || string(got.Text) != string(want.Text) {
			t.Errorf("ParseServerLine(%q) = %+v, %v, want %+v", line, got, err, want)
		}
		if got.IsMessage() != (want.Sender != nil) {
			t.Errorf("%q is a message: %v", line, got.IsMessage())
		}
	}
	for _, line := range []string{
		"", "hello", "loginok bob", "modeok ", "msgok", "msgok x", "msgok -1", "msgok +1", "msgok 1 2",
		"msgok 99999999999999999999", "inbox", "inbox 1073741825", "msg", "msg bob", "msg bob ", "msg  x", "Loginok",
		"@1 2 msg bob x", " msgok 1",
	} {
		if got, err := proto.ParseServerLine([]byte(line)); err == nil {
			t.Errorf("ParseServerLine(%q) = %+v, want an error", line, got)
		}
	}
}

// Whatever comes from a server is parsed or refused, never worse.
func FuzzParseServerLine(f *testing.F) {
	f.Add([]byte("msg bob hi"))
	f.Add([]byte("inbox 99999999999"))
	f.Fuzz(func(t *testing.T, line []byte) {
		l, err := proto.ParseServerLine(line)
		if err == nil && (l.Kind == 0 || l.Count < 0 || l.IsMessage() == (len(l.Sender) == 0)) {
			t.Errorf("%q parsed as %+v", line, l)
		}
	})
}

// Rules: P-16
func TestAnswersArePrintableASCII(t *testing.T) {
	for _, line := range []string{
		proto.LoginOK, proto.LoginBadName, proto.LoginTaken, proto.LoginNotNow, proto.ModeOK,
		proto.MsgUnauthorized, proto.MsgNoRecipient, proto.CmdUnsupported, proto.CmdLineTooLong,
		proto.CmdServerFull, proto.HelpAnswer,
		string(proto.AppendSpamBlocked(nil, 10)), string(proto.AppendAnonymous(nil, 7)) + "\n",
	} {
		text, lf := line[:len(line)-1], line[len(line)-1]
		if text == "" || lf != '\n' || string(proto.AppendText(nil, []byte(text))) != text {
			t.Errorf("%q is not one printable line", line)
		}
	}
}
