package metrics_test

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"tollgate/api"
	"tollgate/api/metrics"
	"tollgate/estimator"
	"tollgate/estimator/lint"
	"tollgate/pricing"
)

// everything returns metrics that show all there is, each used once.
func everything(t *testing.T) (*metrics.Metrics, *prometheus.Registry) {
	t.Helper()
	book, err := pricing.Embedded()
	require.NoError(t, err)
	registry, shared := prometheus.NewRegistry(), metrics.NewShared()
	shared.Command("get", "hit", 1)
	m := metrics.New(metrics.Options{
		Book: func() *pricing.Book { return book }, Now: now, Version: "1.2.3", Commit: "abc", Registry: registry,
		Collectors: []prometheus.Collector{shared, metrics.Spans(func() metrics.SpanState { return metrics.SpanState{Dropped: 3} })},
		Files:      func() []metrics.File { return []metrics.File{{Name: "prices"}} },
		State: func() metrics.State {
			return metrics.State{
				Vocabulary: true, Cache: metrics.CacheState{Entries: 7, Limit: 10, Hits: 5},
				Lanes: []api.LaneLoad{{Lane: "small", Bytes: 100, Limit: 1000, WaitingForTurn: 2}},
			}
		},
	})
	m.Begin()
	m.Done(api.Event{
		Route: "/v1/estimate", Method: "POST", Status: 200, Estimate: estimateOf(t, "kimi-k2.6", 1_500_000_000_000),
		Findings: []lint.Finding{{Code: lint.ModelRetired, Severity: lint.Warning}},
	})
	m.Begin()
	m.Done(api.Event{
		Route: "/v1/estimate/batch", Method: "POST", Status: 200,
		Batch: &api.BatchTally{Lines: 1, Problems: map[string]int{"unknown_model": 1}},
	})
	m.Vendor(metrics.VendorAttempt{Outcome: "ok"})
	m.Vendor(metrics.VendorAttempt{Outcome: "rate_limited", Held: true})
	return m, registry
}

// estimateOf returns an estimate for a model that costs so much.
func estimateOf(t *testing.T, id string, cost pricing.Amount) *estimator.Estimate {
	t.Helper()
	book, err := pricing.Embedded()
	require.NoError(t, err)
	model, err := book.Model(id)
	require.NoError(t, err)
	return &estimator.Estimate{
		Model: model, Usage: estimator.Usage{PromptTokens: 40}, Cache: estimator.CacheMiss,
		Count:   estimator.Count{Method: estimator.MethodTokenizer},
		Cost:    estimator.Cost{Currency: pricing.CNY, Expected: &cost},
		Verdict: estimator.Verdict{Decision: estimator.Allow},
	}
}

// described is a metric as a registry shows it: its type and labels.
func described(t *testing.T, g prometheus.Gatherer) map[string]string {
	t.Helper()
	families, err := g.Gather()
	require.NoError(t, err)
	found := map[string]string{}
	for _, f := range families {
		if !strings.HasPrefix(f.GetName(), "tollgate_") {
			continue
		}
		labels := map[string]bool{}
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				labels[l.GetName()] = true
			}
		}
		found[f.GetName()] = strings.ToLower(f.GetType().String()) + fmt.Sprint(slices.Sorted(maps.Keys(labels)))
	}
	return found
}

func TestThePageHasEveryMetricWithItsTypeAndLabels(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("README.md")
	require.NoError(t, err)
	word := regexp.MustCompile("`([a-z_]+)`")
	told := map[string]string{}
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(line, "|")
		if len(cells) < 6 || !strings.HasPrefix(cells[1], " `tollgate_") {
			continue
		}
		var labels []string
		for _, m := range word.FindAllStringSubmatch(cells[3], -1) {
			labels = append(labels, m[1])
		}
		slices.Sort(labels)
		told[word.FindStringSubmatch(cells[1])[1]] = strings.TrimSpace(cells[2]) + fmt.Sprint(labels)
	}
	_, registry := everything(t)
	require.Equal(t, described(t, registry), told)
}

func TestEveryMetricFollowsTheConventions(t *testing.T) {
	t.Parallel()
	_, registry := everything(t)
	problems, err := testutil.GatherAndLint(registry)
	require.NoError(t, err)
	for _, p := range problems {
		require.False(t, strings.HasPrefix(p.Metric, "tollgate_"), "%s: %s", p.Metric, p.Text)
	}
}

