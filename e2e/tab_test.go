package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// patience is how long anything may take; nothing here comes near it.
const patience = 30 * time.Second

// tab is a page in a window of its own, of somebody whom no other window knows.
type tab struct {
	t   *testing.T
	ctx context.Context
}

// open opens the page of s in a window of this size.
func (s *server) open(width, height int64, options ...chromedp.EmulateViewportOption) *tab {
	s.t.Helper()
	tb := blank(s.t, width, height, options...)
	tb.do(chromedp.Navigate("http://" + s.pages + "/"))
	tb.wait(`["here", "in"].includes(document.body.dataset.state)`)
	return tb
}

func blank(t *testing.T, width, height int64, options ...chromedp.EmulateViewportOption) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	tb := &tab{t, ctx}
	if err := chromedp.Do(ctx); err != nil { // the tab lives as long as this context
		t.Fatal(err)
	}
	tb.do(chromedp.EmulateViewport(width, height, options...))
	tb.watch()
	return tb
}

// watch fails the test for whatever the page complains of, a breach of its
// content policy included.
func (tb *tab) watch() {
	done := make(chan struct{})
	messages := chromedp.Console(tb.ctx)
	go func() {
		defer close(done)
		for m, err := range messages {
			if err != nil {
				return
			}
			lost := strings.Contains(m.Text, "WebSocket connection to") || strings.Contains(m.Text, "net::ERR_CONNECTION_REFUSED")
			if (m.Type == chromedp.ConsoleError || m.Type == chromedp.ConsoleException) && !lost {
				tb.t.Errorf("the page complains: %s", m.Text)
			}
		}
	}()
	tb.t.Cleanup(func() {
		chromedp.Cancel(tb.ctx)
		<-done
	})
}

func (tb *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	tb.t.Helper()
	ctx, cancel := context.WithTimeout(tb.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		tb.t.Fatal(err)
	}
}

// get returns what an expression is in the page; a promise is awaited.
func get[T any](tb *tab, expression string) T {
	tb.t.Helper()
	ctx, cancel := context.WithTimeout(tb.ctx, patience)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		tb.t.Fatalf("%s: %v", expression, err)
	}
	return value
}

// wait waits until something is true in the page.
func (tb *tab) wait(condition string) {
	tb.t.Helper()
	ctx, cancel := context.WithTimeout(tb.ctx, patience)
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool]("Boolean("+condition+")")); err != nil {
		tb.t.Fatalf("never so: %s: %v; the page has: %s", condition, err, get[string](tb, "document.body.innerText"))
	}
}

// quote is s as a string of JavaScript.
func quote(s string) string {
	text, _ := json.Marshal(s)
	return string(text)
}

// texts are the messages in the log, from above.
const texts = `[...document.querySelectorAll("#log .text")].map((e) => e.textContent)`

func (tb *tab) waitText(text string) {
	tb.t.Helper()
	tb.wait(fmt.Sprintf(`%s.includes(%s)`, texts, quote(text)))
}

func (tb *tab) waitState(state string) {
	tb.t.Helper()
	tb.wait(fmt.Sprintf(`document.body.dataset.state === %s`, quote(state)))
}

func (tb *tab) click(css string) { tb.t.Helper(); tb.do(chromedp.Click(chromedp.CSS(css))) }

func (tb *tab) say(text string) {
	tb.t.Helper()
	tb.do(chromedp.SendKeys(chromedp.CSS("#text"), text+"\r"))
	tb.wait(`document.querySelector("#text").value === ""`)
}

func (tb *tab) logIn(name string) {
	tb.t.Helper()
	tb.click("#show-login")
	tb.do(chromedp.SendKeys(chromedp.CSS("#login-name"), name+"\r"))
	tb.wait(fmt.Sprintf(`document.querySelector("#status-text").textContent === %s`, quote("logged in as "+name)))
	tb.wait(`!document.querySelector("#login").open`)
}

// shot takes a screenshot, if anybody wants to see it.
func (tb *tab) shot(name string) {
	tb.t.Helper()
	if *shots == "" {
		return
	}
	ctx, cancel := context.WithTimeout(tb.ctx, patience)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		tb.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(*shots, name+".png"), png, 0o644); err != nil {
		tb.t.Fatal(err)
	}
}
