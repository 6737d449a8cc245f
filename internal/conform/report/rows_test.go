package report

import (
	"strings"
	"testing"
	"time"

	"parley/internal/conform"
)

// Twenty attempts that are the same are shown as one; what differs is shown.
func TestFold(t *testing.T) {
	var events []conform.Event
	at := time.Duration(0)
	add := func(kind conform.EventKind, data string) {
		at += time.Millisecond
		events = append(events, conform.Event{At: at, Who: "alice", Kind: kind, Data: data})
	}
	add(conform.Sent, "login alice\n")
	add(conform.Received, "loginok\n")
	for range 20 {
		add(conform.Sent, "login bob\n")
		add(conform.Received, "loginerr username already in use\n")
	}
	for range leastFolded - 1 {
		add(conform.Sent, "users\n")
		add(conform.Received, "users alice\n")
	}
	rows := fold(rowsOf(events, "bob"))
	var shown []string
	for i := range rows {
		shown = append(shown, rows[i].clock()+" "+rows[i].what())
	}
	want := []string{
		"1.0 alice → ⟦login alice⏎⟧",
		"2.0 alice ← ⟦loginok⏎⟧",
		"3.0 alice → ⟦login bob⏎⟧",
		"4.0 alice ← ⟦loginerr username already in use⏎⟧",
		"5.0–42.0 — the same 19 times more",
	}
	if got := strings.Join(shown[:min(5, len(shown))], "\n"); got != strings.Join(want, "\n") || len(shown) != len(want)+2*(leastFolded-1) {
		t.Errorf("%d rows are shown: %s", len(shown), strings.Join(shown, "\n"))
	}
}
