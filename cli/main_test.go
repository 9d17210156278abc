package cli_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/api"
	"tollgate/cli"
	"tollgate/estimator/moonshot/fakevendor"
)

// result is what a command came to.
type result struct {
	code           int
	stdout, stderr string
}

// run runs a command in this process, with an environment of its own and no
// terminal.
func run(t *testing.T, stdin string, env map[string]string, args ...string) result {
	t.Helper()
	return runOn(t, false, stdin, env, args...)
}

// runOn runs a command whose standard output is a terminal, or not.
func runOn(t *testing.T, terminal bool, stdin string, env map[string]string, args ...string) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	home := t.TempDir()
	code := cli.Main(cli.Process{
		Args: args,
		LookupEnv: func(name string) (string, bool) {
			if name == "XDG_DATA_HOME" && env[name] == "" {
				return home, true
			}
			v, ok := env[name]
			return v, ok
		},
		Stdin:  strings.NewReader(stdin),
		Stdout: &stdout,
		Stderr: &stderr,

		Terminal: terminal,
	})
	return result{code, stdout.String(), stderr.String()}
}

func TestEveryBadSettingIsNamedAtOnce(t *testing.T) {
	t.Parallel()
	r := run(t, "", map[string]string{
		"MOONSHOT_BASE_URL":        "ftp://example.com",
		"TOLLGATE_ADDR":            "nowhere",
		"TOLLGATE_API_KEYS":        "file:/does/not/exist",
		"TOLLGATE_ALLOW_ANONYMOUS": "perhaps",
		"TOLLGATE_CACHE_ENTRIES":   "9223372036854775807",
		"TOLLGATE_CACHE_TTL":       "1 day",
		"TOLLGATE_MAX_BODY_BYTES":  "1e6",
		"TOLLGATE_MEMORY_BYTES":    "1000000",
		"TOLLGATE_SPOOL_BYTES":     "-1",
		"TOLLGATE_DRAIN_DELAY":     "-1s",
		"TOLLGATE_LOG_LEVEL":       "loud",
		"TOLLGATE_LOG_FORMAT":      "xml",
		"TOLLGATE_REDIS_URL":       "localhost:6379",
		"TOLLGATE_RATE_LIMIT":      "NaN",

		"TOLLGATE_VENDOR_RPM":         "many",
		"TOLLGATE_VENDOR_CONCURRENCY": "1000001",
		"TOLLGATE_VENDOR_PATIENCE":    "-1s",
	}, "serve")
	require.Equal(t, 2, r.code)
	for _, name := range []string{
		"MOONSHOT_BASE_URL", "TOLLGATE_ADDR", "TOLLGATE_API_KEYS", "TOLLGATE_ALLOW_ANONYMOUS", "TOLLGATE_CACHE_ENTRIES",
		"TOLLGATE_CACHE_TTL", "TOLLGATE_MAX_BODY_BYTES", "TOLLGATE_MEMORY_BYTES", "TOLLGATE_DRAIN_DELAY", "TOLLGATE_LOG_LEVEL", "TOLLGATE_LOG_FORMAT",
		"TOLLGATE_SPOOL_BYTES", "TOLLGATE_REDIS_URL", "TOLLGATE_RATE_LIMIT", "TOLLGATE_VENDOR_RPM", "TOLLGATE_VENDOR_CONCURRENCY", "TOLLGATE_VENDOR_PATIENCE",
	} {
		require.Contains(t, r.stderr, name)
	}
	require.Empty(t, r.stdout)
}

func TestListeningBeyondLoopbackNeedsKeysOrAWord(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:80", "example.com:80"} {
		r := run(t, "", map[string]string{"TOLLGATE_ADDR": addr}, "serve")
		require.Equal(t, 2, r.code, addr)
		require.Contains(t, r.stderr, "TOLLGATE_ALLOW_ANONYMOUS", addr)
	}
}

func TestSecretsAreNotRepeated(t *testing.T) {
	t.Parallel()
	const secret = "sk-canary-0123456789"
	for _, name := range []string{
		"TOLLGATE_ADDR", "MOONSHOT_BASE_URL", "TOLLGATE_CACHE_TTL", "TOLLGATE_LOG_LEVEL", "TOLLGATE_ALLOW_ANONYMOUS",
		"TOLLGATE_PRICES", "TOLLGATE_VOCAB", "TOLLGATE_REDIS_URL",
	} {
		r := run(t, hello, map[string]string{name: secret, "MOONSHOT_API_KEY": secret}, "estimate")
		require.Equal(t, 2, r.code, name)
		require.NotContains(t, r.stderr, secret, name)
	}
}

