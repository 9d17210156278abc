//go:build clients

package client_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// They want node, npm with a registry, and python3.
//
//	go test -tags clients ./api/client

// runs runs a command in a folder and returns what it printed.
func runs(t *testing.T, dir string, env []string, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, "%s%s", out, stderr.String())
	return string(out)
}

// copied is a copy of the files of a folder of examples, where what is installed
// and built does no harm.
func copied(t *testing.T, folder string) string {
	t.Helper()
	dir, from := t.TempDir(), filepath.Join("examples", folder)
	entries, err := os.ReadDir(from)
	require.NoError(t, err)
	for _, e := range entries {
		if e.IsDir() {
			continue // somebody installed or built there
		}
		content, err := os.ReadFile(filepath.Join(from, e.Name()))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, e.Name()), content, 0o600))
	}
	return dir
}

// around is everything that a client of any language may meet at its address,
// and what the example prints then.
func around(t *testing.T) map[string]string {
	t.Helper()
	reached := &atomic.Int32{}
	elsewhere := listen(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	t.Cleanup(func() { require.Zero(t, reached.Load(), "a redirect was followed") })
	answers := func(status int, body string) string {
		return listen(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}))
	}
	busy := &atomic.Int32{}
	h, err := handler()
	require.NoError(t, err)
	recovers := listen(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if busy.Add(1)%2 == 1 {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		h.ServeHTTP(w, r)
	}))
	away := strings.Repeat("nobody can tell for now: try again later\n", 3)
	return map[string]string{
		serve(t):                exampleOutput,
		recovers:                exampleOutput,
		"http://127.0.0.1:1":    away,
		answers(500, "{}"):      away,
		answers(429, "busy"):    away,
		answers(200, "<html>"):  strings.Repeat("tollgate answers 200: and not as tollgate does\n", 3),
		answers(200, "[]"):      strings.Repeat("tollgate answers 200: and not as tollgate does\n", 3),
		answers(404, `{"a":1}`): strings.Repeat("tollgate answers 404: and not as tollgate does\n", 3),
		listen(t, http.RedirectHandler(elsewhere, http.StatusTemporaryRedirect)): strings.Repeat("tollgate answers 307: and not as tollgate does\n", 3),
	}
}

func TestThePythonExampleRuns(t *testing.T) {
	t.Parallel()
	dir := copied(t, "python")
	for url, want := range around(t) {
		require.Equal(t, want, runs(t, dir, []string{"TOLLGATE_URL=" + url}, "python3", "example.py"))
	}

	require.NoError(t, os.WriteFile(filepath.Join(dir, "guard.py"), []byte(`
import os
from decimal import Decimal
from tollgate import Denied, Tollgate

made = []
tollgate = Tollgate(os.environ["TOLLGATE_URL"])
create = tollgate.guard(lambda **params: made.append(params) or "made", currency="CNY", max_cost=Decimal("0.020"))
hello = {"model": "kimi-k2.6", "messages": [{"role": "user", "content": "Hello"}]}
print(create(**hello, max_tokens=9, timeout=3, extra_headers={"X": "y"}))
for over in [{}, {"max_tokens": 9, "extra_body": {"max_completion_tokens": 9999}}]:
    try:
        create(**hello, **over)
    except Denied as denied:
        print(denied.max_completion_tokens)
try:
    tollgate.check(hello, currency="CNY", max_cost=0.02)
except TypeError as error:
    print(error)
print(len(made), made[0]["timeout"])
`), 0o600))
	require.Equal(t, "made\n738\n738\nmoney is text or a Decimal, such as \"0.02\"\n1 3\n",
		runs(t, dir, []string{"TOLLGATE_URL=" + serve(t)}, "python3", "guard.py"))
}

