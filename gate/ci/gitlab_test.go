package ci_test

import (
	"encoding/xml"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// gitlab is the example for GitLab.
type gitlab struct {
	Job struct {
		Image     string
		Rules     []map[string]string
		Variables map[string]string
		Cache     struct {
			Key   string
			Paths []string
		}
		BeforeScript []string `yaml:"before_script"`
		Script       []string
		AllowFailure struct {
			ExitCodes []int `yaml:"exit_codes"`
		} `yaml:"allow_failure"`
		Artifacts struct {
			When     string
			ExposeAs string `yaml:"expose_as"`
			Paths    []string
			Reports  struct {
				JUnit string `yaml:"junit"`
			}
		}
	} `yaml:"prompt-cost"`
}

func TestTheJobForGitLabGatesAndKeepsItsReports(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*testing.T, string)
		code   int
		allows bool // the pipeline goes on
	}{
		"the example": {func(*testing.T, string) {}, 0, true},
		"grown":       {grow, 1, false},
		"unmeasured":  {obscure, 3, true},
		"misspelt":    {func(t *testing.T, dir string) { replace(t, dir, "tollgate.yaml", "limits:", "limit:") }, 2, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var example gitlab
			load(t, "examples/gitlab-ci.yml", &example)
			job, dir := &example.Job, repository(t)
			test.change(t, dir)
			bin := filepath.Join(dir, ".go/tollgate/bin")
			require.NoError(t, os.MkdirAll(bin, 0o755))
			require.NoError(t, os.Symlink(tollgate(t), filepath.Join(bin, "tollgate")))
			code, stdout, stderr := bash(t, strings.Join(job.Script, "\n"), dir, environment(t))
			require.Equal(t, test.code, code, "%s%s", stdout, stderr)
			require.Equal(t, test.allows, code == 0 || slices.Contains(job.AllowFailure.ExitCodes, code))
			require.Equal(t, "always", job.Artifacts.When, "the reports of a failed job matter most")
			if code == 2 {
				return
			}
			for _, path := range job.Artifacts.Paths {
				require.FileExists(t, filepath.Join(dir, path))
			}
			junit := read(t, filepath.Join(dir, job.Artifacts.Reports.JUnit))
			require.NoError(t, xml.Unmarshal([]byte(junit), new(struct {
				XMLName xml.Name `xml:"testsuites"`
			})))
		})
	}
}

func TestTheJobForGitLabBuildsWhatItIsTold(t *testing.T) {
	t.Parallel()
	need(t, "git")
	var example gitlab
	load(t, "examples/gitlab-ci.yml", &example)
	source, env := t.TempDir(), append(environment(t), goEnvironment(t)...)
	write(t, filepath.Join(source, "go.mod"), "module tollgate\n\ngo 1.26\n")
	write(t, filepath.Join(source, "main.go"), "package main\n\nfunc main() { println(\"built\") }\n")
	code, commit, stderr := bash(t, `git init -q
		git add .
		git -c user.name=t -c user.email=t@example.com commit -qm first
		git tag v1
		git rev-parse HEAD`, source, env)
	require.Zero(t, code, stderr)
	for _, ref := range []string{"v1", strings.TrimSpace(commit)} {
		dir := t.TempDir()
		script := strings.Join(example.Job.BeforeScript, "\n")
		code, stdout, stderr := bash(t, script, dir, append(env, "TOLLGATE_REPOSITORY=file://"+source, "TOLLGATE_REF="+ref))
		require.Zero(t, code, "%s%s", stdout, stderr)
		_, _, stderr = execute(t, dir, env, filepath.Join(dir, ".go/tollgate/bin/tollgate"))
		require.Equal(t, "built\n", stderr)
	}
}
