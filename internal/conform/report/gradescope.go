package report

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"parley/internal/conform"
)

// Gradescope's results.json, as far as we write it. testdata/gradescope.schema.json
// describes the form.
type (
	gradescope struct {
		Score            int               `json:"score"`
		ExecutionTime    float64           `json:"execution_time"`
		Output           string            `json:"output"`
		OutputFormat     string            `json:"output_format"`
		TestOutputFormat string            `json:"test_output_format"`
		TestNameFormat   string            `json:"test_name_format"`
		Visibility       string            `json:"visibility"`
		StdoutVisibility string            `json:"stdout_visibility"`
		ExtraData        map[string]any    `json:"extra_data"`
		Tests            []gradescopeCheck `json:"tests"`
	}
	gradescopeCheck struct {
		Name       string   `json:"name"`
		Number     string   `json:"number"`
		Score      int      `json:"score"`
		MaxScore   int      `json:"max_score"`
		Status     string   `json:"status"`
		Output     string   `json:"output"`
		Visibility string   `json:"visibility"`
		Tags       []string `json:"tags"`
	}
)

// WriteGradescope writes the report as the results.json of a Gradescope
// autograder.
func (r *Report) WriteGradescope(w io.Writer) error {
	reached, total := r.run.Points()
	results := gradescope{
		Score: reached, ExecutionTime: r.run.Took.Seconds(),
		Output:       printable(strings.Join(slices.Concat([]string{r.sentence(), r.summary() + " · " + r.setting()}, r.likelyTexts(), r.troubles()), "\n")),
		OutputFormat: "text", TestOutputFormat: "text", TestNameFormat: "text",
		Visibility: "visible", StdoutVisibility: "hidden",
		ExtraData: map[string]any{
			"target": r.run.Target, "seed": r.run.Seed, "dialect": r.run.Dialect, "step": r.run.Step, "points": total, "version": r.version,
		},
		Tests: []gradescopeCheck{},
	}
	for i := range r.entries {
		results.Tests = append(results.Tests, r.gradescopeCheck(i+1, &r.entries[i]))
	}
	text, err := json.MarshalIndent(results, "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(onlyASCII(text), '\n'))
	return err
}

func (r *Report) gradescopeCheck(number int, e *entry) gradescopeCheck {
	score, most := e.Points()
	c := gradescopeCheck{
		Name: strings.Join(strings.Fields(e.Head), " "), Number: fmt.Sprint(number), Score: score, MaxScore: most, Status: "failed", Visibility: "visible",
		Output: string(e.Status), Tags: []string{fmt.Sprintf("step %d", e.Check.Step)},
	}
	if e.Excused || e.Status == conform.Passed || e.Status == conform.Remark {
		c.Status = "passed"
	}
	switch {
	case r.detail == Verdicts:
	case e.Status == conform.Failed:
		c.Output = fmt.Sprintf("FAILED: %s\n\n%s", e.Kind, r.block(e))
	case e.Status == conform.Remark && len(e.Remarks) > 0:
		c.Output = "passed, with a remark: " + printable(strings.Join(e.Remarks, "; "))
	case e.Excused:
		c.Output = "not asked for: " + printable(e.Message)
	case e.Status == conform.Skipped:
		c.Output = "not checked, so no points: " + printable(e.Message)
	}
	return c
}
