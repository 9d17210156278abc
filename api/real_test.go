package api_test

import (
	"encoding/json"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/api"
	"tollgate/estimator"
	"tollgate/estimator/countcache"
	"tollgate/estimator/local"
	"tollgate/estimator/moonshot"
	"tollgate/estimator/moonshot/fakevendor"
	"tollgate/pricing"
)

// approximation is shared: it never changes, and to unpack it takes a while.
var approximation = sync.OnceValues(local.NewApproximation)

// realOptions is the parts of an estimator as they run in production, without
// a vendor and without the vocabulary.
func realOptions(t testing.TB) estimator.Options {
	t.Helper()
	b := book(t)
	approximation, err := approximation()
	require.NoError(t, err)
	return estimator.Options{
		Prices:        func() estimator.Prices { return b },
		Cache:         countcache.New(countcache.Options{Entries: 1000}),
		Approximation: approximation,
		Currency:      pricing.CNY,
		Now:           now,
	}
}

// realEstimator counts by the approximation.
func realEstimator(t testing.TB) api.Estimator {
	t.Helper()
	return estimator.New(realOptions(t))
}

// withVendor asks a vendor that runs in this process.
func withVendor(t testing.TB, attempt time.Duration) (*estimator.Estimator, *fakevendor.Running) {
	t.Helper()
	vendor := fakevendor.Start(t, fakevendor.Options{})
	client, err := moonshot.New(moonshot.Options{
		BaseURL:        vendor.URL,
		APIKey:         fakevendor.Key,
		AttemptTimeout: attempt,
		TotalTimeout:   attempt,
		MaxAttempts:    1,
		Now:            time.Now,
	})
	require.NoError(t, err)
	t.Cleanup(client.Close)
	opts := realOptions(t)
	counter, err := moonshot.NewCounter(moonshot.CounterOptions{Client: client, Local: opts.Approximation, Now: time.Now})
	require.NoError(t, err)
	t.Cleanup(counter.Close)
	opts.Vendor = counter
	return estimator.New(opts), vendor
}

func TestTheBreakdownNamesEveryMessage(t *testing.T) {
	t.Parallel()
	body := `{"model":"kimi-k2.6","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hello"}]}`
	for target, want := range map[string]int{"/v1/estimate": 0, "/v1/estimate?breakdown=messages": 2} {
		rec := call(t, service(t, realEstimator(t)), http.MethodPost, target, body)
		require.Equal(t, http.StatusOK, rec.Code, rec.Body.String())
		var est api.Estimate
		require.NoError(t, json.Unmarshal(rec.Body.Bytes(), &est))
		require.Len(t, est.Count.Messages, want)
		for i, m := range est.Count.Messages {
			require.Equal(t, i, m.Index)
			require.Greater(t, m.Tokens, int64(4), "a message has a header")
			require.Equal(t, "approximation", m.Method)
		}
	}
}
