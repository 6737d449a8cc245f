package e2e

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Two people in the browser and one at a terminal talk, in public and privately.
func TestTalk(t *testing.T) {
	s := serve(t)
	terminal := s.dial()
	terminal.say("login tina")
	terminal.hear("loginok")
	alice, bob := s.open(1280, 800), s.open(390, 844)

	alice.say("hello from nobody yet")
	terminal.hear("msg Anonymous2 hello from nobody yet")
	bob.waitText("hello from nobody yet")
	alice.logIn("alice")
	bob.logIn("bob")
	terminal.say("msg hello from a terminal")
	alice.waitText("hello from a terminal")
	bob.waitText("hello from a terminal")

	alice.wait(`document.querySelector("#people-list").textContent.includes("bob")`)
	alice.do(chromedp.Click(chromedp.Search(`//section[@id="people"]//bdi[text()="bob"]`)))
	alice.say("for you alone")
	alice.waitText("for you alone")
	bob.wait(`document.querySelector("#switch-conversations").textContent === "Chats (1)" && document.title === "(1) parley"`)
	bob.click("#switch-conversations")
	bob.do(chromedp.Click(chromedp.Search(`//section[@id="conversations"]//bdi[text()="alice"]`)))
	bob.waitText("for you alone")
	bob.say("and for you")
	alice.waitText("and for you")
	bob.wait(`document.title === "parley"`)

	terminal.say("privmsg bob psst")
	terminal.hear("msgok 1")
	terminal.say("history")
	terminal.hear("history 2") // private messages are kept nowhere
}

// Everything can be done without a mouse.
func TestKeyboard(t *testing.T) {
	s := serve(t)
	c := talkOf(s)
	tb := s.open(1280, 800)
	tb.wait(`document.querySelector("#people-list").textContent.includes("jonas")`)
	// Tab goes through the page, and a focus can be seen wherever it is.
	tb.do(chromedp.Evaluate[chromedp.Void](`document.activeElement.blur()`))
	seen := map[string]bool{}
	for range 40 {
		tb.do(chromedp.KeyEvent(kb.Tab))
		at := get[struct {
			Place string
			Shown bool
		}](tb, `(() => { const e = document.activeElement;
			return { Place: e.id || e.textContent, Shown: e === document.body || getComputedStyle(e).outlineStyle === "solid" }; })()`)
		if !at.Shown {
			t.Errorf("the focus cannot be seen at %q", at.Place)
		}
		seen[at.Place] = true
	}
	for _, place := range []string{"show-login", "show-search", "theme", "show-wire", "#Everybody", "log", "text", "send", "Jjonas"} {
		if !seen[place] {
			t.Errorf("Tab does not come to %q; it comes to %v", place, seen)
		}
	}

	// Where a name begins Tab completes it, else it goes on.
	tb.do(chromedp.Focus(chromedp.CSS("#text")), chromedp.KeyEvent("jo"+kb.Tab))
	tb.wait(`document.querySelector("#text").value === "jonas: "`)
	tb.do(chromedp.KeyEvent("is right" + kb.Enter))
	c.hear("msg Anonymous5 jonas: is right")

	// Enter on a person opens a conversation, where one must have logged in.
	tb.do(chromedp.Evaluate[chromedp.Void](`[...document.querySelectorAll("#people-list button")].find((e) => e.textContent.includes("omar")).focus()`),
		chromedp.KeyEvent(kb.Enter))
	tb.wait(`document.querySelector("#title").textContent === "omar" && document.querySelector("#hint").textContent.includes("Log in")`)
	tb.do(chromedp.Focus(chromedp.CSS("#show-login")), chromedp.KeyEvent(kb.Enter))
	tb.wait(`document.activeElement.id === "login-name"`)
	tb.do(chromedp.KeyEvent("omar" + kb.Enter))
	tb.wait(`document.querySelector("#login-error").textContent === "Somebody has that name."`)
	tb.do(chromedp.KeyEvent("alice" + kb.Enter))
	tb.wait(`document.activeElement.id === "text"`)
	tb.do(chromedp.KeyEvent("psst" + kb.Enter))
	c.hear("privmsg alice psst")
}
