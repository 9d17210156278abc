package cli_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/api"
	"tollgate/estimator/moonshot/fakevendor"
)

func TestServeAnswersAtOnceWithoutKeyFileOrNetwork(t *testing.T) {
	t.Parallel()
	began := time.Now()
	s := start(t)
	status, answer := s.post("/v1/estimate", hello)
	require.Equal(t, 200, status, "%s", answer)
	require.Less(t, time.Since(began), 10*time.Second)
	var est api.Estimate
	require.NoError(t, json.Unmarshal(answer, &est))
	require.Equal(t, "approximation", est.Count.Method)
	require.Positive(t, est.Usage.PromptTokens)
	for _, path := range []string{"/healthz", "/readyz", "/metrics", "/openapi.json", "/swagger/index.html", "/v1/models"} {
		require.Equal(t, 200, s.status(path), path)
	}
}

func TestSIGTERMLosesNothingInFlight(t *testing.T) {
	t.Parallel()
	vendor := fakevendor.Start(t, fakevendor.Options{Delay: 700 * time.Millisecond})
	s := start(t, "MOONSHOT_API_KEY="+fakevendor.Key, "MOONSHOT_BASE_URL="+vendor.URL, "TOLLGATE_DRAIN_DELAY=2s")
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			status, answer := s.post("/v1/estimate", strings.Replace(hello, "Hello", fmt.Sprint("Hello ", i), 1))
			if status != 200 {
				t.Errorf("request %d: %d %s", i, status, answer)
			}
		})
	}
	time.Sleep(300 * time.Millisecond)
	s.term()
	require.Eventually(t, func() bool { return s.status("/readyz") == 503 }, 2*time.Second, 10*time.Millisecond)
	require.Equal(t, 200, s.status("/healthz"), "it lives while it drains")
	wg.Wait()
	require.Equal(t, 0, s.stopped(), "%s", s.log)
}

func TestASecondSignalStopsAtOnce(t *testing.T) {
	t.Parallel()
	s := start(t, "TOLLGATE_DRAIN_DELAY=1h")
	s.term()
	require.Eventually(t, func() bool { return s.status("/readyz") == 503 }, 5*time.Second, 10*time.Millisecond)
	began := time.Now()
	s.term()
	s.stopped()
	require.Less(t, time.Since(began), 10*time.Second)
}

func TestCountingKeepsToTheVendorsLimitsThatAreSet(t *testing.T) {
	t.Parallel()
	vendor := fakevendor.Start(t, fakevendor.Options{})
	s := &asking{start(t, "MOONSHOT_API_KEY="+fakevendor.Key, "MOONSHOT_BASE_URL="+vendor.URL,
		"TOLLGATE_VENDOR_RPM=1", "TOLLGATE_VENDOR_CONCURRENCY=1"), vendor}
	for i := range 20 {
		a := s.estimate("auto", content(fmt.Sprint("Limited ", i)))
		require.Equal(t, 200, a.status)
		require.Contains(t, string(a.body), "vendor_unavailable")
		require.Contains(t, string(a.body), "TOLLGATE_VENDOR_RPM")
	}
	a := s.estimate("vendor", content("Limited"))
	require.Equal(t, 503, a.status)
	require.NotEmpty(t, a.header.Get("Retry-After"))
	require.Equal(t, 1, vendor.Estimates(), "the call that calibrates is the only one of this minute")
	require.EqualValues(t, 21, s.gauge(`tollgate_vendor_held_total{reason="rate_limited"}`))
	require.EqualValues(t, 1, s.gauge(`tollgate_vendor_attempts_total{outcome="ok"}`))
}

