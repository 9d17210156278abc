package report_test

import (
	"encoding/xml"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/gate"
	"tollgate/gate/report"
)

// suites is a JUnit report as a reader has it.
type suites struct {
	XMLName  xml.Name `xml:"testsuites"`
	Tests    int      `xml:"tests,attr"`
	Failures int      `xml:"failures,attr"`
	Errors   int      `xml:"errors,attr"`
	Suites   []struct {
		Tests      int `xml:"tests,attr"`
		Failures   int `xml:"failures,attr"`
		Errors     int `xml:"errors,attr"`
		Properties []struct {
			Name  string `xml:"name,attr"`
			Value string `xml:"value,attr"`
		} `xml:"properties>property"`
		Cases []struct {
			Name    string  `xml:"name,attr"`
			Failure *result `xml:"failure"`
			Error   *result `xml:"error"`
			Out     string  `xml:"system-out"`
		} `xml:"testcase"`
	} `xml:"testsuite"`
}

type result struct {
	Type    string `xml:"type,attr"`
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// readJUnit reads a JUnit report.
func readJUnit(t *testing.T, text string) *suites {
	t.Helper()
	s := new(suites)
	require.NoError(t, xml.Unmarshal([]byte(text), s))
	return s
}

// xmllint holds a document against the schema; it returns what is wrong with
// it.
func xmllint(t *testing.T, document string) string {
	t.Helper()
	if _, err := exec.LookPath("xmllint"); err != nil {
		t.Skip("there is no xmllint: install libxml2-utils")
	}
	cmd := exec.CommandContext(t.Context(), "xmllint", "--noout", "--nonet", "--schema", "testdata/junit.xsd", "-")
	cmd.Stdin = strings.NewReader(document)
	if out, err := cmd.CombinedOutput(); err != nil {
		return string(out)
	}
	return ""
}

func TestEveryJUnitReportKeepsToTheCommonSchema(t *testing.T) {
	t.Parallel()
	for name, r := range samples() {
		require.Empty(t, xmllint(t, write(t, report.JUnit, r, report.Options{})), name)
	}
	require.Empty(t, xmllint(t, write(t, report.JUnit, base(gate.Pass), report.Options{})), "without cases")
}

func TestTheCommonSchemaRefusesWhatReadersDo(t *testing.T) {
	t.Parallel()
	good := write(t, report.JUnit, failed(), report.Options{})
	for _, wrong := range []struct{ name, old, replacement string }{
		{"an unknown attribute", `<testcase name=`, `<testcase file="a" name=`},
		{"a count that is none", `tests="7"`, `tests="many"`},
		{"a time that is none", `time="0"`, `time="soon"`},
		{"no name", `<testsuite id="0" name="tollgate gate: cases"`, `<testsuite id="0"`},
		{"output before the failure", `<failure message=`, `<system-out></system-out><failure message=`},
		{"two results", `<failure message=`, `<failure type="a"></failure><failure message=`},
		{"an element there is not", `<properties>`, `<prompt></prompt><properties>`},
	} {
		bad := strings.Replace(good, wrong.old, wrong.replacement, 1)
		require.NotEqual(t, good, bad, wrong.name)
		require.NotEmpty(t, xmllint(t, bad), wrong.name)
	}
}

// What stands in the heads of the suites is what is in them.
func TestJUnitCountsWhatItHas(t *testing.T) {
	t.Parallel()
	for name, r := range samples() {
		s := readJUnit(t, write(t, report.JUnit, r, report.Options{}))
		var tests, failures, errors int
		for _, suite := range s.Suites {
			var failed, errored int
			for _, c := range suite.Cases {
				require.False(t, c.Failure != nil && c.Error != nil, name)
				if c.Failure != nil {
					failed++
				}
				if c.Error != nil {
					errored++
				}
			}
			require.Equal(t, []int{len(suite.Cases), failed, errored}, []int{suite.Tests, suite.Failures, suite.Errors}, name)
			tests, failures, errors = tests+suite.Tests, failures+failed, errors+errored
		}
		require.Equal(t, []int{tests, failures, errors}, []int{s.Tests, s.Failures, s.Errors}, name)
		require.Equal(t, r.Outcome.ExitCode() == 0, failures+errors == 0, "a reader of %s sees what the exit code says", name)
		require.Equal(t, r.Outcome == gate.Fail, failures > 0, name)
	}
}

func TestJUnitSaysWhyACaseFailed(t *testing.T) {
	t.Parallel()
	s := readJUnit(t, write(t, report.JUnit, failed(), report.Options{}))
	triage := s.Suites[0].Cases[0]
	require.Equal(t, "cost_over_budget", triage.Failure.Type)
	require.Equal(t, "the high cost is CNY 0.0262; the budget is CNY 0.02 (and 1 more reason)", triage.Failure.Message)
	require.Contains(t, triage.Failure.Text, "\ngrowth over limit: the prompt has grown by 183.3%")
	require.Contains(t, triage.Out, "cost for 10,000 calls: CNY 262, CNY 174 for 10,000 calls before")
	require.Equal(t, "model_unknown", s.Suites[0].Cases[3].Error.Type)
	require.Equal(t, "total_cost_unknown", s.Suites[1].Cases[0].Error.Type)
}
