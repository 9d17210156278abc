package client_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the files into the README of the examples")

// exampleOutput is what the examples for each language print.
const exampleOutput = `send it: CNY 0.0162585 at most
at most 738 tokens of output: the call may cost CNY 0.1620585; the budget is CNY 0.02
tollgate answers 422: unknown model: did you mean "kimi-k3"? (GET /v1/models lists all that are known)
`

// A block of the README that names a file is that file.
func TestTheReadmeOfTheExamplesShowsTheFiles(t *testing.T) {
	t.Parallel()
	const path = "examples/README.md"
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	shown := 0
	block := regexp.MustCompile("(?s)(<!-- (\\S+) -->\n```\\w+\n)(.*?)(```\n)")
	want := block.ReplaceAllStringFunc(string(content), func(old string) string {
		parts := block.FindStringSubmatch(old)
		text := exampleOutput
		if parts[2] != "output" {
			file, err := os.ReadFile(filepath.Join("examples", parts[2]))
			require.NoError(t, err)
			text = string(file)
		}
		shown++
		return parts[1] + text + parts[4]
	})
	require.Equal(t, 4, shown)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(want), 0o600))
		return
	}
	require.Equal(t, want, string(content), "run go test ./api/client -run Readme -update")
}

// The lock file pins versions and hashes, and leaves the registry to whoever
// installs.
func TestTheLockFileNamesNoRegistry(t *testing.T) {
	t.Parallel()
	lock, err := os.ReadFile("examples/typescript/package-lock.json")
	require.NoError(t, err)
	require.Contains(t, string(lock), `"integrity"`)
	require.NotContains(t, string(lock), `"resolved"`)
	require.False(t, strings.Contains(string(lock), "://"), "an address")
}
