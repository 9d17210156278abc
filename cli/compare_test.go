package cli_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/gate/term"
)

func TestTheComparisonIsWhatAPersonWants(t *testing.T) {
	t.Parallel()
	const several = "kimi-k2.6,kimi-k2.7-code-highspeed,kimi-k99,kimi-k3,kimi-k3.1-pro,kimi-k2.5"
	for _, tt := range []struct {
		name   string
		body   string
		args   []string
		colour bool
		code   int
	}{
		{name: "current", body: hello, args: []string{"--compare", "current"}},
		{name: "several", body: faulty, args: []string{"--compare", several, "--max-cost", "0.02"}, code: 1},
		{name: "budget", body: hello, args: []string{"--compare", several, "--max-cost", "0.5", "--currency", "USD"}, colour: true},
		{name: "nobody", body: hello, args: []string{"--compare", "kimi-k99"}, code: 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := runOn(t, tt.colour, tt.body, nil, append([]string{"estimate", "--at", day}, tt.args...)...)
			require.Equal(t, tt.code, r.code, "%+v", r)
			require.Empty(t, r.stderr)
			requireGolden(t, "compare_"+tt.name, r.stdout)
			for line := range strings.Lines(r.stdout) {
				require.LessOrEqual(t, term.Width(strings.TrimSuffix(line, "\n")), 80, line)
			}
		})
	}
}

func TestTheComparisonInJSONIsTheServices(t *testing.T) {
	t.Parallel()
	const anyModel = `{"messages":[{"role":"user","content":"Hello"}]}`
	r := run(t, anyModel, nil, "estimate", "--json", "--compare", "kimi-k3,kimi-k2.6", "--completion-tokens", "600", "--at", day)
	require.Equal(t, 0, r.code, "%+v", r)
	s := start(t)
	status, answer := s.post("/v1/estimate/compare?models=kimi-k3,kimi-k2.6&completion_tokens=600&at="+day, anyModel)
	require.Equal(t, 200, status)
	require.JSONEq(t, string(answer), r.stdout)
}

func TestAComparisonThatMakesNoSenseIsBadUsage(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"--compare", "kimi-k3,kimi-k3"}, {"--compare", "kimi-k3,"}, {"--compare", "kimi-k3", "--cached-share", "2"},
	} {
		r := run(t, hello, nil, append([]string{"estimate"}, args...)...)
		require.Equal(t, 2, r.code, "%+v", r)
		require.Empty(t, r.stdout)
		require.NotEmpty(t, r.stderr)
	}
}
