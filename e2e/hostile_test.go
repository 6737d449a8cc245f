package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// Whatever is said is text, and stays in its place.
func TestHostileTexts(t *testing.T) {
	s := serve(t)
	c := s.dial()
	c.say("login script")
	c.hear("loginok")
	texts := map[string]string{ // what is said, and what is to be seen
		`<script>document.title = "mine"</script>`:                                   "",
		`<img src=x onerror="document.title = 'mine'">`:                              "",
		`<svg onload=alert(1)><a href="javascript:x">x</a>`:                          "",
		`javascript:alert(1) data:text/html,<b>x</b>`:                                "",
		"\x1b[2J\x1b]0;mine\x07 bell \u009b31m":                                      "?[2J?]0;mine? bell ?31m",
		"\u202egnp.exe is not png":                                                   "",
		"@1 2026-11-22T16:49:00.123Z msg bob not from bob":                           "",
		"msg bob neither":                                                            "",
		"a\u2028b\u2029c\u0000":                                                      "a\u2028b\u2029c",
		strings.Repeat("long", 2048):                                                 "",
		strings.Repeat("e\u0301\u0323\u0300", 200):                                   "",
		"tower " + strings.Repeat("\u0301", 99) + " " + strings.Repeat("\u0323", 99): "",
		"&lt;b&gt; &amp; </textarea></p></div>":                                      "",
	}
	tb := s.open(390, 844)
	for said, seen := range texts {
		if seen == "" {
			seen = said
		}
		c.say("msg " + said)
		if answer := c.hear("msg"); strings.HasPrefix(answer, "msgerr") {
			t.Fatalf("%q: %s", said, answer)
		}
		tb.waitText(seen)
		c = again(s, c)
	}
	if links := get[int](tb, `document.querySelectorAll("#log a, #log img, #log script, #log svg").length`); links != 0 {
		t.Errorf("%d elements were made of texts", links)
	}
	tb.wait(`document.title === "parley"`)
	tb.wait(`document.documentElement.scrollWidth <= innerWidth && document.querySelector("#log").scrollWidth <= innerWidth`)
	// A text that turns its direction around does not reach beyond itself.
	tb.wait(`[...document.querySelectorAll("#log .name")].every((e) => getComputedStyle(e).direction === "ltr")`)
	tb.shot("phone-hostile")
	// Marks that are piled up do not cover what others have said.
	tb.do(chromedp.Evaluate[chromedp.Void](`[...document.querySelectorAll("#log .text")].find((e) => e.textContent.startsWith("tower")).scrollIntoView({ block: "center" })`))
	tb.wait(`[...document.querySelectorAll("#log .text")].every((e) => getComputedStyle(e).overflow === "clip")`)
	tb.shot("phone-tower")

	// Our own are sent as the server hands them on.
	c = again(s, c)
	tb.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.querySelector("#text").value = %s;
		document.querySelector("#compose").requestSubmit()`, quote("two\nlines \u001b[31m"))))
	tb.waitText("two lines ?[31m")
	c.hear("msg Anonymous2 two lines ?[31m")
}

// again is a new connection in the place of one, which may have said too much.
func again(s *server, c *client) *client {
	c.conn.Close()
	c = s.dial()
	c.say("history 1")
	c.hear("history 1")
	return c
}
