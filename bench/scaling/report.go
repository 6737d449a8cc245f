package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/dustin/go-humanize"

	"parley/internal/load"
)

// report writes the tables into the page, and the plots beside it.
func report(m *measured) error {
	c, err := modelOf(m)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	result, err := tables(string(text), m, c)
	if err != nil {
		return err
	}
	for name, plot := range map[string]*load.Plot{"late": latePlot(c), "nodes": nodesPlot(c)} {
		if err := os.WriteFile(filepath.Join(folder, name+".svg"), []byte(plot.Image()), 0o644); err != nil {
			return err
		}
	}
	return os.WriteFile(page, []byte(result), 0o644)
}

// tables puts all tables into the page.
func tables(text string, m *measured, c model) (string, error) {
	for _, t := range []struct{ name, content string }{
		{"costs", costTable(m, c)},
		{"memory", memoryTable(m)},
		{"growth", growthTable(m)},
		{"fit", fitTable(m, c)},
		{"room", roomTable(c)},
		{"people", peopleTable(c)},
		{"late", lateTable(c)},
		{"users", usersTable()},
		{"comings", comingsTable(c)},
	} {
		var err error
		if text, err = place(text, t.name, t.content); err != nil {
			return "", err
		}
	}
	return text, nil
}

// place puts a table where the page has it.
func place(text, name, content string) (string, error) {
	begin, end := "<!-- "+name+": made by `make scaling` -->\n", "<!-- end of "+name+" -->\n"
	before, rest, found := strings.Cut(text, begin)
	_, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		return "", fmt.Errorf("%s has no place for the table %s: it wants %q and %q", page, name, begin, end)
	}
	return before + begin + "\n" + content + "\n" + end + after, nil
}

// table makes one of rows; the first is the head.
func table(rows ...[]string) string {
	var b strings.Builder
	for i, row := range rows {
		b.WriteString("| " + strings.Join(row, " | ") + " |\n")
		if i == 0 {
			b.WriteString(strings.Repeat("|---", len(row)) + "|\n")
		}
	}
	return b.String()
}

// short is a number as people say it: two digits that count.
func short(f float64) string {
	if f == 0 {
		return "0"
	}
	unit := math.Pow(10, math.Floor(math.Log10(math.Abs(f)))-1)
	rounded := math.Round(f/unit) * unit
	if rounded >= 1000 {
		return humanize.Comma(int64(rounded))
	}
	return humanize.FtoaWithDigits(rounded, 3)
}

func costTable(m *measured, c model) string {
	row := func(what, name string, value float64, from string) []string {
		return []string{what, name, short(value), from}
	}
	return table(
		[]string{"what", "", "µs of CPU", "measured"},
		row("a block that comes to a node: taking it, giving it to NATS", "P", c.Publish, "2 and 4 nodes without listeners, the node that is spoken to, less B"),
		row("a block on every node", "B", c.Hear, "the same, the other nodes"),
		row("each line of it", "L", c.Line, "the same with 64 lines in a block"),
		row("a write to one user", "W", c.Write, "100, 400 and 1,600 users on a node, the speaker on another"),
		row("each line in that write, and each user", "Q", c.Queue, "400 users, 64 lines in a block, less those of one"),
		row("NATS, a block", "N", c.NATS, "2 nodes without listeners"),
		row("NATS, a block and node", "D", c.NATSNode, "4 nodes, less 2"),
		row("a question for `users` of 400, of 1,600", "", m.Polls[0].Micro, fmt.Sprintf("each asks every 3 s; the second: %s", short(m.Polls[1].Micro))),
	)
}

// memoryTable is by what everything grows with a connection that has just come,
// and what its coming takes.
func memoryTable(m *measured) string {
	rows := [][]string{{"for each connection", "its server: KiB", "µs of CPU", "another node: KiB", "µs", "NATS: KiB", "µs", "came in a second"}}
	for _, one := range m.Memory {
		what := "of a node"
		if one.Alone {
			what = "of a server of its own"
		}
		rows = append(rows, []string{
			what, short(one.HereKiB), short(one.NodeMicro), short(one.ThereKiB), short(one.OtherUS), short(one.NATSKiB), short(one.NATSMicro), short(one.PerSecond),
		})
	}
	return table(rows...)
}

// growthTable is what a message costs a node, by who is there.
func growthTable(m *measured) string {
	rows := [][]string{{
		"users on the node", "a server of its own", "a node, nobody on the other", "a node, 1,600 users on the other",
		"a node, the message comes from the other", "that other node, which has none",
	}}
	for _, n := range []int{100, 400, 1600} {
		remote := m.cost(1, 1, n, 0).NodeMicro
		rows = append(rows, []string{
			humanize.Comma(int64(n)), short(m.alone(n).NodeMicro[0]), short(m.cost(0, 1, n, 0).NodeMicro[0]),
			short(m.cost(0, 1, n, 1600).NodeMicro[0]), short(remote[0]), short(remote[1]),
		})
	}
	return table(rows...)
}

