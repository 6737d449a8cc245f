package load

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/dustin/go-humanize"
)

// WriteJSON writes the report as one object.
func (rep *Report) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(rep)
}

// WriteText writes the report for people.
func (rep *Report) WriteText(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s against %s, %s measured%s\n\n", rep.Scenario, rep.Target, seconds(rep.Seconds), rep.ending())
	for _, row := range rep.rows() {
		fmt.Fprintf(&b, "%-10s %s\n", row.name, row.text)
	}
	rep.writeTimes(&b)
	writeList(&b, "What is wrong", rep.Findings)
	writeList(&b, "To know", rep.Notes)
	if rep.OK {
		b.WriteString("\nNothing is wrong: every line arrived once and in order, and nobody was cut off.\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (rep *Report) ending() string {
	if rep.Interrupted {
		return ", interrupted"
	}
	return ""
}

// row is one line of the summary.
type row struct{ name, text string }

// rows are the summary, both of the text and of the page.
func (rep *Report) rows() []row {
	n, c, per := rep.Lines, rep.Clients, rep.PerSecond
	rows := []row{{"load", rep.loadRow()}, {"clients", c.describe(rep.Scenario)}}
	if rep.Scenario == Connect {
		rows = append(rows, row{"entries", fmt.Sprintf("%s, %s a second", humanize.Comma(c.Entered), rate(per.Entered))})
	}
	if n.Said > 0 {
		rows = append(rows,
			row{"said", fmt.Sprintf("%s, %s a second", plural(n.Said, "message"), rate(per.Said))},
			row{"delivered", fmt.Sprintf("%s, %s a second", plural(n.Delivered, "line"), rate(per.Delivered))},
			row{"of these", fmt.Sprintf("%s lost, %s doubled, %s out of order, %s unknown", humanize.Comma(n.Lost),
				humanize.Comma(n.Doubled), humanize.Comma(n.Reordered), humanize.Comma(n.Unknown))})
	}
	if n.Asked > 0 {
		rows = append(rows, row{"asked", fmt.Sprintf("%s, %s a second", plural(n.Asked, "question"), rate(per.Asked))})
	}
	if rep.Server != nil {
		rows = append(rows, row{"server", rep.Server.describe()})
	}
	return append(rows, row{"generator", rep.Generator.describe()})
}

// loadRow says what was put on the server.
func (rep *Report) loadRow() string {
	s := rep.Settings
	pace := fmt.Sprintf("%d under way each (closed loop)", s.Window)
	if s.Loop == "open" {
		pace = fmt.Sprintf("%s a second each (open loop)", rate(s.Rate))
	}
	switch rep.Scenario {
	case Idle:
		return plural(s.Clients, "client") + " that log in and are silent"
	case Connect:
		if s.Loop == "closed" {
			pace = "one after the other (closed loop)"
		}
		return fmt.Sprintf("%d at a time connect, log in and leave, %s", s.Senders, pace)
	case Requests:
		return fmt.Sprintf("%s ask for help, %s", plural(s.Clients, "client"), pace)
	case Class:
		return fmt.Sprintf("%s come within %s, %d talk, %s a second each%s", plural(s.Clients, "client"),
			seconds(s.RampS), s.Senders, rate(s.Rate), s.polls())
	}
	return fmt.Sprintf("%s, %d of them speak, %d bytes, %s%s", plural(s.Clients, "client"), s.Senders, s.Size, pace, s.polls())
}

// polls says how often everybody asks who is there.
func (s *Settings) polls() string {
	if s.PollS == 0 {
		return ""
	}
	return "; users every " + seconds(s.PollS)
}

func (c *Clients) describe(scenario string) string {
	failed, cut := sum(c.Failed), sum(c.Cut)
	if scenario == Connect {
		return fmt.Sprintf("%d failed to get in", failed)
	}
	text := fmt.Sprintf("%s of %s in, %d cut off", humanize.Comma(c.Entered), humanize.Comma(int64(c.Wanted)), cut)
	if scenario == Class {
		text += fmt.Sprintf("; as planned %d vanished and %d never read", c.Vanished, c.Deaf)
	}
	return text
}

func sum(counts map[string]int) (n int) {
	for _, count := range counts {
		n += count
	}
	return n
}

// timeRow is what one kind of time is called, for people.
type timeRow struct{ key, name string }

func (rep *Report) timeRows() []timeRow {
	var rows []timeRow
	for _, r := range []timeRow{{"delivery", "delivery"}, {"answer", "answer"}, {"entry", "connect + log in"}, {"lateness", "sent late by"}} {
		if rep.Times[r.key].Count > 0 {
			rows = append(rows, r)
		}
	}
	return rows
}

func (rep *Report) writeTimes(b *strings.Builder) {
	fmt.Fprintf(b, "\n%-17s %10s %10s %10s %10s %10s\n", "", "p50", "p90", "p99", "p99.9", "max")
	for _, r := range rep.timeRows() {
		t := rep.Times[r.key]
		fmt.Fprintf(b, "%-17s %10s %10s %10s %10s %10s\n", r.name, ms(t.P50MS), ms(t.P90MS), ms(t.P99MS), ms(t.P999MS), ms(t.MaxMS))
	}
}

func writeList(b *strings.Builder, title string, list []string) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s:\n", title)
	for _, entry := range list {
		fmt.Fprintf(b, "  - %s\n", entry)
	}
}

// ms is a time in milliseconds for people: three digits are enough.
func ms(f float64) string {
	switch {
	case f >= 10_000:
		return digits3(f/1000) + " s"
	case f < 1:
		return strconv.Itoa(int(f*1000+0.5)) + " µs"
	}
	return digits3(f) + " ms"
}

// rate is a number a second for people.
func rate(f float64) string {
	if f >= 100 {
		return humanize.Comma(int64(f + 0.5))
	}
	return digits3(f)
}

func digits3(f float64) string {
	if f >= 100 {
		return strconv.Itoa(int(f + 0.5))
	}
	return strconv.FormatFloat(f, 'g', 3, 64)
}

func seconds(f float64) string {
	return strconv.FormatFloat(f, 'f', 1, 64) + " s"
}
