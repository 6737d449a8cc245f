// Command testsum makes the output of `go test -json` readable and counts it:
// one line for each package, what failed with its output, what was skipped, and
// a last line "N passed, N failed, N skipped".
//
//	go test -json ./... | testsum
//	testsum -total race.json plain.json
//
// With -total it prints the last line only, over all the files together; a test
// in several of them counts once, with its worst result.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
)

// event is one line of `go test -json`; see `go doc test2json`.
type event struct {
	Action  string
	Package string
	Test    string
	Output  string
	Elapsed float64
}

// id names a test. An empty test stands for the package itself: it failed
// without a test that did, as a panic in TestMain or a compiler error does.
type id struct{ pkg, test string }

// The results from best to worst.
const (
	skipped = iota + 1
	passed
	failed
)

// summary is what is known so far.
type summary struct {
	show    io.Writer
	results map[id]int
	output  map[id][]byte // of what has not ended yet
}

func main() {
	total := flag.Bool("total", false, "only count, over all the files together")
	flag.Parse()

	s := summary{show: os.Stdout, results: map[id]int{}, output: map[id][]byte{}}
	if *total {
		s.show = io.Discard
	}
	if err := s.readAll(flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "testsum:", err)
		os.Exit(1)
	}
	if !s.count(os.Stdout) {
		os.Exit(1)
	}
}

// readAll reads the files, or standard input if there is none.
func (s *summary) readAll(names []string) error {
	if len(names) == 0 {
		return s.read(os.Stdin)
	}
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		err = s.read(f)
		f.Close()
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func (s *summary) read(r io.Reader) error {
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadBytes('\n')
		var e event
		if json.Unmarshal(line, &e) == nil {
			s.add(e)
		} else {
			fmt.Fprintf(s.show, "%s", line) // a word of the go command itself
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (s *summary) add(e event) {
	key := id{e.Package, e.Test}
	switch e.Action {
	case "output":
		s.output[key] = append(s.output[key], e.Output...)
		return
	case "build-output":
		fmt.Fprint(s.show, e.Output)
		return
	case "pass", "fail", "skip":
	default:
		return
	}

	if e.Test == "" {
		s.endPackage(e)
	} else {
		s.endTest(key, e.Action)
	}
	delete(s.output, key)
}

func (s *summary) endTest(key id, action string) {
	result := map[string]int{"pass": passed, "fail": failed, "skip": skipped}[action]
	s.results[key] = max(s.results[key], result)
	if result != passed {
		fmt.Fprintf(s.show, "%s", s.output[key])
	}
}

func (s *summary) endPackage(e event) {
	switch e.Action {
	case "pass":
		fmt.Fprintf(s.show, "ok   %-32s %6.2fs\n", e.Package, e.Elapsed)
	case "fail":
		// What has begun and not ended is where it broke: a panic, a time-out.
		for key := range s.output {
			if key.pkg == e.Package && key.test != "" {
				s.endTest(key, e.Action)
				delete(s.output, key)
			}
		}
		if !s.hasFailed(e.Package) {
			s.results[id{e.Package, ""}] = failed
		}
		fmt.Fprintf(s.show, "%s", s.output[id{e.Package, ""}])
	}
}

func (s *summary) hasFailed(pkg string) bool {
	for key, result := range s.results {
		if key.pkg == pkg && result == failed {
			return true
		}
	}
	return false
}

// count prints the last line and reports whether all is well. Nothing passed is
// not well: then nothing was tested.
func (s *summary) count(w io.Writer) bool {
	var n [failed + 1]int
	var names []string
	for key, result := range s.results {
		n[result]++
		if result == failed {
			names = append(names, fmt.Sprintf("FAILED: %s %s\n", key.pkg, key.test))
		}
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprint(w, name)
	}
	fmt.Fprintf(w, "%d passed, %d failed, %d skipped\n", n[passed], n[failed], n[skipped])
	return n[failed] == 0 && n[passed] > 0
}
