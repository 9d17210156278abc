package gate_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/estimator"
	"tollgate/gate"
	"tollgate/pricing"
)

func TestTheContractsExampleIsRead(t *testing.T) {
	t.Parallel()
	c, err := gate.ReadConfig("tollgate.yaml", strings.NewReader(`version: 1
currency: CNY
cases:
  - id: support-triage            # stable name, the key in the baseline
    request: prompts/triage.json
    completion_tokens: 600
    cached_share: 0.8
    calls: 10000
    limits: {max_cost: "0.02", max_prompt_tokens: 4000, min_headroom: 200000}
limits:
  max_total_cost: "150"
  max_growth: "10%"
`))
	require.NoError(t, err)
	require.Equal(t, pricing.CNY, c.Currency)
	require.Len(t, c.Cases, 1)
	share, err := estimator.ParseShare("0.8")
	require.NoError(t, err)
	budget, err := pricing.ParseAmount("0.02")
	require.NoError(t, err)
	total, err := pricing.ParseAmount("150")
	require.NoError(t, err)
	require.Equal(t, gate.CaseSpec{
		ID: "support-triage", Request: "prompts/triage.json", CompletionTokens: new(int64(600)), CachedShare: &share,
		Calls:  10000,
		Limits: gate.CaseLimits{MaxCost: &budget, MaxPromptTokens: new(int64(4000)), MinHeadroom: new(int64(200000))},
		Line:   4,
	}, c.Cases[0])
	require.Equal(t, total, *c.Limits.MaxTotalCost)
	require.Equal(t, "10.0%", c.Limits.MaxGrowth.String())
}

func TestMoneyIsReadFromItsDigits(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"0.1", `"0.1"`, "0.10"} {
		c, err := gate.ReadConfig("x", strings.NewReader(oneCase("limits: {max_cost: "+text+"}\n")))
		require.NoError(t, err)
		require.Equal(t, "0.1", c.Cases[0].Limits.MaxCost.String())
	}
}

func TestEveryMistakeOfAConfigurationIsNamedWithItsLine(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, config string
		says         []string
	}{
		{"nothing", "", []string{"empty"}},
		{"no version", "cases:\n  - {id: a, request: a}\n", []string{"version: want 1"}},
		{"another version", "version: 2\ncases:\n  - {id: a, request: a}\n", []string{"version: want 1"}},
		{"no cases", "version: 1\n", []string{"cases: there is none"}},
		{"an unknown key", "version: 1\nlimit: 1\ncases: []\n", []string{"line 2: key limit is not known here"}},
		{
			"unknown keys in cases", "version: 1\ncases:\n  - id: a\n    request: a\n    max_cost: 1\n    limits: {max_price: 1}\n",
			[]string{"line 5: key max_cost is not known here", "line 6: key max_price is not known here"},
		},
		{"a key twice", "version: 1\nversion: 1\n", []string{"line 2", "already defined at line 1"}},
		{
			"an id twice", "version: 1\ncases:\n  - {id: a, request: a}\n  - {id: a, request: b}\n",
			[]string{`line 4: id "a" is that of line 3`},
		},
		{"no id", "version: 1\ncases:\n  - {request: a}\n", []string{"line 3: the case has no id"}},
		{"no request", "version: 1\ncases:\n  - {id: a}\n", []string{"line 3: the case has neither request nor prompt"}},
		{"both", "version: 1\ncases:\n  - {id: a, request: a, prompt: b, model: m}\n", []string{"give one of them"}},
		{"a prompt without a model", "version: 1\ncases:\n  - {id: a, prompt: b}\n", []string{"wants a model"}},
		{"a request with a model", "version: 1\ncases:\n  - {id: a, request: b, model: m}\n", []string{"model goes with a prompt"}},
		{"a request with a system", "version: 1\ncases:\n  - {id: a, request: b, system: m}\n", []string{"system goes with a prompt"}},
		{
			"two assumptions", "version: 1\ncases:\n  - {id: a, request: a, cached_tokens: 1, cached_share: 0.5}\n",
			[]string{"not both"},
		},
		{"a growth without its sign", "version: 1\nlimits: {max_growth: 10}\ncases:\n  - {id: a, request: a}\n", []string{"line 2", "10%"}},
		{"a share over 1", "version: 1\ncases:\n  - {id: a, request: a, cached_share: 1.5}\n", []string{"line 3", "between 0 and 1"}},
		{"negative money", "version: 1\ncases:\n  - {id: a, request: a, limits: {max_cost: -1}}\n", []string{"line 3", "decimal"}},
		{"money that is a list", "version: 1\ncases:\n  - {id: a, request: a, limits: {max_cost: [1]}}\n", []string{"line 3", "one plain value"}},
		{"calls of none", "version: 1\ncases:\n  - {id: a, request: a, calls: 0}\n", []string{"line 3", "calls"}},
		{"another currency", "version: 1\ncurrency: EUR\ncases:\n  - {id: a, request: a}\n", []string{"line 2", "CNY"}},
		{"another basis", "version: 1\nbasis: median\ncases:\n  - {id: a, request: a}\n", []string{"line 2", "high, expected or low"}},
		{"another method", "version: 1\nmethod: guess\ncases:\n  - {id: a, request: a}\n", []string{"line 2", "tokenizer"}},
		{"no time", "version: 1\nat: yesterday\ncases:\n  - {id: a, request: a}\n", []string{"line 2", "RFC 3339"}},
		{"two documents", "version: 1\ncases:\n  - {id: a, request: a}\n---\nversion: 1\n", []string{"second document"}},
		{"no YAML", "version: [1\n", []string{"line"}},
		{"a list", "- version\n", []string{"line 1: a list is not what is wanted here"}},
		{"a text for a mapping", "version: 1\nlimits: none\n", []string{"line 2: text `none` is not"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := gate.ReadConfig("config.yaml", strings.NewReader(tt.config))
			wrong, ok := errors.AsType[*gate.ConfigError](err)
			require.True(t, ok, "%v", err)
			for _, s := range tt.says {
				require.Contains(t, wrong.Error(), s)
			}
			require.NotContains(t, wrong.Error(), "gate.", "nothing of our types")
		})
	}
}

