package ci_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// metadata is an action.yml of a composite action. What GitHub documents and
// ours does not use is not known here.
type metadata struct {
	Name, Description, Author string
	Branding                  map[string]string
	Inputs                    map[string]struct{ Description, Default string }
	Outputs                   map[string]struct{ Description, Value string }
	Runs                      struct {
		Using string
		Steps []step
	}
}

// step is one of an action or of a job.
type step struct {
	ID, Name, If, Uses, Shell, Run string
	Env, With                      map[string]string
}

// load reads YAML and refuses what has no place in it.
func load(t *testing.T, path string, into any) {
	t.Helper()
	dec := yaml.NewDecoder(strings.NewReader(read(t, path)))
	dec.KnownFields(true)
	require.NoError(t, dec.Decode(into), path)
}

func loadAction(t *testing.T) *metadata {
	t.Helper()
	action := new(metadata)
	load(t, "action.yml", action)
	return action
}

// caches are those of a repository: folders by key.
type caches map[string]string

// run is one use of the action in a job.
type run struct {
	t      *testing.T
	action *metadata
	inputs map[string]string
	dir    string // the repository
	temp   string // the runner's
	env    []string
	kept   caches

	steps   map[string]map[string]string // outputs by step
	used    []string                     // other actions that were used
	code    int                          // of the step that failed
	stdout  strings.Builder
	stderr  strings.Builder
	summary string
	outputs map[string]string
}

// use runs the action with the program of the tests.
func use(t *testing.T, dir string, inputs map[string]string, env ...string) *run {
	t.Helper()
	all := map[string]string{"binary": tollgate(t)}
	maps.Copy(all, inputs)
	return useWith(t, dir, all, caches{}, env...)
}

// useWith runs the action.
func useWith(t *testing.T, dir string, inputs map[string]string, kept caches, env ...string) *run {
	t.Helper()
	need(t, "bash")
	folder, err := os.Getwd()
	require.NoError(t, err)
	r := &run{t: t, action: loadAction(t), inputs: inputs, dir: dir, temp: t.TempDir(), kept: kept}
	r.env = append(environment(t, "GITHUB_ACTION_PATH="+folder, "GITHUB_WORKSPACE="+dir, "RUNNER_TEMP="+r.temp), env...)
	r.steps, r.outputs = map[string]map[string]string{}, map[string]string{}
	for name := range inputs {
		require.Contains(t, r.action.Inputs, name, "the action has no such input")
	}
	for i := range r.action.Runs.Steps {
		s := &r.action.Runs.Steps[i]
		if r.code != 0 || s.If != "" && !r.holds(s.If) {
			continue
		}
		outputs := r.step(s)
		if s.ID != "" {
			r.steps[s.ID] = outputs
		}
	}
	for name, output := range r.action.Outputs {
		r.outputs[name] = r.fill(output.Value)
	}
	return r
}

// step carries out one step and returns its outputs.
func (r *run) step(s *step) map[string]string {
	if s.Uses != "" {
		r.used = append(r.used, s.Uses)
		return r.stand(s)
	}
	require.Equal(r.t, "bash", s.Shell)
	files := map[string]string{"GITHUB_OUTPUT": "", "GITHUB_STEP_SUMMARY": ""}
	env := r.env
	for name := range files {
		files[name] = filepath.Join(r.t.TempDir(), name)
		write(r.t, files[name], "")
		env = append(env, name+"="+files[name])
	}
	for name, value := range s.Env {
		env = append(env, name+"="+r.fill(value))
	}
	code, stdout, stderr := bash(r.t, s.Run, r.dir, env)
	r.code = code
	r.stdout.WriteString(stdout)
	r.stderr.WriteString(stderr)
	r.summary += read(r.t, files["GITHUB_STEP_SUMMARY"])
	return parseOutputs(r.t, read(r.t, files["GITHUB_OUTPUT"]))
}

// stand stands in for an action of GitHub's.
func (r *run) stand(s *step) map[string]string {
	name, _, _ := strings.Cut(s.Uses, "@")
	key, path := r.fill(s.With["key"]), r.fill(s.With["path"])
	switch name {
	case "actions/setup-go":
	case "actions/cache/save":
		copied := r.t.TempDir()
		require.NoError(r.t, os.CopyFS(copied, os.DirFS(path)))
		r.kept[key] = copied
	case "actions/cache/restore":
		if folder, ok := r.kept[key]; ok {
			require.NoError(r.t, os.CopyFS(path, os.DirFS(folder)))
			return map[string]string{"cache-hit": "true"}
		}
	default:
		r.t.Fatalf("nobody stands in for %s", s.Uses)
	}
	return nil
}

// parseOutputs reads a file of outputs as GitHub documents it.
func parseOutputs(t *testing.T, text string) map[string]string {
	t.Helper()
	outputs := make(map[string]string)
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i := 0; i < len(lines) && lines[i] != ""; i++ {
		name, delimiter, ok := strings.Cut(lines[i], "<<")
		if before, value, simple := strings.Cut(lines[i], "="); simple && (!ok || len(before) < len(name)) {
			outputs[before] = value
			continue
		}
		require.True(t, ok, "not an output: %q", lines[i])
		begin := i + 1
		for i++; i < len(lines) && lines[i] != delimiter; i++ {
		}
		require.Less(t, i, len(lines), "no end of output %s", name)
		outputs[name] = strings.Join(lines[begin:i], "\n")
	}
	return outputs
}

var (
	expression = regexp.MustCompile(`\$\{\{ *(.*?) *\}\}`)
	comparison = regexp.MustCompile(`^(\S+) (==|!=) '([^']*)'$`)
)

// fill replaces the expressions of a text by their values.
func (r *run) fill(text string) string {
	return expression.ReplaceAllStringFunc(text, func(e string) string {
		return r.value(expression.FindStringSubmatch(e)[1])
	})
}

// holds evaluates a condition: comparisons, joined by "&&".
func (r *run) holds(condition string) bool {
	for part := range strings.SplitSeq(condition, " && ") {
		m := comparison.FindStringSubmatch(part)
		require.NotNil(r.t, m, "a condition that the test does not know: %s", part)
		if (r.value(m[1]) == m[3]) != (m[2] == "==") {
			return false
		}
	}
	return true
}

// value is that of a name in an expression.
func (r *run) value(name string) string {
	runner := map[string]string{"runner.temp": r.temp, "runner.os": "Linux", "runner.arch": "X64"}
	if value, ok := runner[name]; ok {
		return value
	}
	parts := strings.Split(name, ".")
	switch {
	case len(parts) == 2 && parts[0] == "inputs":
		input, ok := r.action.Inputs[parts[1]]
		require.True(r.t, ok, "no such input: %s", name)
		if value, given := r.inputs[parts[1]]; given {
			return value
		}
		return input.Default
	case len(parts) == 4 && parts[0] == "steps" && parts[2] == "outputs":
		return r.steps[parts[1]][parts[3]]
	}
	r.t.Fatalf("an expression that the test does not know: %s", name)
	return ""
}

// commands are the lines that GitHub would obey.
func (r *run) commands() []string {
	var commands []string
	stopped := ""
	for line := range strings.SplitSeq(r.stdout.String()+"\n"+r.stderr.String(), "\n") {
		token, stop := strings.CutPrefix(line, "::stop-commands::")
		switch {
		case stopped != "":
			if line == "::"+stopped+"::" {
				stopped = ""
			}
		case stop:
			stopped = token
		case strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, "##["):
			commands = append(commands, line)
		}
	}
	require.Empty(r.t, stopped, "commands stay stopped")
	return commands
}
