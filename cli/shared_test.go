package cli_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/stretchr/testify/require"

	"tollgate/estimator/moonshot/fakevendor"
)

// replica starts a service that shares a server, asks a fake vendor, and takes
// more settings.
func replica(t *testing.T, vendor *fakevendor.Running, url string, env ...string) *running {
	t.Helper()
	return start(t, append([]string{
		"MOONSHOT_API_KEY=" + fakevendor.Key, "MOONSHOT_BASE_URL=" + vendor.URL, "TOLLGATE_REDIS_URL=" + url,
	}, env...)...)
}

// content is a request of its own for every number.
func lineOf(n int) string {
	return strings.Replace(hello, "Hello", fmt.Sprintf("Hello, this is request number %d of the test", n), 1)
}

// perRequest returns how often each request reached the vendor; the probes of
// calibrations, which are shorter, are left out.
func perRequest(vendor *fakevendor.Running) map[string]int {
	calls := map[string]int{}
	for _, c := range vendor.Calls() {
		if c.Bytes > int64(len(hello)+10) {
			calls[c.BodySHA256]++
		}
	}
	return calls
}

// metrics returns what the service counted.
func (s *running) metrics() string {
	s.t.Helper()
	resp, err := http.Get(s.url + "/metrics")
	require.NoError(s.t, err)
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	require.NoError(s.t, err)
	return string(b)
}

// tooSlow reports whether the shared cache did not answer a replica in time.
func tooSlow(replicas []*running) bool {
	return slices.ContainsFunc(replicas, func(r *running) bool {
		return strings.Contains(r.metrics(), `result="timeout"`)
	})
}

func TestTwoReplicasAskTheVendorOnceForEachRequest(t *testing.T) {
	t.Parallel()
	vendor := fakevendor.Start(t, fakevendor.Options{Delay: 20 * time.Millisecond})
	server := miniredis.RunT(t)
	url := "redis://" + server.Addr()
	replicas := []*running{replica(t, vendor, url), replica(t, vendor, url)}
	const requests = 40
	var wg sync.WaitGroup
	for n := range requests {
		for _, r := range replicas { // both at the same moment
			wg.Go(func() {
				status, answer := r.post("/v1/estimate?method=vendor", lineOf(n))
				if status != 200 {
					t.Errorf("request %d: %d %s", n, status, answer)
				}
			})
		}
	}
	wg.Wait()
	calls := perRequest(vendor)
	require.Len(t, calls, requests)
	for _, n := range calls {
		if n > 1 && tooSlow(replicas) {
			t.Skip("this machine is too slow now: the shared cache did not answer in time")
		}
		require.Equal(t, 1, n, "%v", calls)
	}
	_, answer := replicas[0].post("/v1/estimate", lineOf(0))
	require.Contains(t, string(answer), `"cache":"hit"`)

	third := replica(t, vendor, url)
	_, answer = third.post("/v1/estimate", lineOf(0))
	require.Contains(t, string(answer), `"cache":"shared"`)
	counted := third.metrics()
	require.Contains(t, counted, `tollgate_shared_cache_commands_total{operation="get",result="hit"} 1`)
	require.Contains(t, counted, `tollgate_estimates_total{cache="shared",method="mixed"} 1`)

	tenant := replica(t, vendor, url, "TOLLGATE_REDIS_SALT=another tenant")
	_, answer = tenant.post("/v1/estimate", lineOf(0))
	require.Contains(t, string(answer), `"cache":"miss"`)
	for _, text := range []string{server.Dump(), third.log.String(), tenant.log.String()} {
		require.NotContains(t, text, fakevendor.Key)
		require.NotContains(t, text, "request number")
		require.NotContains(t, text, "another tenant")
	}
}

func TestAServiceWithoutItsSharedCacheWorksAndSaysSoOnce(t *testing.T) {
	t.Parallel()
	vendor := fakevendor.Start(t, fakevendor.Options{})
	server := miniredis.RunT(t)
	addr := server.Addr()
	server.Close()
	r := replica(t, vendor, "redis://:sesame@"+addr)
	for n := range 20 {
		status, answer := r.post("/v1/estimate", lineOf(n))
		require.Equal(t, 200, status, "%s", answer)
		require.Contains(t, string(answer), `"cache":"miss"`)
	}
	require.Equal(t, 200, r.status("/readyz"), "a shared cache makes nobody ready")
	require.Equal(t, 1, strings.Count(r.log.String(), "shared cache"), "%s", r.log)
	require.NotContains(t, r.log.String(), "sesame")
	require.NotContains(t, r.log.String(), addr)
	require.Contains(t, r.metrics(), "tollgate_shared_cache_breaker_open 1")
	r.term()
	require.Equal(t, 0, r.stopped(), "%s", r.log)
}

func TestASharedCacheWithoutAVendorIsOdd(t *testing.T) {
	t.Parallel()
	s := start(t, "TOLLGATE_REDIS_URL=redis://localhost:1", "TOLLGATE_REDIS_SALT=x")
	require.Contains(t, s.log.String(), "local counts are not shared")
	require.NotContains(t, s.metrics(), "shared_cache")
}
