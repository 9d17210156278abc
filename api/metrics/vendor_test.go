package metrics_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/api/metrics"
)

func TestAttemptsToAskTheVendorAreCounted(t *testing.T) {
	t.Parallel()
	m, _, _ := newMetrics(t)
	require.Contains(t, scrape(t, m), "tollgate_vendor_breaker_open 0\n")
	m.Vendor(metrics.VendorAttempt{Outcome: "ok", Took: 30 * time.Millisecond})
	m.Vendor(metrics.VendorAttempt{Outcome: "unavailable", Retry: true, BreakerOpen: true})
	m.Vendor(metrics.VendorAttempt{Outcome: "rate_limited", Held: true, Waited: 3 * time.Second, BreakerOpen: true})
	shown := scrape(t, m)
	for _, line := range []string{
		`tollgate_vendor_attempts_total{outcome="ok"} 1`,
		`tollgate_vendor_attempts_total{outcome="unavailable"} 1`,
		`tollgate_vendor_held_total{reason="rate_limited"} 1`,
		`tollgate_vendor_retries_total 1`,
		`tollgate_vendor_duration_seconds_count 2`,
		`tollgate_vendor_wait_seconds_count 3`,
		`tollgate_vendor_wait_seconds_sum 3`,
		`tollgate_vendor_breaker_open 1`,
	} {
		require.Contains(t, shown, line+"\n")
	}
	m.Vendor(metrics.VendorAttempt{Outcome: "ok"})
	require.Contains(t, scrape(t, m), "tollgate_vendor_breaker_open 0\n")
}
