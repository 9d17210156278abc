package cli_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/moonshot/fakevendor"
)

// folder is a folder with files, by their paths.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
	}
	return dir
}

// gateIn runs the binary's gate in a folder, with variables of its own.
func gateIn(t *testing.T, dir string, env []string, args ...string) result {
	t.Helper()
	path, err := program()
	require.NoError(t, err)
	cmd := exec.Command(path, append([]string{"gate"}, args...)...)
	cmd.Dir = dir
	cmd.Env = append([]string{"HOME=" + t.TempDir()}, env...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		_, exited := errors.AsType[*exec.ExitError](err)
		require.True(t, exited, "%v", err)
	}
	return result{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// gateReport is what a program reads of a JSON report.
type gateReport struct {
	Outcome  string
	ExitCode int `json:"exit_code"`
	Source   string
	Cases    []struct {
		ID, Outcome, State string
		Now                *struct {
			PromptTokens int64 `json:"prompt_tokens"`
			Count        struct{ Method string }
			Cost         struct{ Expected, Low, High string }
		}
		Reasons []struct{ Code, Message string }
	}
}

// readReport reads a JSON report.
func readReport(t *testing.T, text string) gateReport {
	t.Helper()
	var r gateReport
	require.NoError(t, json.Unmarshal([]byte(text), &r), "%s", text)
	return r
}

const (
	gateYAML = "version: 1\ncases:\n  - {id: a, request: a.json, completion_tokens: 100}\n"
	retired  = `{"model":"kimi-k2.5","messages":[{"role":"user","content":"Hello"}]}`
	unheard  = `{"model":"kimi-k9","messages":[{"role":"user","content":"Hello"}]}`
)

// The exit code, the text and the JSON come from one decision: in every
// outcome they say the same.
func TestTheExitCodeTheTextAndTheJSONAgree(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		files   map[string]string
		args    []string
		env     []string
		outcome string // empty: there is no report
		code    int
		says    string // on the standard error
	}{
		{name: "it passes", files: map[string]string{"tollgate.yaml": gateYAML, "a.json": hello}, outcome: "pass"},
		{name: "it warns", files: map[string]string{"tollgate.yaml": gateYAML, "a.json": retired}, outcome: "warn"},
		{
			name:    "a case is over its budget",
			files:   map[string]string{"tollgate.yaml": gateYAML + "limits: {max_cost: \"0.000001\"}\n", "a.json": hello},
			outcome: "fail", code: 1,
		},
		{
			name:    "all together are over the budget",
			files:   map[string]string{"tollgate.yaml": gateYAML + "limits: {max_total_cost: \"0.000001\"}\n", "a.json": hello},
			outcome: "fail", code: 1,
		},
		{name: "a request is none", files: map[string]string{"tollgate.yaml": gateYAML, "a.json": "oops"}, outcome: "fail", code: 1},
		{name: "a model is unknown", files: map[string]string{"tollgate.yaml": gateYAML, "a.json": unheard}, outcome: "unmeasured", code: 3},
		{
			name: "the server is not there", files: map[string]string{"tollgate.yaml": gateYAML, "a.json": hello},
			args: []string{"--server", "http://127.0.0.1:1"}, outcome: "unmeasured", code: 3,
		},
		{
			name: "the vendor is not there", files: map[string]string{"tollgate.yaml": gateYAML, "a.json": hello},
			args: []string{"--method", "vendor"}, env: []string{"MOONSHOT_API_KEY=sk-x", "MOONSHOT_BASE_URL=http://127.0.0.1:1/v1"},
			outcome: "unmeasured", code: 3,
		},
		{name: "paths on the command line", files: map[string]string{"a.json": hello}, args: []string{"a.json", "--max-cost", "1"}, outcome: "pass"},
		{
			name: "paths over their budget", files: map[string]string{"p/a.json": hello, "p/b.json": hello},
			args: []string{"p/*.json", "--max-cost", "0.000001"}, outcome: "fail", code: 1,
		},
		{name: "no configuration", code: 2, says: "there is no tollgate.yaml here"},
		{name: "a configuration that is not there", args: []string{"--config", "ci/gate.yaml"}, code: 2, says: "--config: ci/gate.yaml: no such file"},
		{name: "an unknown key", files: map[string]string{"tollgate.yaml": gateYAML + "limit: 1\n"}, code: 2, says: "line 4: key limit is not known here"},
		{name: "an unknown flag", args: []string{"--max-price", "1"}, code: 2, says: "--max-price"},
		{name: "a request that is not there", files: map[string]string{"tollgate.yaml": gateYAML}, code: 2, says: "a.json: no such file"},
		{
			name: "growth without a baseline", code: 2, says: "--update-baseline",
			files: map[string]string{"tollgate.yaml": gateYAML + "limits: {max_growth: 10%}\n", "a.json": hello},
		},
		{
			name: "a baseline that is none", code: 2, says: "no baseline",
			files: map[string]string{"tollgate.yaml": gateYAML, "a.json": hello, "tollgate.baseline.json": "oops"},
		},
		{
			name: "vendor without a key", files: map[string]string{"tollgate.yaml": gateYAML, "a.json": hello},
			args: []string{"--method", "vendor"}, code: 2, says: "MOONSHOT_API_KEY",
		},
		{name: "limits of paths without paths", args: []string{"--max-cost", "1"}, code: 2, says: "--max-cost goes with paths"},
		{name: "a bad limit", args: []string{"a.json", "--max-growth", "10"}, code: 2, says: "--max-growth: want a percentage"},
		{name: "an unknown format", args: []string{"--output", "pdf=x"}, code: 2, says: "--output"},
		{name: "paths and a configuration", args: []string{"a.json", "--config", "x"}, code: 2, says: "not both"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := folder(t, tt.files)
			text := gateIn(t, dir, tt.env, tt.args...)
			require.Equal(t, tt.code, text.code, "%s%s", text.stdout, text.stderr)
			require.Contains(t, text.stderr, tt.says)
			if tt.outcome == "" {
				require.Empty(t, text.stdout)
				require.NotEmpty(t, text.stderr)
				return
			}
			paragraphs := strings.Split(strings.TrimSpace(text.stdout), "\n\n")
			verdict := paragraphs[len(paragraphs)-1]
			require.True(t, strings.HasPrefix(verdict, strings.ToUpper(tt.outcome)+":"), verdict)

			args := append([]string{"--format", "json", "--output", "markdown=r.md", "--output", "junit=r.xml"}, tt.args...)
			r := gateIn(t, dir, tt.env, args...)
			require.Equal(t, tt.code, r.code)
			report := readReport(t, r.stdout)
			require.Equal(t, tt.outcome, report.Outcome)
			require.Equal(t, tt.code, report.ExitCode)
			markdown, err := os.ReadFile(filepath.Join(dir, "r.md"))
			require.NoError(t, err)
			require.Contains(t, string(markdown), strings.ToUpper(tt.outcome))
			junit, err := os.ReadFile(filepath.Join(dir, "r.xml"))
			require.NoError(t, err)
			require.Equal(t, tt.outcome == "fail", strings.Contains(string(junit), "<failure"))
			require.Equal(t, tt.outcome == "unmeasured", strings.Contains(string(junit), "<error"))
			t.Logf("%-12s exit %d | %s | JSON %s, exit_code %d", tt.outcome, text.code, verdict, report.Outcome, report.ExitCode)
		})
	}
}

