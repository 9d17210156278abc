package ci_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// hook is the example for pre-commit.
type hook struct {
	Repos []struct {
		Repo  string
		Hooks []struct {
			ID, Name, Entry, Language, Files string
			PassFilenames                    *bool `yaml:"pass_filenames"`
			Verbose                          bool
		}
	}
}

// onPath is an environment with tollgate on the PATH.
func onPath(t *testing.T) []string {
	t.Helper()
	bin := t.TempDir()
	require.NoError(t, os.Symlink(tollgate(t), filepath.Join(bin, "tollgate")))
	return environment(t, "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
}

func TestTheHookRunsTheGate(t *testing.T) {
	t.Parallel()
	var example hook
	load(t, "examples/pre-commit-config.yaml", &example)
	h := example.Repos[0].Hooks[0]
	require.False(t, *h.PassFilenames, "the gate knows its files")
	for want, change := range map[int]func(*testing.T, string){0: func(*testing.T, string) {}, 1: grow, 3: obscure} {
		dir := repository(t)
		change(t, dir)
		code, stdout, stderr := bash(t, h.Entry, dir, onPath(t))
		require.Equal(t, want, code, "%s%s", stdout, stderr)
		require.Equal(t, want == 0, stdout == "", "silent when nothing changed")
	}
}

func TestPreCommitStopsPromptsThatGrewAndNothingElse(t *testing.T) {
	t.Parallel()
	need(t, "pre-commit")
	need(t, "git")
	dir, env := repository(t), onPath(t)
	env = append(env, "GIT_AUTHOR_NAME=t", "GIT_AUTHOR_EMAIL=t@example.com", "GIT_COMMITTER_NAME=t", "GIT_COMMITTER_EMAIL=t@example.com")
	write(t, filepath.Join(dir, ".pre-commit-config.yaml"), read(t, "examples/pre-commit-config.yaml"))
	commit := func() (int, string) {
		code, stdout, stderr := bash(t, "git add .\ngit commit -m change", dir, env)
		return code, stdout + stderr
	}
	code, stdout, stderr := bash(t, "git init -q\npre-commit install", dir, env)
	require.Zero(t, code, "%s%s", stdout, stderr)
	code, said := commit()
	require.Zero(t, code, said)
	require.Regexp(t, `prompt cost\.+Passed`, said)

	write(t, filepath.Join(dir, "main.py"), "print()\n")
	code, said = commit()
	require.Zero(t, code, said)
	require.Regexp(t, `prompt cost\.+\(no files to check\)Skipped`, said)

	grow(t, dir)
	code, said = commit()
	require.Equal(t, 1, code, said)
	require.Regexp(t, `prompt cost\.+Failed`, said)
	require.Contains(t, said, "support-triage")
}
