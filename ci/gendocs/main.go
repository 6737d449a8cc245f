// Command gendocs writes the pages and parts of pages that are made of others and
// of the code: the handout for students, and the tables of docs/checker.md. It is
// run in the root of the repository; a test fails where they are not up to date.
package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// page is one that is generated, or has generated parts. It is made of what from
// holds.
type page struct {
	path, from string
	make       func(text string) (string, error)
}

var pages = []page{
	{"docs/protocol-handout.md", "docs/protocol.md", handout},
	{"docs/checker.md", "docs/checker.md", checker},
}

func main() {
	var failures []error
	for _, p := range pages {
		failures = append(failures, p.write("."))
	}
	if err := errors.Join(failures...); err != nil {
		fmt.Fprintln(os.Stderr, "gendocs:", err)
		os.Exit(1)
	}
}

// write writes the page below root.
func (p page) write(root string) error {
	text, err := p.text(os.DirFS(root))
	if err != nil {
		return err
	}
	return os.WriteFile(root+"/"+p.path, []byte(text), 0o644)
}

// text is what is to be on the page.
func (p page) text(root fs.FS) (string, error) {
	from, err := fs.ReadFile(root, p.from)
	if err != nil {
		return "", err
	}
	return p.make(string(from))
}
