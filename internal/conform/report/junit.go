package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"parley/internal/conform"
)

// The elements of a JUnit report that we write. testdata/junit.xsd describes the
// form.
type (
	junitSuites struct {
		XMLName xml.Name     `xml:"testsuites"`
		Suites  []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name       string          `xml:"name,attr"`
		Tests      int             `xml:"tests,attr"`
		Failures   int             `xml:"failures,attr"`
		Errors     int             `xml:"errors,attr"`
		Skipped    int             `xml:"skipped,attr"`
		Time       string          `xml:"time,attr"`
		Properties []junitProperty `xml:"properties>property"`
		Cases      []junitCase     `xml:"testcase"`
		SystemOut  string          `xml:"system-out,omitempty"`
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitCase struct {
		Name      string       `xml:"name,attr"`
		Classname string       `xml:"classname,attr"`
		Time      string       `xml:"time,attr"`
		Failure   *junitReason `xml:"failure"`
		Error     *junitReason `xml:"error"`
		Skipped   *junitReason `xml:"skipped"`
		SystemOut string       `xml:"system-out,omitempty"`
	}
	junitReason struct {
		Message string `xml:"message,attr,omitempty"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",cdata"`
	}
)

// WriteJUnit writes the report in the XML of JUnit, which most CI systems read.
func (r *Report) WriteJUnit(w io.Writer) error {
	suite := junitSuite{
		Name:  "parley check " + string(r.run.Target),
		Tests: len(r.entries), Skipped: r.run.Count(conform.Skipped),
		Time: seconds(r.run.Took.Seconds()),
		Properties: []junitProperty{
			{"address", printable(r.run.Address)},
			{"seed", fmt.Sprint(r.run.Seed)},
			{"dialect", string(r.run.Dialect)},
			{"step", fmt.Sprint(r.run.Step)},
			{"version", r.version},
		},
		SystemOut: printable(strings.Join(append(r.likelyTexts(), r.troubles()...), "\n")),
	}
	for i := range r.entries {
		c := r.junitCase(&r.entries[i])
		if c.Failure != nil {
			suite.Failures++
		}
		if c.Error != nil {
			suite.Errors++
		}
		suite.Cases = append(suite.Cases, c)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	encoder := xml.NewEncoder(w)
	encoder.Indent("", "  ")
	if err := encoder.Encode(junitSuites{Suites: []junitSuite{suite}}); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (r *Report) junitCase(e *entry) junitCase {
	c := junitCase{Name: e.Check.ID, Classname: "parley." + string(r.run.Target), Time: seconds(e.Took.Seconds())}
	if e.Title != "" {
		c.Name = fmt.Sprintf("%s: %s (%s)", e.Rule, e.Title, e.Check.ID)
	}
	reason := &junitReason{Message: printable(e.Message), Text: r.block(e)}
	if r.detail != Verdicts {
		reason.Type = string(e.Kind)
	}
	switch {
	case e.Kind == conform.BrokeOff:
		c.Error = reason
	case e.Status == conform.Failed:
		c.Failure = reason
	case e.Status == conform.Skipped:
		c.Skipped = &junitReason{Message: reason.Message}
	case e.Status == conform.Remark:
		c.SystemOut = printable(strings.Join(e.Remarks, "\n"))
	}
	return c
}

func seconds(s float64) string { return fmt.Sprintf("%.3f", s) }
