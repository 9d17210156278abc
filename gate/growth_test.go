package gate_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/estimator"
	"tollgate/gate"
)

func TestGrowthIsHeldInTokensAndInMoney(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("Please be thorough. ", 40)
	for _, tt := range []struct {
		name   string
		limit  string
		now    string
		config string
		want   []string
	}{
		{"it did not grow", "0%", long, "", nil},
		{"it grew by less than is allowed", "90%", long + long[:400], "", nil},
		{"it grew by more", "10%", long + long, "", []string{"growth_over_limit", "growth_over_limit"}},
		{"it shrank", "0%", long[:400], "", nil},
		{"only the output grew", "10%", long, "completion_tokens: 4000\n", []string{"growth_over_limit"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			limits := "limits: {max_growth: \"" + tt.limit + "\"}\n"
			r := newRepo(t, map[string]string{
				"tollgate.yaml": oneCase(limits, "completion_tokens: 100\n"), "a.json": chatOf(t, "user", long),
			})
			r.update()
			r.write("a.json", chatOf(t, "user", tt.now))
			if tt.config != "" {
				r.write("tollgate.yaml", oneCase(limits, tt.config))
			}
			found := r.report()
			require.Equal(t, tt.want, codes(only(t, found).Reasons))
			want := gate.Pass
			if tt.want != nil {
				want = gate.Fail
			}
			require.Equal(t, want, found.Outcome)
		})
	}
}

func TestGrowthIsAcceptedByWritingTheBaseline(t *testing.T) {
	t.Parallel()
	r := newRepo(t, map[string]string{"tollgate.yaml": oneCase("limits: {max_growth: 1%}\n"), "a.json": chatOf(t, "user", "Hello")})
	r.update()
	r.write("a.json", chatOf(t, "user", strings.Repeat("Hello again. ", 50)))
	require.Equal(t, gate.Fail, r.report().Outcome)
	accepted := r.update()
	require.Equal(t, gate.Pass, accepted.Outcome)
	require.Positive(t, only(t, accepted).Change.Tokens, "and what was accepted is told")
	require.Equal(t, gate.Unchanged, only(t, r.report()).State)
}

func TestTheCausesOfAChangeAddUpToIt(t *testing.T) {
	t.Parallel()
	before := oneCase("completion_tokens: 100\n", "cached_share: 0.5\n", "basis: expected\n")
	for _, tt := range []struct {
		name, config, request string
		causes                []string // that are not zero
	}{
		{"the prompt", before, chatOf(t, "user", strings.Repeat("Be thorough. ", 50)), []string{"prompt"}},
		{"the expected output", strings.Replace(before, "100", "200", 1), "", []string{"assumptions"}},
		{"the cached share", strings.Replace(before, "0.5", "0.9", 1), "", []string{"assumptions"}},
		{"the day's price", "at: 2026-02-01\n" + before, "", nil},
		{"the model", before, strings.Replace(chatOf(t, "user", strings.Repeat("Be kind. ", 30)), "k2.6", "k2.5", 1), []string{"model"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := newRepo(t, map[string]string{
				"tollgate.yaml": before, "a.json": chatOf(t, "user", strings.Repeat("Be kind. ", 30)),
			})
			r.update()
			r.write("tollgate.yaml", tt.config)
			if tt.request != "" {
				r.write("a.json", tt.request)
			}
			c := only(t, r.report())
			if tt.causes == nil {
				require.Nil(t, c.Change.Cost, "there was no price yet, which is not zero")
				require.Contains(t, codes(c.Reasons), "price_unknown")
				return
			}
			causes := c.Change.Causes
			var sum int64
			var moved []string
			for _, part := range []struct {
				name   string
				amount int64
			}{
				{"prompt", int64(*causes.Prompt)},
				{"assumptions", int64(*causes.Assumptions)},
				{"model", int64(*causes.Model)},
				{"price", int64(*causes.Price)},
				{"method", int64(*causes.Method)},
			} {
				sum += part.amount
				if part.amount != 0 {
					moved = append(moved, part.name)
				}
			}
			require.Equal(t, tt.causes, moved)
			require.Equal(t, int64(*c.Change.Cost), sum)
		})
	}
}

