package api_test

import (
	"encoding/hex"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/estimator"
	"tollgate/estimator/lint"
	"tollgate/pricing"
)

// contractEstimate is the estimate that the contract shows.
func contractEstimate(t testing.TB) *estimator.Estimate {
	t.Helper()
	model, err := book(t).Model("kimi-k2.5")
	require.NoError(t, err)
	amount := func(s string) *pricing.Amount {
		a, err := pricing.ParseAmount(s)
		require.NoError(t, err)
		return &a
	}
	line := func(item estimator.Item, tokens int64, rate, sum string) estimator.Line {
		r, err := pricing.ParseRate(rate)
		require.NoError(t, err)
		return estimator.Line{Item: item, Tokens: tokens, PerMillion: r, Amount: *amount(sum)}
	}
	day := func(s string) time.Time {
		d, err := time.Parse(time.DateOnly, s)
		require.NoError(t, err)
		return d
	}
	var hash [32]byte
	_, err = hex.Decode(hash[:], []byte("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"))
	require.NoError(t, err)
	return &estimator.Estimate{
		Model: model,
		Hash:  hash,
		Usage: estimator.Usage{PromptTokens: 9, CompletionTokens: 32768, TotalTokens: 32777},
		Count: estimator.Count{
			Method: estimator.MethodTokenizer, Tokens: 9, Low: 9, High: 9,
			Parts: []estimator.PartCount{
				{Part: estimator.PartMessages, Tokens: 5, Method: estimator.MethodTokenizer},
				{Part: estimator.PartGenerationPrompt, Tokens: 4, Method: estimator.MethodTokenizer},
			},
		},
		Cache: estimator.CacheMiss,
		Context: estimator.Context{
			Length: 262144, Headroom: 262135, HeadroomAfterCompletion: 229367,
			MaxCompletionTokens: 262135, Fits: true,
		},
		Cost: estimator.Cost{
			Currency: pricing.CNY,
			Lines: []estimator.Line{
				line(estimator.ItemInputCacheHit, 0, "0.70", "0"),
				line(estimator.ItemInputCacheMiss, 9, "4", "0.000036"),
				line(estimator.ItemOutput, 32768, "21", "0.688128"),
			},
			Expected: amount("0.688164"), Low: amount("0.0000063"), High: amount("0.688164"),
		},
		RateLimitTokens: 32777,
		Price: &estimator.PriceSource{
			Price: pricing.Price{
				Currency:      pricing.CNY,
				EffectiveFrom: day("2026-01-27"),
				Source:        "https://example.com/prices?a=1&b=<2>",
				Checked:       day("2026-11-22"),
			},
			Table: "sha256:00",
		},
		Verdict: estimator.Verdict{Decision: estimator.Allow},
		Findings: []lint.Finding{{
			Code: lint.ModelRetired, Severity: lint.Warning, Pointer: "/model",
			Message: "the model was retired", Fix: "use another",
		}},
	}
}

// unknownEstimate is an estimate of which nearly nothing is known.
func unknownEstimate(t testing.TB) *estimator.Estimate {
	t.Helper()
	e := contractEstimate(t)
	e.Count.High = estimator.Unbounded
	e.Count.Parts, e.Findings = nil, nil
	e.Cost = estimator.Cost{Currency: pricing.USD}
	e.Price = nil
	budget := pricing.Amount(20_000_000_000)
	e.Verdict = estimator.Verdict{Decision: estimator.Deny, Reasons: []estimator.Reason{
		{Code: estimator.PriceUnknown, Message: "no price is known"},
		{
			Code:      estimator.CostOverBudget,
			Limit:     &estimator.Quantity{Money: true, Amount: budget},
			Actual:    &estimator.Quantity{Money: true, Amount: 2 * budget},
			Shortfall: &estimator.Quantity{Money: true, Amount: budget},
			Message:   "over the budget",
		},
		{
			Code:      estimator.PromptOverLimit,
			Limit:     &estimator.Quantity{Tokens: 5},
			Actual:    &estimator.Quantity{Tokens: 9},
			Shortfall: &estimator.Quantity{Tokens: 4},
			Message:   "the prompt is too long",
		},
	}}
	return e
}

// cappedEstimate fits once its output is smaller.
func cappedEstimate(t testing.TB) *estimator.Estimate {
	t.Helper()
	e := contractEstimate(t)
	e.Verdict = estimator.Verdict{
		Decision: estimator.AllowWithCaps,
		Caps:     &estimator.Caps{MaxCompletionTokens: 950, Binding: estimator.BindingBudget},
	}
	return e
}

func TestEstimateIsWrittenAsTheContractSays(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		estimate *estimator.Estimate
	}{
		{"estimate_contract", contractEstimate(t)},
		{"estimate_unknown", unknownEstimate(t)},
		{"estimate_capped", cappedEstimate(t)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			rec := call(t, service(t, &fake{estimate: tt.estimate}), http.MethodPost, "/v1/estimate", hello)
			require.Equal(t, http.StatusOK, rec.Code, rec.Body.String())
			require.Equal(t, "application/json", rec.Header().Get("Content-Type"))
			require.Equal(t, "no-store", rec.Header().Get("Cache-Control"))
			require.Equal(t, "test-1", rec.Header().Get("X-Request-Id"))
			require.NotContains(t, rec.Body.String(), `\u003c`, "HTML is not escaped")
			golden(t, tt.name, rec.Body.Bytes())
		})
	}
}

func TestADenialIsAnErrorOnlyWhenEnforced(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		query    string
		estimate *estimator.Estimate
		status   int
	}{
		{"denied, not enforced", "", unknownEstimate(t), http.StatusOK},
		{"denied, enforcing switched off", "?enforce=false", unknownEstimate(t), http.StatusOK},
		{"denied, enforced", "?enforce=true", unknownEstimate(t), http.StatusPaymentRequired},
		{"allowed with caps, enforced", "?enforce=true", cappedEstimate(t), http.StatusOK},
		{"allowed, enforced", "?enforce=true", contractEstimate(t), http.StatusOK},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			rec := call(t, service(t, &fake{estimate: tt.estimate}), http.MethodPost, "/v1/estimate"+tt.query, hello)
			require.Equal(t, tt.status, rec.Code, rec.Body.String())
			if tt.status == http.StatusOK {
				require.Equal(t, "application/json", rec.Header().Get("Content-Type"))
				return
			}
			p := problemOf(t, rec)
			require.Equal(t, "denied", p.Code)
			require.NotNil(t, p.Estimate)
			require.Equal(t, "deny", p.Estimate.Verdict.Decision)
			golden(t, "denied", rec.Body.Bytes())
		})
	}
}
