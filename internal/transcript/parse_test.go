package transcript_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"parley/internal/transcript"
	"parley/proto"
)

const header = "-- one --\nrules: P-3\ntitle: T\n"

// steps puts steps under a header; the first of them is in line 5.
func steps(lines ...string) string { return header + "\n" + strings.Join(lines, "\n") + "\n" }

func TestParseHeaders(t *testing.T) {
	got, err := transcript.Parse("x.txtar", []byte(`A comment.

-- first-one --
rules: P-3 S-1
title: What it is: a test
service: sum
dialect: parley
server: fresh spam-rate=3 spam-block=1s

dial alice

-- second --
title: Another
rules: P-2

# nothing but a comment
dial bob
`))
	if err != nil {
		t.Fatal(err)
	}
	want := []transcript.Conversation{
		{
			ID: "first-one", Title: "What it is: a test", Rules: []proto.Rule{"P-3", "S-1"},
			File: "x.txtar", Line: 3, Service: transcript.Sum, Dialect: transcript.Parley, Fresh: true,
			Settings: map[string]string{"spam-rate": "3", "spam-block": "1s"},
			Steps:    []transcript.Step{{Line: 10, Source: "dial alice", Who: "alice"}},
		},
		{
			ID: "second", Title: "Another", Rules: []proto.Rule{"P-2"},
			File: "x.txtar", Line: 12, Service: transcript.Chat,
			Steps: []transcript.Step{{Line: 17, Source: "dial bob", Who: "bob"}},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func bytes(s string) transcript.Text { return transcript.Text{{Bytes: s}} }

func TestParseSteps(t *testing.T) {
	alice := transcript.Part{Name: "alice"}
	tests := map[string]struct {
		action transcript.Action
		texts  []transcript.Text
		before string // a step that this one needs
	}{
		`alice > msg hi  you`:           {action: transcript.Send, texts: []transcript.Text{bytes("msg hi  you\n")}},
		`alice > msg {x*3}{ab*2}`:       {action: transcript.Send, texts: []transcript.Text{bytes("msg xxxabab\n")}},
		`alice > msg {x*0}y`:            {action: transcript.Send, texts: []transcript.Text{bytes("msg y\n")}},
		`alice > msg {} {0} {"a":1} }{`: {action: transcript.Send, texts: []transcript.Text{bytes("msg {} {0} {\"a\":1} }{\n")}},
		`alice >> "he" "lp\r\n"`:        {action: transcript.Send, texts: []transcript.Text{bytes("he"), bytes("lp\r\n")}},
		"alice >> `a\\n`":               {action: transcript.Send, texts: []transcript.Text{bytes(`a\n`)}},
		`alice >> "{\x80*2}{hi\n*2}"`:   {action: transcript.Send, texts: []transcript.Text{bytes("\x80\x80hi\nhi\n")}},
		`alice > privmsg {alice} hi`: {
			action: transcript.Send, before: "alice < users {alice}",
			texts: []transcript.Text{{{Bytes: "privmsg "}, alice, {Bytes: " hi\n"}}},
		},
		`alice < msg {alice} {x*2}`: {action: transcript.Line, texts: []transcript.Text{{{Bytes: "msg "}, alice, {Bytes: " xx"}}}},
		`alice < EOF`:               {action: transcript.EOF},
		`alice <raw "a\tb\n"`:       {action: transcript.Bytes, texts: []transcript.Text{bytes("a\tb\n")}},
		`alice poll users {alice}`:  {action: transcript.Poll, texts: []transcript.Text{{{Bytes: "users "}, alice}}},
		`alice quiet`:               {action: transcript.Quiet},
		`alice half-close`:          {action: transcript.HalfClose},
		`alice close`:               {action: transcript.Close},
		`alice reset`:               {action: transcript.Reset},
	}
	for source, test := range tests {
		t.Run(source, func(t *testing.T) {
			got, err := transcript.Parse("x.txtar", []byte(steps("dial alice", test.before, source)))
			if err != nil {
				t.Fatal(err)
			}
			want := transcript.Step{Line: 7, Source: source, Who: "alice", Action: test.action, Texts: test.texts}
			all := got[0].Steps
			if last := all[len(all)-1]; !reflect.DeepEqual(last, want) {
				t.Errorf("got  %+v\nwant %+v", last, want)
			}
		})
	}
}

func TestPatternMatchesTheWholeLine(t *testing.T) {
	got, err := transcript.Parse("x.txtar", []byte(steps("dial alice", "alice <~ joke .+|none")))
	if err != nil {
		t.Fatal(err)
	}
	pattern := got[0].Steps[1].Regexp
	for line, want := range map[string]bool{"joke a b": true, "none": true, "nonesuch": false, "a joke b": false, "joke ": false} {
		if pattern.MatchString(line) != want {
			t.Errorf("%q: matches is %v, want %v", line, !want, want)
		}
	}
}

// A member of the chat is known once it has been answered; the sum service
// knows nobody, and there the first line is the conversation's own.
func TestConnectWaitsInTheChatOnly(t *testing.T) {
	for service, want := range map[string][]transcript.Action{
		"chat": {transcript.Dial, transcript.Quiet, transcript.Dial, transcript.Quiet},
		"sum":  {transcript.Dial, transcript.Dial},
	} {
		source := header + "service: " + service + "\n\nconnect alice bob\n"
		got, err := transcript.Parse("x.txtar", []byte(source))
		if err != nil {
			t.Fatal(err)
		}
		var actions []transcript.Action
		for _, step := range got[0].Steps {
			actions = append(actions, step.Action)
		}
		if !reflect.DeepEqual(actions, want) {
			t.Errorf("%s: got %v, want %v", service, actions, want)
		}
	}
}

func TestParseErrors(t *testing.T) {
	tests := map[string]struct{ source, want string }{
		"bad id":            {"-- A b --\n", `x.txtar:1: id "A b": only small letters and digits, joined by single hyphens`},
		"id twice":          {steps("dial a") + header, `x.txtar:6: id "one" is in this file already`},
		"no title":          {"-- one --\nrules: P-3\n\ndial a\n", "x.txtar:1: has no title"},
		"no title, another": {"-- one --\nrules: P-3\n\ndial a\n-- two --\n", "x.txtar:5: one, begun in line 1, has no title"},
		"no rules":          {"-- one --\ntitle: T\n\ndial a\n", "x.txtar:1: has no rules"},
		"no steps":          {header, "x.txtar:1: has no steps"},
		"no header":         {header + "dial alice\n", `x.txtar:4: "dial alice" is no header; an empty line ends the headers`},
		"unknown header":    {header + "author: me\n", `x.txtar:4: unknown header "author"`},
		"empty header":      {header + "server:\n", `x.txtar:4: header "server" is empty`},
		"header twice":      {header + "title: U\n", `x.txtar:4: header "title" comes twice`},
		"unknown rule":      {"-- one --\nrules: P-3 P-99\n", `x.txtar:2: there is no rule "P-99"`},
		"rule twice":        {"-- one --\nrules: P-3 P-3\n", `x.txtar:2: rule P-3 comes twice`},
		"bad service":       {header + "service: web\n", `x.txtar:4: service "web": it is "chat" or "sum"`},
		"bad dialect":       {header + "dialect: course\n", `x.txtar:4: dialect "course": it can only be "parley"`},
		"unknown setting":   {header + "server: spam=3\n", `x.txtar:4: a server has no setting "spam"; there are: fresh idle-timeout`},
		"empty setting":     {header + "server: spam-rate=\n", `x.txtar:4: setting "spam-rate" has no value`},

		"unknown step":        {steps("dial a", "a shouts"), `x.txtar:6: unknown step "a shouts"`},
		"a name alone":        {steps("dial a", "a"), `x.txtar:6: unknown step "a"`},
		"nobody":              {steps("connect"), "x.txtar:5: nobody to connect"},
		"bad name":            {steps("connect Al"), `x.txtar:5: "Al" cannot be the name of a connection`},
		"reserved name":       {steps("dial connect"), `x.txtar:5: "connect" cannot be the name of a connection`},
		"twice there":         {steps("dial a", "connect a"), "x.txtar:6: a has connected already"},
		"not there":           {steps("a > hi"), "x.txtar:5: a has not connected"},
		"after close":         {steps("dial a", "a close", "a < x"), "x.txtar:7: the connection of a has ended"},
		"after reset":         {steps("dial a", "a reset", "a > x"), "x.txtar:7: the connection of a has ended"},
		"after EOF":           {steps("dial a", "a < EOF", "a > x"), "x.txtar:7: the connection of a has ended"},
		"after half-close":    {steps("dial a", "a half-close", "a > x"), "x.txtar:7: a has half-closed and cannot send"},
		"fence after it":      {steps("dial a", "a half-close", "a quiet"), "x.txtar:7: a has half-closed and cannot send"},
		"argument too many":   {steps("dial a", "a quiet now"), `x.txtar:6: nothing may follow here, but "now" does`},
		"send nothing":        {steps("dial a", "a >"), "x.txtar:6: an empty line: write it with >> in a quoted string"},
		"send a space":        {steps("dial a", "a > sync "), "x.txtar:6: space at an end: write it with >> in a quoted string"},
		"expect a space":      {steps("dial a", "a <  x"), "x.txtar:6: space at an end: write it with <raw in a quoted string"},
		"poll nothing":        {steps("dial a", "a poll"), "x.txtar:6: an empty line"},
		"poll a number":       {steps("dial a", "a poll {x*1048577}"), "x.txtar:6: {x*1048577} makes more than 1048576 bytes"},
		"a TAB":               {steps("dial a", "a > msg\thi"), "x.txtar:6: a byte that cannot be seen"},
		"a CR":                {steps("dial a\r"), "x.txtar:5: a byte that cannot be seen"},
		"broken UTF-8":        {steps("dial a", "a > msg \xff"), "x.txtar:6: a byte that cannot be seen"},
		"bad regexp":          {steps("dial a", "a <~ ("), "x.txtar:6: error parsing regexp"},
		"no regexp":           {steps("dial a", "a <~"), "x.txtar:6: no regular expression"},
		"no segments":         {steps("dial a", "a >>"), "x.txtar:6: nothing to send"},
		"empty segment":       {steps("dial a", `a >> "a" ""`), "x.txtar:6: an empty segment cannot be sent"},
		"unquoted segment":    {steps("dial a", `a >> "a" b`), "x.txtar:6: not a Go string in double or back quotes: b"},
		"a rune":              {steps("dial a", `a >> 'a'`), "x.txtar:6: not a Go string in double or back quotes: 'a'"},
		"two raw strings":     {steps("dial a", `a <raw "a" "b"`), "x.txtar:6: <raw takes one string: who receives cannot see segments"},
		"too much":            {steps("dial a", "a > {x*1048577}"), "x.txtar:6: {x*1048577} makes more than 1048576 bytes"},
		"too much together":   {steps("dial a", "a > {x*1048576}{y*1}"), "x.txtar:6: {y*1} makes more than 1048576 bytes"},
		"far too much":        {steps("dial a", `a >> "{x*99999999999999999999}"`), "x.txtar:6: {x*99999999999999999999} makes more than"},
		"far too much, line":  {steps("dial a", "a < {x*99999999999999999999}"), "x.txtar:6: {x*99999999999999999999} makes more than"},
		"given name, nobody":  {steps("dial a", "a < {b}"), "x.txtar:6: {b}: b has not connected"},
		"given name, unknown": {steps("dial a b", "a > privmsg {b} x"), "x.txtar:6: {b}: no line before has shown this name"},
		"given name, raw":     {steps("dial a b", `a <raw "msg {b} x\n"`), "x.txtar:6: {b}: no line before has shown this name"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := transcript.Parse("x.txtar", []byte(test.source))
			if err == nil || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
}

func TestMatch(t *testing.T) {
	given := map[string]string{"alice": "Anonymous1"}
	text := transcript.Text{{Bytes: "users "}, {Name: "alice"}, {Bytes: " "}, {Name: "bob"}, {Bytes: " x"}}
	tests := map[string]string{ // line → bob's name, or empty where it does not match
		"users Anonymous1 Anonymous2 x":  "Anonymous2",
		"users Anonymous1 Anonymous2 xx": "",
		"users Anonymous1 Anonymous2":    "",
		"users Anonymous1 Anonymous1 x":  "", // two connections never have one name
		"users Anonymous1  x":            "",
		"users Anonymous2 Anonymous3 x":  "",
		"users Anonymous11 Anonymous3 x": "",
		"":                               "",
	}
	for line, want := range tests {
		learned, ok := text.Match(line, given)
		if ok != (want != "") || learned["bob"] != want {
			t.Errorf("%q: got %v, %v; want bob to be %q", line, learned, ok, want)
		}
	}
	if len(given) != 1 {
		t.Errorf("matching changed the names given to it: %v", given)
	}
	given["bob"] = "Anonymous2"
	if got := text.Fill(given); got != "users Anonymous1 Anonymous2 x" {
		t.Errorf("filled in: %q", got)
	}
	if got := text.String(); got != "users {alice} {bob} x" {
		t.Errorf("to be read: %q", got)
	}
}

// A name shown twice in one text is learned once and then compared.
func TestMatchTheSameNameTwice(t *testing.T) {
	text := transcript.Text{{Name: "a"}, {Bytes: " "}, {Name: "a"}}
	if _, ok := text.Match("x x", nil); !ok {
		t.Error(`"x x" does not match {a} {a}`)
	}
	if _, ok := text.Match("x y", nil); ok {
		t.Error(`"x y" matches {a} {a}`)
	}
}

func FuzzParse(f *testing.F) {
	files, _ := filepath.Glob("data/*.txtar")
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(steps("connect alice bob", "alice >> \"a\" \"{b\\n*2}\"", "bob < msg {alice} a", "bob <~ x+", "bob half-close", "bob < EOF")))
	f.Add([]byte(header + "server: fresh max-conns=2\nservice: sum\n\ndial a\na poll x {a}\na reset\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		all, err := transcript.Parse("x.txtar", data)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "x.txtar:") {
				t.Fatalf("error without a place: %v", err)
			}
			return
		}
		lines := strings.Split(string(data), "\n")
		for _, c := range all {
			for _, step := range c.Steps {
				if lines[step.Line-1] != step.Source {
					t.Errorf("%s: step %q is not in line %d", c.ID, step.Source, step.Line)
				}
			}
		}
	})
}
