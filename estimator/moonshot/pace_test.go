package moonshot_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/estimator"
	"tollgate/estimator/moonshot"
)

// spare returns the context of a caller who waits that long and has another
// count.
func spare(t *testing.T, patience time.Duration) context.Context {
	return estimator.WithWaiting(t.Context(), estimator.Waiting{Until: time.Now().Add(patience), Spare: true})
}

// refusal returns err as an error of this package.
func refusal(t *testing.T, err error) *moonshot.Error {
	t.Helper()
	e, ok := errors.AsType[*moonshot.Error](err)
	require.True(t, ok, "%v", err)
	return e
}

const (
	maxRPM         = `{"error":{"type":"rate_limit_reached_error","message":"request reached organization max RPM: %d, please try again after 1 seconds"}}`
	maxConcurrency = `{"error":{"type":"rate_limit_reached_error","message":"request reached max organization concurrency: %d, please try again after 1 seconds"}}`
)

func TestNoMinuteHasMoreExchangesThanItsLimit(t *testing.T) {
	t.Parallel()
	for _, rpm := range []int{1, 3, 20, 200, 5000} {
		t.Run(fmt.Sprint(rpm), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var sent []time.Time
				n := &network{answer: func(int64, *http.Request) (*http.Response, error) {
					sent = append(sent, time.Now())
					return fine(), nil
				}}
				c := wired(t, n, func(o *moonshot.Options) { o.RPM, o.TotalTimeout = rpm, time.Hour })
				for start := time.Now(); time.Since(start) < 5*time.Minute; {
					_, err := c.CountTokens(t.Context(), hello())
					require.NoError(t, err)
				}
				first := 0
				for i := range sent {
					for sent[i].Sub(sent[first]) >= time.Minute {
						first++
					}
					require.LessOrEqual(t, i-first+1, rpm)
				}
				require.GreaterOrEqual(t, len(sent), rpm*5*85/100, "most of it is used")
			})
		})
	}
}

func TestACallThatCannotBeSentInTimeIsNotSentAndSaysWhenToComeBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := &network{answer: func(int64, *http.Request) (*http.Response, error) { return fine(), nil }}
		c := wired(t, n, func(o *moonshot.Options) { o.RPM = 3 })
		_, err := c.CountTokens(spare(t, 2*time.Second), hello())
		require.NoError(t, err)
		for name, ctx := range map[string]context.Context{"auto": spare(t, 2*time.Second), "vendor": t.Context()} {
			start := time.Now()
			_, err = c.CountTokens(ctx, hello())
			e := refusal(t, err)
			require.Equal(t, moonshot.KindRateLimited, e.Kind, name)
			require.InDelta(t, 22, e.RetryAfter.Seconds(), 1)
			require.Zero(t, time.Since(start), "it is told at once")
			require.Zero(t, e.Attempts)
			require.ErrorContains(t, err, "TOLLGATE_VENDOR_RPM")
		}
		require.EqualValues(t, 1, n.calls.Load())
		time.Sleep(12 * time.Second)
		start := time.Now()
		_, err = c.CountTokens(t.Context(), hello())
		require.NoError(t, err, "who wants the vendor's number waits for it")
		require.InDelta(t, 10, time.Since(start).Seconds(), 1)
	})
}

func TestExchangesUnderWayAreBoundedAndSoIsTheWaitForThem(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var busy, most atomic.Int64
		n := &network{answer: func(int64, *http.Request) (*http.Response, error) {
			now := busy.Add(1)
			defer busy.Add(-1)
			most.Store(max(most.Load(), now))
			time.Sleep(300 * time.Millisecond)
			return fine(), nil
		}}
		c := wired(t, n, func(o *moonshot.Options) { o.Concurrency = 5 })
		var wg sync.WaitGroup
		var atOnce, counted atomic.Int64
		for range 200 {
			wg.Go(func() {
				start := time.Now()
				_, err := c.CountTokens(spare(t, 2*time.Second), hello())
				switch {
				case err == nil:
					counted.Add(1)
				case time.Since(start) == 0:
					atOnce.Add(1)
				}
			})
		}
		wg.Wait()
		require.EqualValues(t, 5, most.Load())
		require.EqualValues(t, 5+16, counted.Load(), "those under way and a short queue")
		require.EqualValues(t, 200-5-16, atOnce.Load(), "who has another count is told at once that the queue is full")
		for range 100 {
			wg.Go(func() {
				_, err := c.CountTokens(t.Context(), hello())
				require.NoError(t, err, "who has none waits")
			})
		}
		wg.Wait()
		require.EqualValues(t, 5, most.Load())
	})
}

