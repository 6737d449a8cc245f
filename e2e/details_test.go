package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// run runs a statement in the page.
func (tb *tab) run(statement string) {
	tb.t.Helper()
	tb.do(chromedp.Evaluate[chromedp.Void](statement, chromedp.EvalAwaitPromise))
}

// The wire view has each line with its time and direction, and tells what it
// means and which rule it follows to whoever points at it or goes to it.
func TestWireView(t *testing.T) {
	s := serve(t)
	c := s.dial()
	tb := s.open(1280, 800)
	tb.click("#show-wire")
	c.say("msg a first line")
	tb.say("hello")
	c.hear("msg Anonymous2 hello")
	tb.wait(`[...document.querySelectorAll("#wire-lines .raw")].some((e) => e.textContent.startsWith("msgok 1 "))`)
	const row = `[...document.querySelectorAll("#wire-lines li")].find((e) => /%s/.test(e.querySelector(".raw").textContent))`
	for _, line := range []struct{ form, direction, means, rules string }{
		{`^stamp$`, "to the server", "number and date every message", "X-3"},
		{`^modeok$`, "from the server", "messages are numbered", "X-3"},
		{`^@\d+ .* msg Anonymous1 a first line$`, "from the server", "Anonymous1 said this to everybody", "P-50, X-3"},
		{`^msg hello$`, "to the server", "say this to everybody", "P-50"},
		{`^msgok 1 `, "from the server", "sent to 1 other", "P-50, X-4"},
	} {
		e := fmt.Sprintf(row, line.form)
		tb.wait(e)
		tb.run(fmt.Sprintf(`{ const e = %s; e.scrollIntoView({ block: "nearest" }); document.querySelector("#wire-means").textContent = "" }`, e))
		told := fmt.Sprintf(`document.querySelector("#wire-means").textContent.includes(%s)
			&& document.querySelector("#wire-means .rules").textContent === %s`, quote(line.means), quote(line.rules))
		at := get[[]float64](tb, fmt.Sprintf(`(() => { const r = %s.getBoundingClientRect(); return [r.x + 150, r.y + r.height / 2]; })()`, e))
		tb.do(chromedp.MouseEvent(chromedp.MouseMoved, 5, 5), chromedp.MouseEvent(chromedp.MouseMoved, at[0], at[1]))
		tb.wait(told)
		tb.do(chromedp.MouseEvent(chromedp.MouseMoved, 5, 5))
		tb.run(fmt.Sprintf(`document.querySelector("#wire-means").textContent = ""; %s.focus()`, e))
		tb.wait(told)
		if got := get[string](tb, e+`.querySelector(".sign").ariaLabel`); got != line.direction {
			t.Errorf("%s: direction %q, want %q", line.form, got, line.direction)
		}
		tb.wait(`/^\d\d?:\d\d:\d\d/.test(` + e + `.querySelector("time").textContent)`)
	}
	// Tab comes to the one line that had the focus, the arrows to all others.
	tb.do(chromedp.KeyEvent(kb.ArrowUp), chromedp.KeyEvent(kb.Home))
	tb.wait(`document.activeElement === document.querySelector("#wire-lines li") && document.activeElement.tabIndex === 0
		&& document.querySelectorAll('#wire-lines [tabindex="0"]').length === 1`)
}

// A button that goes takes no focus with it.
func TestFocusStays(t *testing.T) {
	s := serve(t, "--spam-block", "1s")
	c := s.dial()
	tb := s.open(1280, 800)
	tb.logIn("alice")
	somewhere := func(after string) {
		t.Helper()
		tb.do(twoFrames)
		if get[bool](tb, `document.activeElement === document.body`) {
			t.Errorf("the focus is lost after %s", after)
		}
	}
	press := func(element string) {
		t.Helper()
		tb.wait(element)
		tb.wait(`!` + element + `.disabled`)
		tb.run(element + `.focus()`)
		tb.do(chromedp.KeyEvent(kb.Enter))
		somewhere(element)
	}
	tb.run(`for (let i = 0; i < 12; i++) {
		document.querySelector("#text").value = "thing " + i;
		document.querySelector("#compose").requestSubmit();
	}`)
	tb.wait(`document.querySelectorAll(".refused").length === 2`)
	press(`document.querySelector(".why button")`)
	c.hear("msg alice thing 1")
	press(`document.querySelector(".why button:last-child")`)
	tb.wait(`!document.querySelector(".refused")`)
	c.say("privmsg alice psst")
	c.say("login bob")
	c.hear("loginok")
	c.say("privmsg alice psst")
	press(`document.querySelector("#conversations .close")`)
	tb.wait(`document.querySelectorAll("#conversations li").length === 1`)
	tb.run(`document.querySelector("#log").append(Object.assign(document.createElement("div"), { style: "height: 3000px" }))`)
	press(`document.querySelector("#show-wire")`)
	press(`document.querySelector("#hide-wire")`)
	s.stop()
	press(`document.querySelector("#retry")`)
}

