package main

import (
	"fmt"
	"strings"

	"parley/internal/conform/catalog"
	"parley/internal/conform/zoo"
)

// checker puts the tables into the page about the checker, each between two
// comments that stay.
func checker(page string) (string, error) {
	table, err := zoo.CrossTable()
	if err != nil {
		return "", fmt.Errorf("internal/conform/zoo/crosstable.json: %w", err)
	}
	for _, target := range catalog.Targets() {
		page, err = fill(page, "checks of "+string(target), checksTable(target))
		if err == nil {
			page, err = fill(page, "mistakes of "+string(target), zooTable(target, table))
		}
		if err != nil {
			return "", err
		}
	}
	return page, nil
}

// fill replaces what stands between the comments of that name.
func fill(page, name, content string) (string, error) {
	begin, end := "<!-- "+name+": made by `make docs` -->\n", "<!-- end of "+name+" -->\n"
	before, rest, found := strings.Cut(page, begin)
	_, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		return "", fmt.Errorf("docs/checker.md has no place for the %s: it wants %q and %q", name, begin, end)
	}
	return before + begin + "\n" + content + "\n" + end + after, nil
}
