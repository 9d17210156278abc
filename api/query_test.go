package api_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/api"
	"tollgate/estimator"
	"tollgate/pricing"
)

func TestEveryParameterReachesTheQuery(t *testing.T) {
	t.Parallel()
	share, err := estimator.ParseShare("0.25")
	require.NoError(t, err)
	cost, err := pricing.ParseAmount("0.02")
	require.NoError(t, err)
	for _, tt := range []struct {
		query string
		want  estimator.Query
	}{
		{"", estimator.Query{}},
		{"completion_tokens=600", estimator.Query{CompletionTokens: new(int64(600))}},
		{"completion_tokens=0", estimator.Query{CompletionTokens: new(int64(0))}},
		{"cached_tokens=7", estimator.Query{CachedTokens: new(int64(7))}},
		{"cached_share=0.25", estimator.Query{CachedShare: &share}},
		{"currency=USD", estimator.Query{Currency: pricing.USD}},
		{"at=2026-03-01", estimator.Query{At: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}},
		{"at=2026-03-01T10:00:00.5Z", estimator.Query{At: time.Date(2026, 3, 1, 10, 0, 0, 5e8, time.UTC)}},
		{"method=approximation", estimator.Query{Method: estimator.MethodApproximation}},
		{"method=auto", estimator.Query{Method: estimator.MethodAuto}},
		{"max_cost=0.02", estimator.Query{MaxCost: &cost}},
		{"max_prompt_tokens=4000", estimator.Query{MaxPromptTokens: new(int64(4000))}},
		{"min_headroom=200000", estimator.Query{MinHeadroom: new(int64(200000))}},
		{"breakdown=messages", estimator.Query{Breakdown: true}},
		{"basis=low", estimator.Query{Basis: estimator.BasisLow}},
		{"enforce=false", estimator.Query{}},
	} {
		f := &fake{estimate: contractEstimate(t)}
		rec := call(t, service(t, f), http.MethodPost, "/v1/estimate?"+tt.query, hello)
		require.Equal(t, http.StatusOK, rec.Code, "%s: %s", tt.query, rec.Body)
		if tt.want.At.IsZero() {
			tt.want.At = now()
		}
		require.Equal(t, tt.want, f.query, tt.query)
	}
}

func TestATimeZoneIsPartOfTheMoment(t *testing.T) {
	t.Parallel()
	f := &fake{estimate: contractEstimate(t)}
	rec := call(t, service(t, f), http.MethodPost, "/v1/estimate?at=2026-03-01T08:00:00%2B08:00", hello)
	require.Equal(t, http.StatusOK, rec.Code)
	require.True(t, f.query.At.Equal(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)), f.query.At)
}

func TestAParameterThatCannotBeReadIsRefused(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		query     string
		status    int
		parameter string
		detail    string // part of it
	}{
		{"max_cots=5", 400, "max_cots", "is not a parameter"},
		{"max-cost=5", 400, "max-cost", "did you mean max_cost?"},
		{"maxCost=5", 400, "maxCost", "did you mean max_cost?"},
		{"max_cost=1&max_cost=2", 400, "max_cost", "more than once"},
		{"max_cost=", 400, "max_cost", "decimal amount"},
		{"max_cost=a%20lot", 400, "max_cost", "decimal amount"},
		{"max_cost=1e3", 400, "max_cost", "decimal amount"},
		{"max_cost=0,02", 400, "max_cost", "decimal amount"},
		{"max_cost=-1", 422, "max_cost", "at least 0"},
		{"max_cost=0.0000000000001", 422, "max_cost", "12 decimals"},
		{"max_cost=99999999999999999999", 422, "max_cost", "at most"},
		{"completion_tokens=many", 400, "completion_tokens", "whole number"},
		{"completion_tokens=1.5", 400, "completion_tokens", "whole number"},
		{"completion_tokens=%2B5", 400, "completion_tokens", "whole number"},
		{"completion_tokens=-5", 422, "completion_tokens", "negative"},
		{"completion_tokens=99999999999999999999", 422, "completion_tokens", "too large"},
		{"cached_share=half", 400, "cached_share", "between 0 and 1"},
		{"cached_share=1.5", 422, "cached_share", "between 0 and 1"},
		{"cached_share=-0.5", 422, "cached_share", "between 0 and 1"},
		{"cached_share=0.5&cached_tokens=3", 422, "cached_share", "not both"},
		{"currency=EUR", 422, "currency", "CNY or USD"},
		{"currency=cny", 422, "currency", "capitals"},
		{"at=yesterday", 400, "at", "RFC 3339"},
		{"at=2026-02-30", 400, "at", "RFC 3339"},
		{"at=2026-03-01T08:00:00+08:00", 400, "at", "%2B"},
		{"method=guess", 422, "method", "approximation"},
		{"method=mixed", 422, "method", "approximation"},
		{"breakdown=words", 422, "breakdown", "messages"},
		{"basis=worst", 422, "basis", "high"},
		{"enforce=1", 400, "enforce", "true or false"},
		{"enforce", 400, "enforce", "true or false"},
		{"max_cost=%zz", 400, "", "%XX"},
		{"max_cost=1;enforce=true", 400, "", "%XX"},
		{"sk-4242424242=1", 400, "", "is not a parameter"},
	} {
		t.Run(tt.query, func(t *testing.T) {
			t.Parallel()
			f := &fake{estimate: contractEstimate(t)}
			rec := call(t, service(t, f), http.MethodPost, "/v1/estimate?"+tt.query, hello)
			require.Equal(t, tt.status, rec.Code, rec.Body.String())
			require.Nil(t, f.req, "nothing is estimated")
			p := problemOf(t, rec)
			require.Equal(t, "parameter_invalid", p.Code)
			require.NotEmpty(t, p.Errors)
			require.Equal(t, tt.parameter, p.Errors[0].Parameter)
			require.Contains(t, p.Errors[0].Detail, tt.detail)
			require.NotContains(t, rec.Body.String(), "4242")
		})
	}
}