func TestAPriceChangeIsToldApartFromAPromptChange(t *testing.T) {
	t.Parallel()
	// Its price in USD was cut in November 2025.
	request := strings.Replace(chatOf(t, "user", strings.Repeat("Be kind. ", 30)), "kimi-k2.6", "kimi-k2-turbo-preview", 1)
	r := newRepo(t, map[string]string{"tollgate.yaml": "currency: USD\nat: 2025-10-01\n" + oneCase("completion_tokens: 100\n"), "a.json": request})
	r.update()
	r.write("tollgate.yaml", "currency: USD\nat: 2025-12-01\n"+oneCase("completion_tokens: 100\n"))
	c := only(t, r.report())
	require.Equal(t, *c.Change.Cost, *c.Change.Causes.Price)
	require.NotZero(t, *c.Change.Causes.Price)
	require.Zero(t, *c.Change.Causes.Prompt)
	require.Equal(t, gate.Changed, c.State)
}

func TestAnotherWayOfCountingIsNeverComparedInSilence(t *testing.T) {
	t.Parallel()
	exact := counterOf{method: estimator.MethodTokenizer, low: 100, prom: 100, high: 100}
	for _, tt := range []struct {
		name    string
		now     counterOf
		content string
		want    gate.Outcome
		reasons []string
	}{
		{"the same prompt", counterOf{method: estimator.MethodApproximation, low: 80, prom: 130, high: 140}, "Hello", gate.Warn, nil},
		{
			"another prompt, within what is allowed whatever it is",
			counterOf{method: estimator.MethodApproximation, low: 90, prom: 95, high: 105},
			"Hallo", gate.Warn, nil,
		},
		{
			"another prompt, above what is allowed whatever it is",
			counterOf{method: estimator.MethodApproximation, low: 120, prom: 130, high: 140},
			"Hallo", gate.Fail,
			[]string{"growth_over_limit"},
		},
		{
			"another prompt, and nobody knows",
			counterOf{method: estimator.MethodApproximation, low: 90, prom: 105, high: 140},
			"Hallo", gate.Unmeasured,
			[]string{"growth_unknown"},
		},
		{
			"another prompt without a bound",
			counterOf{method: estimator.MethodApproximation, low: 90, prom: 105, high: estimator.Unbounded},
			"Hallo", gate.Fail,
			[]string{"count_incomplete", "growth_unknown"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := newRepo(t, map[string]string{
				"tollgate.yaml": oneCase("limits: {max_growth: 10%}\n"), "a.json": chatOf(t, "user", "Hello"),
			})
			r.opts.Estimator, r.opts.Version = exact, func(m estimator.Method) string { return "v-" + string(m) }
			r.update()
			r.opts.Estimator = tt.now
			r.write("a.json", chatOf(t, "user", tt.content))
			found := r.report()
			c := only(t, found)
			require.Equal(t, tt.want, found.Outcome)
			require.Equal(t, tt.reasons, codes(c.Reasons))
			require.True(t, c.Change.MethodChanged)
			notes := fmt.Sprint(c.Notes)
			require.Contains(t, notes, "method_changed")
			if tt.content == "Hello" {
				require.Zero(t, *c.Change.TokensPrompt, "the prompt is the same: it did not grow")
				require.EqualValues(t, 30, *c.Change.TokensMethod)
			} else {
				require.Nil(t, c.Change.TokensPrompt)
			}
		})
	}
}

func TestGrowthWithoutABaselineIsRefused(t *testing.T) {
	t.Parallel()
	r := newRepo(t, map[string]string{"tollgate.yaml": oneCase("limits: {max_growth: 1%}\n"), "a.json": chatOf(t, "user", "Hello")})
	_, err := r.run()
	wrong, ok := errors.AsType[*gate.BaselineError](err)
	require.True(t, ok, "%v", err)
	require.Contains(t, wrong.Error(), "--update-baseline")
	r.update()
	require.Equal(t, gate.Pass, r.report().Outcome)
}
