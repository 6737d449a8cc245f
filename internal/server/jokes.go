package server

import (
	_ "embed"
	"strings"
)

//go:embed jokes.txt
var builtinJokes string

// ParseJokes reads one joke a line. Lines of white space alone are passed over.
func ParseJokes(text string) []string {
	jokes := []string{}
	for line := range strings.Lines(text) {
		if joke := strings.TrimSpace(line); joke != "" {
			jokes = append(jokes, joke)
		}
	}
	return jokes
}

// printable reports whether a joke can be told: printable ASCII, not empty
// (P-16).
func printable(joke string) bool {
	for i := range len(joke) {
		if joke[i] < ' ' || joke[i] > '~' {
			return false
		}
	}
	return joke != ""
}
