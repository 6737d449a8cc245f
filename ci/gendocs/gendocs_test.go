package main

import (
	"io/fs"
	"os"
	"strings"
	"testing"
)

func TestPagesAreUpToDate(t *testing.T) {
	root := os.DirFS("../..")
	for _, p := range pages {
		want, err := p.text(root)
		if err != nil {
			t.Error(err)
			continue
		}
		got, err := fs.ReadFile(root, p.path)
		if err != nil {
			t.Error(err)
		} else if string(got) != want {
			t.Errorf("%s is not up to date: make docs", p.path)
		}
	}
}

// A change of the page that an edit is about does not go by unseen, and neither
// does a new trace of what students are to find.
func TestHandoutIsStrict(t *testing.T) {
	page, err := os.ReadFile("../../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range [][2]string{
		{"listed in `users`, reached", "in the list of `users`, reached"},
		{"| P-80 | ", "| P-80 | A joke. "},
		{"| P-80 | ", "| P-80 | As `users` has it. "},
		{"| P-80 | ", "| P-80 | See P-55. "},
	} {
		if _, err := handout(strings.Replace(string(page), change[0], change[1], 1)); err == nil {
			t.Errorf("with %q for %q there is no error", change[1], change[0])
		}
	}
}

func TestFill(t *testing.T) {
	const page = "a\n<!-- x: made by `make docs` -->\nold\n<!-- end of x -->\nb\n"
	want := "a\n<!-- x: made by `make docs` -->\n\nnew\n\n<!-- end of x -->\nb\n"
	if got, err := fill(page, "x", "new\n"); err != nil || got != want {
		t.Errorf("fill = %q, %v", got, err)
	}
	if _, err := fill(page, "y", "new\n"); err == nil {
		t.Error("a place that is not there is no error")
	}
}
