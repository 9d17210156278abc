package estimator_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/estimator"
	"tollgate/estimator/chat"
	"tollgate/estimator/lint"
	"tollgate/pricing"
)

func TestEstimateOfTheContractsExample(t *testing.T) {
	t.Parallel()
	est := estimate(t, counts(9, 9, 9), estimator.Query{})
	require.Equal(t, "kimi-k2.5", est.Model.ID)
	require.Equal(t, estimator.Usage{PromptTokens: 9, CompletionTokens: 32768, TotalTokens: 32777}, est.Usage)
	require.Equal(t, estimator.Context{
		Length: 262144, Headroom: 262135, HeadroomAfterCompletion: 229367, MaxCompletionTokens: 262135, Fits: true,
	}, est.Context)
	require.Equal(t, estimator.CacheMiss, est.Cache)
	require.Equal(t, "0.688164", est.Cost.Expected.String())
	require.Equal(t, "0.0000063", est.Cost.Low.String())
	require.Equal(t, "0.688164", est.Cost.High.String())
	require.EqualValues(t, 32777, est.RateLimitTokens)
	require.Equal(t, estimator.Verdict{Decision: estimator.Allow}, est.Verdict)
	require.Equal(t, "2026-01-27", est.Price.EffectiveFrom.Format(time.DateOnly))
	require.Empty(t, est.Findings)

	lines := make([]string, 0, 3)
	for _, l := range est.Cost.Lines {
		lines = append(lines, string(l.Item)+" "+l.PerMillion.String()+" "+l.Amount.String())
	}
	require.Equal(t, []string{"input_cache_hit 0.7 0", "input_cache_miss 4 0.000036", "output 21 0.688128"}, lines)
}

func TestOutputIsWhatTheCallerExpectsElseWhatTheRequestAllows(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name       string
		query      estimator.Query
		members    []string
		completion int64
		rateLimit  int64
	}{
		{"the model's default", estimator.Query{}, nil, 32768, 32777},
		{"max_tokens", estimator.Query{}, []string{`"max_tokens":7`}, 7, 16},
		{"max_completion_tokens before max_tokens", estimator.Query{}, []string{`"max_tokens":7`, `"max_completion_tokens":8`}, 8, 17},
		{"the query before the request", estimator.Query{CompletionTokens: new(int64(5))}, []string{`"max_tokens":70`}, 5, 79},
		{"none at all", estimator.Query{CompletionTokens: new(int64(0))}, nil, 0, 32777},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			est := estimate(t, counts(9, 9, 9), tt.query, tt.members...)
			require.Equal(t, tt.completion, est.Usage.CompletionTokens)
			require.Equal(t, tt.rateLimit, est.RateLimitTokens)
		})
	}
}

func TestCachedTokensLowerTheExpectedCostOnly(t *testing.T) {
	t.Parallel()
	share, err := estimator.ParseShare("0.85")
	require.NoError(t, err)
	for _, q := range []estimator.Query{{CachedShare: &share}, {CachedTokens: new(int64(850))}} {
		q.CompletionTokens = new(int64(0))
		est := estimate(t, counts(900, 1000, 1100), q)
		require.EqualValues(t, 850, est.Usage.CachedTokens)
		require.Equal(t, "0.001195", est.Cost.Expected.String()) // 850 x 0.7 + 150 x 4, a million
		require.Equal(t, "0.00063", est.Cost.Low.String())       // 900 x 0.7
		require.Equal(t, "0.0044", est.Cost.High.String())       // 1100 x 4
	}
}

