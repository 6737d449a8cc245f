package transcript

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Text is bytes, some of which are names that the server gives and that are
// known only while the conversation is played.
type Text []Part

// Part is some bytes, or the given name of a connection.
type Part struct {
	Bytes string
	Name  string // the connection, by its name in the conversation; then Bytes is empty
}

// Fill is the text with the given names put in. Every name must be known.
func (t Text) Fill(given map[string]string) string {
	var b strings.Builder
	for _, part := range t {
		b.WriteString(part.Bytes)
		b.WriteString(given[part.Name])
	}
	return b.String()
}

// Match reports whether got is this text. A name that is not in given yet
// stands for anything up to the next space that is nobody else's given name;
// learned is all of given and the names found so.
func (t Text) Match(got string, given map[string]string) (learned map[string]string, ok bool) {
	learned = maps.Clone(given)
	if learned == nil {
		learned = map[string]string{}
	}
	for _, part := range t {
		want := part.Bytes
		if part.Name != "" {
			if _, known := learned[part.Name]; !known && !learn(learned, part.Name, got) {
				return nil, false
			}
			want = learned[part.Name]
		}
		if got, ok = strings.CutPrefix(got, want); !ok {
			return nil, false
		}
	}
	if got != "" {
		return nil, false
	}
	return learned, true
}

func learn(given map[string]string, who, got string) bool {
	name, _, _ := strings.Cut(got, " ")
	if name == "" || slices.Contains(slices.Collect(maps.Values(given)), name) {
		return false
	}
	given[who] = name
	return true
}

// String is the text as a person reads it, names that are not filled in
// still in braces.
func (t Text) String() string {
	var b strings.Builder
	for _, part := range t {
		b.WriteString(part.Bytes)
		if part.Name != "" {
			b.WriteString("{" + part.Name + "}")
		}
	}
	return b.String()
}

// names calls for each connection whose given name is in the text.
func (t Text) names(yield func(string) bool) {
	for _, part := range t {
		if part.Name != "" && !yield(part.Name) {
			return
		}
	}
}

// maxText keeps a slip in a repetition from filling the memory.
const maxText = 1 << 20

// inBraces finds {name} in its first group, {text*count} in the other two.
var inBraces = regexp.MustCompile(`\{(?:([a-z][a-z0-9]*)|([^{}*]+)\*([0-9]+))\}`)

func parseText(s string) (Text, error) {
	var text Text
	size, end := 0, 0
	for _, at := range inBraces.FindAllStringSubmatchIndex(s, -1) {
		text = text.add(s[end:at[0]])
		end = at[1]
		if at[2] >= 0 {
			text = append(text, Part{Name: s[at[2]:at[3]]})
			continue
		}
		unit := s[at[4]:at[5]]
		count, err := strconv.Atoi(s[at[6]:at[7]])
		if err != nil || count > (maxText-size)/len(unit) {
			return nil, fmt.Errorf("%s makes more than %d bytes", s[at[0]:at[1]], maxText)
		}
		size += count * len(unit)
		text = text.add(strings.Repeat(unit, count))
	}
	return text.add(s[end:]), nil
}

// add appends bytes, as one part with those before where it can.
func (t Text) add(bytes string) Text {
	if bytes == "" {
		return t
	}
	if last := len(t) - 1; last >= 0 && t[last].Name == "" {
		t[last].Bytes += bytes
		return t
	}
	return append(t, Part{Bytes: bytes})
}
