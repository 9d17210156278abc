package metrics_test

import (
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/stretchr/testify/require"

	"tollgate/api/metrics"
	"tollgate/pricing"
)

func TestTheSharedCacheIsSeenByOperationAndResult(t *testing.T) {
	t.Parallel()
	book, err := pricing.Embedded()
	require.NoError(t, err)
	shared, registry := metrics.NewShared(), prometheus.NewRegistry()
	m := metrics.New(metrics.Options{
		Book: func() *pricing.Book { return book }, Now: now, Registry: registry, Collectors: []prometheus.Collector{shared},
	})
	require.Contains(t, scrape(t, m), "tollgate_shared_cache_breaker_open 0")
	shared.Command("get", "hit", 300*time.Microsecond)
	shared.Command("get", "timeout", 50*time.Millisecond)
	shared.Command("get", "skipped", 0)
	shared.Command("write", "dropped", 0)
	shared.Breaker(true)
	got := scrape(t, m)
	for _, line := range []string{
		`tollgate_shared_cache_commands_total{operation="get",result="hit"} 1`,
		`tollgate_shared_cache_commands_total{operation="get",result="timeout"} 1`,
		`tollgate_shared_cache_commands_total{operation="get",result="skipped"} 1`,
		`tollgate_shared_cache_commands_total{operation="write",result="dropped"} 1`,
		`tollgate_shared_cache_command_duration_seconds_bucket{operation="get",le="0.0005"} 1`,
		`tollgate_shared_cache_command_duration_seconds_count{operation="get"} 2`,
		`tollgate_shared_cache_breaker_open 1`,
	} {
		require.Contains(t, got, line)
	}
	require.NotContains(t, got, `duration_seconds_count{operation="write"}`, "what was not sent took no time")
	shared.Breaker(false)
	require.Contains(t, scrape(t, m), "tollgate_shared_cache_breaker_open 0")

	families, err := registry.Gather()
	require.NoError(t, err)
	problems, err := promlint.NewWithMetricFamilies(families).Lint()
	require.NoError(t, err)
	require.Empty(t, problems)
}