func TestMoneyAndTokensAreSummedByModel(t *testing.T) {
	t.Parallel()
	m, registry := everything(t)
	m.Begin()
	m.Done(api.Event{
		Route: "/v1/estimate/batch", Method: "POST", Status: 200,
		Batch: &api.BatchTally{Lines: 5, Currency: pricing.CNY, Models: map[string]api.ModelTally{
			"kimi-k2.6": {Estimates: 3, PromptTokens: 60, Unpriced: 1, Expected: 250_000_000_000},
			"kimi-k2.5": {Estimates: 2, Unpriced: 2},
		}},
	})
	require.NoError(t, testutil.GatherAndCompare(registry, strings.NewReader(`
# HELP tollgate_model_estimates_total Estimates made, by the model's id in the price table.
# TYPE tollgate_model_estimates_total counter
tollgate_model_estimates_total{model="kimi-k2.5"} 2
tollgate_model_estimates_total{model="kimi-k2.6"} 4
# HELP tollgate_prompt_tokens_total Tokens of the prompts that were estimated, by the model's id in the price table.
# TYPE tollgate_prompt_tokens_total counter
tollgate_prompt_tokens_total{model="kimi-k2.5"} 0
tollgate_prompt_tokens_total{model="kimi-k2.6"} 100
# HELP tollgate_unpriced_estimates_total Estimates without a price, by the model's id in the price table. They are in no sum of money.
# TYPE tollgate_unpriced_estimates_total counter
tollgate_unpriced_estimates_total{model="kimi-k2.5"} 2
tollgate_unpriced_estimates_total{model="kimi-k2.6"} 1
`), "tollgate_model_estimates_total", "tollgate_prompt_tokens_total", "tollgate_unpriced_estimates_total"))
	shown := scrape(t, m)
	require.Contains(t, shown, `tollgate_estimated_cost_total{currency="CNY",model="kimi-k2.6"} 1.75`+"\n")
	require.NotContains(t, shown, `tollgate_estimated_cost_total{currency="CNY",model="kimi-k2.5"}`, "unknown is never zero")
}

func TestModelsBeyondAHundredAreOther(t *testing.T) {
	t.Parallel()
	m, _, registry := newMetrics(t)
	tally := &api.BatchTally{Currency: pricing.USD, Models: map[string]api.ModelTally{}}
	for i := range 1000 {
		tally.Models[fmt.Sprintf("model-%d", i)] = api.ModelTally{Estimates: 1, Expected: 1_000_000_000}
	}
	m.Begin()
	m.Done(api.Event{Route: "/v1/estimate/batch", Method: "POST", Status: 200, Batch: tally})
	n, err := testutil.GatherAndCount(registry, "tollgate_model_estimates_total")
	require.NoError(t, err)
	require.Equal(t, 101, n)
	require.Contains(t, scrape(t, m), `tollgate_model_estimates_total{model="other"} 900`+"\n")
	require.Regexp(t, `tollgate_estimated_cost_total\{currency="USD",model="other"\} 0\.9(0000|\n|\d)`, scrape(t, m))
}

func TestTheStateIsAskedForWithEveryScrape(t *testing.T) {
	t.Parallel()
	m, _ := everything(t)
	shown := scrape(t, m)
	for _, line := range []string{
		`tollgate_body_memory_bytes{lane="small"} 100`,
		`tollgate_admission_waiting_requests{for="turn",lane="small"} 2`,
		`tollgate_cache_lookups_total{result="hit"} 5`,
		`tollgate_cache_entries 7`,
		`tollgate_vocabulary_loaded 1`,
		`tollgate_vendor_configured 0`,
		`tollgate_trace_spans_total{result="dropped"} 3`,
		`tollgate_shed_total{lane="large",reason="memory"} 0`,
	} {
		require.Contains(t, shown, line+"\n")
	}
}

func TestADurationNamesTheTraceThatShowsWhy(t *testing.T) {
	t.Parallel()
	m, _, registry := newMetrics(t)
	const trace = "0af7651916cd43dd8448eb211c80319c"
	m.Begin()
	m.Done(api.Event{Route: "/v1/estimate", Method: "POST", Status: 200, Took: 3_000_000, Trace: trace})
	families, err := registry.Gather()
	require.NoError(t, err)
	for _, f := range families {
		if f.GetName() == "tollgate_http_request_duration_seconds" {
			require.Contains(t, f.String(), trace)
			require.NotEmpty(t, f.GetMetric()[0].GetHistogram().GetPositiveSpan(), "a native histogram")
		}
	}
}

// TestCountingARequestTakesNoMemory holds the labels to being resolved once.
func TestCountingARequestTakesNoMemory(t *testing.T) {
	m, _, _ := newMetrics(t)
	e := api.Event{
		Route: "/v1/estimate", Method: "POST", Status: 200, Took: 3_000_000, Estimate: estimateOf(t, "kimi-k2.6", 1),
		Findings: []lint.Finding{{Code: lint.ModelRetired, Severity: lint.Warning}},
	}
	count := func() { m.Begin(); m.Done(e) }
	count()
	require.Zero(t, testing.AllocsPerRun(1000, count))
}

func BenchmarkDone(b *testing.B) {
	book, err := pricing.Embedded()
	require.NoError(b, err)
	model, err := book.Model("kimi-k2.6")
	require.NoError(b, err)
	m := metrics.New(metrics.Options{Book: func() *pricing.Book { return book }, Now: now})
	cost := pricing.Amount(1)
	est := &estimator.Estimate{
		Model: model, Count: estimator.Count{Method: estimator.MethodTokenizer}, Cache: estimator.CacheHit,
		Cost: estimator.Cost{Currency: pricing.CNY, Expected: &cost}, Verdict: estimator.Verdict{Decision: estimator.Allow},
	}
	b.ReportAllocs()
	for b.Loop() {
		m.Begin()
		m.Done(api.Event{Route: "/v1/estimate", Method: "POST", Status: 200, Took: 60_000, Estimate: est})
	}
}
