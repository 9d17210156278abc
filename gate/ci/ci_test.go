// Package ci_test runs what this folder offers to other people's pipelines: the
// GitHub Action step by step, the job for GitLab, the hook for pre-commit and
// the workflow that comments, each in a repository made from the gate's example.
//
// It knows enough of how GitHub runs a composite action to do the same here, and
// stops at any expression it does not know. It does not know GitHub's own
// actions: it stands in for the cache, and passes over the rest.
package ci_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// example is the folder of the gate's example.
const example = "../example"

// program builds tollgate, once, and returns where it is.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "tollgate-test")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "tollgate")
	out, err := exec.Command("go", "build", "-o", path, "tollgate").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := program(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// tollgate returns the path of the program.
func tollgate(t *testing.T) string {
	t.Helper()
	path, err := program()
	require.NoError(t, err)
	return path
}

// need ends a test that has not the tool it needs: where CI is set to true it
// fails, so that what has to be shown is never passed over.
func need(t *testing.T, tool string) {
	t.Helper()
	if _, err := exec.LookPath(tool); err == nil {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is not installed", tool)
	}
	t.Skipf("%s is not installed", tool)
}

// repository returns a copy of the gate's example.
func repository(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS(example)))
	return dir
}

// grow replaces a prompt by the one that has grown too much.
func grow(t *testing.T, dir string) {
	t.Helper()
	const name = "support-triage.json"
	grown, err := os.ReadFile(filepath.Join(dir, "grown", name))
	require.NoError(t, err)
	write(t, filepath.Join(dir, "prompts", name), string(grown))
}

// obscure asks for a model that nobody knows.
func obscure(t *testing.T, dir string) {
	replace(t, dir, "prompts/chart.json", "kimi-k2.6", "kimi-unheard-of")
}

func replace(t *testing.T, dir, name, before, after string) {
	t.Helper()
	text := read(t, filepath.Join(dir, name))
	require.Contains(t, text, before)
	write(t, filepath.Join(dir, name), strings.Replace(text, before, after, 1))
}

func write(t *testing.T, path, text string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(text)
}

// environment is that of a machine of its own: no settings of this one, no
// vocabulary in the home directory, and a network that leads nowhere.
func environment(t *testing.T, more ...string) []string {
	t.Helper()
	env := []string{
		"HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH"), "TMPDIR=" + t.TempDir(),
		"http_proxy=http://127.0.0.1:1", "https_proxy=http://127.0.0.1:1",
	}
	return append(env, more...)
}

// goEnvironment is what a build needs of this machine.
func goEnvironment(t *testing.T) []string {
	t.Helper()
	env := []string{"http_proxy=" + os.Getenv("http_proxy"), "https_proxy=" + os.Getenv("https_proxy")}
	for _, name := range []string{"GOENV", "GOCACHE", "GOMODCACHE"} {
		value, err := exec.Command("go", "env", name).Output()
		require.NoError(t, err)
		env = append(env, name+"="+strings.TrimSpace(string(value)))
	}
	for _, setting := range os.Environ() {
		if name, _, _ := strings.Cut(setting, "="); strings.HasPrefix(name, "GO") || strings.HasSuffix(name, "_PROXY") {
			env = append(env, setting)
		}
	}
	return env
}

// bash runs a script as GitHub's "shell: bash" does, and returns its exit code
// and what it wrote.
func bash(t *testing.T, script, dir string, env []string) (code int, stdout, stderr string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "script.sh")
	write(t, file, script)
	return execute(t, dir, env, "bash", "--noprofile", "--norc", "-eo", "pipefail", file)
}

// execute runs a command and returns its exit code and what it wrote.
func execute(t *testing.T, dir string, env []string, name string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	need(t, name)
	cmd := exec.Command(name, args...)
	var out, said bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, env, &out, &said
	err := cmd.Run()
	require.NotNil(t, cmd.ProcessState, "%v", err)
	return cmd.ProcessState.ExitCode(), out.String(), said.String()
}