func TestADateOrATimeIsAMoment(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"2026-06-01", "2026-06-01T00:00:00Z", `"2026-06-01"`} {
		c, err := gate.ReadConfig("x", strings.NewReader("at: "+at+"\n"+oneCase()))
		require.NoError(t, err)
		require.True(t, c.At.Equal(time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)))
	}
}

func TestAPercentageIsExact(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text, want string
		bad        bool
	}{
		{text: "10%", want: "10.0%"},
		{text: "2.55%", want: "2.5%"},
		{text: "0.0001%", want: "0.0001%"},
		{text: "0%", want: "0.0%"},
		{text: "250%", want: "250.0%"},
		{text: "10", bad: true},
		{text: "-1%", bad: true},
		{text: "+1%", bad: true},
		{text: "1.%", bad: true},
		{text: ".5%", bad: true},
		{text: "1e2%", bad: true},
		{text: "0.00001%", bad: true},
		{text: "99999999999999999999%", bad: true},
		{text: "%", bad: true},
		{text: "", bad: true},
	} {
		p, err := gate.ParsePercent(tt.text)
		if tt.bad {
			require.Error(t, err, tt.text)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, tt.want, p.String(), tt.text)
	}
}

// FuzzReadConfig checks that no configuration does more than be refused, and
// that what is read keeps the promises that the gate relies on.
func FuzzReadConfig(f *testing.F) {
	f.Add(oneCase("limits: {max_growth: 10%}\n"))
	f.Add("version: 1\ncases:\n  - {id: a, prompt: p, model: m, values: v, calls: 3}\n")
	f.Add("a: &a [*a]\n")
	f.Fuzz(func(t *testing.T, content string) {
		c, err := gate.ReadConfig("x", strings.NewReader(content))
		if err != nil {
			_, ok := errors.AsType[*gate.ConfigError](err)
			require.True(t, ok, "%v", err)
			return
		}
		seen := map[string]bool{}
		for i := range c.Cases {
			s := &c.Cases[i]
			require.NotEmpty(t, s.ID)
			require.False(t, seen[s.ID])
			seen[s.ID] = true
			require.NotEqual(t, s.Request == "", s.Prompt == "")
			require.Positive(t, s.Calls)
		}
		require.NotEmpty(t, c.Cases)
	})
}
