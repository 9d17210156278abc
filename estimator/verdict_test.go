package estimator_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tollgate/estimator"
	"tollgate/pricing"
)

func TestVerdictNamesEveryLimitThatIsBroken(t *testing.T) {
	t.Parallel()
	small := counts(900, 1000, 1100)
	for _, tt := range []struct {
		name     string
		count    estimator.Count
		query    estimator.Query
		members  []string
		decision estimator.Decision
		reasons  []estimator.ReasonCode
		caps     *estimator.Caps
	}{
		{
			name: "within every limit", count: small, decision: estimator.Allow,
			query: estimator.Query{
				MaxCost: amount(t, "0.692528"), MaxPromptTokens: new(int64(1100)), MinHeadroom: new(int64(261044)),
			},
		},
		{
			name: "a budget that a smaller output keeps", count: small, decision: estimator.AllowWithCaps,
			query:   estimator.Query{MaxCost: amount(t, "0.692527")},
			reasons: []estimator.ReasonCode{estimator.CostOverBudget},
			caps:    &estimator.Caps{MaxCompletionTokens: 32767, Binding: estimator.BindingBudget},
		},
		{
			name: "a budget for one token of output", count: small, decision: estimator.AllowWithCaps,
			query:   estimator.Query{MaxCost: amount(t, "0.004421")},
			reasons: []estimator.ReasonCode{estimator.CostOverBudget},
			caps:    &estimator.Caps{MaxCompletionTokens: 1, Binding: estimator.BindingBudget},
		},
		{
			name: "a budget that the prompt alone breaks", count: small, decision: estimator.Deny,
			query:   estimator.Query{MaxCost: amount(t, "0.0044")},
			reasons: []estimator.ReasonCode{estimator.CostOverBudget},
		},
		{
			name: "no budget at all", count: small, decision: estimator.Deny,
			query:   estimator.Query{MaxCost: amount(t, "0")},
			reasons: []estimator.ReasonCode{estimator.CostOverBudget},
		},
		{
			name: "the expected cost as the basis", count: small, decision: estimator.AllowWithCaps,
			query: estimator.Query{
				MaxCost: amount(t, "0.1"), Basis: estimator.BasisExpected, CachedTokens: new(int64(1000)),
			},
			reasons: []estimator.ReasonCode{estimator.CostOverBudget},
			caps:    &estimator.Caps{MaxCompletionTokens: 4728, Binding: estimator.BindingBudget}, // (0.1 - 0.0007) / 21 a million
		},
		{
			name: "the low cost as the basis", count: small, decision: estimator.Allow,
			query: estimator.Query{MaxCost: amount(t, "0.00063"), Basis: estimator.BasisLow},
		},
		{
			name: "a low cost over the budget, which no smaller output mends", count: small, decision: estimator.Deny,
			query:   estimator.Query{MaxCost: amount(t, "0.000629"), Basis: estimator.BasisLow},
			reasons: []estimator.ReasonCode{estimator.CostOverBudget},
		},
		{
			name: "a window that a smaller output keeps", count: counts(240000, 240000, 240100), decision: estimator.AllowWithCaps,
			reasons: []estimator.ReasonCode{estimator.ContextWindowExceeded},
			caps:    &estimator.Caps{MaxCompletionTokens: 22044, Binding: estimator.BindingWindow},
		},
		{
			name: "window and budget, where the budget binds", count: counts(240000, 240000, 240000), decision: estimator.AllowWithCaps,
			query:   estimator.Query{MaxCost: amount(t, "1.17")},
			reasons: []estimator.ReasonCode{estimator.ContextWindowExceeded, estimator.CostOverBudget},
			caps:    &estimator.Caps{MaxCompletionTokens: 10000, Binding: estimator.BindingBudget},
		},
		{
			name: "window and budget, where the window binds", count: counts(240000, 240000, 240000), decision: estimator.AllowWithCaps,
			query:   estimator.Query{MaxCost: amount(t, "1.5")},
			reasons: []estimator.ReasonCode{estimator.ContextWindowExceeded, estimator.CostOverBudget},
			caps:    &estimator.Caps{MaxCompletionTokens: 22144, Binding: estimator.BindingWindow},
		},
		{
			name: "a prompt that alone is too long", count: counts(262200, 262200, 262200), decision: estimator.Deny,
			reasons: []estimator.ReasonCode{estimator.RequestInvalid, estimator.ContextWindowExceeded},
		},
		{
			name: "a prompt that may fill the window", count: counts(262000, 262100, 262144), decision: estimator.Deny,
			reasons: []estimator.ReasonCode{estimator.ContextWindowExceeded},
		},
		{
			name: "limits of the prompt", count: small, decision: estimator.Deny,
			query:   estimator.Query{MaxPromptTokens: new(int64(1099)), MinHeadroom: new(int64(261045))},
			reasons: []estimator.ReasonCode{estimator.PromptOverLimit, estimator.HeadroomUnderLimit},
		},
		{
			name: "a prompt limit is not mended by a smaller output", count: small, decision: estimator.Deny,
			query:   estimator.Query{MaxPromptTokens: new(int64(1)), MaxCost: amount(t, "0.1")},
			reasons: []estimator.ReasonCode{estimator.PromptOverLimit, estimator.CostOverBudget},
		},
		{
			name: "what the vendor would refuse", count: small, decision: estimator.Deny, members: []string{`"temperature":0.3`},
			reasons: []estimator.ReasonCode{estimator.RequestInvalid},
		},
		{
			name: "a prompt that nothing bounds", count: counts(900, 1000, estimator.Unbounded), decision: estimator.Deny,
			query:   estimator.Query{MaxCost: amount(t, "100"), MaxPromptTokens: new(int64(10000))},
			reasons: []estimator.ReasonCode{estimator.CountIncomplete},
		},
		{
			name: "a day before the first price", count: small, decision: estimator.Deny,
			query:   estimator.Query{At: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), MaxCost: amount(t, "100")},
			reasons: []estimator.ReasonCode{estimator.PriceUnknown},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			est := estimate(t, tt.count, tt.query, tt.members...)
			var codes []estimator.ReasonCode
			for _, r := range est.Verdict.Reasons {
				codes = append(codes, r.Code)
				require.NotEmpty(t, r.Message)
				if r.Limit != nil && r.Actual != nil {
					require.Positive(t, r.Shortfall.Tokens+int64(r.Shortfall.Amount))
				}
			}
			require.Equal(t, tt.reasons, codes)
			require.Equal(t, tt.decision, est.Verdict.Decision)
			require.Equal(t, tt.caps, est.Verdict.Caps)
		})
	}
}

