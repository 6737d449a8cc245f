package e2e

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// reader opens a window of a phone in which somebody reads in the middle of a
// long log.
func (s *server) reader() *tab {
	s.t.Helper()
	c := s.dial()
	for i := range 90 {
		c.say(fmt.Sprintf("msg line %d %s", i, strings.Repeat("and so on ", i%17)))
		c.hear("msgok")
	}
	tb := s.open(390, 844, chromedp.EmulateMobile)
	tb.waitText("line 89 and so on and so on and so on and so on")
	tb.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("#log").scrollTop = document.querySelector("#log").scrollHeight / 2`))
	tb.wait(`!document.querySelector("#news").hidden`)
	return tb
}

// twoFrames waits until what has changed is drawn.
var twoFrames = chromedp.Evaluate[chromedp.Void](`new Promise((resolve) =>
	requestAnimationFrame(() => requestAnimationFrame(resolve)))`, chromedp.EvalAwaitPromise)

// inSight is the first message whose beginning is in sight, and how far below the top of the log.
const inSight = `(() => {
	const log = document.querySelector("#log"), top = log.getBoundingClientRect().top;
	const e = [...log.querySelectorAll(".text")].find((e) => e.getBoundingClientRect().top > top);
	return e.textContent.slice(0, 8) + "at " + Math.round(e.getBoundingClientRect().top - top);
})()`

// Nothing jumps: not when the window gets another width, when something else is
// looked at meanwhile, or when a keyboard comes and goes.
func TestReadingStays(t *testing.T) {
	s := serve(t, "--spam-rate", "0")
	tb := s.reader()
	was := get[string](tb, inSight)
	same := func(after string) {
		t.Helper()
		tb.do(twoFrames)
		if is := get[string](tb, inSight); is != was {
			t.Errorf("%s: in sight is %q, and was %q", after, is, was)
		}
	}
	same("nothing")
	for _, size := range [][2]int64{{700, 400}, {390, 480}, {390, 844}} {
		tb.do(chromedp.EmulateViewport(size[0], size[1], chromedp.EmulateMobile))
		tb.wait(fmt.Sprintf(`innerWidth === %d && document.body.clientHeight === %d`, size[0], size[1]))
		tb.wait(`document.documentElement.scrollWidth <= innerWidth && document.querySelector("#log").clientHeight > 150`)
		same(fmt.Sprint(size))
		tb.shot(fmt.Sprintf("phone-%dx%d", size[0], size[1]))
	}
	tb.click("#switch-people")
	tb.wait(`document.body.dataset.view === "people"`)
	s.dial().say("msg said meanwhile")
	tb.wait(`document.title === "(1) parley"`)
	tb.click("#switch-log")
	tb.waitText("said meanwhile")
	same("looking at people")
	tb.wait(`document.querySelector("#news").textContent === "1 new ↓"`)
}

// Who looks closer does not get a smaller page.
func TestPinch(t *testing.T) {
	s := serve(t)
	tb := s.open(390, 844, chromedp.EmulateMobile)
	tb.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetPageScaleFactor, emulation.SetPageScaleFactorParams{PageScaleFactor: 2})
		return err
	}))
	tb.wait(`Math.abs(visualViewport.scale - 2) < 0.01`)
	tb.do(twoFrames)
	if height := get[float64](tb, `document.body.getBoundingClientRect().height`); height < 843 || height > 845 {
		t.Errorf("the page is %v high, want 844", height)
	}
}
