package chat

import (
	"regexp"
	"strings"

	"parley/internal/conform"
	"parley/proto"
)

// text are the checks of what a message's text may hold.
var text = []*conform.Check{
	{
		ID: "text-letters", Rule: proto.P9, Step: forwardFrom, Points: 2,
		Title: "Letters such as æøå arrive as they were sent",
		Hint:  "Say UTF-8 where you read and where you write: the platform's own encoding is another one on another machine.",
		Needs: []string{"msg-reaches-others"},
		Run: func(t *conform.T) {
			passesOnAll(t, "blåbærsyltetøy", "ÆØÅ", "Žluťoučký kůň", "что, где, когда")
		},
	},
	{
		ID: "text-beyond", Rule: proto.P9, Step: forwardFrom, Points: 1,
		Title: "Emoji and Chinese characters arrive as they were sent",
		Hint:  "A character may have four bytes of UTF-8. Pass on the bytes, or decode and encode them as UTF-8, and cut nothing.",
		Needs: []string{"text-letters"},
		Run: func(t *conform.T) {
			passesOnAll(t, "👋🏽 🇳🇴 👩‍💻", "你好，世界", "𝒻𝒶𝓃𝒸𝓎")
		},
	},
	{
		ID: "text-inner-spaces", Rule: proto.P9, Step: forwardFrom, Points: 1,
		Title: "Several spaces inside a text stay several",
		Hint:  "Cut the line once, at the first space. Splitting it at every space and joining the words loses some.",
		Needs: []string{"msg-reaches-others"},
		Run: func(t *conform.T) {
			passesOnAll(t, "one  two   three", "  /\\_/\\  ( o.o )")
		},
	},
	{
		ID: "text-leading-space", Rule: proto.P9, Also: []proto.Rule{proto.P13}, Step: forwardFrom, Points: 1,
		Title: "A space at the beginning of a text is a part of it",
		Hint:  "One space stands between the command and its text; a second one belongs to the text.",
		Needs: []string{"msg-reaches-others"},
		Run:   textLeadingSpace,
	},
	{
		ID: "text-control", Rule: proto.P9, Step: forwardFrom, Points: 1, Strict: true,
		Title: "Each control character in a text becomes one `?`, a TAB stays",
		Hint:  "Texts are shown in other people's terminals, which obey control characters. Replace C0 except TAB, DEL and C1.",
		Needs: []string{"msg-reaches-others"},
		Run: func(t *conform.T) {
			peers := room(t, "alice", "bob")
			for _, c := range []struct{ sent, arrives string }{
				{"\x1b[31mred\x1b[0m", "?[31mred?[0m"},
				{"a\x00b\x07c\x08d\x7fe", "a?b?c?d?e"},
				{"one\ttwo", "one\ttwo"},
				{"a\u0080b\u0085c\u009fd", "a?b?c?d"},
			} {
				passesOn(t, peers[0], peers[1], t.Text(c.sent), t.Text(c.arrives))
			}
		},
	},
	{
		ID: "text-broken-survived", Rule: proto.P9, Phase: conform.Last, Step: forwardFrom, Points: 1,
		Title: "Bytes that are no UTF-8 do no harm to others",
		Hint:  "Decoding may fail: say what to put in the place of bytes that are no UTF-8, as errors=\"replace\" does in Python.",
		Needs: []string{"msg-reaches-others"},
		Run:   textBrokenSurvived,
	},
	{
		ID: "text-broken", Rule: proto.P9, Step: forwardFrom, Points: 1, Strict: true,
		Title: "Each byte of a text that is no UTF-8 becomes U+FFFD",
		Hint:  "Decode byte by byte: one that belongs to no valid sequence becomes the replacement character, and the next one begins anew.",
		Needs: []string{"msg-reaches-others"},
		Run:   textBroken,
	},
}

// passesOnAll has each of these, and words of the check's own behind it, said
// and heard.
func passesOnAll(t *conform.T, texts ...string) {
	peers := room(t, "alice", "bob")
	for _, text := range texts {
		passesOn(t, peers[0], peers[1], t.Text(text), t.Text(text))
	}
	quiet(t, peers[1])
}

func textLeadingSpace(t *conform.T) {
	peers := room(t, "alice", "bob")
	alice, bob, text := peers[0], peers[1], t.Text("two spaces before this")
	if !t.Course() {
		passesOn(t, alice, bob, " "+text, " "+text)
		return
	}
	say(t, alice, " "+text)
	either := saidBySomebody(" " + text)
	exact := either.Is
	either.Is = func(line string) bool { return exact(line) || saidBySomebody(text).Is(line) }
	if line := bob.Expect(either.Because(whyAltered(" " + text))); !exact(line) {
		t.Remark("it drops spaces at the beginning of a text; parley keeps them")
	}
}

func textBrokenSurvived(t *conform.T) {
	peers := room(t, "bob", "carol")
	mallory := t.Dial("mallory")
	mallory.Ignore()
	t.Note("What becomes of this, and of who sends it, is no matter here.")
	for _, broken := range []string{"\xff\xfe\xfd", "\xc3(", "\xe2\x82", "\xf0\x9f\x91 cut", "\xed\xa0\x80"} {
		mallory.TrySend("msg " + t.Text(broken) + "\n")
	}
	t.Pause(conform.Silence)
	t.Note("The others must not notice.")
	peers[1].PassOver(func(line string) bool { return !strings.Contains(line, "still here") && isMessage(line) })
	t.Cause("bytes that are no UTF-8, sent by one client, have ended what serves the others")
	passesOn(t, peers[0], peers[1], t.Text("still here"), t.Text("still here"))
}

func textBroken(t *conform.T) {
	peers := room(t, "alice", "bob")
	alice, bob := peers[0], peers[1]
	for _, c := range []struct{ sent, each, sequence string }{
		{"a\xffb\xfe\xfdc", "a\ufffdb\ufffd\ufffdc", "a\ufffdb\ufffd\ufffdc"},
		{"a\xc3(", "a\ufffd(", "a\ufffd("},
		{"a\xe2\x82d", "a\ufffd\ufffdd", "a\ufffdd"},
		{"a\xf0\x9f\x91 b", "a\ufffd\ufffd\ufffd b", "a\ufffd b"},
	} {
		say(t, alice, t.Text(c.sent))
		bob.Expect(conform.Matching(`msg \S+ (`+regexp.QuoteMeta(t.Text(c.each))+"|"+regexp.QuoteMeta(t.Text(c.sequence))+")",
			conform.Quote("msg SENDER "+t.Text(c.each)+"\n")+", or one U+FFFD for each broken sequence"))
	}
}
