package metrics_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/stretchr/testify/require"

	"tollgate/api"
	"tollgate/api/metrics"
	"tollgate/estimator"
	"tollgate/estimator/lint"
	"tollgate/pricing"
)

func now() time.Time { return time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC) }

// scrape returns what h shows, as a scraper reads it.
func scrape(t *testing.T, h http.Handler) string {
	t.Helper()
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	require.Equal(t, http.StatusOK, rec.Code)
	require.Contains(t, rec.Header().Get("Content-Type"), "text/plain")
	return rec.Body.String()
}

func newMetrics(t *testing.T) (*metrics.Metrics, *pricing.Book, *prometheus.Registry) {
	t.Helper()
	book, err := pricing.Embedded()
	require.NoError(t, err)
	registry := prometheus.NewRegistry()
	m := metrics.New(metrics.Options{
		Book: func() *pricing.Book { return book }, Now: now, Version: "1.2.3", Commit: "abc", Registry: registry,
	})
	return m, book, registry
}

func TestEventsAreCountedUnderFewLabels(t *testing.T) {
	t.Parallel()
	m, _, _ := newMetrics(t)
	m.Begin()
	m.Begin()
	m.Done(api.Event{
		Route: "/v1/estimate", Method: "POST", Status: 200, Took: 3 * time.Millisecond,
		Estimate: &estimator.Estimate{
			Count:   estimator.Count{Method: estimator.MethodApproximation},
			Cache:   estimator.CacheHit,
			Verdict: estimator.Verdict{Decision: estimator.Deny},
		},
		Findings: []lint.Finding{{Code: lint.ModelRetired, Severity: lint.Warning, Pointer: "/model", Message: "secret"}},
	})
	shown := scrape(t, m)
	for _, line := range []string{
		`tollgate_http_requests_total{method="POST",route="/v1/estimate",status="200"} 1`,
		`tollgate_http_requests_in_flight 1`,
		`tollgate_http_panics_total 0`,
		`tollgate_http_request_duration_seconds_count{route="/v1/estimate"} 1`,
		`tollgate_estimates_total{cache="hit",method="approximation"} 1`,
		`tollgate_verdicts_total{decision="deny"} 1`,
		`tollgate_findings_total{code="model_retired",severity="warning"} 1`,
	} {
		require.Contains(t, shown, line+"\n")
	}
	require.NotContains(t, shown, "secret")

	m.Done(api.Event{Route: "/v1/lint", Method: "POST", Status: 500, Panicked: true})
	require.Contains(t, scrape(t, m), "tollgate_http_panics_total 1\n")
}

func TestEveryEstimateOfAComparisonIsCounted(t *testing.T) {
	t.Parallel()
	m, _, _ := newMetrics(t)
	one := &estimator.Estimate{
		Count:   estimator.Count{Method: estimator.MethodTokenizer},
		Cache:   estimator.CacheMiss,
		Verdict: estimator.Verdict{Decision: estimator.Allow},
	}
	other := *one
	other.Findings = []lint.Finding{{Code: lint.ModelRetired, Severity: lint.Warning}}
	m.Begin()
	m.Done(api.Event{Route: "/v1/estimate/compare", Method: "POST", Status: 200, Compared: []*estimator.Estimate{one, &other}})
	shown := scrape(t, m)
	for _, line := range []string{
		`tollgate_estimates_total{cache="miss",method="tokenizer"} 2`,
		`tollgate_verdicts_total{decision="allow"} 2`,
		`tollgate_findings_total{code="model_retired",severity="warning"} 1`,
	} {
		require.Contains(t, shown, line+"\n")
	}
}

func TestTheLinesOfABatchAreCounted(t *testing.T) {
	t.Parallel()
	m, _, _ := newMetrics(t)
	m.Begin()
	m.Done(api.Event{
		Route: "/v1/estimate/batch", Method: "POST", Status: 200,
		Batch: &api.BatchTally{
			Lines:     7,
			Counts:    map[api.CountLabel]int{{Method: estimator.MethodVendor, Cache: estimator.CacheMiss}: 2, {Method: estimator.MethodVendor, Cache: estimator.CacheHit}: 3},
			Decisions: map[estimator.Decision]int{estimator.Allow: 4, estimator.Deny: 1},
			Findings:  map[api.FindingLabel]int{{Code: lint.ModelRetired, Severity: lint.Warning}: 5},
			Problems:  map[string]int{"unknown_model": 2},
		},
	})
	shown := scrape(t, m)
	for _, line := range []string{
		`tollgate_batch_lines_total{answer="estimate"} 5`,
		`tollgate_batch_lines_total{answer="problem"} 2`,
		`tollgate_batch_problems_total{code="unknown_model"} 2`,
		`tollgate_estimates_total{cache="hit",method="vendor"} 3`,
		`tollgate_estimates_total{cache="miss",method="vendor"} 2`,
		`tollgate_verdicts_total{decision="allow"} 4`,
		`tollgate_findings_total{code="model_retired",severity="warning"} 5`,
	} {
		require.Contains(t, shown, line+"\n")
	}
}

func TestTheProgramAndItsPriceTableAreNamed(t *testing.T) {
	t.Parallel()
	m, book, _ := newMetrics(t)
	shown := scrape(t, m)
	require.Regexp(t, `tollgate_build_info\{commit="abc",go_version="go[^"]+",version="1\.2\.3"\} 1`, shown)
	require.Contains(t, shown, `tollgate_price_table_info{hash="`+book.Hash()+`"} 1`)
	require.Regexp(t, `tollgate_price_table_age_seconds [1-9]`, shown)
	require.Regexp(t, `tollgate_price_table_models [1-9]\d`, shown)
	require.Contains(t, shown, "go_goroutines")
}

func TestWithoutAPriceTableThereIsNoAge(t *testing.T) {
	t.Parallel()
	m := metrics.New(metrics.Options{Book: func() *pricing.Book { return nil }, Now: now})
	require.NotContains(t, scrape(t, m), "price_table")
}

func TestNamesFollowTheConventions(t *testing.T) {
	t.Parallel()
	m, _, registry := newMetrics(t)
	m.Begin()
	m.Done(api.Event{Route: "/healthz", Method: "GET", Status: 200})
	families, err := registry.Gather()
	require.NoError(t, err)
	problems, err := promlint.NewWithMetricFamilies(families).Lint()
	require.NoError(t, err)
	for _, p := range problems {
		require.False(t, strings.HasPrefix(p.Metric, "tollgate_"), "%s: %s", p.Metric, p.Text)
	}
}

func TestTheRouteShowsWhatRequestsDid(t *testing.T) {
	t.Parallel()
	m, book, _ := newMetrics(t)
	h := api.New(api.Options{Book: func() *pricing.Book { return book }, Now: now, Metrics: m})
	for _, path := range []string{"/healthz", "/v1/models/kimi-k2.5", "/v1/models/kimi-k2.6", "/no/such/path"} {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil))
	}
	shown := scrape(t, h)
	require.Contains(t, shown, `tollgate_http_requests_total{method="GET",route="/v1/models/*id",status="200"} 2`)
	require.Contains(t, shown, `tollgate_http_requests_total{method="GET",route="unmatched",status="404"} 1`)
	require.Contains(t, shown, "tollgate_http_requests_in_flight 1\n", "the scrape itself")
	require.NotContains(t, shown, "/no/such/path")
}
