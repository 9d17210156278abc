package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// example is the worked example of the gate.
const example = "../gate/example"

// exampleFolder is a copy of the worked example, with the prompts grown if
// that is asked for.
func exampleFolder(t *testing.T, grown bool) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS(example)))
	if !grown {
		return dir
	}
	files, err := os.ReadDir(filepath.Join(dir, "grown"))
	require.NoError(t, err)
	for _, f := range files {
		require.NoError(t, os.Rename(filepath.Join(dir, "grown", f.Name()), filepath.Join(dir, "prompts", f.Name())))
	}
	return dir
}

// held compares with a file of the example, or writes it.
func held(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join(example, name)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
		return
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got, "run go test ./cli -run Example -update")
}

func TestTheExamplesBaselineIsThatOfItsPrompts(t *testing.T) {
	t.Parallel()
	dir := exampleFolder(t, false)
	require.Equal(t, 0, gateIn(t, dir, nil, "--update-baseline").code)
	written, err := os.ReadFile(filepath.Join(dir, "tollgate.baseline.json"))
	require.NoError(t, err)
	held(t, "tollgate.baseline.json", string(written))
	r := gateIn(t, dir, nil, "--quiet-under", "1%")
	require.Equal(t, result{code: 0}, r)
}

func TestTheExamplesGrownPromptFailsAsTheReadmeShows(t *testing.T) {
	t.Parallel()
	dir := exampleFolder(t, true)
	table := gateIn(t, dir, nil)
	require.Equal(t, 1, table.code, table.stderr)
	held(t, "grown.txt", table.stdout)
	markdown := gateIn(t, dir, nil, "--format", "markdown")
	require.Equal(t, 1, markdown.code)
	held(t, "grown.md", markdown.stdout)
	for _, said := range []string{"growth over limit", "volatile text", "support-triage"} {
		require.Contains(t, table.stdout, said)
	}

	content, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	readme := string(content)
	from, to := blockOf(t, readme, "text")
	if *update {
		readme = readme[:from] + table.stdout + readme[to:]
		require.NoError(t, os.WriteFile("../README.md", []byte(readme), 0o600))
		return
	}
	require.Equal(t, strings.TrimSpace(table.stdout), strings.TrimSpace(readme[from:to]), "run go test ./cli -run Example -update")
}
