package e2e

import (
	"context"
	"math"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	devtools "github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// forget makes the next visit a first one.
var forget = chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
	_, err := cdp.Call(ctx, t, devtools.ClearBrowserCache, cdp.Empty{})
	return err
})

// What a visitor waits for: the bytes of the page, and the time until the first
// message is there to be read.
func TestBudget(t *testing.T) {
	const maxBytes, maxMillis = 60_000, 300
	// A machine that is busy with other things is slow; five times is a fault.
	const tries, patient = 7, 5
	s := serve(t)
	talkOf(s)
	tb := blank(t, 1280, 800)
	took, bytes := math.Inf(1), 0
	for range tries { // the best of them counts: it is the page that is measured
		tb.do(chromedp.Navigate("about:blank"), forget)
		tb.do(chromedp.Navigate("http://" + s.pages + "/"))
		took = min(took, get[float64](tb, `new Promise((resolve) => {
			const look = () => document.querySelector("#log .text")
				? resolve(performance.now()) : requestAnimationFrame(look);
			look();
		})`))
		bytes = max(bytes, get[int](tb, `[...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
			.reduce((sum, entry) => sum + entry.transferSize, 0)`))
	}
	t.Logf("%d bytes transferred, first message after %.0f ms", bytes, took)
	if bytes == 0 || bytes > maxBytes {
		t.Errorf("%d bytes transferred, at most %d are allowed", bytes, maxBytes)
	}
	if took > maxMillis*patient {
		t.Errorf("first message after %.0f ms, which is far from %d", took, maxMillis)
	}
}
