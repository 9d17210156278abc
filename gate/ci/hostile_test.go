package ci_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// hostile are texts that do what they say where they are read as more than
// text, each in its own way.
var hostile = []string{
	"$(touch obeyed)`touch obeyed`;touch obeyed;",
	"\"; touch obeyed; \"",
	"'; touch obeyed; '",
	"-x%\"'\\\n::error::obeyed\n$(touch obeyed)\noutcome=obeyed\nEOF\r::add-mask::obeyed ${{ github.token }} *",
}

func TestNoInputIsEverRun(t *testing.T) {
	t.Parallel()
	for name := range loadAction(t).Inputs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, text := range hostile {
				requireNotObeyed(t, use(t, repository(t), map[string]string{name: text}))
			}
		})
	}
}

func TestNothingInARepositoryIsEverRun(t *testing.T) {
	t.Parallel()
	quoted, err := json.Marshal(strings.Join(hostile, ""))
	require.NoError(t, err)
	for name, change := range map[string]func(t *testing.T, dir string){
		"an id": func(t *testing.T, dir string) { replace(t, dir, "tollgate.yaml", "id: chart", "id: "+string(quoted)) },
		"a member": func(t *testing.T, dir string) {
			replace(t, dir, "tollgate.yaml", "version: 1", string(quoted)+": 1\nversion: 1")
		},
		"a limit":    func(t *testing.T, dir string) { replace(t, dir, "tollgate.yaml", `"600"`, string(quoted)) },
		"a model":    func(t *testing.T, dir string) { replace(t, dir, "prompts/chart.json", `"kimi-k2.6"`, string(quoted)) },
		"a variable": func(t *testing.T, dir string) { write(t, dir+"/prompts/summary.values.yaml", string(quoted)+": x\n") },
		"the baseline": func(t *testing.T, dir string) {
			write(t, dir+"/tollgate.baseline.json", `{"version":`+string(quoted)+"}")
		},
		"a file": func(t *testing.T, dir string) {
			name := "prompts/a\n::error::obeyed\n$(touch obeyed).json"
			write(t, filepath.Join(dir, name), read(t, filepath.Join(dir, "grown/support-triage.json")))
			replace(t, dir, "tollgate.yaml", "prompts/support-triage.json", "prompts/*.json")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := repository(t)
			change(t, dir)
			requireNotObeyed(t, use(t, dir, nil))
		})
	}
}

// requireNotObeyed makes sure that a hostile text did nothing.
func requireNotObeyed(t *testing.T, r *run) {
	t.Helper()
	for _, root := range []string{r.dir, r.temp, "."} {
		require.NoError(t, filepath.WalkDir(root, func(path string, _ os.DirEntry, err error) error {
			require.NotEqual(t, "obeyed", filepath.Base(path))
			return err
		}))
	}
	for _, command := range r.commands() {
		require.NotRegexp(t, `^\s*::(error::obeyed|add-mask)|##\[`, command)
	}
	require.NotContains(t, r.outputs["outcome"], "obeyed")
	for name := range r.steps["gate"] {
		require.Contains(t, r.action.Outputs, name)
	}
}
