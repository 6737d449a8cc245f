package server_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"parley/internal/server"
)

// get fetches a page of the admin address.
func get(t *testing.T, addr, path string) (status int, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+addr+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Close = true // or the connection outlives the test
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

// Every metric tells what happened, and its name is as Prometheus wants it.
func TestMetrics(t *testing.T) {
	opts := options()
	opts.Admin = "127.0.0.1:0"
	opts.SpamRate = 3
	opts.InboxLimit = 2
	opts.MaxConns = 4
	_, addrs := start(t, opts)
	a, b, c := join(t, addrs["chat"]), join(t, addrs["chat"]), join(t, addrs["chat"])
	a.expect("login amy", "loginok")
	b.expect("login amy", "loginerr username already in use")
	b.expect("login a b", "loginerr incorrect username format")
	b.expect("sync", "modeok")
	for range 3 {
		a.expect("msg hi", "msgok 2")
	}
	a.expect("msg hi", "msgerr spam, blocked for 10 s")
	a.expect("privmsg amy hi", "msgerr spam, blocked for 10 s")
	b.expect("msg hi", "msgok 2")
	a.line() // b's
	b.expect(strings.Repeat("x", 20_000), "cmderr line too long")
	dial(t, addrs["sum"]).expect("1+1", "2")
	if got := dial(t, addrs["chat"]).line(); got != "cmderr server full" {
		t.Errorf("one too many got %q", got)
	}
	c.CloseWrite()
	if _, err := io.ReadAll(c); err != nil {
		t.Fatal(err)
	}
	b.until("users", func(answer string) bool { return answer == "users amy Anonymous2" })

	_, text := get(t, addrs["admin"], "/metrics")
	for _, want := range []string{
		`parley_connections{service="sum"} 1`,
		`parley_lines_received_total{command="login"} 3`,
		`parley_lines_received_total{command="msg"} 5`,
		`parley_lines_received_total{command="help"} 3`,
		`parley_lines_received_total{command="too_long"} 1`,
		`parley_logins_total{result="ok"} 1`,
		`parley_logins_total{result="taken"} 1`,
		`parley_logins_total{result="bad_name"} 1`,
		`parley_messages_total{kind="public"} 4`,
		`parley_deliveries_total{kind="public"} 8`,
		`parley_fanout_recipients_bucket{le="3"} 4`,
		`parley_inbox_drops_total 1`,
		`parley_spam_blocks_total 1`,
		`parley_spam_refusals_total 2`,
		`parley_connections_refused_total 1`,
		`parley_queued_bytes 0`,
		`parley_sessions_ended_total{reason="slow_reader"} 0`,
		`go_goroutines `,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in:\n%s", want, grep(text, strings.SplitN(want, "{", 2)[0]))
		}
	}
	problems, err := promlint.New(bytes.NewReader([]byte(text))).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("promlint: %v, %v", problems, err)
	}
}

func grep(text, word string) string {
	var found strings.Builder
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, word) {
			found.WriteString(line)
		}
	}
	return found.String()
}

func TestHealth(t *testing.T) {
	opts := options()
	opts.Admin = "127.0.0.1:0"
	_, addrs := start(t, opts)
	for path, want := range map[string]string{"/healthz": "ok\n", "/readyz": "ready\n"} {
		if status, body := get(t, addrs["admin"], path); status != http.StatusOK || body != want {
			t.Errorf("%s: %d %q", path, status, body)
		}
	}
	if status, body := get(t, addrs["admin"], "/debug/pprof/goroutine?debug=1"); status != http.StatusOK || !strings.Contains(body, "goroutine profile") {
		t.Errorf("pprof: %d %.80q", status, body)
	}
	if status, _ := get(t, addrs["admin"], "/"); status != http.StatusNotFound {
		t.Errorf("/: %d", status)
	}
}

// A port alone is on loopback; a port in use is an error that names the flag.
func TestAdminAddress(t *testing.T) {
	opts := options()
	opts.Admin = ":0"
	srv, addrs := start(t, opts)
	if !strings.HasPrefix(addrs["admin"], "127.0.0.1:") {
		t.Errorf("a port alone listens on %s", addrs["admin"])
	}
	for _, a := range srv.Addrs() {
		if a.Service == "admin" {
			opts.Admin = a.Addr.String()
		}
	}
	if _, err := server.Listen(opts); err == nil || !strings.HasPrefix(err.Error(), "--admin ") {
		t.Errorf("the same address again: %v", err)
	}
}
