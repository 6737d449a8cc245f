package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// Somebody reads back to the first of 5,000 messages; what is in sight stays
// where it is when older ones come, and new ones do not pull the reader away.
func TestLongHistory(t *testing.T) {
	const total = 5000
	s := serve(t, "--spam-rate", "0")
	c := s.dial()
	c.say(strings.Join(slices.Collect(func(yield func(string) bool) {
		for i := range total {
			if !yield(fmt.Sprintf("msg line %d", i)) {
				return
			}
		}
	}), "\n") + "\nhelp")
	c.hear("supported")
	tb := s.open(1280, 800)
	tb.waitText(fmt.Sprintf("line %d", total-1))
	start := time.Now()
	// What is at the top of the window before a batch comes is there after it.
	jumps := get[[]string](tb, `(async () => {
		const log = document.querySelector("#log");
		const frame = () => new Promise(requestAnimationFrame);
		const all = () => [...log.querySelectorAll(".text")];
		const jumps = [];
		while (all()[0].textContent !== "line 0") {
			log.scrollTop = 1;
			const n = all().length, seen = all()[0].textContent, was = all()[0].getBoundingClientRect().top;
			while (all().length === n) await frame();
			if (all().length !== n + 100) jumps.push("after " + n + " there were " + all().length);
			const is = all().find((e) => e.textContent === seen).getBoundingClientRect().top;
			if (Math.abs(is - was) > 2) jumps.push(seen + " from " + was + " to " + is);
		}
		return jumps;
	})()`)
	t.Logf("scrolled through %d messages in %v", total, time.Since(start).Round(time.Millisecond))
	if len(jumps) > 0 {
		t.Errorf("what was in sight jumped: %q", jumps)
	}
	if got := tb.numbered("line"); !slices.Equal(got, count("line", total)) {
		t.Errorf("the log has %d messages, and not the right ones", len(got))
	}

	where := get[float64](tb, `document.querySelector("#log").scrollTop`)
	start = time.Now()
	for i := range 7 {
		c.say(fmt.Sprintf("msg new %d", i))
	}
	tb.wait(`document.querySelector("#news").textContent === "7 new ↓"`)
	t.Logf("7 more were drawn within %v", time.Since(start).Round(time.Millisecond))
	if now := get[float64](tb, `document.querySelector("#log").scrollTop`); now != where {
		t.Errorf("the reader was moved from %v to %v", where, now)
	}
	tb.click("#news")
	tb.wait(`document.querySelector("#news").hidden && document.title === "parley"`)
}

// Who comes back finds where the new begins, and what was said is found again.
func TestNewSinceYouLeft(t *testing.T) {
	s := serve(t)
	c := s.dial()
	c.say("msg the first thing")
	c.hear("msgok")
	tb := s.open(1280, 800)
	tb.waitText("the first thing")
	tb.do(chromedp.Navigate("about:blank"))
	c.say("msg the second thing")
	c.hear("msgok")
	tb.do(chromedp.Navigate("http://" + s.pages + "/"))
	tb.wait(`document.querySelector(".message.fresh .text")?.textContent === "the second thing"`)

	tb.click("#show-search")
	tb.do(chromedp.SendKeys(chromedp.CSS("#search-words"), "SECOND\r"))
	tb.wait(`document.querySelector("#search-list .text")?.textContent === "the second thing"`)
	tb.withAxe()
	tb.look("search")
}
