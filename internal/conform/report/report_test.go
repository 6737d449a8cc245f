package report_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/internal/conform"
	"parley/internal/conform/report"
	"parley/proto"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares what a report writes with a file of testdata.
func golden(t *testing.T, name string, write func(io.Writer) error) string {
	t.Helper()
	var got bytes.Buffer
	if err := write(&got); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("%s differs; look at the difference after go test ./internal/conform/report -update\n%s", path, got.String())
	}
	return got.String()
}

// hostile is what a program may send to harm whoever reads the report.
const hostile = "\x1b]0;owned\a\x1b[2J<script>alert(1)</script>]]>&amp;\u202e\u009b31m\xff\xfe\u2028⏎⟧ \r\n"

func at(ms float64, who string, kind conform.EventKind, data string) conform.Event {
	return conform.Event{At: time.Duration(ms * float64(time.Millisecond)), Who: who, Kind: kind, Data: data}
}

var (
	cutLogin = &conform.Check{
		ID: "cut-login", Rule: "P-6", Also: []proto.Rule{"P-22"}, Target: conform.Server, Step: 18, Points: 3,
		Title: "A line in two segments is one line",
		Hint:  "one recv() was taken for one line: read until there is an LF, and keep what comes after it for the next line",
	}
	given = &conform.Check{
		ID: "given-names", Rule: "P-20", Target: conform.Server, Step: 12, Points: 1, Title: "Who has not logged in has a name",
	}
	private = &conform.Check{
		ID: "private-message", Rule: "P-51", Target: conform.Server, Step: 20, Points: 2, Title: "A private message is for one",
	}
	echo = &conform.Check{
		ID: "no-echo", Rule: "P-50", Target: conform.Server, Step: 14, Points: 2, Title: "A message goes to all others",
		Hint: "the sender is in the loop over all clients too",
	}
	help = &conform.Check{
		ID: "help", Rule: "P-56", Target: conform.Server, Step: 17, Points: 1, Title: "help names the commands",
	}
)

// found is a run that nobody has run: it is the same each time.
func found() *conform.Report {
	again := "parley check server 127.0.0.1:1300 --seed 7 --only "
	return &conform.Report{
		Target: conform.Server, Address: "127.0.0.1:1300", Dialect: conform.DialectCourse, Seed: 7, Took: 1234 * time.Millisecond,
		Results: []conform.Result{
			{
				Check: cutLogin, Status: conform.Failed, Kind: conform.WrongLine, Seed: 7, Took: 31 * time.Millisecond, Token: "k7m2n9x4",
				Message: `alice got "cmderr command not supported\n"`, Expected: `as the next line to alice: "loginok\n"`,
				Cause: "it took the first piece, login al, for the whole line", Rerun: again + "cut-login",
				Events: []conform.Event{
					at(0.21, "alice", conform.Connected, "127.0.0.1:50332 to 127.0.0.1:1300"),
					at(0.32, "", conform.Note, "sends `login` in two segments, with 25 ms between them"),
					at(0.4, "alice", conform.Sent, "login al"),
					at(0.9, "alice", conform.Received, "msg stranger how are you?\n"),
					at(25.7, "alice", conform.Sent, "icek7m2n9x4\n"),
					at(26.1, "alice", conform.Received, "cmderr command not supported\n"),
					at(30.5, "alice", conform.HungUp, ""),
				},
			},
			{
				Check: given, Status: conform.Remark, Seed: 7, Took: 2 * time.Millisecond, Rerun: again + "given-names",
				Message: `it gives names such as "user3"; parley's are Anonymous3`, Remarks: []string{`it gives names such as "user3"; parley's are Anonymous3`},
			},
			{
				Check: private, Status: conform.Skipped, Seed: 7, Message: "it needs what login is about, which failed", Rerun: again + "private-message",
			},
			{
				Check: echo, Status: conform.Failed, Kind: conform.ExtraLine, Seed: 7, Took: 12 * time.Millisecond, Token: "b3c4d5f6",
				Message: "bob got " + conform.Quote(hostile) + " first, which nobody had asked for", Expected: "nothing more to bob", Rerun: again + "no-echo",
				Events: []conform.Event{
					at(0, "alice", conform.Connected, "127.0.0.1:50333 to 127.0.0.1:1300"),
					at(0.1, "bob", conform.Connected, "127.0.0.1:50334 to 127.0.0.1:1300"),
					at(0.2, "carol", conform.Connected, "127.0.0.1:50335 to 127.0.0.1:1300"),
					at(1, "alice", conform.Sent, "m"), at(2, "alice", conform.Sent, "s"), at(3, "alice", conform.Sent, "g hi  b3c4d5f6 \n"),
					at(4, "bob", conform.Received, hostile),
					at(5, "carol", conform.Received, "msg Anonymous1 "+strings.Repeat("æøå ", 80)+"b3c4d5f6\n"),
					at(6, "carol", conform.EndSent, ""),
					at(7, "carol", conform.EndSeen, ""),
					at(8, "bob", conform.ResetSeen, "connection reset by peer"),
				},
			},
			{
				Check: help, Status: conform.Passed, Seed: 7, Took: time.Millisecond, Token: "z9y8x7w6", Rerun: again + "help",
				Events: []conform.Event{
					at(0, "alice", conform.Connected, "127.0.0.1:50336 to 127.0.0.1:1300"),
					at(0.1, "alice", conform.Sent, "help\n"),
					at(0.4, "alice", conform.Received, "supported login msg privmsg users help sync async inbox joke\n"),
				},
			},
		},
	}
}