// fitTable compares what was played with what was measured.
func fitTable(m *measured, c model) string {
	rows := [][]string{{"lines a second", "stretch", "node busy, measured", "played", "p50, ms, measured", "played", "p90", "played", "p99", "played"}}
	for _, one := range m.Late {
		out := c.stretched(one.Stretch).scene(one).play()
		rows = append(rows, []string{
			short(one.PerSecond), short(one.Stretch), short(one.Busy), short(out.Busy / one.Stretch),
			short(one.P50MS), short(out.P50), short(one.P90MS), short(out.P90), short(one.P99MS), short(out.P99),
		})
	}
	return table(rows...)
}

// stretched is the model on a machine that is busy with other things too.
func (c model) stretched(by float64) model {
	for _, cost := range []*float64{&c.Publish, &c.Hear, &c.Line, &c.Write, &c.Queue, &c.NATS, &c.NATSNode} {
		*cost *= by
	}
	return c
}

// scene is what was measured, to be played.
func (c model) scene(one late) scene {
	return scene{model: c, Nodes: 1, Users: float64(one.Users - 1), Rate: one.PerSecond, Lasts: 200}
}

// A node of the tables has one processor for parley. It is given no more users
// than this, whatever they say: memory, and the time until all are back.
const mostUsers = 50_000

func (c *model) nodesOf(users, m float64) string {
	k := c.nodes(users, m)
	if k == 0 {
		return "none is enough"
	}
	return humanize.Comma(int64(max(k, int(math.Ceil(users/mostUsers)))))
}

var roomSizes = []float64{1_000, 10_000, 100_000, 1_000_000}

// roomTable is how many nodes a room needs, by what is said in it.
func roomTable(c model) string {
	rates := []float64{1, 10, 100, 1000}
	head := []string{"connections"}
	for _, m := range rates {
		head = append(head, short(m)+" lines a second")
	}
	rows := [][]string{head}
	for _, n := range roomSizes {
		row := []string{humanize.Comma(int64(n))}
		for _, m := range rates {
			row = append(row, c.nodesOf(n, m))
		}
		rows = append(rows, row)
	}
	return table(rows...)
}

// peopleTable is a room at ten lines a second, in full.
func peopleTable(c model) string {
	rows := [][]string{{"connections", "nodes", "users on each", "each busy, of a core", "each sends, Mbit/s", "each takes in, kbit/s", "each, MiB of memory", "NATS, of a core", "NATS sends, Mbit/s", "NATS, MiB of memory"}}
	const m = 10.0
	for _, n := range roomSizes {
		k := max(c.nodes(n, m), int(math.Ceil(n/mostUsers)))
		each := n / float64(k)
		rows = append(rows, []string{
			humanize.Comma(int64(n)), humanize.Comma(int64(k)), short(each), short(c.busy(each, m, k)),
			short(m * each * (lineBytes + frameBytes) * 8 / 1e6), short(m * (blockBytes + frameBytes) * 8 / 1e3),
			short((each*c.Memory.HereKiB + (n-each)*c.Memory.ThereKiB) / 1024),
			short(m * (c.NATS + float64(k)*c.NATSNode) / 1e6), short(m * float64(k) * (blockBytes + frameBytes) * 8 / 1e6),
			short(n * c.Memory.NATSKiB / 1024),
		})
	}
	return table(rows...)
}

// usersTable is what everybody's asking for the users every 3 s comes to.
func usersTable() string {
	rows := [][]string{{"connections", "one answer", "all answers, a second", "each user takes in"}}
	for _, n := range roomSizes {
		answer := n * nameBytes
		rows = append(rows, []string{
			humanize.Comma(int64(n)), humanize.Bytes(uint64(answer)), humanize.Bytes(uint64(answer * n / 3)),
			short(answer/3*8/1e6) + " Mbit/s",
		})
	}
	return table(rows...)
}

// comingsTable is what it comes to that people come and go.
func comingsTable(c model) string {
	// Measured: the given name claimed, the other one claimed, the given one freed.
	const changesMeasured, changesOfAVisit = 3.0, 4.0
	rows := [][]string{{"connections", "come in a second, if each stays an hour", "every node busy with the others' coming, of a core", "NATS busy with it", "until all names are claimed again, s"}}
	for _, n := range roomSizes {
		comes := n / 3600
		// A claim is one change. NATS takes one after the other, and is what ends first.
		again := n * c.Memory.NATSMicro / changesMeasured / 1e6
		rate := comes * changesOfAVisit / changesMeasured
		rows = append(rows, []string{
			humanize.Comma(int64(n)), short(comes), short(rate * c.Memory.OtherUS / 1e6), short(rate * c.Memory.NATSMicro / 1e6), short(again),
		})
	}
	return table(rows...)
}
