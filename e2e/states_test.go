package e2e

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// Each state is plain to see, and to read in both themes.
func TestStates(t *testing.T) {
	s := serve(t)
	n := s.connect()
	n.block(true)
	tb := blank(t, 1280, 800)
	tb.do(chromedp.Navigate("http://" + s.pages + "/"))
	tb.withAxe()
	tb.waitStatus(`connecting…`)
	tb.look("state-connecting")

	n.block(false)
	tb.waitStatus(`here as Anonymous1`)
	tb.wait(`!document.querySelector("#empty").hidden`)
	tb.wait(`document.querySelector("#empty").innerText.includes("Write something below")`)
	tb.look("state-empty")
	tb.wait(`document.querySelector("#log").role === "log" && document.querySelector("#log").ariaLive === "polite"`)

	tb.do(chromedp.Evaluate[chromedp.Void](`for (let i = 0; i < 11; i++) {
		document.querySelector("#text").value = "thing " + i;
		document.querySelector("#compose").requestSubmit();
	}`))
	tb.waitStatus(`blocked for spam, \d+ s left`)
	tb.look("state-blocked")
	tb.do(chromedp.EmulateViewport(390, 844))
	s.stop()
	tb.waitStatus(`server gone: it was stopped; next try in \d+ s`)
	tb.look("state-gone")
}

// A machine wakes up whose connection was closed meanwhile.
func TestReconnecting(t *testing.T) {
	s := serve(t)
	n := s.connect()
	tb := s.open(1280, 800)
	tb.withAxe()
	tb.logIn("alice")
	n.block(true)
	n.cut()
	tb.waitStatus(`reconnecting in \d+ s`)
	tb.shot("state-reconnecting")
	tb.waitStatus(`reconnecting…`)
	tb.look("state-again")
	n.block(false)
	tb.waitStatus(`logged in as alice`)
}

// waitStatus waits until that is what the bar says; it is a regular expression.
func (tb *tab) waitStatus(want string) {
	tb.t.Helper()
	tb.wait(`/^` + want + `$/.test(document.querySelector("#status p").textContent)`)
}
