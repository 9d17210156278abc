package api_test

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/api"
	"tollgate/estimator"
	"tollgate/estimator/chat"
)

// slow takes its time for each request.
type slow struct {
	*fake

	each time.Duration
}

func (s *slow) Estimate(ctx context.Context, _ *chat.Request, _ estimator.Query) (*estimator.Estimate, error) {
	select {
	case <-time.After(s.each):
		return s.estimate, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// load is requests that came to a service, by when they came.
type load struct {
	mu             sync.Mutex
	accepted, shed map[time.Duration][]time.Duration // how long they took
}

// come sends n requests at every step of a time.
func (l *load) come(t testing.TB, h http.Handler, n int, step, until time.Duration) {
	t.Helper()
	l.accepted, l.shed = map[time.Duration][]time.Duration{}, map[time.Duration][]time.Duration{}
	began := time.Now()
	var wg sync.WaitGroup
	for at := time.Duration(0); at < until; at += step {
		time.Sleep(at - time.Since(began))
		for range n {
			wg.Go(func() {
				rec, took := timed(t, h, "m", "x")
				l.mu.Lock()
				defer l.mu.Unlock()
				if rec.Code == http.StatusOK {
					l.accepted[at] = append(l.accepted[at], took)
				} else {
					l.shed[at] = append(l.shed[at], took)
				}
			})
		}
	}
	wg.Wait()
}

// worst returns how many of the requests from a time on there were, and how
// long the slowest took.
func worst(all map[time.Duration][]time.Duration, from time.Duration) (n int, most time.Duration) {
	for at, times := range all {
		for _, took := range times {
			if at >= from {
				n++
				most = max(most, took)
			}
		}
	}
	return n, most
}

// slots is a service that works on one request at a time, for so long.
func slots(t testing.TB, each time.Duration) http.Handler {
	t.Helper()
	h, _ := crowded(t, &slow{fake: &fake{estimate: contractEstimate(t)}, each: each}, func(o *api.Options) { o.Concurrency = 1 })
	return h
}

func TestABurstAtModerateLoadIsNotTurnedAway(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		each  time.Duration
		n     int
		every time.Duration
	}{
		{"of 95 ms of work", time.Millisecond, 95, 250 * time.Millisecond},
		{"of many small ones", 50 * time.Microsecond, 1000, 200 * time.Millisecond},
		{"of few slow ones", 20 * time.Millisecond, 4, 150 * time.Millisecond},
		{"at nine tenths of what is possible", time.Millisecond, 9, 10 * time.Millisecond},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var l load
				l.come(t, slots(t, tt.each), tt.n, tt.every, time.Second)
				n, _ := worst(l.shed, 0)
				require.Zero(t, n)
			})
		})
	}
}

func TestUnderTooMuchTheAcceptedAreNotLateAndTheRestIsToldAtOnce(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		each time.Duration
		n    int // a millisecond
		soon time.Duration
	}{
		{"ten times", time.Millisecond, 10, 50 * time.Millisecond},
		{"ten times, small ones", 300 * time.Microsecond, 33, 50 * time.Millisecond},
		{"twice", time.Millisecond, 2, 250 * time.Millisecond},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var l load
				const long = 700 * time.Millisecond
				l.come(t, slots(t, tt.each), tt.n, time.Millisecond, long)
				n, most := worst(l.accepted, tt.soon)
				require.Greater(t, n, int((long-tt.soon)/tt.each)*9/10, "all the time is used")
				require.LessOrEqual(t, most, max(2*tt.each, 2*time.Millisecond))
				n, most = worst(l.shed, tt.soon)
				require.Positive(t, n)
				require.Zero(t, most)
				_, most = worst(l.shed, 0)
				require.LessOrEqual(t, most, 100*time.Millisecond, "until it is known to be no burst")
			})
		})
	}
}

func TestOnceThereIsNoLongerTooMuchBurstsMayWaitAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := slots(t, time.Millisecond)
		var l load
		l.come(t, h, 10, time.Millisecond, 400*time.Millisecond)
		n, _ := worst(l.shed, 0)
		require.Positive(t, n)
		l.come(t, h, 5, 10*time.Millisecond, 600*time.Millisecond)
		n, _ = worst(l.shed, 200*time.Millisecond)
		require.Zero(t, n)
	})
}