func TestARefusalTeachesTheAccountsLimitAndHalfOfItIsKeptTo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const tier = 20
		var minute []time.Time
		refused := 0
		n := &network{answer: func(int64, *http.Request) (*http.Response, error) {
			for len(minute) > 0 && time.Since(minute[0]) >= time.Minute {
				minute = minute[1:]
			}
			if len(minute) >= tier {
				refused++
				return reply(429, fmt.Sprintf(maxRPM, tier)), nil
			}
			minute = append(minute, time.Now())
			return fine(), nil
		}}
		c := wired(t, n, nil)
		start := time.Now()
		taught := 0
		for time.Since(start) < 8*time.Minute {
			if time.Since(start) > 2*time.Minute && taught == 0 {
				taught = refused
			}
			_, _ = c.CountTokens(spare(t, 2*time.Second), hello())
			time.Sleep(100 * time.Millisecond)
			if time.Since(start) > 3*time.Minute {
				require.LessOrEqual(t, len(minute), tier/2+1, "half of it is left to the account")
			}
		}
		require.LessOrEqual(t, taught, 6, "in the minute that was full")
		require.Equal(t, taught, refused, "it does not run into the limit again")
		time.Sleep(11 * time.Minute)
		for range tier {
			_, err := c.CountTokens(spare(t, 2*time.Second), hello())
			require.NoError(t, err, "a while later it may have a better tier")
		}
	})
}

func TestTheConcurrencyOfTheAccountIsLearned(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var busy, refused atomic.Int64
		n := &network{answer: func(int64, *http.Request) (*http.Response, error) {
			if busy.Add(1) > 1 {
				busy.Add(-1)
				refused.Add(1)
				return reply(429, fmt.Sprintf(maxConcurrency, 1)), nil
			}
			time.Sleep(200 * time.Millisecond)
			busy.Add(-1)
			return fine(), nil
		}}
		c := wired(t, n, nil)
		load := func() {
			var wg sync.WaitGroup
			for range 20 {
				wg.Go(func() { _, _ = c.CountTokens(spare(t, 2*time.Second), hello()) })
			}
			wg.Wait()
		}
		load()
		once := refused.Load()
		require.Positive(t, once)
		for range 20 {
			time.Sleep(5 * time.Second)
			load()
		}
		require.Equal(t, once, refused.Load(), "then one thing at a time")
	})
}

func TestNobodyIsSentBeforeTheTimeThatTheVendorNamesAndThenOneAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var up atomic.Bool
		var sent []time.Time
		n := &network{answer: func(int64, *http.Request) (*http.Response, error) {
			sent = append(sent, time.Now())
			if up.Load() {
				return fine(), nil
			}
			return reply(429, `{"error":{"type":"rate_limit_reached_error","message":"slow down"}}`, "Retry-After", "3"), nil
		}}
		c := wired(t, n, nil)
		start := time.Now()
		for time.Since(start) < 20*time.Second {
			began := time.Now()
			_, err := c.CountTokens(spare(t, 2*time.Second), hello())
			require.Positive(t, refusal(t, err).RetryAfter)
			require.Zero(t, time.Since(began), "who has another count does not wait for a refusal to end")
			time.Sleep(5 * time.Millisecond)
		}
		for i := 1; i < len(sent); i++ {
			require.GreaterOrEqual(t, sent[i].Sub(sent[i-1]), 3*time.Second)
		}
		require.LessOrEqual(t, len(sent), 7)
		up.Store(true)
		back := time.Now()
		require.Eventually(t, func() bool {
			_, err := c.CountTokens(spare(t, 2*time.Second), hello())
			return err == nil
		}, 10*time.Second, 10*time.Millisecond)
		require.Less(t, time.Since(back), 5*time.Second)
	})
}

func TestALimitOfTokensIsAskedAfterLessAndLess(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := &network{answer: func(int64, *http.Request) (*http.Response, error) {
			return reply(429, `{"error":{"type":"rate_limit_reached_error","message":"request reached organization TPD rate limit, current: 1563653, limit: 1500000"}}`), nil
		}}
		c := wired(t, n, nil)
		for start := time.Now(); time.Since(start) < time.Hour; time.Sleep(time.Second) {
			_, err := c.CountTokens(spare(t, 2*time.Second), hello())
			require.ErrorContains(t, err, "tokens a day")
		}
		require.Less(t, n.calls.Load(), int64(70), "in an hour")
	})
}

