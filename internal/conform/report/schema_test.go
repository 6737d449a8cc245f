package report_test

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"parley/internal/conform"
	"parley/internal/conform/report"
)

// runs are found with each way to be unfinished.
func runs() map[string]*conform.Report {
	broken, interrupted := found(), found()
	broken.Results[0].Kind, broken.Broken = conform.BrokeOff, "cut-login: the check itself broke off"
	interrupted.Broken, interrupted.Died, interrupted.Harmed = "interrupted", "the server accepts no connection any more", "not what it was"
	interrupted.Overlooked = []conform.Overlooked{greeting}
	return map[string]*conform.Report{"found": found(), "broken": broken, "interrupted": interrupted, "empty": {
		Target: conform.Client, Address: "java Client", Dialect: conform.DialectParley, Step: 3,
	}}
}

func details() []report.Detail { return []report.Detail{report.Full, report.Own, report.Verdicts} }

// validate holds what is written about each run, in each detail, to a schema.
func validate(t *testing.T, schema string, write func(*report.Report, io.Writer) error) {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	compiled, err := compiler.Compile(schema)
	if err != nil {
		t.Fatal(err)
	}
	for name, run := range runs() {
		for _, detail := range details() {
			var b bytes.Buffer
			if err := write(detailed(run, detail), &b); err != nil {
				t.Fatal(err)
			}
			object, err := jsonschema.UnmarshalJSON(&b)
			if err == nil {
				err = compiled.Validate(object)
			}
			if err != nil {
				t.Errorf("%s with --detail %s: %v", name, detail, err)
			}
		}
	}
}

func TestJSON(t *testing.T) {
	validate(t, "../../../docs/schema/check.schema.json", (*report.Report).WriteJSON)
	golden(t, "report.json", full(found()).WriteJSON)
}

// Bytes survive JSON, also those that are no text.
func TestJSONIsExact(t *testing.T) {
	run := found()
	run.Results = run.Results[3:4]
	var b bytes.Buffer
	if err := full(run).WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Results []struct {
			Transcript []struct {
				Data   string
				Base64 []byte
			}
		}
	}
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	for i, e := range got.Results[0].Transcript {
		if want := run.Results[0].Events[i].Data; e.Data+string(e.Base64) != want {
			t.Errorf("event %d: %q, want %q", i, e.Data+string(e.Base64), want)
		}
	}
}

func TestGradescope(t *testing.T) {
	validate(t, "testdata/gradescope.schema.json", (*report.Report).WriteGradescope)
	golden(t, "gradescope.json", full(found()).WriteGradescope)
}

// The XML is held to its schema by xmllint.
func TestJUnit(t *testing.T) {
	golden(t, "junit.xml", full(found()).WriteJUnit)
	xmllint, err := exec.LookPath("xmllint")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("xmllint is missing (Debian: libxml2-utils): whether the JUnit reports are valid was NOT looked at")
		}
		t.Skip("xmllint is missing (Debian: libxml2-utils): whether the JUnit reports are valid is NOT looked at")
	}
	lint := func(path string) ([]byte, error) {
		return exec.CommandContext(t.Context(), xmllint, "--nonet", "--noout", "--schema", "testdata/junit.xsd", path).CombinedOutput()
	}
	for name, run := range runs() {
		for _, detail := range details() {
			var b bytes.Buffer
			if err := detailed(run, detail).WriteJUnit(&b); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(t.TempDir(), "junit.xml")
			if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
			if out, err := lint(path); err != nil {
				t.Errorf("%s with --detail %s: %v\n%s", name, detail, err, out)
			}
			wrong := strings.Replace(b.String(), "<testcase ", "<testcase tests=\"1\" ", 1)
			if err := os.WriteFile(path, []byte(wrong), 0o600); err != nil {
				t.Fatal(err)
			}
			if out, err := lint(path); err == nil && len(run.Results) > 0 {
				t.Errorf("xmllint lets pass what is wrong: %s", out)
			}
		}
	}
}
