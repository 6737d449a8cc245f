package load

import (
	"fmt"
	"strings"
)

// imageStyle is what a page would say of a plot, for one that stands alone. It is
// dark on white whatever surrounds it.
const imageStyle = `<style>
text { fill: #414b5a; font: 13px system-ui, sans-serif; }
.grid { stroke: #dfe3e9; }
.line, .range { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
.range { stroke-width: 5; opacity: .3; }
.dashed { stroke-dasharray: 2 6; }
.line.c1, .range.c1 { stroke: #2563eb; } .dot.c1 { fill: #2563eb; }
.line.c2, .range.c2 { stroke: #c2620a; } .dot.c2 { fill: #c2620a; }
.line.c3, .range.c3 { stroke: #0a8f6a; } .dot.c3 { fill: #0a8f6a; }
.line.c4, .range.c4 { stroke: #a23bbd; } .dot.c4 { fill: #a23bbd; }
</style>
`

// imageMargin is white space around a plot that stands alone.
const imageMargin = 12

// Image is the plot as a file of its own, an SVG.
func (p *Plot) Image() string {
	width, height := plotWidth+2*imageMargin, p.Height+2*imageMargin
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="%d %d %[1]d %[2]d" role="img" aria-label="%[5]s">`+"\n",
		width, height, -imageMargin, -imageMargin, p.Title)
	b.WriteString(imageStyle)
	fmt.Fprintf(&b, `<rect x="%d" y="%d" width="%d" height="%d" rx="8" fill="#ffffff"/>`+"\n", -imageMargin, -imageMargin, width, height)
	p.draw(&b)
	b.WriteString("</svg>\n")
	return b.String()
}
