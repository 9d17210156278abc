package report_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/lint"
	"tollgate/gate"
	"tollgate/gate/report"
)

// command is a workflow command as the runner reads it.
var command = regexp.MustCompile(`^::(error|warning|notice) (?:([^:]*))::(.*)$`)

// annotation is what GitHub makes of one.
type annotation struct {
	kind, message string
	properties    map[string]string
}

// annotations reads a report as the runner does, and returns the lines that are
// no command too.
func annotations(t *testing.T, text string) (list []annotation, rest []string) {
	t.Helper()
	unescape := strings.NewReplacer("%0D", "\r", "%0A", "\n", "%3A", ":", "%2C", ",", "%25", "%")
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		m := command.FindStringSubmatch(line)
		if m == nil {
			rest = append(rest, line)
			continue
		}
		a := annotation{m[1], unescape.Replace(m[3]), make(map[string]string)}
		for p := range strings.SplitSeq(m[2], ",") {
			name, value, found := strings.Cut(p, "=")
			require.True(t, found, line)
			a.properties[name] = unescape.Replace(value)
		}
		list = append(list, a)
	}
	return list, rest
}

func TestAnnotationsPointAtTheFileAndTheLine(t *testing.T) {
	t.Parallel()
	list, rest := annotations(t, write(t, report.GitHub, failed(), report.Options{ConfigDir: "ci/gate"}))
	require.Len(t, rest, 1, "the verdict closes it")
	var warnings []string
	for _, a := range list {
		if a.kind == "warning" {
			warnings = append(warnings, a.properties["title"])
		}
	}
	require.Len(t, warnings, 4)
	require.Contains(t, warnings[0], "cache break")
	require.Contains(t, warnings[1], "cache break")
	find := func(title string) annotation {
		for _, a := range list {
			if a.properties["title"] == title {
				return a
			}
		}
		require.Fail(t, "there is no "+title)
		return annotation{}
	}
	for _, want := range []struct{ title, kind, file, line string }{
		{"tollgate: cost over budget (support-triage)", "error", "ci/gate/prompts/triage.json", ""},
		{"tollgate: model unknown (image-check)", "error", "ci/gate/prompts/image.json", "2"},
		{"tollgate: total cost unknown", "error", "", ""},
		{"tollgate: cache break, volatile text (support-triage)", "warning", "ci/gate/prompts/triage.json", "3"},
		{"tollgate: parameter deprecated (support-triage)", "warning", "ci/gate/prompts/triage.json", "12"},
		{"tollgate: cache break, tools reordered (代码审查/中文提示词)", "warning", "ci/gate/提示词/工具.json", "2"},
		{"tollgate: method changed (代码审查/中文提示词)", "warning", "ci/gate/提示词/审查.jsonl", "7"},
		{"tollgate: cache break, message changed (triage-v2)", "notice", "ci/gate/prompts/triage-v2.json", ""},
	} {
		got := find(want.title)
		require.Equal(t, want.kind, got.kind, want.title)
		require.Equal(t, want.file, got.properties["file"], want.title)
		require.Equal(t, want.line, got.properties["line"], want.title)
	}
	require.Equal(t, "the prompt has grown by 183.3%, from 1200 to 3400 tokens; at most 10.0% are allowed\n"+
		"limit 10.0%, actual +183.3%, shortfall 173.3%\n"+
		"fix: shorten the prompt, or accept the growth with --update-baseline",
		find("tollgate: growth over limit (support-triage)").message)
}

func TestPathsAreFromTheRootOfTheRepository(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ dir, file, want string }{
		{"", "prompts/a.json", "prompts/a.json"},
		{"", "./prompts/a.json", "prompts/a.json"},
		{"ci/", "../prompts/a.json", "prompts/a.json"},
		{"ci", "/srv/a.json", "/srv/a.json"},
		{"ci", "a,b:c%.json", "ci/a,b:c%.json"},
	} {
		c := grown()
		c.File = tt.file
		list, _ := annotations(t, write(t, report.GitHub, with(base(gate.Fail), c), report.Options{ConfigDir: tt.dir}))
		require.Equal(t, tt.want, list[0].properties["file"])
	}
}

// GitHub shows ten of a kind. The worst are among them, and what is not there
// is counted.
func TestAnnotationsAreFewAndTheWorstComeFirst(t *testing.T) {
	t.Parallel()
	r := base(gate.Fail)
	for range 30 {
		c := unknownModel()
		c.Notes = []gate.Note{{Severity: lint.Error, Code: "image_format"}, {Severity: lint.Info, Code: "media_resolution"}}
		with(r, c)
	}
	with(r, grown())
	list, rest := annotations(t, write(t, report.GitHub, r, report.Options{}))
	kinds := make(map[string]int)
	for _, a := range list {
		kinds[a.kind]++
	}
	require.Equal(t, map[string]int{"error": 10, "warning": 2, "notice": 10}, kinds)
	require.Equal(t, "tollgate: cost over budget (support-triage)", list[0].properties["title"])
	require.Equal(t, "tollgate: growth over limit (support-triage)", list[1].properties["title"])
	require.Equal(t, "tollgate: model unknown (image-check)", list[2].properties["title"])
	require.Equal(t, "52 more errors not annotated: GitHub shows 10 of a kind", rest[0])
	require.Equal(t, "20 more notices not annotated: GitHub shows 10 of a kind", rest[1])
	require.Len(t, rest, 3)
}

func TestNothingToSayIsOneLine(t *testing.T) {
	t.Parallel()
	require.Equal(t, "PASS: 2 of 2 cases passed (exit code 0)\n", write(t, report.GitHub, samples()["pass"], report.Options{}))
}