func TestEverythingWrongWithAQueryIsNamedAtOnce(t *testing.T) {
	t.Parallel()
	rec := call(t, service(t, &fake{}), http.MethodPost, "/v1/estimate?currency=EUR&max_cost=cheap&limit=3", hello)
	require.Equal(t, http.StatusBadRequest, rec.Code, "a wrong type outweighs a wrong value")
	var names []string
	for _, e := range problemOf(t, rec).Errors {
		names = append(names, e.Parameter)
	}
	require.Equal(t, []string{"currency", "limit", "max_cost"}, names)
	golden(t, "query_errors", rec.Body.Bytes())
}

func TestALintTakesAMomentAndNothingElse(t *testing.T) {
	t.Parallel()
	f := &fake{}
	h := service(t, f)
	rec := call(t, h, http.MethodPost, "/v1/lint", hello)
	require.Equal(t, http.StatusOK, rec.Code)
	require.Equal(t, now(), f.at)
	require.JSONEq(t, `{"object":"lint","findings":[]}`, rec.Body.String())

	rec = call(t, h, http.MethodPost, "/v1/lint?at=2026-03-01", hello)
	require.Equal(t, http.StatusOK, rec.Code)
	require.Equal(t, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), f.at)

	rec = call(t, h, http.MethodPost, "/v1/lint?max_cost=1", hello)
	require.Equal(t, http.StatusBadRequest, rec.Code)
	require.Equal(t, "max_cost", problemOf(t, rec).Errors[0].Parameter)
}

func TestRoutesOfTheVendorIgnoreTheQuery(t *testing.T) {
	t.Parallel()
	h := service(t, &fake{tokens: 80})
	require.Equal(t, 200, call(t, h, http.MethodGet, "/v1/models?limit=3", "").Code)
	require.Equal(t, 200, call(t, h, http.MethodPost, "/v1/tokenizers/estimate-token-count?x=1", hello).Code)
	require.Equal(t, 400, call(t, h, http.MethodGet, "/v1/prices?currency=USD", "").Code)
}

// FuzzQuery checks that no query makes the service fail, and that none it does
// not know passes.
func FuzzQuery(f *testing.F) {
	for _, seed := range []string{"", "max_cost=1", "max_cost=1&max_cost=2", "at=2026-01-01", "x=%zz", "cached_share=0.5&cached_tokens=1", "&&=&=1", "completion_tokens=9223372036854775807", "a;b"} {
		f.Add(seed)
	}
	h := service(f, realEstimator(f))
	known := map[string]bool{}
	for _, name := range api.EstimateParameters() {
		known[name] = true
	}
	f.Fuzz(func(t *testing.T, query string) {
		rec := call(t, h, http.MethodPost, "/v1/estimate", hello, func(r *http.Request) { r.URL.RawQuery = query })
		require.Less(t, rec.Code, 500, rec.Body.String())
		if rec.Code != http.StatusOK && rec.Code != http.StatusPaymentRequired {
			problemOf(t, rec)
			return
		}
		require.False(t, strings.ContainsAny(query, ";"), "a separator that some read and others do not")
		values, err := url.ParseQuery(query)
		require.NoError(t, err)
		for name, given := range values {
			require.True(t, known[name], "%q passed", name)
			require.Len(t, given, 1, "%q passed twice", name)
		}
	})
}