func TestAPriceThatIsNotKnownIsNeverAnotherCurrencys(t *testing.T) {
	t.Parallel()
	opts := options(t, counts(9, 9, 9))
	opts.Now = func() time.Time { return time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC) }
	e := estimator.New(opts)
	est, err := e.Estimate(t.Context(), request(t, "kimi-k3.1-pro"), estimator.Query{})
	require.NoError(t, err)
	require.Nil(t, est.Price)
	require.Equal(t, estimator.Cost{Currency: pricing.CNY}, est.Cost)
	require.Equal(t, estimator.Deny, est.Verdict.Decision)
	require.Equal(t, estimator.PriceUnknown, est.Verdict.Reasons[0].Code)
	require.EqualValues(t, 9, est.Usage.PromptTokens, "what is known is still answered")

	est, err = e.Estimate(t.Context(), request(t, "kimi-k3.1-pro"), estimator.Query{Currency: pricing.USD})
	require.NoError(t, err)
	require.NotNil(t, est.Cost.Expected)
	require.Equal(t, estimator.Allow, est.Verdict.Decision)
}

// Whatever the numbers, the identities that callers rely on hold, and a cap is
// the largest output that keeps every limit.
func TestIdentitiesHoldForAllCountsAndQueries(t *testing.T) {
	t.Parallel()
	models := []string{"kimi-k2.5", "kimi-k2.6", "moonshot-v1-auto", "moonshot-v1-8k", "kimi-latest"}
	rapid.Check(t, func(rt *rapid.T) {
		low := rapid.Int64Range(4, 300_000).Draw(rt, "low")
		prompt := low + rapid.Int64Range(0, 1000).Draw(rt, "tokens")
		high := prompt + rapid.Int64Range(0, 1000).Draw(rt, "high")
		budget := pricing.Amount(rapid.Int64Range(0, 2_000_000_000_000).Draw(rt, "budget"))
		q := estimator.Query{
			At:               time.Date(2025, 8, 1, 0, 0, 0, 0, time.UTC),
			CompletionTokens: new(rapid.Int64Range(0, 300_000).Draw(rt, "completion")),
			CachedTokens:     new(rapid.Int64Range(0, prompt).Draw(rt, "cached")),
			MaxCost:          &budget,
			Basis:            rapid.SampledFrom([]estimator.Basis{"high", "expected", "low"}).Draw(rt, "basis"),
		}
		model := rapid.SampledFrom(models).Draw(rt, "model")
		if model == "kimi-k2.5" || model == "kimi-k2.6" {
			q.At = time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
		}
		e := estimator.New(options(t, counts(low, prompt, high)))
		est, err := e.Estimate(t.Context(), request(t, model), q)
		require.NoError(rt, err)
		checkIdentities(rt, est)
		caps := est.Verdict.Caps
		if caps == nil {
			return
		}
		verdict := func(completion int64) estimator.Decision {
			q.CompletionTokens = &completion
			again, err := e.Estimate(t.Context(), request(t, model), q)
			require.NoError(rt, err)
			return again.Verdict.Decision
		}
		require.Equal(rt, estimator.Allow, verdict(caps.MaxCompletionTokens), "the cap is allowed")
		require.NotEqual(rt, estimator.Allow, verdict(caps.MaxCompletionTokens+1), "one token more is not")
	})
}

func checkIdentities(t *rapid.T, est *estimator.Estimate) {
	var parts int64
	for _, p := range est.Count.Parts {
		parts += p.Tokens
	}
	require.Equal(t, est.Usage.PromptTokens, parts)
	require.Equal(t, est.Usage.TotalTokens, est.Usage.PromptTokens+est.Usage.CompletionTokens)
	require.LessOrEqual(t, est.Usage.CachedTokens, est.Usage.PromptTokens)
	require.Equal(t, est.Context.Headroom, est.Context.Length-est.Usage.PromptTokens)
	require.Equal(t, est.Context.HeadroomAfterCompletion, est.Context.Headroom-est.Usage.CompletionTokens)
	require.Equal(t, est.Context.Fits, est.Count.High+est.Usage.CompletionTokens <= est.Context.Length)
	require.NotNil(t, est.Cost.Expected)
	var sum pricing.Amount
	for _, l := range est.Cost.Lines {
		sum += l.Amount
	}
	require.Equal(t, *est.Cost.Expected, sum)
	require.LessOrEqual(t, *est.Cost.Low, *est.Cost.Expected)
	require.LessOrEqual(t, *est.Cost.Expected, *est.Cost.High)
	require.Equal(t, len(est.Verdict.Reasons) == 0, est.Verdict.Decision == estimator.Allow)
}
