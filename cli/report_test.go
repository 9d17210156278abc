package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/gate/term"
)

// faulty is a request for a retired model with several things to find.
const faulty = `{"model":"kimi-k2.5","temperature":0.3,"max_tokens":100,"messages":[
	{"role":"system","content":"你是客服。请把来信分类。"},
	{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://example.com/a.png"}}]}],
	"tools":[{"type":"function","function":{"name":"客服 分类","parameters":{"type":"object"}}}]}`

// day is when the prices of the recorded reports applied.
const day = "2026-09-15"

// requireGolden compares an output with the recorded one.
func requireGolden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".txt")
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o750))
		require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "run go test ./cli -run Report -update")
	require.Equal(t, string(want), got, "run go test ./cli -run Report -update")
}

func TestTheReportIsWhatAPersonWants(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		body   string
		args   []string
		colour bool
		code   int
	}{
		{name: "allow", body: hello, args: []string{"--completion-tokens", "600", "--breakdown", "messages"}},
		{name: "allow_with_caps", body: hello, args: []string{"--max-cost", "0.1"}},
		{name: "window_exceeded", body: hello, args: []string{"--completion-tokens", "300000", "--currency", "USD"}},
		{name: "deny", body: faulty, args: []string{"--max-cost", "0.00001"}, code: 1},
		{name: "price_unknown", body: strings.Replace(hello, "k2.6", "k3.1-pro", 1), code: 1},
		{
			name: "limits", body: hello, code: 1,
			args: []string{"--max-prompt-tokens", "2", "--min-headroom", "262144", "--max-cost", "0.5", "--cached-tokens", "5"},
		},
		{name: "allow_in_colour", body: hello, colour: true},
		{name: "allow_with_caps_in_colour", body: hello, args: []string{"--max-cost", "0.1"}, colour: true},
		{name: "deny_in_colour", body: faulty, colour: true, code: 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := runOn(t, tt.colour, tt.body, nil, append([]string{"estimate", "--at", day}, tt.args...)...)
			require.Equal(t, tt.code, r.code, "%+v", r)
			require.Empty(t, r.stderr)
			requireGolden(t, "estimate_"+tt.name, r.stdout)
			for line := range strings.Lines(r.stdout) {
				if !strings.Contains(line, "https://") { // an address stays whole
					require.LessOrEqual(t, term.Width(strings.TrimSuffix(line, "\n")), 80, line)
				}
			}
		})
	}
}

func TestAReportIsPlainButOnATerminalThatWantsColours(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		terminal bool
		env      map[string]string
		colour   bool
	}{
		{name: "a terminal", terminal: true, colour: true},
		{name: "a pipe"},
		{name: "a pipe, whatever TERM says", env: map[string]string{"TERM": "xterm-256color"}},
		{name: "NO_COLOR", terminal: true, env: map[string]string{"NO_COLOR": "1"}},
		{name: "NO_COLOR is 0, which is something", terminal: true, env: map[string]string{"NO_COLOR": "0"}},
		{name: "NO_COLOR is empty", terminal: true, env: map[string]string{"NO_COLOR": ""}, colour: true},
		{name: "a dumb terminal", terminal: true, env: map[string]string{"TERM": "dumb"}},
		{name: "another terminal", terminal: true, env: map[string]string{"TERM": "xterm"}, colour: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := runOn(t, tt.terminal, hello, tt.env, "estimate")
			require.Equal(t, 0, r.code, r.stderr)
			require.Equal(t, tt.colour, strings.Contains(r.stdout, "\x1b["), r.stdout)
			if !tt.colour {
				require.Empty(t, strings.Trim(r.stdout, "\n"+printable()), "only ASCII")
			}
		})
	}
}

// printable is the characters of ASCII that are seen, and the space.
func printable() string {
	var b strings.Builder
	for c := byte(' '); c <= '~'; c++ {
		b.WriteByte(c)
	}
	return b.String()
}

// JSON is for programs: a terminal changes nothing.
func TestJSONHasNoColours(t *testing.T) {
	t.Parallel()
	r := runOn(t, true, hello, nil, "estimate", "--json")
	require.Equal(t, 0, r.code, r.stderr)
	require.NotContains(t, r.stdout, "\x1b")
}

func TestTheReportSaysHowLongAModelLives(t *testing.T) {
	t.Parallel()
	old := strings.Replace(hello, "k2.6", "k2.5", 1)
	r := run(t, old, nil, "estimate", "--at", "2026-08-30")
	require.Contains(t, r.stdout, "kimi-k2.5 (live until 2026-08-31, then use kimi-k2.6)")
	r = run(t, old, nil, "estimate", "--at", "2026-08-31")
	require.Contains(t, r.stdout, "kimi-k2.5 (retired 2026-08-31, use kimi-k2.6)")
	r = run(t, hello, nil, "estimate", "--at", day)
	require.Contains(t, r.stdout, "kimi-k2.6 (live)")
}
