package ci_test

import (
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/tokenizer"
	"tollgate/estimator/tokenizer/kimidata"
)

func TestTheActionPassesTheExample(t *testing.T) {
	t.Parallel()
	r := use(t, repository(t), nil)
	require.Zero(t, r.code, "%s%s", &r.stdout, &r.stderr)
	require.Equal(t, "pass", r.outputs["outcome"])
	require.Equal(t, "0", r.outputs["exit-code"])
	require.Equal(t, "false", r.outputs["quiet"])
	require.True(t, strings.HasPrefix(r.summary, "<!-- tollgate-gate -->\n"), r.summary)
	require.Contains(t, r.stdout.String(), "support-triage", "the log has the table")
	require.Empty(t, r.commands())
	requireReports(t, r)
}

// requireReports holds the outputs against the reports they lead to.
func requireReports(t *testing.T, r *run) {
	t.Helper()
	var report struct {
		Outcome  string
		Currency string
		Basis    string
		Totals   struct{ Cost map[string]*string }
	}
	require.NoError(t, json.Unmarshal([]byte(read(t, r.outputs["json"])), &report))
	total := ""
	if cost := report.Totals.Cost[report.Basis]; cost != nil {
		total = *cost
	}
	require.Equal(t, report.Outcome, r.outputs["outcome"])
	require.Equal(t, report.Currency, r.outputs["currency"])
	require.Equal(t, total, r.outputs["total-cost"])
	require.Equal(t, r.summary, read(t, r.outputs["markdown"]))
	require.NoError(t, xml.Unmarshal([]byte(read(t, r.outputs["junit"])), new(struct {
		XMLName xml.Name `xml:"testsuites"`
	})))
	require.Equal(t, r.outputs["reports"], filepath.Dir(r.outputs["markdown"]))
}

func TestTheActionReportsBeforeItFails(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change  func(*testing.T, string)
		inputs  map[string]string
		outcome string
		gate    string // exit code of the gate
		code    int    // and of the step
	}{
		"grown":                      {grow, nil, "fail", "1", 1},
		"grown, of what failed":      {grow, map[string]string{"fail-on": "failed"}, "fail", "1", 1},
		"grown, never":               {grow, map[string]string{"fail-on": "never"}, "fail", "1", 0},
		"unmeasured":                 {obscure, nil, "unmeasured", "3", 3},
		"unmeasured, of what failed": {obscure, map[string]string{"fail-on": "failed"}, "unmeasured", "3", 0},
		"unmeasured, never":          {obscure, map[string]string{"fail-on": "never"}, "unmeasured", "3", 0},
		"a dead server":              {func(*testing.T, string) {}, map[string]string{"server": "http://127.0.0.1:1", "server-key": "k"}, "unmeasured", "3", 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := repository(t)
			test.change(t, dir)
			r := use(t, dir, test.inputs)
			require.Equal(t, test.code, r.code, "%s%s", &r.stdout, &r.stderr)
			require.Equal(t, test.outcome, r.outputs["outcome"])
			require.Equal(t, test.gate, r.outputs["exit-code"])
			requireReports(t, r)
			require.True(t, slices.ContainsFunc(r.commands(), func(c string) bool {
				return strings.HasPrefix(c, "::error file=prompts/")
			}), r.commands())
		})
	}
}

func TestWhatIsWronglyConfiguredIsSaidAndFailsAlways(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		inputs map[string]string
		says   string
		code   int
	}{
		"no configuration":      {map[string]string{"config": "other.yaml"}, "--config", 2},
		"an unknown method":     {map[string]string{"method": "guess", "fail-on": "never"}, "--method", 2},
		"no percentage":         {map[string]string{"quiet-under": "much"}, "--quiet-under", 2},
		"no place for a report": {map[string]string{"junit": "tollgate.yaml/report.xml"}, "--output", 2},
		"no binary":             {map[string]string{"binary": "./nowhere"}, "exit code 127", 127},
		"another binary":        {map[string]string{"binary": "true"}, "exit code 2", 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := use(t, repository(t), test.inputs)
			require.Equal(t, test.code, r.code, "%s%s", &r.stdout, &r.stderr)
			require.Equal(t, "error", r.outputs["outcome"])
			require.Empty(t, r.outputs["json"])
			require.Empty(t, r.outputs["total-cost"])
			require.Contains(t, r.summary, test.says)
			require.Len(t, r.commands(), 1)
			require.Contains(t, r.commands()[0], test.says)
			require.Equal(t, r.summary, read(t, r.outputs["markdown"]))
		})
	}
	r := use(t, repository(t), map[string]string{"fail-on": "sometimes"})
	require.Equal(t, 2, r.code)
	require.Contains(t, r.stdout.String(), "fail-on must be")
}

func TestQuietAnnotatesNothingAndStillReports(t *testing.T) {
	t.Parallel()
	r := use(t, repository(t), map[string]string{"quiet-under": "1%"})
	require.Zero(t, r.code)
	require.Equal(t, "true", r.outputs["quiet"])
	requireReports(t, r)
}