func TestAWrongQueryIsRefusedByName(t *testing.T) {
	t.Parallel()
	whole := estimator.Share(1_000_000_000)
	for _, tt := range []struct {
		option string
		query  estimator.Query
	}{
		{"completion_tokens", estimator.Query{CompletionTokens: new(int64(-1))}},
		{"completion_tokens", estimator.Query{CompletionTokens: new(int64(estimator.MaxTokens + 1))}},
		{"cached_tokens", estimator.Query{CachedTokens: new(int64(-1))}},
		{"cached_tokens", estimator.Query{CachedTokens: new(int64(10))}}, // of a prompt of 9
		{"cached_share", estimator.Query{CachedTokens: new(int64(1)), CachedShare: &whole}},
		{"max_prompt_tokens", estimator.Query{MaxPromptTokens: new(int64(-1))}},
		{"min_headroom", estimator.Query{MinHeadroom: new(int64(-1))}},
		{"basis", estimator.Query{Basis: "median"}},
		{"method", estimator.Query{Method: "guess"}},
		{"method", estimator.Query{Method: estimator.MethodMixed}},
		{"method", estimator.Query{Method: estimator.MethodVendor}},    // there is none
		{"method", estimator.Query{Method: estimator.MethodTokenizer}}, // there is none
	} {
		_, err := estimator.New(options(t, counts(9, 9, 9))).Estimate(t.Context(), request(t, "kimi-k2.5"), tt.query)
		refused, ok := errors.AsType[*estimator.OptionError](err)
		require.True(t, ok, "%+v: %v", tt.query, err)
		require.Equal(t, tt.option, refused.Option)
	}
}

func TestAnUnknownModelIsAnError(t *testing.T) {
	t.Parallel()
	e := estimator.New(options(t, counts(9, 9, 9)))
	req := request(t, "kimi-k2.55")
	_, err := e.Estimate(t.Context(), req, estimator.Query{})
	require.ErrorIs(t, err, pricing.ErrUnknownModel)
	_, err = e.Lint(req, time.Time{})
	require.ErrorIs(t, err, pricing.ErrUnknownModel)
	_, err = e.CountTokens(t.Context(), req)
	require.ErrorIs(t, err, pricing.ErrUnknownModel)
}

func TestAnAliasIsAnsweredUnderTheModelsOwnName(t *testing.T) {
	t.Parallel()
	est, err := estimator.New(options(t, counts(9, 9, 9))).
		Estimate(t.Context(), request(t, "kimi-k2-0905-Preview"), estimator.Query{})
	require.NoError(t, err)
	require.Equal(t, "kimi-k2-0905-preview", est.Model.ID)
}

func TestAVendorThatFailsCostsAccuracyAndSaysSo(t *testing.T) {
	t.Parallel()
	down := &estimator.VendorError{Kind: estimator.VendorTimedOut, Detail: "no answer in time"}
	opts := options(t, counts(8, 9, 10))
	opts.Vendor = counter{method: estimator.MethodVendor, err: down}
	e := estimator.New(opts)

	est, err := e.Estimate(t.Context(), request(t, "kimi-k2.5"), estimator.Query{})
	require.NoError(t, err)
	require.EqualValues(t, 9, est.Usage.PromptTokens)
	require.Len(t, est.Findings, 1)
	require.Equal(t, lint.VendorUnavailable, est.Findings[0].Code)
	require.Equal(t, estimator.Allow, est.Verdict.Decision)

	_, err = e.Estimate(t.Context(), request(t, "kimi-k2.5"), estimator.Query{Method: estimator.MethodVendor})
	require.ErrorIs(t, err, down)
	_, err = e.CountTokens(t.Context(), request(t, "kimi-k2.5"))
	require.ErrorIs(t, err, down, "a local count must not pose as the vendor's")
}

func TestAFallbackIsNotRememberedAsTheVendors(t *testing.T) {
	t.Parallel()
	vendor := counter{
		method: estimator.MethodVendor, err: &estimator.VendorError{Detail: "down"}, calls: new(int),
	}
	opts := options(t, counts(8, 9, 10))
	opts.Vendor = vendor
	for range 3 {
		_, err := estimator.New(opts).Estimate(t.Context(), request(t, "kimi-k2.5"), estimator.Query{})
		require.NoError(t, err)
	}
	require.Equal(t, 3, *vendor.calls, "the vendor is asked again each time")

	back := vendor
	back.err, back.count = nil, counts(12, 12, 12)
	opts.Vendor = back
	est, err := estimator.New(opts).Estimate(t.Context(), request(t, "kimi-k2.5"), estimator.Query{})
	require.NoError(t, err)
	require.EqualValues(t, 12, est.Usage.PromptTokens)
	require.Equal(t, estimator.CacheMiss, est.Cache)
}

