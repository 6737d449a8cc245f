package report

import (
	"fmt"
	"io"
	"strings"

	"parley/internal/conform"
	"parley/internal/conform/rules"
)

// textWidth is how wide a text for a terminal is; transcripts may be wider.
const textWidth = 100

// Begin says on w what is going to be done.
func Begin(w io.Writer, target conform.Target, address string, checks int, seed uint64) {
	fmt.Fprintf(w, "parley check %s %s: %s, seed %d\n\n", target, printable(address), plural(checks, "check"), seed)
}

// Progress returns what writes a line for each result on w, as it comes.
func Progress(w io.Writer, detail Detail) func(conform.Result) {
	return func(result conform.Result) {
		kind := ""
		if result.Kind != "" && detail != Verdicts {
			kind = ": " + string(result.Kind)
		}
		fmt.Fprintf(w, "%-8s %s%s\n", word(result.Status), head(result.Check, detail), kind)
	}
}

// word is a status in a list: who looks for failures finds them.
func word(s conform.Status) string {
	if s == conform.Failed {
		return "FAILED"
	}
	return string(s)
}

// WriteText writes all that the progress has not told.
func (r *Report) WriteText(w io.Writer) error {
	var b strings.Builder
	r.writeLikely(&b)
	for _, e := range r.with(conform.Failed) {
		if r.detail != Verdicts {
			fmt.Fprintf(&b, "\n%s — FAILED: %s\n\n", e.Head, e.Kind)
			writeIndented(&b, r.block(e))
		}
	}
	writeShort(&b, "Remarks", r.with(conform.Remark), func(e *entry) string { return strings.Join(e.Remarks, "; ") })
	writeShort(&b, "Skipped", r.with(conform.Skipped), func(e *entry) string { return e.Message })
	for _, trouble := range r.troubles() {
		fmt.Fprintf(&b, "\nNote: %s\n", printable(trouble))
	}
	fmt.Fprintf(&b, "\n%s\n%s · %s\n", r.sentence(), r.summary(), r.setting())
	_, err := io.WriteString(w, b.String())
	return err
}

func (r *Report) writeLikely(b *strings.Builder) {
	for _, text := range r.likelyTexts() {
		b.WriteByte('\n')
		for _, line := range wrapped(printable(text), textWidth) {
			fmt.Fprintln(b, line)
		}
	}
}

// writeShort writes a list with a text for each entry, once where it is the same
// for several.
func writeShort(b *strings.Builder, title string, entries []*entry, text func(*entry) string) {
	before := ""
	for i, e := range entries {
		if text(e) == "" {
			continue
		}
		if before == "" {
			fmt.Fprintf(b, "\n%s:\n", title)
		}
		before = text(e)
		fmt.Fprintf(b, "  %s\n", e.Head)
		if i+1 < len(entries) && text(entries[i+1]) == before {
			continue
		}
		for _, line := range wrapped(printable(before), textWidth-8) {
			fmt.Fprintf(b, "        %s\n", line)
		}
	}
}

// block is what is said of one result below its head: each part that there is.
func (r *Report) block(e *entry) string {
	var b strings.Builder
	for _, part := range []struct{ name, text string }{
		{"what came", e.Message},
		{"expected", e.Expected},
		{"the cause", e.Cause},
		{"remark", strings.Join(e.Remarks, "; ")},
		{"the rule", inShort(plain(e.RuleText), e.Rule)},
		{"usual mistake", plain(e.Hint)},
	} {
		if part.text != "" && (part.name != "what came" || e.Status != conform.Remark) {
			writePart(&b, part.name, part.text)
		}
	}
	writeTranscript(&b, e)
	if e.Rerun != "" {
		fmt.Fprintf(&b, "\nJust this again:\n  %s\n", printable(e.Rerun))
	}
	return b.String()
}

// nameWidth is the room for the name of a part.
const nameWidth = 15

func writePart(b *strings.Builder, name, text string) {
	for i, line := range wrapped(printable(text), textWidth-nameWidth-2) {
		if i > 0 {
			name = ""
		}
		fmt.Fprintf(b, "%-*s%s\n", nameWidth, name, line)
	}
}

func writeTranscript(b *strings.Builder, e *entry) {
	rows := shorten(fold(rowsOf(e.Events, e.Token)))
	if len(rows) == 0 {
		return
	}
	fmt.Fprintf(b, "\nWhat happened (ms; %c%c is one segment, %c an LF):\n", markOpen, markClose, markLF)
	for i := range rows {
		fmt.Fprintf(b, "%13s  %s\n", rows[i].clock(), rows[i].what())
	}
}

func writeIndented(b *strings.Builder, text string) {
	for line := range strings.Lines(text) {
		if line != "\n" {
			b.WriteString("  ")
		}
		b.WriteString(line)
	}
}

// Explain says what there is to say about a rule.
func Explain(r rules.Rule) string {
	var b strings.Builder
	writePart(&b, string(r.ID), plain(r.Text))
	if r.Why != "" {
		writePart(&b, "why", plain(r.Why))
	}
	if r.Mistake != "" {
		writePart(&b, "usual mistake", plain(r.Mistake))
	}
	return b.String()
}