func TestNothingIsBegunThatNobodyWaitsFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := &network{answer: func(int64, *http.Request) (*http.Response, error) {
			time.Sleep(3 * time.Second)
			return reply(500, ""), nil
		}}
		c := wired(t, n, nil)
		_, err := c.CountTokens(spare(t, 2*time.Second), hello())
		require.Equal(t, moonshot.KindUnavailable, refusal(t, err).Kind)
		require.EqualValues(t, 1, n.calls.Load(), "no retry when the caller has left")
		_, err = c.CountTokens(spare(t, -time.Second), hello())
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.EqualValues(t, 1, n.calls.Load())
	})
}

func TestWhoHasAnotherCountDoesNotWaitForATrial(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var up atomic.Bool
		n := &network{answer: func(_ int64, r *http.Request) (*http.Response, error) {
			if up.Load() {
				return fine(), nil
			}
			<-r.Context().Done()
			return nil, r.Context().Err()
		}}
		c := wired(t, n, nil)
		var wg sync.WaitGroup
		for range moonshot.DefaultConcurrency { // they open the breaker
			wg.Go(func() { _, _ = c.CountTokens(t.Context(), hello()) })
		}
		wg.Wait()
		before := n.calls.Load()
		for start := time.Now(); time.Since(start) < 30*time.Second; time.Sleep(10 * time.Millisecond) {
			began := time.Now()
			_, err := c.CountTokens(spare(t, 2*time.Second), hello())
			require.Equal(t, moonshot.KindUnavailable, refusal(t, err).Kind)
			require.Zero(t, time.Since(began))
		}
		require.InDelta(t, 7, n.calls.Load()-before, 1, "and yet it is tried every four seconds")
		up.Store(true)
		back := time.Now()
		require.Eventually(t, func() bool {
			_, err := c.CountTokens(spare(t, 2*time.Second), hello())
			return err == nil
		}, 10*time.Second, 10*time.Millisecond)
		require.Less(t, time.Since(back), 5*time.Second)
	})
}

func TestWhatIsHeldBackIsObserved(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := &network{answer: func(int64, *http.Request) (*http.Response, error) { return fine(), nil }}
		var seen []moonshot.Attempt
		c := wired(t, n, func(o *moonshot.Options) {
			o.RPM, o.Observe = 3, func(a moonshot.Attempt) { seen = append(seen, a) }
		})
		for range 2 {
			_, _ = c.CountTokens(t.Context(), hello())
		}
		require.Equal(t, []moonshot.Attempt{{Status: 200}, {Kind: moonshot.KindRateLimited, Held: true}}, seen)
	})
}

func TestAnExchangeGetsNoMoreTimeThanItsCallerHas(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var given time.Duration
		n := &network{answer: func(_ int64, r *http.Request) (*http.Response, error) {
			deadline, _ := r.Context().Deadline()
			given = time.Until(deadline)
			return fine(), nil
		}}
		c := wired(t, n, nil)
		for has, want := range map[time.Duration]time.Duration{
			time.Second: time.Second, time.Minute: moonshot.DefaultAttemptTimeout,
		} {
			ctx, cancel := context.WithTimeout(t.Context(), has)
			_, err := c.CountTokens(ctx, hello())
			cancel()
			require.NoError(t, err)
			require.InDelta(t, want, given, float64(time.Millisecond))
		}
	})
}

func TestACallIsOverInItsOwnTimeWhereverItIs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := &network{answer: func(_ int64, r *http.Request) (*http.Response, error) {
			<-r.Context().Done() // a vendor that hangs
			return nil, r.Context().Err()
		}}
		c := wired(t, n, func(o *moonshot.Options) {
			o.Concurrency, o.AttemptTimeout, o.TotalTimeout = 1, 10*time.Second, 4*time.Second
		})
		start, long := time.Now(), body(make([]byte, 8<<20)) // it has two seconds more
		var under error
		var wg sync.WaitGroup
		wg.Go(func() { _, under = c.CountTokens(t.Context(), long) })
		synctest.Wait()
		_, queued := c.CountTokens(t.Context(), hello())
		require.InDelta(t, 4*time.Second, time.Since(start), float64(time.Millisecond), "in the queue")
		wg.Wait()
		require.InDelta(t, 6*time.Second, time.Since(start), float64(time.Millisecond), "under way")
		requireTimeout(t, queued, 0)
		requireTimeout(t, under, 1)
	})
}

// requireTimeout requires the error of a call that ran out of time after so many
// exchanges.
func requireTimeout(t *testing.T, err error, exchanges int) {
	t.Helper()
	e, ok := errors.AsType[*moonshot.Error](err)
	require.True(t, ok, err)
	require.Equal(t, moonshot.KindTimeout, e.Kind)
	require.Equal(t, exchanges, e.Attempts)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}
