package e2e

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// talkOf lets a few people talk, so that there is something to look at.
func talkOf(s *server) *client {
	lines := map[string][]string{
		"maja":  {"Good morning! Is anybody else stuck on the framing part?", "My client shows half a line now and then."},
		"jonas": {"A segment is not a line. Read until the LF and keep the rest for the next time.", "There is an example at https://example.org/framing (scroll down)."},
		"tina":  {"Jonas is right, and try it with nc in two pieces: it is on the protocol page."},
		"omar":  {"شكرا، هذا يساعد كثيرا", "Thanks! That was it, my buffer was cut at the wrong place."},
	}
	var last *client
	for _, name := range []string{"maja", "jonas", "tina", "omar"} {
		last = s.dial()
		last.say("login " + name)
		last.hear("loginok")
		for _, line := range lines[name] {
			last.say("msg " + line)
			last.hear("msgok")
		}
	}
	return last
}

// What a program can tell of accessibility, in each theme and each view.
func TestAccessible(t *testing.T) {
	s := serve(t)
	omar := talkOf(s)
	for _, size := range []struct {
		name          string
		width, height int64
	}{{"wide", 1280, 800}, {"phone", 390, 844}} {
		tb := s.open(size.width, size.height)
		tb.logIn("alice" + size.name)
		omar.say("privmsg alice" + size.name + " only you can read this")
		tb.wait(`document.title === "(1) parley"`)
		tb.withAxe()
		for _, theme := range []string{"light", "dark"} {
			tb.wait(fmt.Sprintf(`(document.documentElement.dataset.theme ?? "light") === %s`, quote(theme)))
			tb.shot(size.name + "-" + theme)
			tb.axe(size.name + " " + theme)
			if size.name == "phone" {
				for _, view := range []string{"conversations", "people", "log"} {
					tb.click("#switch-" + view)
					tb.wait(fmt.Sprintf(`document.body.dataset.view === %s`, quote(view)))
					tb.shot("phone-" + view + "-" + theme)
					tb.axe(view + " " + theme)
				}
			}
			tb.click("#show-wire")
			tb.do(chromedp.Focus(chromedp.CSS(`#wire-lines [tabindex="0"]`)))
			tb.wait(`document.querySelector("#wire-means .rules")`)
			tb.shot(size.name + "-wire-" + theme)
			tb.axe(size.name + " wire " + theme)
			tb.click("#hide-wire")
			tb.click("#show-login")
			tb.shot(size.name + "-login-" + theme)
			tb.axe(size.name + " login " + theme)
			tb.click("#login-cancel")
			tb.click("#theme")
		}
	}
}

// Each of the twelve hues can be read, on every ground that a name stands on.
func TestHues(t *testing.T) {
	tb := serve(t).open(1280, 800)
	tb.withAxe()
	tb.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("main").replaceChildren(...["ground", "side", "raised"].map((ground) => {
		const box = document.createElement("p");
		box.style.background = "var(--" + ground + ")";
		for (let hue = 0; hue < 12; hue++) for (const looks of ["name", "face"]) {
			const e = document.createElement("span");
			e.className = looks + " hue-" + hue;
			e.textContent = "N";
			box.append(e, " ");
		}
		return box;
	}))`))
	colours := get[int](tb, `new Set([...document.querySelectorAll("main .name")].map((e) => getComputedStyle(e).color)).size`)
	if colours != 12 {
		t.Errorf("there are %d colours", colours)
	}
	tb.look("hues")
}

// withAxe loads axe-core into the page.
func (tb *tab) withAxe() {
	tb.t.Helper()
	axe, err := os.ReadFile("../bin/page/node_modules/axe-core/axe.min.js")
	if err != nil {
		tb.t.Fatal("axe-core is not there; ci/node.sh gets it: ", err)
	}
	tb.do(chromedp.Evaluate[chromedp.Void](string(axe)))
}

// look takes a picture in light and in dark, and lets axe-core look too.
func (tb *tab) look(name string) {
	tb.t.Helper()
	for range 2 {
		theme := get[string](tb, `document.documentElement.dataset.theme ?? "light"`)
		tb.shot(name + "-" + theme)
		tb.axe(name + " " + theme)
		tb.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("#theme").click()`))
	}
}

// axe fails the test for each violation that axe-core finds.
func (tb *tab) axe(where string) {
	tb.t.Helper()
	found := get[[]string](tb, `axe.run().then(({ violations }) => violations.map((v) =>
		v.id + ": " + v.help + ": " + v.nodes.map((n) => n.html.slice(0, 200) + " " + n.failureSummary).join("; ")))`)
	if len(found) > 0 {
		tb.t.Errorf("%s: %s", where, strings.Join(found, "\n"))
	}
}

// On a phone nothing is cut off, with the keyboard open or not.
func TestPhone(t *testing.T) {
	s := serve(t)
	talkOf(s)
	tb := s.open(390, 844, chromedp.EmulateMobile)
	tb.waitText("Thanks! That was it, my buffer was cut at the wrong place.")
	// A keyboard takes the lower part of the window.
	for _, height := range []int64{844, 480} {
		tb.do(chromedp.EmulateViewport(390, height, chromedp.EmulateMobile))
		tb.wait(fmt.Sprintf(`innerHeight === %d`, height))
		tb.wait(`document.documentElement.scrollWidth <= innerWidth`)
		tb.wait(`document.querySelector("#send").getBoundingClientRect().bottom <= innerHeight`)
		tb.wait(`(() => { const log = document.querySelector("#log");
			return log.clientHeight > 150 && log.scrollHeight - log.scrollTop - log.clientHeight < 2; })()`)
	}
	tb.shot("phone-keyboard")
}

// Light or dark is the system's, until somebody chooses, and that is remembered.
func TestTheme(t *testing.T) {
	tb := serve(t).open(1280, 800)
	system := func(scheme string) {
		tb.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
			_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
				Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
			})
			return err
		}))
	}
	is := func(ground string) {
		t.Helper()
		tb.wait(fmt.Sprintf(`getComputedStyle(document.querySelector("#talk")).backgroundColor === %s`, quote(ground)))
	}
	const light, dark = "rgb(255, 255, 255)", "rgb(23, 25, 29)"
	system("light")
	is(light)
	system("dark")
	is(dark)
	tb.click("#theme")
	is(light)
	tb.do(chromedp.Reload())
	tb.waitState("here")
	is(light)
	tb.click("#theme") // as the system has it: it is followed again
	is(dark)
	system("light")
	is(light)
}