func TestExitCodesOfEstimate(t *testing.T) {
	t.Parallel()
	down := fakevendor.Start(t, fakevendor.Options{})
	down.Set(func(o *fakevendor.Options) { o.Keys = []string{"another"} })
	key := map[string]string{"MOONSHOT_API_KEY": fakevendor.Key, "MOONSHOT_BASE_URL": down.URL}
	for _, tt := range []struct {
		name   string
		body   string
		env    map[string]string
		args   []string
		code   int
		stdout string
		stderr string
	}{
		{name: "allowed", body: hello, code: 0, stdout: "allow"},
		{name: "allowed with caps", body: hello, args: []string{"--max-cost", "0.1"}, code: 0, stdout: "allow with caps"},
		{name: "denied", body: hello, args: []string{"--max-prompt-tokens", "2"}, code: 1, stdout: "deny"},
		{name: "denied, as JSON", body: hello, args: []string{"--json", "--max-prompt-tokens", "2"}, code: 1, stdout: `"deny"`},
		{name: "not JSON", body: "{", code: 2, stderr: "ends early"},
		{name: "unknown model", body: strings.Replace(hello, "k2.6", "k2.66", 1), code: 2, stderr: `did you mean "kimi-k2.6"`},
		{name: "unknown model, and where the known ones are", body: strings.Replace(hello, "k2.6", "k2.66", 1), code: 2, stderr: "(tollgate models lists"},
		{name: "unknown option", body: hello, args: []string{"--max-price", "1"}, code: 2, stderr: "--max-price"},
		{name: "bad option", body: hello, args: []string{"--max-cost", "cheap"}, code: 2, stderr: "max_cost"},
		{name: "no such file", args: []string{"missing.json"}, code: 2, stderr: "no such file"},
		{name: "no vocabulary", body: hello, args: []string{"--method", "tokenizer"}, code: 2, stderr: "TOLLGATE_VOCAB"},
		{name: "vendor refuses", body: hello, env: key, args: []string{"--method", "vendor"}, code: 3, stderr: "platform"},
		{name: "vendor refuses, local count", body: hello, env: key, code: 0, stdout: "vendor unavailable"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := run(t, tt.body, tt.env, append([]string{"estimate"}, tt.args...)...)
			require.Equal(t, tt.code, r.code, "%+v", r)
			require.Contains(t, r.stdout, tt.stdout)
			require.Contains(t, r.stderr, tt.stderr)
		})
	}
}

func TestEstimateReadsAFileAndPrintsWhatTheServiceAnswers(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "request.json")
	require.NoError(t, os.WriteFile(file, []byte(hello), 0o600))
	r := run(t, "", nil, "estimate", "--json", "--completion-tokens", "600", file)
	require.Equal(t, 0, r.code, r.stderr)
	var est api.Estimate
	require.NoError(t, json.Unmarshal([]byte(r.stdout), &est))
	require.EqualValues(t, 600, est.Usage.CompletionTokens)

	s := start(t)
	_, answer := s.post("/v1/estimate?completion_tokens=600", hello)
	require.JSONEq(t, string(answer), r.stdout)
}

func TestTheTableSaysUnitAndCurrency(t *testing.T) {
	t.Parallel()
	r := run(t, hello, nil, "estimate", "--currency", "USD", "--completion-tokens", "1000000")
	require.Equal(t, 0, r.code, r.stderr)
	for _, want := range []string{"Tokens of", "Cost in USD", "USD per million", "1,000,000", "Window of 262,144 tokens", "Verdict"} {
		require.Contains(t, r.stdout, want)
	}
}

func TestModelsListsTheCatalogue(t *testing.T) {
	t.Parallel()
	r := run(t, "", nil, "models")
	require.Equal(t, 0, r.code, r.stderr)
	require.Contains(t, r.stdout, "kimi-k2.5")
	require.Contains(t, r.stdout, "unknown", "kimi-k3.1-pro has no price in CNY")
	r = run(t, "", nil, "models", "--json")
	require.True(t, json.Valid([]byte(r.stdout)))
	r = run(t, "", nil, "models", "--currency", "EUR")
	require.Equal(t, 2, r.code)
}

func TestVersionSaysWhatItIs(t *testing.T) {
	t.Parallel()
	r := run(t, "", nil, "version")
	require.Equal(t, 0, r.code)
	require.Contains(t, r.stdout, "tollgate ")
	require.Contains(t, r.stdout, "prices sha256:")
}

func TestHelpAndBadUsage(t *testing.T) {
	t.Parallel()
	require.Equal(t, 0, run(t, "", nil, "--help").code)
	require.Equal(t, 2, run(t, "", nil, "frobnicate").code)
}

func TestHealthcheckAsksARunningService(t *testing.T) {
	t.Parallel()
	s := start(t)
	env := map[string]string{"TOLLGATE_ADDR": strings.TrimPrefix(s.url, "http://")}
	require.Equal(t, 0, run(t, "", env, "healthcheck").code)
	require.Equal(t, 0, run(t, "", env, "healthcheck", "--ready").code)
	s.term()
	s.stopped()
	require.Equal(t, 1, run(t, "", env, "healthcheck").code)
	require.Equal(t, 2, run(t, "", map[string]string{"TOLLGATE_ADDR": "x"}, "healthcheck").code)
}
