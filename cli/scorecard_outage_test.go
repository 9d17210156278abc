package cli_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/moonshot/fakevendor"
)

// outage is how long the vendor is away in [TestAnOutageCostsAccuracyAndNeverAvailability].
// TOLLGATE_TEST_OUTAGE=60s is the scorecard's own.
func outage(t *testing.T) time.Duration {
	t.Helper()
	v := os.Getenv("TOLLGATE_TEST_OUTAGE")
	if v == "" {
		return 8 * time.Second
	}
	d, err := time.ParseDuration(v)
	require.NoError(t, err)
	return d
}

// seen is what became of the requests of one load.
type seen struct {
	took   []time.Duration
	failed int
	slow   int // that took more than 50 ms
	cached int // answered from the cache, by the vendor's number
}

func (s *seen) percentile(p float64) time.Duration {
	slices.Sort(s.took)
	return s.took[min(int(p*float64(len(s.took))), len(s.took)-1)]
}

// load sends 200 requests a second, every one of them new but for every
// twentieth, until stop says so, and waits for the answers.
func (s *asking) load(method, name string, stop func(time.Duration, answer) bool) *seen {
	var all seen
	var mu sync.Mutex
	var wg sync.WaitGroup
	began := time.Now()
	done := false
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for i := 0; ; i++ {
		<-tick.C
		mu.Lock()
		over := done || stop(time.Since(began), answer{})
		mu.Unlock()
		if over {
			break
		}
		wg.Go(func() {
			known := i%20 == 0
			body := content(fmt.Sprint(name, i))
			if known {
				body = content("The first one")
			}
			a := s.estimate(method, body)
			mu.Lock()
			defer mu.Unlock()
			all.took = append(all.took, a.took)
			if a.status != 200 {
				all.failed++
			}
			if a.took > 50*time.Millisecond {
				all.slow++
			}
			if known && a.estimate.Count.Cache == "hit" && a.estimate.Count.Parts[0].Method == "vendor" {
				all.cached++
			}
			done = done || !known && stop(time.Since(began), a)
		})
	}
	wg.Wait()
	return &all
}

func after(d time.Duration) func(time.Duration, answer) bool {
	return func(passed time.Duration, _ answer) bool { return passed >= d }
}

func TestAnOutageCostsAccuracyAndNeverAvailability(t *testing.T) { //nolint:paralleltest // it measures time
	lasts := outage(t)
	var measured []string
	missed := ""
	for _, f := range []fakevendor.Fault{fakevendor.FaultHang, fakevendor.Fault503} {
		s := ask(t)
		s.vendor.Set(func(o *fakevendor.Options) { o.Delay = 20 * time.Millisecond })
		local := s.load("approximation", "local", after(2*time.Second))
		healthy := s.load("auto", "healthy", after(2*time.Second))
		s.vendor.Forget()
		s.fault(f)
		during := s.load("auto", "during", after(lasts))
		calls := s.vendor.Estimates()
		open := s.gauge("tollgate_vendor_breaker_open")
		s.fault(fakevendor.FaultNone)
		var back time.Duration
		s.load("auto", "after", func(passed time.Duration, a answer) bool {
			if back == 0 && a.status == 200 && a.estimate.Count.Parts[0].Method == "vendor" {
				back = passed
			}
			return back > 0 || passed > 20*time.Second
		})
		require.Zero(t, during.failed+healthy.failed+local.failed)
		require.EqualValues(t, 1, open, "the breaker is open")
		require.InDelta(t, len(during.took)/20, during.cached, 1, "what is known is answered")
		require.Positive(t, back)
		require.LessOrEqual(t, calls, len(during.took)*11/10)
		// The callers of the first seconds wait in vain: those under way and a queue.
		require.Less(t, during.slow, 100+len(during.took)/20)
		if during.percentile(0.99) > local.percentile(0.99)+50*time.Millisecond || back > 5*time.Second {
			missed = "missed: "
		}
		measured = append(measured, fmt.Sprintf(
			"%s for %s: %d requests, %d failed, %d cached hits, %d calls, p50 %.1f ms, p99 %.1f ms, %d slower than 50 ms (local count p99 %.1f ms, vendor up p99 %.1f ms), back after %.2f s",
			f, lasts, len(during.took), during.failed, during.cached, calls, ms(during.percentile(0.5)), ms(during.percentile(0.99)),
			during.slow, ms(local.percentile(0.99)), ms(healthy.percentile(0.99)), back.Seconds()))
	}
	scorecard(t, "8", "vendor down under 200 requests a second, method auto",
		"breaker opens, p99 within 50 ms of the local count, cached contents answered, recovery within 5 s", missed+strings.Join(measured, "; "))
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
