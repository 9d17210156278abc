package moonshot_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/estimator"
	"tollgate/estimator/chat"
	"tollgate/estimator/countcache"
	"tollgate/estimator/moonshot"
	"tollgate/pricing"
)

// failure is a way for the whole vendor to be away.
type failure struct {
	name   string
	status int    // 0: there is no answer
	body   string // of the answer
	err    error  // without an answer; nil: it hangs
	slow   bool   // its end is the vendor's to name, and need not be seen within five seconds
}

func failures() []failure {
	const overloaded = `{"error":{"type":"engine_overloaded_error","message":"The engine is currently overloaded, please try again later"}}`
	return []failure{
		{name: "black hole"},
		{name: "connection refused", err: syscall.ECONNREFUSED},
		{name: "500", status: 500},
		{name: "503", status: 503},
		{name: "429 overloaded", status: 429, body: overloaded},
		{name: "429 concurrency", status: 429, body: fmt.Sprintf(maxConcurrency, 50)},
		{name: "429 RPM", status: 429, body: fmt.Sprintf(maxRPM, 200), slow: true},
	}
}

func (f failure) answer(r *http.Request) (*http.Response, error) {
	switch {
	case f.status != 0:
		return reply(f.status, f.body), nil
	case f.err != nil:
		return nil, f.err
	}
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func TestAFullOutageCostsAtMostOneAndATenthCallsARequest(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var measured []string
	t.Cleanup(func() {
		slices.Sort(measured)
		t.Logf("scorecard | 9 | full outage, %d requests at 200 a second, half of them method=vendor, 1000 at once allowed | calls a request <= 1.1 | %s",
			outageRequests, strings.Join(measured, "; "))
	})
	for _, f := range failures() {
		for name, breaker := range map[string]int{"": 0, " without the breaker": -1} {
			t.Run(f.name+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					calls := callsIn(t, f, breaker)
					require.LessOrEqual(t, calls, int64(outageRequests*11/10))
					mu.Lock()
					defer mu.Unlock()
					measured = append(measured, fmt.Sprintf("%s%s %.3f", f.name, name, float64(calls)/outageRequests))
				})
			})
		}
	}
}

const outageRequests = 2000

// callsIn returns the calls of the vendor in an outage.
func callsIn(t *testing.T, f failure, breaker int) int64 {
	t.Helper()
	n := &network{answer: func(_ int64, r *http.Request) (*http.Response, error) { return f.answer(r) }}
	c := wired(t, n, func(o *moonshot.Options) { o.Breaker.Failures, o.Concurrency = breaker, 1000 })
	var wg sync.WaitGroup
	for i := range outageRequests {
		ctx := t.Context()
		if i%2 == 0 {
			ctx = spare(t, 2*time.Second)
		}
		wg.Go(func() {
			if _, err := c.CountTokens(ctx, hello()); err == nil {
				t.Error("a count from nowhere")
			}
		})
		time.Sleep(5 * time.Millisecond)
	}
	wg.Wait()
	return n.calls.Load()
}

// TestAMinuteOfOutageIsFeltByLessThanOneCallerInAHundred has the whole way of
// an estimate but HTTP, in a time of its own: sixty seconds at 200 requests a
// second, to the nanosecond the same on every machine.
func TestAMinuteOfOutageIsFeltByLessThanOneCallerInAHundred(t *testing.T) {
	t.Parallel()
	for _, f := range failures() {
		for _, cold := range []bool{false, true} { // cold: it began before anything was asked
			if cold && f.status != 0 && f.status != 500 {
				continue // as with 500: it is answered at once
			}
			t.Run(fmt.Sprint(f.name, cold), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { minute(t, f, cold) })
			})
		}
	}
}

// away is a vendor whose network can be switched.
func away(f failure, down *atomic.Bool) *network {
	return &network{answer: func(_ int64, r *http.Request) (*http.Response, error) {
		if down.Load() {
			return f.answer(r)
		}
		time.Sleep(30 * time.Millisecond)
		return fine(), nil
	}}
}

func minute(t *testing.T, f failure, cold bool) {
	t.Helper()
	var down atomic.Bool
	n := away(f, &down)
	counter, err := moonshot.NewCounter(moonshot.CounterOptions{Client: wired(t, n, nil), Local: toy{}, Now: time.Now})
	require.NoError(t, err)
	defer counter.Close()
	book, err := pricing.Embedded()
	require.NoError(t, err)
	e := estimator.New(estimator.Options{
		Prices: func() estimator.Prices { return book }, Cache: countcache.New(countcache.Options{}),
		Vendor: counter, Approximation: fallback{}, Currency: pricing.CNY, Now: time.Now,
	})
	asked := func(i int) (*estimator.Estimate, time.Duration) {
		began := time.Now()
		est, err := e.Estimate(context.Background(), scan(t, fmt.Sprintf(`{"model":"kimi-k2.6","messages":[{"role":"user","content":"%d"}]}`, i)), estimator.Query{})
		if err != nil {
			t.Error(err)
			return &estimator.Estimate{}, 0
		}
		return est, time.Since(began)
	}
	if !cold {
		asked(0)
		asked(0)
	}
	down.Store(true)
	before := n.calls.Load()
	const requests = 12_000
	const known = requests - 100
	took := make([]time.Duration, requests)
	var wg sync.WaitGroup
	for i := range requests {
		wg.Go(func() {
			var est *estimator.Estimate
			if est, took[i] = asked(i % known); i%known == 0 && !cold && est.Cache != estimator.CacheHit {
				t.Error("what is known is answered by the vendor's number")
			}
		})
		time.Sleep(5 * time.Millisecond)
	}
	wg.Wait()
	slices.Sort(took)
	calls := n.calls.Load() - before
	require.LessOrEqual(t, took[requests*99/100], 50*time.Millisecond)
	down.Store(false)
	back := time.Now()
	for i := requests; ; i++ {
		if est, _ := asked(i); len(est.Count.Parts) > 0 && est.Count.Parts[0].Method == estimator.MethodVendor {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	if !f.slow {
		require.LessOrEqual(t, time.Since(back), 5*time.Second)
	}
	slow := 0
	for _, d := range took {
		if d > 50*time.Millisecond {
			slow++
		}
	}
	t.Logf("%s, cold %t: %d calls, p99 %v, %d of %d slower than 50 ms, back after %v", f.name, cold, calls, took[requests*99/100], slow, requests, time.Since(back))
}

// fallback is toy as the counter of last resort.
type fallback struct{ toy }

func (fallback) Method() estimator.Method { return estimator.MethodApproximation }

func (fallback) Messages(context.Context, *chat.Request, *pricing.Model) ([]int64, error) {
	return nil, nil
}
