package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

// The page is served as it lies here; there is no build step.
//
//go:embed page/index.html page/assets
var page embed.FS

// policy lets the page load and reach what is ours, and nothing else: whatever
// somebody says in the chat, no browser runs it.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// types are those of the files in the page; the system's own table may know others.
var types = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
}

// file is one file of the page, ready to be sent.
type file struct {
	plain, small []byte // small is compressed
	kind, tag    string
}

// pageFiles returns the files by their path in the address.
func pageFiles() map[string]*file {
	files := map[string]*file{}
	_ = fs.WalkDir(page, "page", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := page.ReadFile(name)
		files[strings.TrimPrefix(name, "page")] = newFile(content, types[path.Ext(name)])
		return err
	}) // what is embedded can be read
	files["/"] = files["/index.html"]
	delete(files, "/index.html")
	return files
}

func newFile(content []byte, kind string) *file {
	var small bytes.Buffer
	z, _ := gzip.NewWriterLevel(&small, gzip.BestCompression) // the level is one
	_, _ = z.Write(content)
	_ = z.Close()
	sum := sha256.Sum256(content)
	return &file{content, small.Bytes(), kind, `"` + hex.EncodeToString(sum[:8]) + `"`}
}

// servePage answers GET of whatever is not the WebSocket.
func (h *handler) servePage(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Security-Policy", policy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	f := h.files[r.URL.Path]
	if f == nil {
		http.NotFound(w, r)
		return
	}
	// A new version is seen at once; an old one is not sent again.
	header.Set("Cache-Control", "no-cache")
	header.Set("Etag", f.tag)
	header.Set("Vary", "Accept-Encoding")
	if strings.Contains(r.Header.Get("If-None-Match"), f.tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	header.Set("Content-Type", f.kind)
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		header.Set("Content-Encoding", "gzip")
		_, _ = w.Write(f.small)
		return
	}
	_, _ = w.Write(f.plain)
}
