package report

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf8"

	"parley/internal/conform"
	"parley/proto"
)

// The object of --json. docs/schema/check.schema.json describes it.
type (
	jsonReport struct {
		Target   conform.Target  `json:"target"`
		Address  string          `json:"address"`
		Version  string          `json:"version"`
		Dialect  conform.Dialect `json:"dialect"`
		Step     int             `json:"step"` // 0 is a finished program
		Seed     uint64          `json:"seed"`
		Detail   Detail          `json:"detail"`
		OK       bool            `json:"ok"`
		Broken   string          `json:"broken,omitempty"`
		Died     string          `json:"died,omitempty"`
		Harmed   string          `json:"harmed,omitempty"`
		Overlook []string        `json:"overlooked"` // ids of checks
		TookMS   float64         `json:"took_ms"`
		Counts   jsonCounts      `json:"counts"`
		Points   jsonPoints      `json:"points"`
		Likeness []jsonLikeness  `json:"looks_like"`
		Results  []jsonResult    `json:"results"`
	}
	jsonCounts struct {
		Passed  int `json:"passed"`
		Remark  int `json:"remark"`
		Failed  int `json:"failed"`
		Skipped int `json:"skipped"`
	}
	jsonPoints struct {
		Reached int `json:"reached"`
		Total   int `json:"total"`
	}
	jsonLikeness struct {
		Mistake string     `json:"mistake"`
		Rule    proto.Rule `json:"rule"`
		About   string     `json:"about"`
		Common  int        `json:"common"`
		Failed  int        `json:"failed"`
	}
	jsonResult struct {
		ID         string         `json:"id"`
		Rule       proto.Rule     `json:"rule"`
		Also       []proto.Rule   `json:"also"`
		Step       int            `json:"step"`
		Points     int            `json:"points"`
		Status     conform.Status `json:"status"`
		Kind       conform.Kind   `json:"kind"`
		Title      string         `json:"title"`
		Message    string         `json:"message"`
		Expected   string         `json:"expected"`
		Cause      string         `json:"cause"`
		Remarks    []string       `json:"remarks"`
		Hint       string         `json:"hint"`
		RuleText   string         `json:"rule_text"`
		TookMS     float64        `json:"took_ms"`
		Transcript []jsonEvent    `json:"transcript"`
		Rerun      string         `json:"rerun"`
	}
	jsonEvent struct {
		AtMS   float64           `json:"at_ms"`
		Who    string            `json:"who,omitempty"`
		Kind   conform.EventKind `json:"kind"`
		Data   *string           `json:"data,omitempty"`
		Base64 string            `json:"base64,omitempty"` // instead of data, where that is no UTF-8
	}
)

// WriteJSON writes the report as one object. It is pure ASCII: what the program
// has sent is exact in it, and does nothing to a terminal.
func (r *Report) WriteJSON(w io.Writer) error {
	reached, total := r.run.Points()
	object := jsonReport{
		Target: r.run.Target, Address: r.run.Address, Version: r.version, Dialect: r.run.Dialect, Step: r.run.Step,
		Seed: r.run.Seed, Detail: r.detail, OK: r.Verdict() == AllPassed, Broken: r.run.Broken, Died: r.run.Died, Harmed: r.run.Harmed,
		TookMS: inMillis(r.run.Took.Microseconds()),
		Counts: jsonCounts{
			r.run.Count(conform.Passed), r.run.Count(conform.Remark), r.run.Count(conform.Failed), r.run.Count(conform.Skipped),
		},
		Points:   jsonPoints{reached, total},
		Likeness: []jsonLikeness{},
		Overlook: []string{},
		Results:  []jsonResult{},
	}
	for _, o := range r.run.Overlooked {
		object.Overlook = append(object.Overlook, o.Check)
	}
	for _, l := range r.likely {
		object.Likeness = append(object.Likeness, jsonLikeness{l.Name, l.Rule, l.About, l.Common, l.All})
	}
	for i := range r.entries {
		object.Results = append(object.Results, r.entries[i].json(r.detail))
	}
	text, err := json.MarshalIndent(object, "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(onlyASCII(text), '\n'))
	return err
}

func (e *entry) json(detail Detail) jsonResult {
	c := e.Check
	_, points := e.Points()
	result := jsonResult{
		ID: c.ID, Rule: e.Rule, Also: append([]proto.Rule{}, e.Also...), Step: c.Step, Points: points, Status: e.Status,
		Title: e.Title, Message: e.Message, Expected: e.Expected, Cause: e.Cause, Remarks: append([]string{}, e.Remarks...),
		Hint: e.Hint, RuleText: e.RuleText, TookMS: inMillis(e.Took.Microseconds()), Transcript: []jsonEvent{}, Rerun: e.Rerun,
	}
	if detail != Verdicts {
		result.Kind = e.Kind
	}
	for _, event := range e.Events {
		result.Transcript = append(result.Transcript, jsonOf(event))
	}
	return result
}

func jsonOf(e conform.Event) jsonEvent {
	event := jsonEvent{AtMS: inMillis(e.At.Microseconds()), Who: e.Who, Kind: e.Kind}
	switch {
	case e.Data == "":
	case utf8.ValidString(e.Data):
		event.Data = &e.Data
	default:
		event.Base64 = base64.StdEncoding.EncodeToString([]byte(e.Data))
	}
	return event
}

func inMillis(micros int64) float64 { return float64(micros) / 1000 }

// onlyASCII escapes what is not printable ASCII in a JSON text. Outside of
// strings JSON has nothing of the kind but white space.
func onlyASCII(text []byte) []byte {
	var b bytes.Buffer
	b.Grow(len(text))
	for len(text) > 0 {
		char, size := utf8.DecodeRune(text)
		switch {
		case char < 0x7f:
			b.WriteByte(byte(char))
		case char > 0xffff:
			char -= 0x10000
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+char>>10, 0xdc00+char&0x3ff)
		default:
			fmt.Fprintf(&b, `\u%04x`, char)
		}
		text = text[size:]
	}
	return b.Bytes()
}