func TestTheTypeScriptExamplesRun(t *testing.T) {
	t.Parallel()
	dir := copied(t, "typescript")
	runs(t, dir, nil, "npm", "ci", "--no-fund", "--no-audit", "--loglevel=error")
	runs(t, dir, nil, "npm", "run", "build", "--silent") // which checks the types
	for url, want := range around(t) {
		require.Equal(t, want, runs(t, dir, []string{"TOLLGATE_URL=" + url}, "node", "dist/fetch.js"))
	}

	var bodies []string
	vendor := listen(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		bodies = append(bodies, r.URL.Path+" "+string(body))
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"Hi"}}]}`)
	}))
	env := []string{"TOLLGATE_URL=" + serve(t), "MOONSHOT_API_KEY=sk-vendor", "MOONSHOT_BASE_URL=" + vendor + "/v1"}
	require.Equal(t, "Hi\nnot sent: cost_over_budget\n", runs(t, dir, env, "node", "dist/openai.js"))
	require.Len(t, bodies, 1, "what is denied does not reach the vendor, nor is it tried again")
	path, body, _ := strings.Cut(bodies[0], " ")
	require.Equal(t, "/v1/chat/completions", path)
	require.JSONEq(t, `{"model":"kimi-k2.6","max_completion_tokens":600,"messages":[{"role":"user","content":"Hello"}]}`, body)
}

// What budgetFetch does with each call, by the status that its caller sees.
func TestTheTypeScriptFetchFailsClosed(t *testing.T) {
	t.Parallel()
	dir := copied(t, "typescript")
	runs(t, dir, nil, "npm", "ci", "--no-fund", "--no-audit", "--loglevel=error")
	runs(t, dir, nil, "npm", "run", "build", "--silent")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "closed.mjs"), []byte(`
import { budgetFetch, Tollgate } from "./dist/tollgate.js";

const budget = { currency: "CNY", max_cost: "0.02" };
const away = new Tollgate({ baseURL: "http://127.0.0.1:1" });
const here = new Tollgate({ baseURL: process.env.TOLLGATE_URL });
const chat = process.env.VENDOR_URL + "/v1/chat/completions";
const hello = { model: "kimi-k2.6", max_tokens: 9, messages: [{ role: "user", content: "Hello" }] };
const init = (body) => ({ method: "POST", body: typeof body === "string" ? body : JSON.stringify(body) });
const seen = {};
const see = async (name, call) => { seen[name] = await call.then((r) => r.status, (e) => e.name); };
await see("allowed", budgetFetch(here, budget)(chat, init(hello)));
await see("over", budgetFetch(here, budget)(chat, init({ ...hello, max_tokens: 9999 })));
await see("unknown model", budgetFetch(here, budget)(chat, init({ ...hello, model: "kimi-k9" })));
await see("no price", budgetFetch(here, budget)(chat, init({ ...hello, model: "kimi-k3.1-pro" })));
await see("no JSON", budgetFetch(here, budget)(chat, init("{")));
await see("no text", budgetFetch(here, budget)(chat, { method: "POST", body: new Blob(["{}"]) }));
await see("a Request", budgetFetch(here, budget)(new Request(chat, init(hello))));
await see("a number", budgetFetch(here, { ...budget, max_cost: 0.02 })(chat, init(hello)));
await see("away", budgetFetch(away, budget)(chat, init(hello)));
await see("given up", budgetFetch(here, budget)(chat, { ...init(hello), signal: AbortSignal.abort() }));
const before = (await (await fetch(process.env.VENDOR_URL)).json()).length;
await see("away, allowed", budgetFetch(away, budget, "allow")(chat, init(hello)));
await see("unknown model, allowed when away", budgetFetch(here, budget, "allow")(chat, init({ ...hello, model: "kimi-k9" })));
await see("another path", budgetFetch(away, budget)(process.env.VENDOR_URL + "/v1/models"));
console.log(JSON.stringify({ before, seen }));
`), 0o600))
	var bodies []string
	vendor := listen(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if body, _ := io.ReadAll(r.Body); len(body) > 0 {
			bodies = append(bodies, string(body))
		}
		_ = json.NewEncoder(w).Encode(bodies)
	}))
	out := runs(t, dir, []string{"TOLLGATE_URL=" + serve(t), "VENDOR_URL=" + vendor}, "node", "closed.mjs")
	require.JSONEq(t, `{"before":1,"seen":{"allowed":200,"over":402,"unknown model":422,"no price":402,"no JSON":422,"no text":422,
		"a Request":422,"a number":"TypeError","away":503,"given up":"AbortError","away, allowed":200,
		"unknown model, allowed when away":422,"another path":200}}`, out)
	require.Len(t, bodies, 2)
}