// What an input method is asked with Tab and Enter is its own affair.
func TestComposing(t *testing.T) {
	s := serve(t)
	c := s.dial()
	c.say("login tina")
	c.hear("loginok")
	tb := s.open(1280, 800)
	tb.wait(`document.querySelector("#people-list").textContent.includes("tina")`)
	tb.do(chromedp.Focus(chromedp.CSS("#text")), chromedp.KeyEvent("ti"))
	tb.run(`for (const key of ["Tab", "Enter"]) document.querySelector("#text").dispatchEvent(
		new KeyboardEvent("keydown", { key, isComposing: true, bubbles: true, cancelable: true }))`)
	if got := get[string](tb, `document.querySelector("#text").value`); got != "ti" {
		t.Errorf("the text is %q", got)
	}
	tb.do(chromedp.KeyEvent(kb.Tab + "hi" + kb.Enter))
	c.hear("msg Anonymous2 tina: hi")
}

// Notifications are shown to who wants them, while nobody looks: of what is
// private, and of what has one's name in it.
func TestNotifications(t *testing.T) {
	s := serve(t)
	c := s.dial()
	c.say("login tina")
	c.hear("loginok")
	tb := s.open(1280, 800)
	tb.logIn("alice")
	// The desktop and its owner's consent are not here.
	tb.run(`window.told = []; window.asked = 0; let permission = "default";
		window.Notification = class {
			static get permission() { return permission; }
			static async requestPermission() { asked++; return permission = "granted"; }
			constructor(title, { body }) { told.push(title + ": " + body); }
			close() {}
		};
		window.look = (hidden) => {
			Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
			Object.defineProperty(document, "visibilityState", { value: hidden ? "hidden" : "visible", configurable: true });
			document.dispatchEvent(new Event("visibilitychange"));
		};`)
	unread := 0
	say := func(lines ...string) {
		t.Helper()
		tb.run(`look(true)`)
		for _, line := range lines {
			unread++
			c.say(line)
			c.hear("msgok")
		}
		tb.wait(fmt.Sprintf(`document.title === "(%d) parley"`, unread))
	}
	say("msg alice: before you asked for it")
	tb.run(`look(false)`)
	tb.wait(`document.title === "parley"`)
	unread = 0
	tb.click("#notify")
	tb.wait(`asked === 1 && document.querySelector("#notify").ariaPressed === "true"`)
	say("msg nothing about you", "msg hello alice!", "msg malice", "privmsg alice <b>psst</b>")
	if got, want := get[string](tb, `told.join("\n")`), "tina: hello alice!\ntina: <b>psst</b>"; got != want {
		t.Errorf("told was %q, want %q", got, want)
	}
	tb.run(`look(false)`)
	tb.wait(`document.title === "(1) parley"`) // the private one is in another conversation
	tb.wait(`document.querySelector(".message.mention .text").textContent === "alice: before you asked for it"`)
	tb.click("#notify")
	tb.wait(`document.querySelector("#notify").ariaPressed === "false"`)
}

// Names that are words of JavaScript, and as long and as wide as can be.
func TestHostileNames(t *testing.T) {
	s := serve(t)
	names := []string{strings.Repeat("W", 32), "constructor", "toString", "hasOwnProperty", "valueOf", "0"}
	tb := s.open(390, 844, chromedp.EmulateMobile)
	tb.logIn(strings.Repeat("M", 32))
	for _, name := range names {
		c := s.dial()
		c.say("login " + name)
		c.hear("loginok")
		c.say("msg I am " + name)
		c.hear("msgok")
		c.say("privmsg " + strings.Repeat("M", 32) + " for you " + name)
		c.hear("msgok")
		tb.waitText("I am " + name)
	}
	fits := `document.documentElement.scrollWidth <= innerWidth && [...document.querySelectorAll("#log, #conversations, #people, #status")]
		.every((e) => e.scrollWidth <= e.clientWidth)`
	tb.wait(fits)
	tb.shot("phone-names-log")
	tb.click("#switch-people")
	tb.wait(fits)
	tb.shot("phone-names-people")
	tb.click("#switch-conversations")
	tb.wait(fits)
	tb.shot("phone-names-conversations")
	for _, name := range names {
		tb.click("#switch-conversations")
		tb.do(chromedp.Click(chromedp.Search(`//section[@id="conversations"]//bdi[text()="` + name + `"]`)))
		tb.waitText("for you " + name)
	}
	for _, bad := range []string{`<b>x</b>`, "a b", "\u202eeve", strings.Repeat("ø", 5)} {
		tb.click("#show-login")
		tb.run(fmt.Sprintf(`document.querySelector("#login-name").value = %s; document.querySelector("#login-form").requestSubmit()`, quote(bad)))
		tb.wait(`document.querySelector("#login-error").textContent.startsWith("A name has")`)
		tb.click("#login-cancel")
	}
}
