package ci_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// workflow is what the tests read of one for GitHub.
type workflow struct {
	Jobs map[string]struct{ Steps []step }
}

// readWorkflow reads the example. actionlint judges the rest of it.
func readWorkflow(t *testing.T) *workflow {
	t.Helper()
	all := make(map[string]any)
	load(t, "examples/github.yml", &all)
	require.Equal(t, map[string]any{"contents": "read"}, all["permissions"])
	w := &workflow{}
	decode(t, all, w)
	return w
}

func TestTheWorkflowPassesActionlint(t *testing.T) {
	t.Parallel()
	need(t, "actionlint")
	need(t, "git")
	// In one repository, so that the action's inputs and outputs are checked too.
	lint := func(text string) (int, string) {
		dir := t.TempDir()
		code, _, stderr := execute(t, dir, environment(t), "git", "init", "-q")
		require.Zero(t, code, stderr)
		write(t, filepath.Join(dir, "gate/ci/action.yml"), read(t, "action.yml"))
		write(t, filepath.Join(dir, ".github/workflows/x.yml"), strings.Replace(text, "OWNER/tollgate/gate/ci@v1", "./gate/ci", 1))
		code, stdout, _ := execute(t, dir, environment(t), "actionlint")
		return code, stdout
	}
	text := read(t, "examples/github.yml")
	code, stdout := lint(text)
	require.Zero(t, code, stdout)
	code, stdout = lint(strings.Replace(text, "quiet-under:", "loud-over:", 1))
	require.Equal(t, 1, code)
	require.Contains(t, stdout, "loud-over")
}

func TestEveryScriptPassesShellcheck(t *testing.T) {
	t.Parallel()
	need(t, "shellcheck")
	scripts := map[string]string{"gate.sh": read(t, "gate.sh")}
	steps := loadAction(t).Runs.Steps
	for _, job := range readWorkflow(t).Jobs {
		steps = append(steps, job.Steps...)
	}
	for i, s := range steps {
		if s.Run != "" {
			scripts[string(rune('a'+i))+".sh"] = "#!/bin/bash\n" + s.Run
		}
	}
	dir := t.TempDir()
	for name, script := range scripts {
		write(t, filepath.Join(dir, name), script)
	}
	args := append([]string{"--enable=all", "--exclude=SC2250,SC2310,SC2312,SC2154"}, slices.Sorted(maps.Keys(scripts))...)
	code, stdout, _ := execute(t, dir, environment(t), "shellcheck", args...)
	require.Zero(t, code, stdout)
}

// comment is one under a pull request, as GitHub's API has it.
type comment struct {
	ID   int    `json:"id"`
	Body string `json:"body"`
	User struct {
		Login string `json:"login"`
	} `json:"user"`
}

// github keeps the comments of pull request 7 of acme/desk, two on a page, and
// takes the requests that a proxy is sent.
type github struct {
	mu       sync.Mutex
	comments []comment
}

func (g *github) write(login, body string) *github {
	c := comment{ID: 100 + len(g.comments), Body: body}
	c.User.Login = login
	g.comments = append(g.comments, c)
	return g
}

// ServeHTTP answers the three calls of the API that are about comments.
func (g *github) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	const list, one = "/repos/acme/desk/issues/7/comments", "/repos/acme/desk/issues/comments/"
	var sent struct{ Body string }
	if r.Method != http.MethodGet {
		_ = json.NewDecoder(r.Body).Decode(&sent)
	}
	id, _ := strconv.Atoi(strings.TrimPrefix(r.URL.Path, one))
	switch {
	case r.Header.Get("Authorization") != "token t0ken":
		w.WriteHeader(http.StatusUnauthorized)
	case r.Method == http.MethodGet && r.URL.Path == list:
		g.list(w, r)
	case r.Method == http.MethodPost && r.URL.Path == list:
		g.write("github-actions[bot]", sent.Body)
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write([]byte("{}"))
	case r.Method == http.MethodPatch && id >= 100 && id < 100+len(g.comments):
		g.comments[id-100].Body = sent.Body
		_, _ = w.Write([]byte("{}"))
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

// list answers one page.
func (g *github) list(w http.ResponseWriter, r *http.Request) {
	page, _ := strconv.Atoi(r.URL.Query().Get("page"))
	page = max(1, page)
	from, to := min(len(g.comments), 2*page-2), min(len(g.comments), 2*page)
	if to < len(g.comments) {
		w.Header().Set("Link", fmt.Sprintf(`<http://%s%s?page=%d>; rel="next"`, r.Host, r.URL.Path, page+1))
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(g.comments[from:to])
}

// decode turns YAML that was read into what the test knows of it.
func decode(t *testing.T, from, into any) {
	t.Helper()
	text, err := yaml.Marshal(from)
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal(text, into))
}

// tell runs the step of the example's workflow that writes the comment, with
// the real gh.
func tell(t *testing.T, g *github, report string, quiet bool) {
	t.Helper()
	need(t, "gh")
	steps := readWorkflow(t).Jobs["comment"].Steps
	dir, last := t.TempDir(), steps[len(steps)-1]
	write(t, filepath.Join(dir, "report.md"), report)
	server := httptest.NewServer(g)
	defer server.Close()
	env := environment(t, "GITHUB_REPOSITORY=acme/desk", "NUMBER=7", "QUIET="+strconv.FormatBool(quiet), "GH_TOKEN=t0ken",
		"GH_HOST=github.localhost", "http_proxy="+server.URL) // a host that gh speaks plain HTTP with
	require.Len(t, last.Env, 3)
	code, stdout, stderr := bash(t, last.Run, dir, env)
	require.Zero(t, code, "%s%s", stdout, stderr)
	require.Empty(t, stdout)
}

func TestTheReportHasOneCommentThatIsKeptUpToDate(t *testing.T) {
	t.Parallel()
	const mine, bot = "<!-- tollgate-gate -->\n", "github-actions[bot]"
	g := new(github).write("somebody", mine+"of somebody else").write(bot, "of another workflow").write("somebody", "nice")

	tell(t, g, mine+"all is well", true)
	require.Len(t, g.comments, 3, "quiet: nobody is told that nothing happened")

	report := mine + "@first \"quoted\" $(touch obeyed) 100 % ❌\n"
	tell(t, g, report, false)
	require.Len(t, g.comments, 4)
	require.Equal(t, report, g.comments[3].Body)

	g.write("somebody", "oh")
	tell(t, g, mine+"second", false)
	tell(t, g, mine+"all is well", true)
	require.Len(t, g.comments, 5)
	require.Equal(t, mine+"all is well", g.comments[3].Body, "what is no longer so does not stay")
	require.Equal(t, mine+"of somebody else", g.comments[0].Body)
}
