package web_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// answer is what a browser gets.
type answer struct {
	status int
	header http.Header
	body   string
}

// get asks for a path, with header lines in pairs, and does not decompress.
func get(t *testing.T, url string, header ...string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	client := http.Client{Transport: &http.Transport{DisableCompression: true, DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(body)}
}

// address is whatever a file of the page loads or links to.
var address = regexp.MustCompile(`(?:src|href)="([^"]*)"`)

// Everything that the page asks for is there, and of our own.
func TestPageIsWhole(t *testing.T) {
	url := serve(t)
	found := address.FindAllStringSubmatch(get(t, url+"/").body, -1)
	if len(found) < 10 {
		t.Fatalf("the page asks for %d files", len(found))
	}
	preloaded := map[string]bool{}
	for _, match := range found {
		preloaded[match[1]] = true
		if a := get(t, url+match[1]); a.status != http.StatusOK || a.body == "" || a.header.Get("Content-Type") == "" {
			t.Errorf("%s: status %d, %v", match[1], a.status, a.header)
		}
	}
	imported := regexp.MustCompile(`(?m)^import .* from "\./(.*)";$`)
	for script := range preloaded {
		if !strings.HasSuffix(script, ".js") {
			continue
		}
		for _, match := range imported.FindAllStringSubmatch(get(t, url+script).body, -1) {
			if !preloaded["/assets/"+match[1]] {
				t.Errorf("%s imports %s, which the page does not load beforehand", script, match[1])
			}
		}
	}
}

// No script but ours runs, wherever it comes from.
func TestPagePolicy(t *testing.T) {
	url := serve(t)
	for _, path := range []string{"/", "/assets/app.js", "/no/such/page"} {
		header := get(t, url+path).header
		policy := header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: policy %q", path, policy)
		}
		if header.Get("X-Content-Type-Options") != "nosniff" || header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: %v", path, header)
		}
	}
	if a := get(t, url+"/no/such/page"); a.status != http.StatusNotFound {
		t.Errorf("no such page: status %d", a.status)
	}
}

// Who has a file already does not get it again; who takes gzip gets less.
func TestPageTravelsLight(t *testing.T) {
	url := serve(t) + "/assets/app.js"
	plain := get(t, url)
	small := get(t, url, "Accept-Encoding", "br, gzip")
	if small.header.Get("Content-Encoding") != "gzip" || len(small.body) >= len(plain.body) {
		t.Errorf("%d bytes of %d, %v", len(small.body), len(plain.body), small.header)
	}
	z, err := gzip.NewReader(strings.NewReader(small.body))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(z); err != nil || string(got) != plain.body {
		t.Errorf("it does not unpack to what it was: %v", err)
	}
	again := get(t, url, "If-None-Match", plain.header.Get("Etag"))
	if again.status != http.StatusNotModified || again.body != "" {
		t.Errorf("status %d, %d bytes", again.status, len(again.body))
	}
}