// known has mistakes of which the first fits.
var known = []report.Known{
	{
		Name: "one-read", Target: conform.Server, Rule: "P-6", Check: "cut-login", About: "takes one recv() for one message",
		Fails: map[string]conform.Kind{"cut-login": conform.WrongLine, "no-echo": conform.ExtraLine, "private-message": conform.WrongLine},
	},
	{
		Name: "half", Target: conform.Server, Rule: "P-6", Check: "cut-login", About: "does something else",
		Fails: map[string]conform.Kind{"cut-login": conform.Timeout, "help": conform.Timeout},
	},
	{
		Name: "of-clients", Target: conform.Client, Rule: "P-6", Check: "cut-login", About: "is a client",
		Fails: map[string]conform.Kind{"cut-login": conform.WrongLine, "no-echo": conform.ExtraLine},
	},
}

func full(run *conform.Report) *report.Report {
	return report.New(run, report.Options{Version: "1.2.3", Known: known})
}

func detailed(run *conform.Report, detail report.Detail) *report.Report {
	return report.New(run, report.Options{Detail: detail, Version: "1.2.3", Known: known})
}

func TestText(t *testing.T) {
	for _, detail := range []report.Detail{report.Full, report.Own, report.Verdicts} {
		golden(t, string(detail)+".txt", func(w io.Writer) error {
			run := found()
			report.Begin(w, run.Target, run.Address, len(run.Results), run.Seed)
			for _, result := range run.Results {
				report.Progress(w, detail)(result)
			}
			return detailed(run, detail).WriteText(w)
		})
	}
}

// writers are all forms of a report.
func writers(r *report.Report) map[string]func(io.Writer) error {
	return map[string]func(io.Writer) error{
		"text": r.WriteText, "json": r.WriteJSON, "junit": r.WriteJUnit, "gradescope": r.WriteGradescope, "html": r.WriteHTML,
	}
}

// Nothing that a program has sent reaches a terminal or a page as it was.
func TestHostile(t *testing.T) {
	bad := regexp.MustCompile("[\x00-\x08\x0b-\x1f\x7f\u0080-\u009f\u202a-\u202e\u2028\u2066-\u2069]")
	run := found()
	run.Broken, run.Died, run.Address = "b\x1b[2J", "d\x1b[2J\u202e", "here\x1b[2J"
	run.Results[2].Message += hostile
	run.Results[1].Remarks[0] += hostile
	run.Results[0].Rerun += hostile
	run.Results[0].Cause += hostile
	for name, write := range writers(full(run)) {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		if at := bad.FindIndex(b.Bytes()); at != nil {
			t.Errorf("%s lets through %q", name, b.Bytes()[max(0, at[0]-20):at[1]+20])
		}
		if name == "html" && strings.Contains(b.String(), "<script") {
			t.Errorf("%s has a tag of the program's", name)
		}
	}
}

// With less detail, nothing tells what should have been done.
func TestDetail(t *testing.T) {
	secrets := map[report.Detail][]string{
		report.Own: {
			"two segments", "loginok", "one recv", "TCP segments", "took the first piece", "looks like", "parley's are", "with 25 ms", "A private message",
		},
		report.Verdicts: {"alice", "wrong line", "extra line", "it needs", "--only"},
	}
	secrets[report.Verdicts] = append(secrets[report.Verdicts], secrets[report.Own]...)
	for detail, words := range secrets {
		forms := writers(detailed(found(), detail))
		forms["progress"] = func(w io.Writer) error {
			for _, result := range found().Results {
				report.Progress(w, detail)(result)
			}
			return nil
		}
		for name, write := range forms {
			var b bytes.Buffer
			if err := write(&b); err != nil {
				t.Fatal(err)
			}
			for _, word := range words {
				if strings.Contains(b.String(), word) {
					t.Errorf("%s with --detail %s says %q", name, detail, word)
				}
			}
			if !strings.Contains(b.String(), "cut-login") && (name != "text" || detail != report.Verdicts) {
				t.Errorf("%s with --detail %s does not name the check", name, detail)
			}
		}
	}
}

