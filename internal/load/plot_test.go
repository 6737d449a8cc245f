package load

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

// elements counts the elements of an XML text by name and class, and fails where
// it is none.
func elements(t *testing.T, text string) map[string]int {
	t.Helper()
	counts := map[string]int{}
	d := xml.NewDecoder(strings.NewReader(text))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return counts
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		if e, ok := token.(xml.StartElement); ok {
			name := e.Name.Local
			for _, a := range e.Attr {
				if a.Name.Local == "class" {
					name += "." + a.Value
				}
			}
			counts[name]++
		}
	}
}

// A plot that stands alone brings its colours and its paper with it.
func TestImage(t *testing.T) {
	p := Plot{
		Title: "cost by size", Height: 200, Y: Linear("µs", 4, rate),
		X: Axis{Name: "bytes", From: 8, To: 2000, Log: true, Ticks: []Tick{{16, "16"}, {1000, "1,000"}}},
		Series: []Series{
			{Name: "ours", Colour: 1, Points: [][2]float64{{16, 1}, {1000, 2}}, Ranges: [][2]float64{{0.5, 2}, {2, 2}}},
			{Name: "theirs", Colour: 2, Dashed: true, Points: [][2]float64{{16, 1}, {1000, 4}}},
		},
	}
	text := p.Image()
	counts := elements(t, text)
	want := map[string]int{"svg": 1, "style": 1, "rect": 1, "path.line c1": 1, "path.line c2 dashed": 1, "line.range c1": 2, "circle.dot c1": 2}
	for name, n := range want {
		if counts[name] != n {
			t.Errorf("%d of %s, want %d; all are %v", counts[name], name, n, counts)
		}
	}
	for _, part := range []string{`xmlns="http://www.w3.org/2000/svg"`, `aria-label="cost by size"`, ">µs</text>", ">bytes</text>", ">1,000</text>", ">ours</text>"} {
		if !strings.Contains(text, part) {
			t.Errorf("there is no %s in\n%s", part, text)
		}
	}
}

// What is larger is further up, and a range goes from its low end to its high one.
func TestPlaces(t *testing.T) {
	p := Plot{Height: 200, X: Axis{From: 1, To: 100, Log: true}, Y: Linear("", 10, rate)}
	if x, y := p.xy(10, 0); x != leftMargin+innerWidth/2 || y != float64(p.floor()) {
		t.Errorf("the middle of the floor is at %v, %v", x, y)
	}
	if _, y := p.xy(1, 10); y != topMargin {
		t.Errorf("the top is at %v", y)
	}
}
