package load

import (
	"fmt"
	"maps"
	"slices"

	"github.com/dustin/go-humanize"
)

// judge says in words what the numbers mean, and whether they are fine.
func (rep *Report) judge() {
	n, c := rep.Lines, rep.Clients
	rep.find(rep.Stopped != "", "It ended early: %s.", rep.Stopped)
	for _, reason := range slices.Sorted(maps.Keys(c.Failed)) {
		rep.find(true, "%s did not get in: %s.", plural(c.Failed[reason], "client"), reason)
	}
	rep.find(c.NotTried > 0 && !rep.Interrupted, "%s were not tried after so many had failed.", plural(c.NotTried, "client"))
	for _, reason := range slices.Sorted(maps.Keys(c.Cut)) {
		rep.find(true, "%s read all the time and lost the connection all the same: %s.", plural(c.Cut[reason], "client"), reason)
	}
	rep.find(n.Lost > 0, "%s lost: said and answered, and not delivered.", plural(n.Lost, "line"))
	rep.find(n.Doubled > 0, "%s delivered twice.", plural(n.Doubled, "line"))
	rep.find(n.Reordered > 0, "%s delivered after a later one of the same sender.", plural(n.Reordered, "line"))
	rep.find(n.Unknown > 0, "%s that nobody can have sent, or that were changed on the way.", plural(n.Unknown, "line"))
	rep.find(n.Unanswered > 0, "%s never answered.", plural(n.Unanswered, "line"))
	rep.find(n.Refused > 0 && rep.Stopped == "", "%s refused.", plural(n.Refused, "line"))
	rep.OK = len(rep.Findings) == 0
	rep.explain()
}

// explain says what to know when reading the numbers.
func (rep *Report) explain() {
	g := rep.Generator
	switch {
	case g.Saturated:
		rep.note("The generator was at its own limit (%s): the server may be able to do more than this, and times contain the generator's waiting.", g.describe())
	case g.Starved:
		rep.note("The machine was busy, and the generator did not always get the processor in time (%s): times contain that waiting.", g.describe())
	case g.SameHost && g.CPUShare >= noticeableShare:
		rep.note("The generator took %.2f of %s for itself; with a machine of its own the server could do more.", g.CPUCores, plural(g.Cores, "core"))
	}
	if late := rep.Times["lateness"]; late.P99MS >= lateMS {
		rep.note("Lines were sent late, 1 in 100 by more than %s. Times count from when they were due, so they contain that.", ms(late.P99MS))
	}
	if rep.Settings.Loop == "closed" && (rep.Scenario == Fanout || rep.Scenario == Requests) {
		rep.note("Closed loop: as soon as one line is done the next one is sent, so these are the times of a server that is never given a rest. " +
			"For what people notice, give a --rate, or use the scenario latency.")
	}
	if rep.Lines.Foreign > 0 {
		rep.note("Other people were talking too: %s of theirs.", plural(rep.Lines.Foreign, "message"))
	}
	if g.SameHost {
		rep.note("Server and generator share this machine.")
	}
}

// noticeableShare of the cores is more than a client of a chat needs.
const noticeableShare = 0.2

func (rep *Report) note(format string, args ...any) {
	rep.Notes = append(rep.Notes, fmt.Sprintf(format, args...))
}

func (g Generator) describe() string {
	text := fmt.Sprintf("1 time in 100 it woke up more than %s late", ms(g.Overslept.P99MS))
	if g.CPUKnown {
		text = fmt.Sprintf("used %.2f of %s; ", g.CPUCores, plural(g.Cores, "core")) + text
	}
	return text
}

func (rep *Report) find(is bool, format string, args ...any) {
	if is {
		rep.Findings = append(rep.Findings, fmt.Sprintf(format, args...))
	}
}

// plural is a number of things in words.
func plural[N int | int64](n N, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return humanize.Comma(int64(n)) + " " + thing
}
