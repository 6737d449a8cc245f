package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The tables of the page are those that the numbers beside it give: to find out
// whether they are, they are made again.
func TestPageHasItsNumbers(t *testing.T) {
	t.Chdir(filepath.Join("..", ".."))
	m, err := readMeasured(filepath.Join(folder, "measured.json"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := modelOf(m)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	again, err := tables(string(text), m, c)
	if err != nil {
		t.Fatal(err)
	}
	if again != string(text) {
		t.Errorf("%s is not what its numbers give: run make scaling", page)
	}
}

// A page without a table's place is refused, and what stands around one is kept.
func TestPlace(t *testing.T) {
	const text = "a\n<!-- x: made by `make scaling` -->\nold\n<!-- end of x -->\nb\n"
	got, err := place(text, "x", "new\n")
	if err != nil || !strings.HasPrefix(got, "a\n<!--") || !strings.Contains(got, "\nnew\n") || !strings.HasSuffix(got, "-->\nb\n") || strings.Contains(got, "old") {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := place(text, "y", ""); err == nil {
		t.Error("no place for y, and no error")
	}
}
