package report_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/gate"
	"tollgate/gate/report"
	"tollgate/gate/term"
)

// escape is a colour on or off.
var escape = regexp.MustCompile("\x1b\\[[0-9;]*m")

func TestColoursAreOffUnlessAskedForAndChangeNothingElse(t *testing.T) {
	t.Parallel()
	for name, r := range samples() {
		bare := write(t, report.Table, r, report.Options{})
		require.NotContains(t, bare, "\x1b", name)
		painted := write(t, report.Table, r, report.Options{Colour: true})
		require.Equal(t, bare, escape.ReplaceAllString(painted, ""), name)
		for _, f := range []report.Format{report.Markdown, report.JSON, report.JUnit, report.GitHub} {
			require.NotContains(t, write(t, f, r, report.Options{Colour: true}), "\x1b", "%s is for no terminal", f)
		}
	}
}

func TestOutcomesHaveTheirColours(t *testing.T) {
	t.Parallel()
	painted := write(t, report.Table, failed(), report.Options{Colour: true})
	for _, want := range []string{
		"\x1b[31mFAIL\x1b[0m", "\x1b[32mPASS\x1b[0m", "\x1b[33mWARN\x1b[0m", "\x1b[31mUNMEASURED\x1b[0m",
		"\x1b[31m- cost over budget\x1b[0m: ",
	} {
		require.Contains(t, painted, want)
	}
}

// Only a table of figures may be wider than a terminal that is too narrow for
// it; on one of 100 columns no line is, Chinese names or not.
func TestLinesFitTheTerminal(t *testing.T) {
	t.Parallel()
	for name, r := range samples() {
		for _, width := range []int{0, 100, 101, 120, 200} {
			for line := range strings.SplitSeq(write(t, report.Table, r, report.Options{Width: width}), "\n") {
				require.LessOrEqual(t, term.Width(line), max(100, width), "%s at %d: %s", name, width, line)
			}
		}
		for _, width := range []int{1, 40, 80} {
			for line := range strings.SplitSeq(write(t, report.Table, r, report.Options{Width: width}), "\n") {
				require.LessOrEqual(t, term.Width(line), 100, "%s at %d: %s", name, width, line)
			}
		}
	}
}

// An amount stays with its currency where a line is broken.
func TestAmountsStayWithTheirCurrency(t *testing.T) {
	t.Parallel()
	for width := 40; width < 130; width++ {
		require.NotRegexp(t, `CNY\n +[0-9]`, write(t, report.Table, failed(), report.Options{Width: width}))
	}
}

// The figures of a column end in the same column of the terminal, whatever
// stands before them.
func TestColumnsAreAlignedBehindChineseNames(t *testing.T) {
	t.Parallel()
	r := with(base(gate.Pass), steady("short"), steady("客服分类/投诉与退款"))
	lines := strings.Split(write(t, report.Table, r, report.Options{}), "\n")
	var ends []int
	for _, line := range lines {
		if before, _, found := strings.Cut(line, "1,200"); found && strings.HasPrefix(line, "PASS") {
			ends = append(ends, term.Width(before))
		}
	}
	require.Len(t, ends, 2)
	require.Equal(t, ends[0], ends[1])
}

func TestANameThatIsTooLongLosesItsMiddle(t *testing.T) {
	t.Parallel()
	r := with(base(gate.Pass), steady("team/"+strings.Repeat("very-", 30)+"long/triage"))
	table := write(t, report.Table, r, report.Options{})
	require.Regexp(t, `(?m)^PASS +team/v\S*\.\.\S*/triage +1,200`, table)
	wide := write(t, report.Table, r, report.Options{Width: 400})
	require.Contains(t, wide, r.Cases[0].ID)
}

func TestTheBarIsThereWhereThereIsRoom(t *testing.T) {
	t.Parallel()
	r := failed()
	require.Contains(t, write(t, report.Table, r, report.Options{Width: 160}), "[#+........] 98%")
	require.Contains(t, write(t, report.Table, r, report.Options{Width: 160}), "[##########> none")
	narrow := write(t, report.Table, r, report.Options{Width: 60})
	require.NotContains(t, narrow, "[#")
	require.Contains(t, narrow, "98%")
}

