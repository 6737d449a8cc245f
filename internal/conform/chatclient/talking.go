package chatclient

import (
	"strings"

	"parley/internal/conform"
	"parley/proto"
)

func talking() []*conform.Check {
	return []*conform.Check{
		{
			ID: "client-public", Rule: proto.P50, Step: stepPublic, Points: 3, Needs: needLogin, Run: public,
			Title: "A public message is sent as “msg TEXT”, the text as it was typed",
			Hint:  "Only the first word is read (Scanner.next(), cin >>), or the text is split at its spaces.",
		},
		{
			ID: "client-public-utf8", Rule: proto.P9, Step: stepPublic, Points: 2, Needs: needLogin, Run: publicUTF8,
			Title: "What is typed with æøå is sent as UTF-8",
			Hint:  "The text is encoded as the system does or as ASCII: name UTF-8 wherever text becomes bytes.",
		},
		{
			ID: "client-public-refused", Rule: proto.P61, Also: []proto.Rule{proto.P43}, Step: stepPublic, Points: 1, Needs: needLogin, Run: publicRefused,
			Title: "It shows the reason when a public message is refused",
			Hint:  "The answer to a message is not read, or is thrown away: “msgerr” says why it went nowhere.",
		},
	}
}

func public(t *conform.T) {
	p := loggedIn(t)
	text := t.Text("hello  to all of you, how is it going")
	for range 2 {
		t.Choose("public", text)
		p.Expect(sends("msg " + text).Because(func(got string) string { return whyOther(got, "msg ", text) }))
		p.Send("msgok 3")
	}
}

// whyOther says what became of a text on its way.
func whyOther(got, before, text string) string {
	sent, ok := strings.CutPrefix(strings.TrimSpace(got), before)
	switch {
	case !ok:
		return ""
	case strings.Join(strings.Fields(text), " ") == sent:
		return "it makes several spaces one"
	case sent == "":
		return "it sends no text"
	case strings.HasPrefix(text, sent+" "):
		return "it cuts the text at a space"
	}
	return ""
}

func publicUTF8(t *conform.T) {
	p := loggedIn(t)
	text := t.Text("blåbærgrøt på lørdag")
	t.Choose("public", text)
	p.Expect(sends("msg " + text).Because(func(got string) string {
		switch {
		case strings.Contains(got, "bl\xe5b\xe6rgr\xf8t"):
			return "it sends Latin-1, not UTF-8"
		case strings.Contains(got, "bl?b?rgr?t"), strings.Contains(got, "bl??b??rgr??t"):
			return "it sends ASCII, and ? for everything else"
		}
		return ""
	}))
}

func publicRefused(t *conform.T) {
	p := loggedIn(t)
	from := len(t.Screen())
	text := t.Text("too much")
	t.Choose("public", text)
	p.Expect(sends("msg " + text))
	t.Cause("it throws the reason away")
	p.Send("msgerr " + blocked)
	t.Shows(from, blocked)
}
