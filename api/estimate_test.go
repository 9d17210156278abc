package api_test

import (
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/api"
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
			require.Empty(t, rec.Header().Get("Cache-Control"), "no cache keeps an answer to POST that does not ask for it")
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

func TestEveryModelIsEstimated(t *testing.T) {
	t.Parallel()
	h := service(t, realEstimator(t))
	for _, m := range book(t).Models() {
		for _, currency := range []string{"CNY", "USD"} {
			body := `{"model":"` + m.ID + `","messages":[{"role":"user","content":"Hello"}]}`
			rec := call(t, h, http.MethodPost, "/v1/estimate?currency="+currency, body)
			require.Equal(t, http.StatusOK, rec.Code, "%s in %s: %s", m.ID, currency, rec.Body)
			checkIdentities(t, rec.Body.Bytes())
		}
	}
}

// checkIdentities checks what the contract says holds of every estimate.
func checkIdentities(t testing.TB, body []byte) api.Estimate {
	t.Helper()
	var e api.Estimate
	require.NoError(t, json.Unmarshal(body, &e), string(body))
	var parts int64
	for _, p := range e.Count.Parts {
		parts += p.Tokens
	}
	require.Equal(t, e.Usage.PromptTokens, parts, string(body))
	require.Equal(t, e.Usage.TotalTokens, e.Usage.PromptTokens+e.Usage.CompletionTokens)
	require.LessOrEqual(t, e.Usage.CachedTokens, e.Usage.PromptTokens)
	require.Equal(t, e.Usage.CachedTokens, e.Usage.PromptTokensDetails.CachedTokens)
	require.Equal(t, e.Context.Headroom, e.Context.Length-e.Usage.PromptTokens)
	require.LessOrEqual(t, e.Count.Low, e.Usage.PromptTokens)
	if e.Count.High != nil {
		require.GreaterOrEqual(t, *e.Count.High, e.Usage.PromptTokens)
	}
	require.Regexp(t, `^sha256:[0-9a-f]{64}$`, e.ContentHash)
	require.NotContains(t, string(body), `"parts":null`)
	require.NotContains(t, string(body), `"lines":null`)
	require.NotContains(t, string(body), `"reasons":null`)
	require.NotContains(t, string(body), `"findings":null`)
	require.Equal(t, e.Price == nil, e.Cost.Expected == nil)
	return e
}

func TestARealEstimateHoldsItsIdentitiesAndItsBudget(t *testing.T) {
	t.Parallel()
	h := service(t, realEstimator(t))
	first := call(t, h, http.MethodPost, "/v1/estimate?completion_tokens=600&max_cost=1", hello)
	require.Equal(t, http.StatusOK, first.Code, first.Body.String())
	e := checkIdentities(t, first.Body.Bytes())
	require.Equal(t, "miss", e.Count.Cache)
	require.Equal(t, "approximation", e.Count.Method)
	require.EqualValues(t, 600, e.Usage.CompletionTokens)
	require.Equal(t, "model_retired", e.Findings[0].Code)

	spaced := strings.ReplaceAll(hello, ",", " ,\n ")
	again := call(t, h, http.MethodPost, "/v1/estimate?completion_tokens=600&max_cost=1", spaced)
	hit := checkIdentities(t, again.Body.Bytes())
	require.Equal(t, "hit", hit.Count.Cache)
	hit.Count.Cache = "miss"
	require.Equal(t, e, hit, "the same answer, whatever the cache did")

	rec := call(t, h, http.MethodPost, "/v1/estimate?max_cost=0.000001&enforce=true", hello)
	require.Equal(t, http.StatusPaymentRequired, rec.Code)
	p := problemOf(t, rec)
	require.Equal(t, "cost_over_budget", p.Estimate.Verdict.Reasons[0].Code)

	rec = call(t, h, http.MethodPost, "/v1/estimate?cached_tokens=1000000", hello)
	require.Equal(t, http.StatusUnprocessableEntity, rec.Code)
	require.Equal(t, "cached_tokens", problemOf(t, rec).Errors[0].Parameter)

	rec = call(t, h, http.MethodPost, "/v1/estimate?method=vendor", hello)
	require.Equal(t, http.StatusUnprocessableEntity, rec.Code)
	require.Equal(t, "method", problemOf(t, rec).Errors[0].Parameter)
}

func TestANumberOfTokensBeyondReasonIsRefused(t *testing.T) {
	t.Parallel()
	h := service(t, realEstimator(t))
	rec := call(t, h, http.MethodPost, "/v1/estimate?completion_tokens=9223372036854775807", hello)
	require.Equal(t, http.StatusUnprocessableEntity, rec.Code, rec.Body.String())
	problemOf(t, rec)
	rec = call(t, h, http.MethodPost, "/v1/estimate", strings.Replace(hello, "{", `{"max_tokens":9223372036854775807,`, 1))
	require.Equal(t, http.StatusUnprocessableEntity, rec.Code, rec.Body.String())
	require.Equal(t, "/max_tokens", problemOf(t, rec).Errors[0].Pointer)
}

// FuzzCreateEstimate checks that no body makes the service fail, that every
// answer is JSON of the right kind, and that estimates keep their identities.
func FuzzCreateEstimate(f *testing.F) {
	for _, seed := range []string{
		hello, "", "{}", "[]", "null", `{"model":"kimi-k2.5"}`, `{"model":"kimi-k3","messages":[]}`,
		`{"model":"kimi-k2.6","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo="}}]}]}`,
		`{"model":"kimi-k2.5","messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"a","function":{"name":"f","arguments":"{}"}}]}],"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}]}`,
		`{"model":"moonshot-v1-8k","max_tokens":1e3,"n":0,"stop":["a"],"messages":[{"role":"tool","content":"x"}]}`,
		`{"model":"kimi-k2.5","max_tokens":9223372036854775807,"messages":[{"role":"user","content":"x"}]}`,
		hello + hello, "\xef\xbb\xbf" + hello, "\xff",
	} {
		f.Add([]byte(seed))
	}
	h := service(f, realEstimator(f))
	f.Fuzz(func(t *testing.T, body []byte) {
		rec := call(t, h, http.MethodPost, "/v1/estimate?enforce=true", string(body), header("Content-Type", "application/json"))
		require.Less(t, rec.Code, 500, rec.Body.String())
		require.Less(t, rec.Body.Len(), 64<<10)
		switch rec.Code {
		case http.StatusOK:
			require.Equal(t, "application/json", rec.Header().Get("Content-Type"))
			checkIdentities(t, rec.Body.Bytes())
		case http.StatusPaymentRequired:
			require.NotNil(t, problemOf(t, rec).Estimate)
		default:
			problemOf(t, rec)
		}
	})
}
