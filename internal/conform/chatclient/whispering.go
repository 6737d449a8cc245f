package chatclient

import (
	"parley/internal/conform"
	"parley/proto"
)

func whispering() []*conform.Check {
	return []*conform.Check{
		{
			ID: "client-private", Rule: proto.P51, Step: stepPrivate, Points: 3, Needs: needLogin, Run: private,
			Title: "A private message is sent as “privmsg NAME TEXT”, the text as it was typed",
			Hint:  "Recipient and text are swapped, or only the first word of the text is read.",
		},
		{
			ID: "client-private-refused", Rule: proto.P52, Step: stepPrivate, Points: 2, Needs: needLogin, Run: privateRefused,
			Title: "It shows the reason when a private message is refused",
			Hint:  "The answer to a message is not read, or is thrown away: “msgerr” says why it went nowhere.",
		},
	}
}

func private(t *conform.T) {
	p := loggedIn(t)
	to, text := t.Name("bob"), t.Text("this is for you alone")
	for range 2 {
		t.Choose("private", to, text)
		p.Expect(sends("privmsg " + to + " " + text).Because(func(got string) string {
			if sends("privmsg " + text + " " + to).Is(got) {
				return "it puts the text before the recipient"
			}
			return whyOther(got, "privmsg "+to+" ", text)
		}))
		p.Send("msgok 1")
	}
}

func privateRefused(t *conform.T) {
	p := loggedIn(t)
	to, text := t.Name("nobody"), t.Text("are you there")
	from := len(t.Screen())
	t.Choose("private", to, text)
	p.Expect(sends("privmsg " + to + " " + text))
	t.Cause("it throws the reason away")
	p.Send("msgerr " + nobody)
	t.Shows(from, nobody)
}