func TestAThousandEqualRequestsReachTheVendorOnce(t *testing.T) {
	t.Parallel()
	vendor := fakevendor.Start(t, fakevendor.Options{Delay: 50 * time.Millisecond})
	s := start(t, "MOONSHOT_API_KEY="+fakevendor.Key, "MOONSHOT_BASE_URL="+vendor.URL)
	body := `{"model":"kimi-k2.6","messages":[{"role":"user","content":"How often will this be counted?"}]}`
	states := make(chan string, 1000)
	var wg sync.WaitGroup
	for range cap(states) {
		wg.Go(func() {
			status, answer := s.post("/v1/estimate", body)
			for ; status == http.StatusServiceUnavailable; status, answer = s.post("/v1/estimate", body) {
				time.Sleep(50 * time.Millisecond) // a slow machine tells some to come back
			}
			var est api.Estimate
			if status == http.StatusOK && json.Unmarshal(answer, &est) == nil {
				states <- est.Count.Cache
			}
		})
	}
	wg.Wait()
	close(states)
	seen := map[string]int{}
	for state := range states {
		seen[state]++
	}
	require.Equal(t, 1000, seen["miss"]+seen["coalesced"]+seen["hit"], "%v", seen)

	again := `{ "temperature" : 1.0, "messages": [ {"content": "How often will th\u0069s be counted?", "role":"user"} ] , "model": "kimi-k2.6"}`
	require.Eventually(t, func() bool { // on a slow machine the vendor is not waited for, and its answer comes later
		_, answer := s.post("/v1/estimate", again)
		return strings.Contains(string(answer), `"cache":"hit"`)
	}, 30*time.Second, 10*time.Millisecond)

	contents := vendor.PerContent()
	calls := 0
	for _, call := range vendor.Calls() {
		if call.Bytes > 80 { // what is smaller is the calibration's probe
			calls++
		}
	}
	require.Equal(t, 1, calls, "%v", contents)
	t.Logf("scorecard | 10 | 1,000 equal requests at once on a cold cache, then the same request spelled in another way | "+
		"1 call to the vendor for all of them | %d call for them, %d in all with the calibration; states %v", calls, vendor.Estimates(), seen)
}

func TestTheFirstOfManyEqualCallersMayLeave(t *testing.T) {
	t.Parallel()
	vendor := fakevendor.Start(t, fakevendor.Options{Delay: 700 * time.Millisecond})
	s := start(t, "MOONSHOT_API_KEY="+fakevendor.Key, "MOONSHOT_BASE_URL="+vendor.URL)
	body := `{"model":"kimi-k2.6","messages":[{"role":"user","content":"Who asked for this first is gone before the answer."}]}`
	ctx, leave := context.WithCancel(t.Context())
	left := make(chan error, 1)
	go func() {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+"/v1/estimate?method=vendor", strings.NewReader(body))
		if err == nil {
			req.Header.Set("Content-Type", "application/json")
			_, err = http.DefaultTransport.RoundTrip(req) //nolint:bodyclose // there is none: the caller has left
		}
		left <- err
	}()
	require.Eventually(t, func() bool { return vendor.Estimates() > 0 }, 10*time.Second, time.Millisecond)
	const others = 50
	statuses := make(chan int, others)
	var wg sync.WaitGroup
	for range others {
		wg.Go(func() {
			status, _ := s.post("/v1/estimate?method=vendor", body)
			statuses <- status
		})
	}
	time.Sleep(100 * time.Millisecond)
	leave()
	require.ErrorIs(t, <-left, context.Canceled)
	wg.Wait()
	close(statuses)
	for status := range statuses {
		require.Equal(t, 200, status)
	}
	calls := 0
	for _, call := range vendor.Calls() {
		if call.Bytes > 100 { // what is smaller is the calibration's probe
			calls++
		}
	}
	require.Equal(t, 1, calls)
	t.Logf("scorecard | 11 | the first of %d equal callers leaves while the vendor counts | the others get 200, 1 call to the vendor | %d of %d got 200, %d call",
		others+1, others, others, calls)
}

func TestThePriceFileIsReadAgainAndABadOneKeptOut(t *testing.T) {
	t.Parallel()
	record := func(output string) string {
		good, err := os.ReadFile("../pricing/data/kimi-k2.6.yaml")
		require.NoError(t, err)
		return strings.ReplaceAll(string(good), `"27.00"`, `"`+output+`"`)
	}
	path := filepath.Join(t.TempDir(), "prices.yaml")
	require.NoError(t, os.WriteFile(path, []byte(record("28.00")), 0o600))
	s := start(t, "TOLLGATE_PRICES="+path)
	rate := func() string {
		_, answer := s.post("/v1/estimate", hello)
		var est api.Estimate
		require.NoError(t, json.Unmarshal(answer, &est))
		return est.Cost.Lines[2].PerMillion
	}
	require.Equal(t, "28", rate())
	require.NoError(t, os.WriteFile(path, []byte(record("1e3")), 0o600))
	require.Eventually(t, func() bool { return strings.Contains(s.log.String(), "what was in force stays so") },
		15*time.Second, 50*time.Millisecond)
	require.Equal(t, "28", rate())
	require.NoError(t, os.WriteFile(path, []byte(record("29.00")), 0o600))
	require.Eventually(t, func() bool { return rate() == "29" }, 15*time.Second, 50*time.Millisecond)
}
