package conform_test

import (
	"strings"
	"testing"

	"parley/internal/conform"
)

// greeting fails where a line comes first, as long as nothing else does.
func greeting() *conform.Check {
	return check("greeting", func(t *conform.T) {
		p := t.Dial("alice")
		g := p.Greeting()
		if g.Text == "" {
			return
		}
		t.Overlook(g.Habit())
		t.Fail(conform.ExtraLine, "nothing", "alice got %s", conform.Quote(g.Text))
	})
}

func lineEnd() *conform.Check {
	c := check("line-end", func(t *conform.T) {
		p := t.Dial("alice")
		p.Send("help")
		p.LineEnd()
	})
	c.Needs = []string{"greeting"}
	return c
}

func asks(needs ...string) *conform.Check {
	c := check("asks", func(t *conform.T) {
		p := t.Connect("alice")
		p.Send("well?")
		p.ExpectLine("yes")
		p.Quiet()
	})
	c.Needs = needs
	return c
}

// What a check has named is overlooked by the others: just that, no more.
func TestOverlook(t *testing.T) {
	const unknown = "cmderr command not supported"
	for _, test := range []struct {
		name, first, help, well, prompt string
		says                            string       // what is overlooked
		fails                           conform.Kind // how asks fails
	}{
		{"nothing wrong", "", unknown + "\n", "yes\n", "", "", ""},
		{"greets", "hello\n", unknown + "\n", "yes\n", "", "the first line of each connection", ""},
		{"greets, and answers twice", "hello\n", unknown + "\n", "hello\nyes\n", "", "the first line of each connection", conform.ExtraLine},
		{"greets in three lines", "a\n\nb\n", unknown + "\n", "yes\n", "", "the first 3 lines of each connection", ""},
		{"prompts", "", unknown + "\n", "yes\n", "> ", `the prompt "> " before a line`, ""},
		{"greets and prompts", "hi\n", unknown + "\n", "yes\n", "? ", `the first line of each connection, and the prompt "? " before a line`, ""},
		{"prompts, and something else", "", unknown + "\n", ">> yes\n", "> ", `the prompt "> " before a line`, conform.WrongLine},
		{"CR LF", "", unknown + "\r\n", "yes\r\n", "", "the CR at the end of each line", ""},
		{"CR CR LF", "", unknown + "\r\n", "yes\r\r\n", "", "the CR at the end of each line", conform.WrongLine},
		{"greets with CR LF", "hi\r\n", unknown + "\r\n", "yes\r\n", "", "the first line of each connection; the CR at the end of each line", ""},
		{"empty lines", "", unknown + "\n\n", "yes\n\n", "", "empty lines", ""},
		{"empty lines with CR LF", "", unknown + "\r\n\r\n", "yes\r\n\r\n", "", "the CR at the end of each line, and empty lines", ""},
		{"CR LF, and something else", "", unknown + "\r\n", "no\r\n", "", "the CR at the end of each line", conform.WrongLine},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			address := serveFirst(t, test.first+test.prompt, func(line string) string {
				if line == "well?" {
					return test.well + test.prompt
				}
				return test.help + test.prompt
			})
			report := run(t, address, greeting(), lineEnd(), asks("greeting", "line-end"))
			var says []string
			for _, o := range report.Overlooked {
				says = append(says, o.Habit.Says)
			}
			if got := strings.Join(says, "; "); got != test.says {
				t.Errorf("overlooked is %q", got)
			}
			if got := report.Results[2]; got.Kind != test.fails || got.Status == conform.Skipped {
				t.Errorf("%s %q: %s", got.Status, got.Kind, got.Message)
			}
			if noted := strings.Contains(notes(report.Results[2]), "Overlooked, because"); noted != (test.says != "") {
				t.Errorf("the transcript says %q", notes(report.Results[2]))
			}
		})
	}
}

// Where it is not known what to overlook, what needs the check is skipped.
func TestNothingToOverlook(t *testing.T) {
	wrong := check("wrong", func(t *conform.T) { t.Fail(conform.WrongLine, "this", "that") })
	report := run(t, serve(t, polite(nil)), wrong, asks("wrong"))
	if got := report.Results[1]; got.Status != conform.Skipped || len(report.Overlooked) != 0 {
		t.Errorf("%s: %s; overlooked: %v", got.Status, got.Message, report.Overlooked)
	}
}

// A check that passes has nothing overlooked, whatever it was prepared to say.
func TestOverlookAndPass(t *testing.T) {
	right := check("right", func(t *conform.T) { t.Overlook(conform.Habit{First: 1}) })
	report := run(t, serve(t, polite(map[string]string{"well?": "yes\n"})), right, asks("right"))
	if got := report.Results[1]; got.Status != conform.Passed || len(report.Overlooked) != 0 {
		t.Errorf("%s: %s; overlooked: %v", got.Status, got.Message, report.Overlooked)
	}
}

func notes(result conform.Result) string {
	var all []string
	for _, e := range result.Events {
		if e.Kind == conform.Note {
			all = append(all, e.Data)
		}
	}
	return strings.Join(all, "\n")
}
