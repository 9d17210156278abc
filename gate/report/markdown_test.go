package report_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"tollgate/gate"
	"tollgate/gate/report"
)

func TestABotFindsItsCommentByTheFirstLine(t *testing.T) {
	t.Parallel()
	for name, r := range samples() {
		require.True(t, strings.HasPrefix(write(t, report.Markdown, r, report.Options{}), "<!-- tollgate-gate -->\n## "), name)
	}
}

func TestMarkdownSaysWhenNothingChanged(t *testing.T) {
	t.Parallel()
	require.Contains(t, write(t, report.Markdown, samples()["pass"], report.Options{}), "\nNothing changed.\n")
	for _, name := range []string{"first", "warn", "fail", "unmeasured"} {
		require.NotContains(t, write(t, report.Markdown, samples()[name], report.Options{}), "Nothing changed", name)
	}
}

// Names and messages are text, whatever they look like.
func TestMarkdownTakesNoNameForMarkup(t *testing.T) {
	t.Parallel()
	c := grown()
	c.ID = "a|b`c`<img src=x onerror=y>\n# @octocat #1 [l](http://x) www.x.y \\|"
	c.File = "prompts/<script>.json"
	c.Reasons[0].Message = "tool @octocat/team is #1 of `all` | <b>*bold*</b> [x](y) ~~no~~ $1$ a_b"
	r := with(base(gate.Fail), c)
	md := write(t, report.Markdown, r, report.Options{})
	for _, bad := range []string{"<img", "<script", "<b>", "@octocat", " #1", "http://", "www.", " `all`"} {
		require.NotContains(t, md, bad)
	}
	require.Contains(t, md, `tool @<!-- -->octocat/team is #<!-- -->1 of \`+"`all\\`"+` &#124; &#60;b&#62;\*bold\*&#60;/b&#62; \[x\](y) \~\~no\~\~ \$1\$ a\_b`)
	for line := range strings.SplitSeq(md, "\n") {
		if strings.HasPrefix(line, "|") {
			require.Equal(t, 10, strings.Count(line, "|"), "a cell stays a cell: %s", line)
		}
	}
}

// However much there is, a comment takes it, is well-formed, and says what is
// missing.
func TestMarkdownIsCutWhereGitHubWouldRefuseIt(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("很长的名字|", 200)
	for name, r := range map[string]*gate.Report{
		"many": many(100_000),
		"all failing": func() *gate.Report {
			r := base(gate.Fail)
			for i := range 3000 {
				c := grown()
				c.ID = fmt.Sprintf("case-%d-%s", i, long)
				with(r, c)
			}
			return r
		}(),
		"one case with much to say": func() *gate.Report {
			c := grown()
			for range 500 {
				c.Reasons = append(c.Reasons, gate.Reason{Code: "cost_over_budget", Message: long, Fix: long, File: long})
			}
			return with(base(gate.Fail), c, steady("other"))
		}(),
		"many removed, many reasons": func() *gate.Report {
			r := base(gate.Fail)
			for range 3000 {
				r.Removed = append(r.Removed, gate.Removed{ID: long, File: long})
				r.Reasons = append(r.Reasons, gate.Reason{Message: long, Fix: long})
			}
			r.Source, r.Baseline = long, long
			return r
		}(),
	} {
		md := write(t, report.Markdown, r, report.Options{})
		require.LessOrEqual(t, len(md), 60_000, name)
		require.True(t, utf8.ValidString(md), name)
		require.Equal(t, strings.Count(md, "<details>"), strings.Count(md, "</details>"), name)
		require.Contains(t, md, "; json and junit have all._", name)
		require.Contains(t, md, "</sub>\n", name)
	}
}

func TestTheWorstStandFirstInMarkdown(t *testing.T) {
	t.Parallel()
	r := base(gate.Fail)
	for range 500 {
		c := steady("changed")
		c.State = gate.Changed
		with(r, c)
	}
	with(r, unknownModel(), grown())
	md := write(t, report.Markdown, r, report.Options{})
	require.Regexp(t, `(?s)--:\|\n\| ❌ FAIL \| .support-triage. \|[^\n]*\n\| ❔ UNMEASURED \| .image-check. \|[^\n]*\n\| ✅ PASS`, md)
	require.Contains(t, md, "\n_402 cases not in the table; json and junit have all._\n")
}
