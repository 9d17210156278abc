package report_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/gate"
	"tollgate/gate/report"
)

func TestFormatsAreNamed(t *testing.T) {
	t.Parallel()
	for f := range formats {
		got, err := report.ParseFormat(string(f))
		require.NoError(t, err)
		require.Equal(t, f, got)
	}
	_, err := report.ParseFormat("html")
	require.EqualError(t, err, `unknown format "html": use table, markdown, json, junit, github`)
	require.Error(t, report.Write(&bytes.Buffer{}, "html", base(gate.Pass), report.Options{}))
}

// Every format says how it came out in the same word, with the same counts and
// the exit code that belongs to it.
func TestEveryFormatSaysTheSame(t *testing.T) {
	t.Parallel()
	for name, r := range samples() {
		word := strings.ToUpper(string(r.Outcome))
		code := strconv.Itoa(r.Outcome.ExitCode())

		var doc struct {
			Outcome  string
			ExitCode int `json:"exit_code"`
			Summary  string
			Counts   map[gate.Outcome]int
		}
		require.NoError(t, json.Unmarshal([]byte(write(t, report.JSON, r, report.Options{})), &doc))
		require.Equal(t, string(r.Outcome), doc.Outcome, name)
		require.Equal(t, r.Outcome.ExitCode(), doc.ExitCode, name)
		for outcome, n := range doc.Counts {
			require.Equal(t, r.Outcomes[outcome], n, "%s %s", name, outcome)
		}

		verdict := regexp.MustCompile(`^` + word + `: .*\(exit code ` + code + `\)$`)
		require.Regexp(t, verdict, doc.Summary, name)
		for _, said := range []struct {
			outcome gate.Outcome
			words   string
		}{
			{gate.Fail, "failed"},
			{gate.Unmeasured, "could not be measured"},
			{gate.Warn, "passed with a warning"},
			{gate.Pass, `passed(?: \(exit|,|;|$)`},
		} {
			n := r.Outcomes[said.outcome]
			counted := regexp.MustCompile(fmt.Sprintf(`\b%d (?:of %d cases? )?%s`, n, len(r.Cases), said.words))
			require.Equal(t, n > 0, counted.MatchString(doc.Summary), "%s: %s in %q", name, said.outcome, doc.Summary)
		}

		table := write(t, report.Table, r, report.Options{Width: 1000})
		require.True(t, strings.HasPrefix(table, word+"  "), name)
		require.Equal(t, doc.Summary, lastLine(table), name)
		require.Equal(t, doc.Summary, lastLine(write(t, report.GitHub, r, report.Options{})), name)
		md := write(t, report.Markdown, r, report.Options{})
		require.Contains(t, md, " "+word+": tollgate gate\n\n"+doc.Summary+"\n", name)

		junit := readJUnit(t, write(t, report.JUnit, r, report.Options{}))
		properties := make(map[string]string)
		for _, p := range junit.Suites[0].Properties {
			properties[p.Name] = p.Value
		}
		require.Equal(t, word, properties["outcome"], name)
		require.Equal(t, code, properties["exit_code"], name)
		for outcome, n := range doc.Counts {
			require.Equal(t, strconv.Itoa(n), properties["cases_"+string(outcome)], name)
		}
	}
}

// lastLine is the last line of a text that ends with a line break.
func lastLine(text string) string {
	lines := strings.Split(text, "\n")
	return lines[len(lines)-2]
}

// What has no number is called unknown; nothing is ever NaN, and no zero stands
// in for it.
func TestWhatIsNotKnownIsCalledUnknown(t *testing.T) {
	t.Parallel()
	r := samples()["unmeasured"]
	for f := range formats {
		got := write(t, f, r, report.Options{})
		for _, bad := range []string{"NaN", "Inf", "<nil>", "%!", "CNY 0 ", "0x"} {
			require.NotContains(t, got, bad, f)
		}
		if f != report.JSON {
			require.Contains(t, got, "unknown", f)
		}
	}
	require.Contains(t, write(t, report.Table, r, report.Options{}),
		"total: unknown, for that of 1 of 1 case is not known; CNY 0.02 before: unknown")
}

// A report that was made by hand, with nothing in it, is written all the same.
func TestAnEmptyReportIsWritten(t *testing.T) {
	t.Parallel()
	for _, r := range []*gate.Report{
		{},
		{Outcome: gate.Fail, Cases: []gate.Case{{Outcome: gate.Fail}}},
		{Outcome: gate.Warn, Cases: []gate.Case{{
			Outcome: gate.Warn, Now: &gate.Measurement{}, Before: &gate.Measurement{}, Change: &gate.Change{}, Break: &gate.Break{},
			Reasons: make([]gate.Reason, 1), Notes: make([]gate.Note, 1),
		}}, Removed: make([]gate.Removed, 1), Reasons: make([]gate.Reason, 1)},
	} {
		for f := range formats {
			require.NotPanics(t, func() { require.NotEmpty(t, write(t, f, r, report.Options{})) }, f)
		}
	}
}

// full is a disk that is full after so many bytes.
type full int

var errFull = errors.New("no space left on device")

func (f *full) Write(p []byte) (int, error) {
	if *f -= full(len(p)); *f < 0 {
		return 0, errFull
	}
	return len(p), nil
}

// A report that is not whole is an error, wherever it ended.
func TestAWriterThatFailsIsAnError(t *testing.T) {
	t.Parallel()
	r := many(2000)
	for f := range formats {
		size := len(write(t, f, r, report.Options{}))
		for _, room := range []int{0, size / 2, size - 1} {
			require.ErrorIs(t, report.Write(new(full(room)), f, r, report.Options{}), errFull, "%s, %d of %d bytes", f, room, size)
		}
		require.NoError(t, report.Write(new(full(size)), f, r, report.Options{}), f)
	}
}

// A report reads its model and leaves it as it was.
func TestWritingTwiceWritesTheSame(t *testing.T) {
	t.Parallel()
	r := failed()
	for f := range formats {
		require.Equal(t, write(t, f, r, report.Options{}), write(t, f, r, report.Options{}), f)
	}
	require.Equal(t, failed(), r)
}

func TestAHundredThousandCasesStayReadable(t *testing.T) {
	t.Parallel()
	r := many(100_000)
	for f, most := range map[report.Format]int{report.Table: 100_000, report.Markdown: 60_000, report.GitHub: 30_000} {
		require.LessOrEqual(t, len(write(t, f, r, report.Options{})), most, f)
	}
}

// Programs are told of every case.
func TestProgramsGetEveryCase(t *testing.T) {
	t.Parallel()
	const n = 3000
	r := many(n)
	require.Equal(t, n+1, readJUnit(t, write(t, report.JUnit, r, report.Options{})).Tests)
	var doc struct{ Cases []json.RawMessage }
	require.NoError(t, json.Unmarshal([]byte(write(t, report.JSON, r, report.Options{})), &doc))
	require.Len(t, doc.Cases, n)
}
