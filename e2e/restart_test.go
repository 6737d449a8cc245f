package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// numbered are the messages in the log that begin so.
func (tb *tab) numbered(beginning string) []string {
	tb.t.Helper()
	all := get[[]string](tb, texts)
	return slices.DeleteFunc(all, func(text string) bool { return !strings.HasPrefix(text, beginning) })
}

// count is n numbered messages.
func count(beginning string, n int) []string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf("%s %d", beginning, i))
	}
	return all
}

// The server is restarted while people talk: nothing is lost, nothing doubled, a
// name comes back, and a draft stays.
//
// Rules: X-8, P-73
func TestRestart(t *testing.T) {
	s := serve(t, "--spam-rate", "0")
	alice := s.open(1280, 800)
	alice.logIn("alice")
	say := func(from, to int) {
		c := s.dial()
		for i := from; i < to; i++ {
			c.say(fmt.Sprintf("msg line %d", i))
			c.hear("msgok")
		}
	}
	say(0, 20)
	alice.waitText("line 19")
	alice.do(chromedp.SendKeys(chromedp.CSS("#text"), "half a thought"))

	s.stop()
	alice.wait(`["waiting", "gone"].includes(document.body.dataset.state)`)
	alice.wait(`document.querySelector("#send").disabled`)
	alice.shot("wide-gone")
	s.start()
	thief := s.dial()
	thief.say("login alice")
	thief.hear("loginok")
	say(20, 40)
	if hidden := get[bool](alice, `document.querySelector("#retry").hidden`); !hidden {
		alice.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("#retry").click()`))
	}
	alice.waitState("claiming")
	alice.withAxe()
	alice.look("state-claiming")
	alice.waitText("line 39")
	say(40, 60)
	alice.waitText("line 59")
	if got, want := alice.numbered("line"), count("line", 60); !slices.Equal(got, want) {
		t.Errorf("the log has %q", got)
	}
	thief.conn.Close()
	alice.wait(`document.querySelector("#status-text").textContent === "logged in as alice"`)
	if draft := get[string](alice, `document.querySelector("#text").value`); draft != "half a thought" {
		t.Errorf("the draft is %q", draft)
	}
	alice.do(chromedp.Reload())
	alice.waitState("in")
	if draft := get[string](alice, `document.querySelector("#text").value`); draft != "half a thought" {
		t.Errorf("after a reload the draft is %q", draft)
	}
}

// Who says too much is told so, and loses nothing.
//
// Rules: P-60, P-61
func TestSpam(t *testing.T) {
	s := serve(t, "--spam-block", "3s")
	tb := s.open(1280, 800)
	other := s.dial()
	other.say("users")
	other.hear("users")
	tb.do(chromedp.Evaluate[chromedp.Void](`for (let i = 0; i < 11; i++) {
		document.querySelector("#text").value = "thing " + i;
		document.querySelector("#compose").requestSubmit();
	}`))
	tb.waitState("blocked")
	tb.wait(`document.querySelector(".refused .why button").disabled && document.querySelector("#send").disabled`)
	tb.shot("wide-blocked")
	tb.wait(`!document.querySelector(".refused .why button").disabled`)
	tb.click(".refused .why button")
	other.hear("msg Anonymous1 thing 10")
	tb.wait(`!document.querySelector(".refused")`)
	if got, want := tb.numbered("thing"), count("thing", 11); !slices.Equal(got, want) {
		t.Errorf("the log has %q", got)
	}
}