func TestAnnotationsCanBeLeftOut(t *testing.T) {
	t.Parallel()
	dir := repository(t)
	grow(t, dir)
	r := use(t, dir, map[string]string{"annotations": "false", "junit": "out/of/here.xml"})
	require.Equal(t, 1, r.code)
	require.Empty(t, r.commands())
	require.Equal(t, "out/of/here.xml", r.outputs["junit"])
	require.FileExists(t, filepath.Join(dir, "out/of/here.xml"))
}

func TestKeysGoByEnvironment(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "spy"), "#!/bin/sh\necho \"$@\" >args\nenv >env\nexit 2\n")
	require.NoError(t, os.Chmod(filepath.Join(dir, "spy"), 0o755))
	r := use(t, dir, map[string]string{
		"binary": "./spy", "server": "https://gate.example", "server-key": "first-secret", "vendor-key": "second-secret",
	})
	require.Equal(t, 2, r.code)
	require.NotContains(t, read(t, filepath.Join(dir, "args")), "secret")
	env := read(t, filepath.Join(dir, "env"))
	require.Contains(t, env, "\nTOLLGATE_SERVER_KEY=first-secret\n")
	require.Contains(t, env, "\nMOONSHOT_API_KEY=second-secret\n")
	require.Equal(t, 2, strings.Count(env, "secret\n"))

	use(t, dir, map[string]string{"binary": "./spy"}, "MOONSHOT_API_KEY=of-the-job")
	require.Contains(t, read(t, filepath.Join(dir, "env")), "MOONSHOT_API_KEY=of-the-job\n", "an empty input hides nothing")
}

func TestTheBinaryIsBuiltOnceAndKept(t *testing.T) {
	t.Parallel()
	kept := caches{}
	first := useWith(t, repository(t), nil, kept, goEnvironment(t)...)
	require.Zero(t, first.code, "%s%s", &first.stdout, &first.stderr)
	require.Len(t, kept, 1)
	require.Equal(t, []string{"actions/cache/restore@v5", "actions/setup-go@v6", "actions/cache/save@v5"}, first.used)
	require.Contains(t, read(t, "../../go.mod"), "\ngo "+first.steps["source"]["go"]+"\n")
	require.Equal(t, "pass", first.outputs["outcome"])

	second := useWith(t, repository(t), nil, kept)
	require.Zero(t, second.code, "%s%s", &second.stdout, &second.stderr)
	require.Equal(t, []string{"actions/cache/restore@v5"}, second.used)
	require.Equal(t, "pass", second.outputs["outcome"])
}

func TestTheVocabularyComesFromTheCache(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write(t, filepath.Join(folder, "tiktoken.model"), string(kimidata.Read(t, "tiktoken.model")))
	r := useWith(t, repository(t), map[string]string{"binary": tollgate(t), "vocabulary": "true"},
		caches{"kimi-vocabulary-" + tokenizer.FileSHA256: folder})
	require.Equal(t, []string{"actions/cache/restore@v5"}, r.used)
	require.Contains(t, r.summary, "tokenizer")
}

func TestWithoutTheVocabularyTheGateGoesOnAndSaysSo(t *testing.T) {
	t.Parallel()
	r := use(t, repository(t), map[string]string{"vocabulary": "true"})
	require.Zero(t, r.code, "%s%s", &r.stdout, &r.stderr)
	require.Equal(t, []string{"actions/cache/restore@v5"}, r.used, "nothing is kept")
	require.Len(t, r.commands(), 1)
	require.Contains(t, r.commands()[0], "::warning title=tollgate gate::the vocabulary could not be fetched")
	require.Contains(t, r.summary, "approximation")
}

func TestTheActionIsInOrder(t *testing.T) {
	t.Parallel()
	action, text, readme := loadAction(t), read(t, "action.yml"), read(t, "README.md")
	require.Equal(t, "composite", action.Runs.Using)
	ids := make(map[string]bool)
	for _, s := range action.Runs.Steps {
		ids[s.ID] = true
		require.NotEqual(t, s.Run == "", s.Uses == "", "a step runs a script or uses an action")
		require.Equal(t, s.Run != "", s.Shell == "bash")
		require.NotContains(t, s.Run, "${{", "an expression in a script is code that a pull request may write")
	}
	for name, input := range action.Inputs {
		require.NotEmpty(t, input.Description, name)
		require.Contains(t, text, "inputs."+name, "nobody reads it")
		require.Contains(t, readme, "`"+name+"`")
	}
	for name, output := range action.Outputs {
		require.NotEmpty(t, output.Description, name)
		id := strings.Split(output.Value, ".")[1]
		require.True(t, ids[id], "no step is called %s", id)
		require.Contains(t, readme, "`"+name+"`")
	}
	require.Equal(t, 2, strings.Count(text, "key: kimi-vocabulary-"+tokenizer.FileSHA256+"\n"))
}
