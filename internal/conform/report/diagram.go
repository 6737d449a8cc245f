package report

import (
	"fmt"
	"slices"
	"strings"

	"parley/internal/conform"
)

// diagram is the sequence diagram of one check: a lifeline for the program under
// test, one for each connection, and time going down. The page draws it.
type diagram struct {
	Width, Height int
	Lanes         []lane
	Items         []item
}

// lane is a lifeline.
type lane struct {
	X    int
	Name string
}

// HeadWidth is that of the box with the lane's name.
func (l lane) HeadWidth() int { return int(float64(len(l.Name))*charWidth) + 2*itemGap + 4 }

// HeadX is the left side of the box with the lane's name.
func (l lane) HeadX() int { return l.X - l.HeadWidth()/2 }

// item is what is drawn at one time.
type item struct {
	Class string
	Clock string
	Y     int // of the arrow, or of the top of a note
	X, W  int // of a note's box
	H     int
	Arrow *arrow
	Lines []textLine
}

// arrow goes from one lifeline to another.
type arrow struct {
	X1, X2 int
	Head   string // the points of its head
}

// textLine is a line of a label.
type textLine struct {
	X, Y int
	Text string
}

// The drawing, in its own units.
const (
	mostLanes   = 8 // with more a diagram says less than a list
	clockWidth  = 104
	firstLane   = 140
	diagramSize = 860
	laneStep    = 170
	afterLanes  = 66
	laneHeader  = 44
	lineHeight  = 15
	charWidth   = 7.3
	itemGap     = 9
	headLength  = 8
	notePadding = 7
	mostLines   = 5
)

// diagramOf draws the transcript of a result. It returns nil where there is
// nothing to draw, or too many connections for it.
func diagramOf(e *entry, target conform.Target, rows []row) *diagram {
	names := lanesOf(rows)
	if len(names) == 0 || len(names) > mostLanes {
		return nil
	}
	if terminal := slices.Index(names, terminalName); terminal >= 0 {
		names = slices.Insert(slices.Delete(names, terminal, terminal+1), 0, terminalName, "")
	} else {
		names = slices.Insert(names, 0, "")
	}
	step := max(laneStep, (diagramSize-firstLane-afterLanes)/(len(names)-1))
	d := &diagram{Width: max(diagramSize, firstLane+(len(names)-1)*step+afterLanes)}
	for i, name := range names {
		d.Lanes = append(d.Lanes, lane{X: firstLane + i*step, Name: laneName(name, target)})
	}
	y, program := laneHeader, slices.Index(names, "")
	for i := range rows {
		y = d.add(y, &rows[i], d.Lanes[program].X, d.Lanes[slices.Index(names, rows[i].Who)].X)
	}
	if e.Status == conform.Failed {
		y = d.note(y, "failure", "", "failed, "+string(e.Kind)+": "+printable(e.Message))
	}
	d.Height = y + itemGap
	return d
}

// lanesOf are the names of the connections, in the order in which they come.
func lanesOf(rows []row) []string {
	var names []string
	for i := range rows {
		if who := rows[i].Who; who != "" && !slices.Contains(names, who) {
			names = append(names, who)
		}
	}
	return names
}

// terminalName is what checks call the terminal of a client program.
const terminalName = "program"

// laneName is what is written over a lifeline: that of the program under test has
// no name of its own.
func laneName(who string, target conform.Target) string {
	switch who {
	case "":
		return "your " + noun(target)
	case terminalName:
		return "keyboard, screen"
	}
	return who
}

// add draws a row below y, between the program under test and another lifeline,
// and returns where it ends.
func (d *diagram) add(y int, r *row, program, ours int) int {
	if r.Kind == conform.Note {
		return d.note(y, noteClass(r), r.clock(), r.note())
	}
	it := item{Clock: r.clock(), Class: arrowClass(r)}
	text := strings.TrimLeft(deed(r.Kind), "→← ")
	switch {
	case len(r.Segments) > 0:
		text = r.bracketed()
	case r.Kind != conform.Connected:
		text += inBrackets(r.Text)
	}
	y += itemGap
	for _, line := range broken(text, int(float64(max(ours-program, program-ours)-2*headLength)/charWidth)) {
		y += lineHeight
		it.Lines = append(it.Lines, textLine{(program + ours) / 2, y, line})
	}
	y += itemGap - 2
	it.Y = y
	if fromProgram(r.Kind) {
		it.Arrow = newArrow(program, ours, y)
	} else {
		it.Arrow = newArrow(ours, program, y)
	}
	d.Items = append(d.Items, it)
	return y + itemGap/2
}

func noteClass(r *row) string {
	if r.Foreign > 0 {
		return "foreign"
	}
	return "note"
}

func arrowClass(r *row) string {
	switch {
	case len(r.Segments) == 0:
		return "life"
	case fromProgram(r.Kind):
		return "came"
	}
	return "went"
}

func fromProgram(kind conform.EventKind) bool {
	switch kind {
	case conform.Received, conform.Shown, conform.EndSeen, conform.ResetSeen:
		return true
	default:
		return false
	}
}

func newArrow(from, to, y int) *arrow {
	back := to - headLength
	if to < from {
		back = to + headLength
	}
	return &arrow{from, to, fmt.Sprintf("%d,%d %d,%d %d,%d", to, y, back, y-4, back, y+4)}
}

// note draws a box with words across all lifelines.
func (d *diagram) note(y int, class, clock, text string) int {
	y += itemGap
	it := item{Class: class, Clock: clock, Y: y, X: clockWidth + 2, W: d.Width - clockWidth - 2 - itemGap}
	textY := y + notePadding - 3
	for _, line := range wrapped(text, int(float64(it.W-2*notePadding)/charWidth)) {
		textY += lineHeight
		it.Lines = append(it.Lines, textLine{it.X + notePadding, textY, line})
	}
	it.H = textY + notePadding - y
	d.Items = append(d.Items, it)
	return y + it.H
}

// broken breaks a label into lines: after each LF, and so that none has more than
// width characters, the wide ones counted twice. A long one loses its middle.
func broken(text string, width int) []string {
	var lines []string
	line, room := "", width
	next := func() {
		lines = append(lines, line)
		line, room = "", width
	}
	for _, char := range text {
		w := 1
		if char >= 0x1100 && (char < 0x2000 || char >= 0x2e80) {
			w = 2
		}
		// The mark at the end of a segment belongs to the line before it.
		if w > room || strings.HasSuffix(line, string(markLF)) && char != markClose {
			next()
		}
		line += string(char)
		room -= w
	}
	next()
	if len(lines) > mostLines {
		lines = slices.Replace(lines, mostLines-2, len(lines)-1, "…")
	}
	return lines
}