var greeting = conform.Overlooked{Check: "no-greeting", Habit: &conform.Habit{Says: "the first line of each connection", First: 1}}

// What is overlooked is told; less of it where less is to be told.
func TestOverlooked(t *testing.T) {
	run := found()
	run.Overlooked = []conform.Overlooked{greeting}
	for _, detail := range details() {
		var b strings.Builder
		if err := detailed(run, detail).WriteText(&b); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), "Note: no-greeting has failed; all other checks overlook") {
			t.Errorf("--detail %s does not tell of it", detail)
		}
		if strings.Contains(b.String(), greeting.Habit.Says) != (detail == report.Full) {
			t.Errorf("--detail %s tells what it is, or full does not", detail)
		}
	}
}

func TestVerdict(t *testing.T) {
	results := func(all ...conform.Result) *conform.Report {
		for i := range all {
			all[i].Check = help
		}
		return &conform.Report{Target: conform.Server, Results: all}
	}
	passed, skipped := conform.Result{Status: conform.Passed}, conform.Result{Status: conform.Skipped}
	failed := conform.Result{Status: conform.Failed, Kind: conform.Timeout}
	brokeOff := conform.Result{Status: conform.Failed, Kind: conform.BrokeOff}
	broken, died, interrupted := results(brokeOff, passed), results(passed, skipped), results(passed, failed, skipped)
	broken.Broken, died.Died, interrupted.Broken = "x", "x", "x"
	for name, tt := range map[string]struct {
		run  *conform.Report
		want report.Verdict
	}{
		"passed":             {results(passed, skipped, conform.Result{Status: conform.Remark}), report.AllPassed},
		"failed":             {results(passed, failed), report.SomethingFailed},
		"all skipped":        {results(skipped, skipped), report.CouldNotRun},
		"nothing":            {results(), report.CouldNotRun},
		"broken":             {broken, report.CouldNotRun},
		"died in no check":   {died, report.SomethingFailed},
		"failed, then ended": {interrupted, report.SomethingFailed},
	} {
		if got := full(tt.run).Verdict(); got != tt.want {
			t.Errorf("%s: verdict %d, want %d", name, got, tt.want)
		}
	}
}

func TestLikeness(t *testing.T) {
	text := func(run *conform.Report) string {
		var b bytes.Buffer
		if err := full(run).WriteText(&b); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	if got := text(found()); !strings.Contains(got, "This looks like a server that takes one recv() for one message") || strings.Contains(got, "something else") {
		t.Errorf("the mistake that fits is not named, or another is:\n%s", got)
	}
	last := found()
	slices.Reverse(last.Results)
	if got := text(last); strings.Index(got, "P-6   A line in two segments") > strings.Index(got, "P-50  A message goes") {
		t.Errorf("the check that is about the mistake does not come first:\n%s", got)
	}
	other := found()
	other.Results[0].Status = conform.Passed
	if got := text(other); strings.Contains(got, "looks like") {
		t.Errorf("a mistake is named although the check about it has passed:\n%s", got)
	}
	other = found()
	for _, id := range []string{"a", "b", "c"} {
		more := other.Results[0]
		more.Check = &conform.Check{ID: id, Rule: "P-2", Target: conform.Server}
		other.Results = append(other.Results, more)
	}
	if got := text(other); strings.Contains(got, "looks like") {
		t.Errorf("a mistake is named although it explains little:\n%s", got)
	}
}

// The page is well-formed, has no script, and asks nobody for anything.
func TestPage(t *testing.T) {
	page := golden(t, "page.html", full(found()).WriteHTML)
	decoder := xml.NewDecoder(strings.NewReader(page))
	decoder.Strict = true
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if element, ok := token.(xml.StartElement); ok && element.Name.Local == "script" {
			t.Error("the page has a script")
		}
	}
	if at := regexp.MustCompile(`(?i)(src|href|url|@import|http:|https:)\s*[=(/]`).FindString(page); at != "" {
		t.Errorf("the page asks for something: %q", at)
	}
}