func TestOtherErrorsOfTheVendorsCounterAreNotHidden(t *testing.T) {
	t.Parallel()
	opts := options(t, counts(9, 9, 9))
	opts.Vendor = counter{method: estimator.MethodVendor, err: context.Canceled}
	_, err := estimator.New(opts).Estimate(t.Context(), request(t, "kimi-k2.5"), estimator.Query{})
	require.ErrorIs(t, err, context.Canceled)
}

func TestCountTokensAnswersTheVendorsOwnNumber(t *testing.T) {
	t.Parallel()
	opts := options(t, counts(9, 9, 9))
	n, err := estimator.New(opts).CountTokens(t.Context(), request(t, "kimi-k2.5"))
	require.NoError(t, err)
	require.EqualValues(t, 5, n, "without a key: the local count without the generation prompt")

	vendor := counts(84, 84, 84)
	vendor.Parts[0].Method = estimator.MethodVendor
	opts.Vendor = counter{method: estimator.MethodVendor, count: vendor}
	n, err = estimator.New(opts).CountTokens(t.Context(), request(t, "kimi-k2.5"))
	require.NoError(t, err)
	require.EqualValues(t, 80, n, "with a key: what the vendor said")
}

func TestTheSecondAnswerIsTheSameFromTheCache(t *testing.T) {
	t.Parallel()
	e := estimator.New(options(t, counts(8, 9, 10)))
	first, err := e.Estimate(t.Context(), request(t, "kimi-k2.5"), estimator.Query{})
	require.NoError(t, err)
	second, err := e.Estimate(t.Context(), request(t, "kimi-k2.5"), estimator.Query{})
	require.NoError(t, err)
	require.Equal(t, estimator.CacheHit, second.Cache)
	second.Cache = first.Cache
	require.Equal(t, first, second)
}

func TestTheBreakdownIsGivenOnDemand(t *testing.T) {
	t.Parallel()
	require.Nil(t, estimate(t, counts(9, 9, 9), estimator.Query{}).Messages)
	est := estimate(t, counts(9, 9, 9), estimator.Query{Breakdown: true})
	require.Equal(t, []int64{5}, est.Messages)
	require.Equal(t, estimator.MethodApproximation, est.MessagesMethod)
}

// slow is a vendor that answers when it is told to.
type slow struct {
	counter

	answer chan struct{}
}

func (s slow) Count(ctx context.Context, _ *chat.Request, _ *pricing.Model) (estimator.Count, error) {
	select {
	case <-s.answer:
		return s.count, nil
	case <-ctx.Done():
		return estimator.Count{}, ctx.Err()
	}
}

func TestASlowVendorIsNotWaitedForAndItsAnswerIsKept(t *testing.T) {
	t.Parallel()
	opts := options(t, counts(8, 9, 10))
	vendor := slow{counter{method: estimator.MethodVendor, count: counts(12, 12, 12)}, make(chan struct{})}
	opts.Vendor, opts.VendorPatience = vendor, 20*time.Millisecond
	e := estimator.New(opts)

	est, err := e.Estimate(t.Context(), request(t, "kimi-k2.5"), estimator.Query{})
	require.NoError(t, err)
	require.EqualValues(t, 9, est.Usage.PromptTokens, "counted locally")
	require.Len(t, est.Findings, 1)
	require.Equal(t, lint.VendorUnavailable, est.Findings[0].Code)

	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err = e.Estimate(ctx, request(t, "kimi-k2.5"), estimator.Query{Method: estimator.MethodVendor})
	require.ErrorIs(t, err, context.DeadlineExceeded, "who wants the vendor's number waits as long as he likes")

	close(vendor.answer)
	require.Eventually(t, func() bool {
		est, err = e.Estimate(t.Context(), request(t, "kimi-k2.5"), estimator.Query{})
		return err == nil && est.Usage.PromptTokens == 12 && est.Cache == estimator.CacheHit
	}, 5*time.Second, 5*time.Millisecond)
}