// Beyond so many cases only those that say something are there, the worst of
// them if they too are too many, in their order.
func TestOfTooManyCasesTheWorstAreShown(t *testing.T) {
	t.Parallel()
	r := base(gate.Fail)
	for i := range 300 {
		c := steady("changed")
		c.State = gate.Changed
		if i == 299 {
			c = grown()
		}
		with(r, c)
	}
	table := write(t, report.Table, r, report.Options{})
	require.Contains(t, table, "100 cases not shown: 100 others, no worse than those shown\n")
	require.Less(t, strings.Index(table, "PASS  "), strings.Index(table, "FAIL    "))
	require.Contains(t, table, "\nFAIL  support-triage  prompts/triage.json\n")
	require.Equal(t, 49, strings.Count(table, "\nPASS  changed  prompts/changed.json\n"))
	require.Contains(t, table, "\n150 cases not explained, no worse than those that are; json and junit have all\n")
}

// What every case has in common is said in full once, so that what is not
// stands out. Reasons are said of every case.
func TestANoteIsSaidInFullOnce(t *testing.T) {
	t.Parallel()
	r := base(gate.Fail)
	for _, id := range []string{"one", "two", "three"} {
		c := grown()
		c.ID = id
		with(r, c)
	}
	for _, f := range []report.Format{report.Table, report.Markdown} {
		got := strings.ReplaceAll(strings.ReplaceAll(write(t, f, r, report.Options{Width: 1000}), "*", ""), `\`, "")
		require.Equal(t, 1, strings.Count(got, "parameter deprecated: max_tokens is deprecated"), f)
		require.Equal(t, 2, strings.Count(got, "parameter deprecated: as for one"), f)
		require.Equal(t, 3, strings.Count(got, "cost over budget: the high cost is CNY 0.0262"), f)
		require.Equal(t, 3, strings.Count(got, "cache break, volatile text: in message 0"), f)
	}
}

// A warning that was there before has nothing new to say in figures.
func TestOldWarningsHaveNoFigures(t *testing.T) {
	t.Parallel()
	c := steady("summary")
	c.Outcome, c.Notes = gate.Warn, grown().Notes
	table := write(t, report.Table, with(base(gate.Warn), c), report.Options{})
	require.Contains(t, table, "\n  - parameter deprecated: ")
	require.NotContains(t, table, "cost per call")
}

// A change too small for its percentage is a change.
func TestTheSmallestChangeIsSeen(t *testing.T) {
	t.Parallel()
	c := steady("summary")
	c.State, c.Change.Tokens, c.Change.Cost = gate.Changed, 1, sum("0.000000000001")
	table := write(t, report.Table, with(base(gate.Pass), c), report.Options{})
	require.Regexp(t, `(?m)^PASS +summary +1,200 +0\.0% +0\.0174 +0\.0% `, table)
	require.Contains(t, table, "1,200 before: +1 (0.0%)")
	require.Contains(t, table, "+CNY 0.000000000001 (0.0%)")
}

// Who names a file in a pull request must not command the runner that prints
// the report, nor the terminal.
func TestNamesAreNoCommands(t *testing.T) {
	t.Parallel()
	c := grown()
	c.ID = "::error::pwned\n::add-mask::a##[group]\x1b[2J\u202e"
	c.File = "::set-output name=a::b"
	c.Reasons[0].Message = strings.Repeat("word ", 18) + "::error::pwned by a wrapped line"
	r := with(base(gate.Fail), c)
	r.Removed = []gate.Removed{{ID: "::warning::gone", File: "x"}}
	table := write(t, report.Table, r, report.Options{})
	require.NotContains(t, table, "##[")
	require.NotContains(t, table, "\x1b")
	require.NotContains(t, table, "\u202e")
	for line := range strings.SplitSeq(table, "\n") {
		require.False(t, strings.HasPrefix(strings.TrimSpace(line), "::"), line)
	}
}
