package proto_test

import (
	"bytes"
	"testing"

	"parley/proto"
)

// Rules: P-4, P-5, P-13, P-25, P-30, P-50, P-58
func TestParseCommand(t *testing.T) {
	for line, want := range map[string]proto.Command{
		"help":                 {Verb: proto.Help},
		" help ":               {Verb: proto.Help},
		"\x00help\x00":         {Verb: proto.Help},
		"\thelp\v\f\r":         {Verb: proto.Help},
		"help x":               {},
		"help  x":              {},
		"Help":                 {},
		"helpx":                {},
		"":                     {},
		" \t\r ":               {},
		"users":                {Verb: proto.Users},
		"users ":               {Verb: proto.Users},
		"sync ":                {Verb: proto.Sync},
		"async":                {Verb: proto.Async},
		"async now":            {},
		"inbox":                {Verb: proto.Inbox},
		"inbox 3":              {},
		"joke":                 {Verb: proto.Joke},
		"unsupported":          {},
		"login":                {},
		"login ":               {},
		"login bob":            {Verb: proto.Login, Name: []byte("bob")},
		"login bob ":           {Verb: proto.Login, Name: []byte("bob")},
		"login  bob":           {Verb: proto.Login, Name: []byte(" bob")},
		"login a b":            {Verb: proto.Login, Name: []byte("a b")},
		"msg":                  {},
		"msg ":                 {},
		"msg \t":               {},
		"msg\thi":              {},
		"Msg hi":               {},
		"msg hi":               {Verb: proto.Msg, Text: []byte("hi")},
		"msg  hi":              {Verb: proto.Msg, Text: []byte(" hi")},
		"msg hi  ":             {Verb: proto.Msg, Text: []byte("hi")},
		"msg a  b\tc":          {Verb: proto.Msg, Text: []byte("a  b\tc")},
		"msg \xff\xc2\x85":     {Verb: proto.Msg, Text: []byte("\xff\xc2\x85")},
		"privmsg":              {Verb: proto.Privmsg},
		"privmsg bob":          {Verb: proto.Privmsg, Name: []byte("bob")},
		"privmsg bob ":         {Verb: proto.Privmsg, Name: []byte("bob")},
		"privmsg bob hi there": {Verb: proto.Privmsg, Name: []byte("bob"), Text: []byte("hi there")},
		"privmsg bob  x":       {Verb: proto.Privmsg, Name: []byte("bob"), Text: []byte(" x")},
		"privmsg  bob x":       {Verb: proto.Privmsg, Text: []byte("bob x")},
	} {
		got := proto.ParseCommand([]byte(line))
		if got.Verb != want.Verb || !bytes.Equal(got.Name, want.Name) || !bytes.Equal(got.Text, want.Text) {
			t.Errorf("ParseCommand(%q) = %v %q %q, want %v %q %q",
				line, got.Verb, got.Name, got.Text, want.Verb, want.Name, want.Text)
		}
	}
}

// A privmsg without a name or a text is not complete (P-52).
func TestComplete(t *testing.T) {
	for line, want := range map[string]bool{
		"privmsg": false, "privmsg bob": false, "privmsg  bob x": false, "privmsg bob x": true,
	} {
		if got := proto.ParseCommand([]byte(line)).Complete(); got != want {
			t.Errorf("%q complete: %v, want %v", line, got, want)
		}
	}
}

func TestAppendCommand(t *testing.T) {
	for _, c := range []struct {
		cmd  proto.Command
		want string
	}{
		{proto.Command{Verb: proto.Sync}, "sync\n"},
		{proto.Command{Verb: proto.Login, Name: []byte("bob")}, "login bob\n"},
		{proto.Command{Verb: proto.Msg, Text: []byte("a b")}, "msg a b\n"},
		{proto.Command{Verb: proto.Privmsg, Name: []byte("bob"), Text: []byte(" x")}, "privmsg bob  x\n"},
	} {
		if got := string(proto.AppendCommand(nil, c.cmd)); got != c.want {
			t.Errorf("AppendCommand(%v) = %q, want %q", c.cmd, got, c.want)
		}
	}
}

// What is parsed and appended again means the same.
func FuzzParseCommand(f *testing.F) {
	for _, line := range []string{
		"help", "users ", "login bob", "login  bob", "msg  hi ", "privmsg bob  x", "privmsg  bob x",
		"\x00joke\x00", "msg\thi", " ", "", "msg \xff", "privmsg a",
	} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		if bytes.IndexByte(line, '\n') >= 0 {
			return // not a line
		}
		first := proto.ParseCommand(line)
		if first.Verb == proto.Privmsg && !first.Complete() {
			return // answered, never sent on
		}
		again := proto.AppendCommand(nil, first)
		second := proto.ParseCommand(again[:len(again)-1])
		if second.Verb != first.Verb || !bytes.Equal(second.Name, first.Name) || !bytes.Equal(second.Text, first.Text) {
			t.Errorf("%q parsed as %v, appended as %q, parsed as %v", line, first, again, second)
		}
	})
}

// Rules: P-21
func TestValidName(t *testing.T) {
	for name, want := range map[string]bool{
		"": false, "a": true, "Z9": true, "0": true, "bob ": false, " bob": false, "b b": false,
		"b-b": false, "b_b": false, "æ": false, "b\x00": false,
		"abcdefghijklmnopqrstuvwxyzABCDEF":  true,
		"abcdefghijklmnopqrstuvwxyzABCDEFG": false,
	} {
		if got := proto.ValidName(name); got != want {
			t.Errorf("ValidName(%q) = %v, want %v", name, got, want)
		}
	}
}

// The way of a line costs no allocation: parsing, cleaning, answering, cutting.
func TestNoAllocations(t *testing.T) {
	line := []byte("msg hello there, æøå and \x01 more")
	stream := bytes.Repeat([]byte("msg hello there\r\n"), 50)
	dst := make([]byte, 0, 1024)
	for name, f := range map[string]func(){
		"ParseCommand":  func() { proto.ParseCommand(line) },
		"AppendPublic":  func() { proto.AppendPublic(dst, "bob", line) },
		"AppendPrivate": func() { proto.AppendPrivate(dst, "bob", line) },
		"AppendMsgOK":   func() { proto.AppendMsgOK(dst, 999) },
		"AppendCommand": func() { proto.AppendCommand(dst, proto.Command{Verb: proto.Msg, Text: line}) },
		"ServerLine":    func() { _, _ = proto.ParseServerLine([]byte("msg bob hello")) },
		"Splitter": func() {
			s := proto.NewSplitter(proto.MaxLine)
			s.Feed(stream)
			drain(&s)
		},
	} {
		if n := testing.AllocsPerRun(100, f); n != 0 {
			t.Errorf("%s allocates %v times, want 0", name, n)
		}
	}
}

func BenchmarkParseCommand(b *testing.B) {
	line := []byte("msg hello there, how are you all today?")
	b.ReportAllocs()
	for b.Loop() {
		proto.ParseCommand(line)
	}
}