func TestAGuessIsNotGivenForTheVendorsNumber(t *testing.T) {
	t.Parallel()
	uncounted := counts(9, 2000, 4000)
	uncounted.Gaps = []estimator.Gap{{Pointer: "/messages/0/content/1", Reason: "unseen", Uncounted: true}}
	doubted := counts(5, 9, 13)
	doubted.Gaps = []estimator.Gap{{Reason: "the template is not published"}}
	for _, tt := range []struct {
		name   string
		count  estimator.Count
		refuse bool
	}{
		{"a part that nobody looked into", uncounted, true},
		{"a part without a bound", counts(9, 9, estimator.Unbounded), true},
		{"a part counted by a doubtful rule", doubted, false},
	} {
		_, err := estimator.New(options(t, tt.count)).CountTokens(t.Context(), request(t, "kimi-k2.5"))
		refused, ok := errors.AsType[*estimator.UncountableError](err)
		require.Equal(t, tt.refuse, ok, "%s: %v", tt.name, err)
		if ok {
			require.NotEmpty(t, refused.Reason)
		}
	}
}

func TestABatchCallIsPricedByTheModelsBatchFactor(t *testing.T) {
	t.Parallel()
	q := estimator.Query{Batch: true, CompletionTokens: new(int64(1000)), CachedTokens: new(int64(100))}
	list := estimate(t, counts(900, 1000, 1100), estimator.Query{CompletionTokens: q.CompletionTokens, CachedTokens: q.CachedTokens})
	est := estimate(t, counts(900, 1000, 1100), q)
	require.Equal(t, "0.6", est.Price.BatchFactor)
	require.Empty(t, list.Price.BatchFactor)
	for i, rate := range []string{"0.42", "2.4", "12.6"} { // kimi-k2.5 in CNY: 0.7, 4 and 21, times 0.6
		require.Equal(t, rate, est.Cost.Lines[i].PerMillion.String())
		require.Equal(t, list.Cost.Lines[i].Tokens, est.Cost.Lines[i].Tokens)
	}
	for _, cost := range []struct {
		name        string
		list, batch *pricing.Amount
	}{
		{"expected", list.Cost.Expected, est.Cost.Expected},
		{"low", list.Cost.Low, est.Cost.Low},
		{"high", list.Cost.High, est.Cost.High},
	} {
		require.Equal(t, 6**cost.list, 10**cost.batch, cost.name)
	}
	require.Equal(t, list.Usage, est.Usage)
	require.Equal(t, list.RateLimitTokens, est.RateLimitTokens)
}

func TestTheCapsOfABatchCallFollowItsPrice(t *testing.T) {
	t.Parallel()
	q := estimator.Query{Batch: true, MaxCost: amount(t, "0.01")}
	est := estimate(t, counts(1000, 1000, 1000), q)
	require.Equal(t, estimator.AllowWithCaps, est.Verdict.Decision)
	require.Equal(t, estimator.BindingBudget, est.Verdict.Caps.Binding)
	// 1000 tokens at 2.4 leave 0.0076, which buys 603 tokens at 12.6.
	require.EqualValues(t, 603, est.Verdict.Caps.MaxCompletionTokens)
}

func TestABatchCallOfAModelWithoutABatchPriceCostsTheListPrice(t *testing.T) {
	t.Parallel()
	e := estimator.New(options(t, counts(10, 10, 10)))
	req := request(t, "kimi-k3")
	at := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	list, err := e.Estimate(t.Context(), req, estimator.Query{At: at})
	require.NoError(t, err)
	batch, err := e.Estimate(t.Context(), req, estimator.Query{At: at, Batch: true})
	require.NoError(t, err)
	require.Empty(t, batch.Price.BatchFactor)
	require.NotNil(t, batch.Cost.Expected)
	require.Equal(t, list.Cost, batch.Cost)
}