func TestTheGateAsksAServerAndSaysSo(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"tollgate.yaml": gateYAML + "  - {id: b, request: b.jsonl, cached_share: 0.5, completion_tokens: 100}\n",
		"a.json":        hello,
		"b.jsonl":       `{"custom_id":"x","method":"POST","url":"/v1/chat/completions","body":` + hello + "}\n",
	}
	s := start(t, "TOLLGATE_API_KEYS=right")
	here := readReport(t, gateIn(t, folder(t, files), nil, "--format", "json").stdout)
	there := gateIn(t, folder(t, files), []string{"TOLLGATE_SERVER_KEY=right"}, "--server", s.url, "--format", "json")
	require.Equal(t, 0, there.code, "%s%s", there.stdout, there.stderr)
	asked := readReport(t, there.stdout)
	require.Equal(t, "in process", here.Source)
	require.NotEqual(t, here.Source, asked.Source)
	require.Equal(t, here.Cases, asked.Cases, "the same answer from both")

	files["a.json"], files["b.jsonl"] = unheard, strings.ReplaceAll(files["b.jsonl"], "k2.6", "k9")
	unknown := gateIn(t, folder(t, files), []string{"TOLLGATE_SERVER_KEY=right"}, "--server", s.url, "--format", "json")
	require.Equal(t, 3, unknown.code)
	here, asked = readReport(t, gateIn(t, folder(t, files), nil, "--format", "json").stdout), readReport(t, unknown.stdout)
	require.Equal(t, "model_unknown", asked.Cases[0].Reasons[0].Code)
	require.Equal(t, here.Cases, asked.Cases, "the same answer from both")

	wrong := gateIn(t, folder(t, files), []string{"TOLLGATE_SERVER_KEY=wrong"}, "--server", s.url, "--format", "json")
	require.Equal(t, 3, wrong.code)
	require.Contains(t, wrong.stdout, "TOLLGATE_SERVER_KEY")
	require.NotContains(t, wrong.stdout+wrong.stderr, "127.0.0.1", "no address in a report")
}

func TestTheGateAsksTheVendorOnlyWhenItIsTold(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		args   []string
		method string
		calls  bool
	}{
		{nil, "approximation", false},
		{[]string{"--method", "approximation"}, "approximation", false},
		{[]string{"--method", "vendor"}, "mixed", true},
		{[]string{"--method", "auto"}, "mixed", true},
	} {
		vendor := fakevendor.Start(t, fakevendor.Options{})
		env := []string{"MOONSHOT_API_KEY=" + fakevendor.Key, "MOONSHOT_BASE_URL=" + vendor.URL}
		r := gateIn(t, folder(t, map[string]string{"tollgate.yaml": gateYAML, "a.json": hello}), env,
			append([]string{"--format", "json"}, tt.args...)...)
		require.Equal(t, 0, r.code, r.stderr)
		require.Equal(t, tt.method, readReport(t, r.stdout).Cases[0].Now.Count.Method)
		require.Equal(t, tt.calls, len(vendor.Calls()) > 0)
	}
}

func TestTheReportIsWrittenQuietlyWhenNothingIsToBeSeen(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{"tollgate.yaml": gateYAML, "a.json": hello})
	require.NotEmpty(t, gateIn(t, dir, nil, "--update-baseline", "--quiet-under", "1%").stdout, "a new case is shown")
	r := gateIn(t, dir, nil, "--quiet-under", "1%", "--output", "junit=r.xml")
	require.Equal(t, result{code: 0}, r)
	require.FileExists(t, filepath.Join(dir, "r.xml"), "a file that was asked for is written all the same")
	require.Equal(t, 2, gateIn(t, dir, nil, "--output", "junit=no/such/r.xml").code)

	fresh := folder(t, map[string]string{"tollgate.yaml": gateYAML, "a.json": hello})
	bad := gateIn(t, fresh, nil, "--update-baseline", "--quiet-under", "1")
	require.Equal(t, 2, bad.code)
	require.Contains(t, bad.stderr, "--quiet-under: want a percentage")
	require.NoFileExists(t, filepath.Join(fresh, "tollgate.baseline.json"), "nothing is written under a wrong option")
}

func TestPathsAreNotHeldAgainstTheBaselineOfAConfiguration(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{"tollgate.yaml": gateYAML, "a.json": hello, "b.json": hello})
	require.Equal(t, 0, gateIn(t, dir, nil, "--update-baseline").code)
	require.NotContains(t, gateIn(t, dir, nil, "b.json").stdout, "removed")
	require.Equal(t, 0, gateIn(t, dir, nil, "b.json", "--update-baseline", "--baseline", "b.baseline.json").code)
	require.Contains(t, gateIn(t, dir, nil, "b.json", "--baseline", "b.baseline.json", "--max-growth", "1%").stdout, "1 unchanged")
}

func TestColoursAreForTerminalsOnly(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{"tollgate.yaml": gateYAML, "a.json": hello})
	require.NotContains(t, gateIn(t, dir, nil).stdout, "\x1b")
}
