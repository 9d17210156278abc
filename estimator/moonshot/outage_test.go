package moonshot_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/moonshot"
)

// network is a vendor without sockets, so that time can be faked.
type network struct {
	calls  atomic.Int64
	answer func(call int64, r *http.Request) (*http.Response, error)
}

func (n *network) RoundTrip(r *http.Request) (*http.Response, error) {
	_, _ = io.Copy(io.Discard, r.Body)
	return n.answer(n.calls.Add(1), r)
}

func reply(status int, body string, header ...string) *http.Response {
	h := http.Header{}
	for i := 0; i < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body))}
}

func fine() *http.Response { return reply(200, `{"data":{"total_tokens":5}}`) }

// wired returns a client over n with the defaults of production.
func wired(t *testing.T, n *network, change func(*moonshot.Options)) *moonshot.Client {
	t.Helper()
	o := moonshot.Options{APIKey: "sk-x", Transport: n, Now: time.Now, Rand: func() float64 { return 1 }}
	if change != nil {
		change(&o)
	}
	return newClient(t, o)
}

func TestBackoffDoublesUpToItsCapAndNeverPassesTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := &network{answer: func(int64, *http.Request) (*http.Response, error) { return reply(503, ""), nil }}
		c := wired(t, n, func(o *moonshot.Options) {
			o.MaxAttempts, o.Breaker.Failures, o.TotalTimeout = 6, -1, time.Hour
		})
		start := time.Now()
		_, err := c.CountTokens(t.Context(), hello())
		require.Error(t, err)
		require.EqualValues(t, 6, n.calls.Load())
		// 0.2 + 0.4 + 0.8 + 1.6 + 2 seconds, with all of the jitter.
		require.Equal(t, 5*time.Second, time.Since(start))

		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		start = time.Now()
		_, err = c.CountTokens(ctx, hello())
		require.Error(t, err)
		require.Equal(t, 200*time.Millisecond, time.Since(start), "0.2 s fit, 0.4 s more do not and are not waited for")
	})
}

func TestJitterSpreadsRetriesOverTheWholePause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := &network{answer: func(call int64, _ *http.Request) (*http.Response, error) {
			if call%2 == 1 {
				return reply(503, ""), nil
			}
			return fine(), nil
		}}
		c := wired(t, n, func(o *moonshot.Options) { o.Rand = nil; o.Retry.Budget = 1000 })
		var low, high int
		for range 200 {
			start := time.Now()
			_, err := c.CountTokens(t.Context(), hello())
			require.NoError(t, err)
			took := time.Since(start)
			require.LessOrEqual(t, took, 200*time.Millisecond)
			if took < 50*time.Millisecond {
				low++
			}
			if took > 150*time.Millisecond {
				high++
			}
		}
		require.Greater(t, low, 20)
		require.Greater(t, high, 20)
	})
}

func TestTheVendorsHintIsKeptTo(t *testing.T) {
	t.Parallel()
	const limited = `{"error":{"type":"rate_limit_reached_error","message":"request reached organization max RPM: 3`
	for _, tt := range []struct {
		name   string
		answer func() *http.Response
		least  time.Duration
	}{
		{"seconds in the message", func() *http.Response {
			return reply(429, limited+`, please try again after 3 seconds"}}`)
		}, 3 * time.Second},
		{"its own header", func() *http.Response {
			return reply(429, limited+`"}}`, "Msh-Cooldown-Seconds", "2.5")
		}, 2500 * time.Millisecond},
		{"Retry-After in seconds", func() *http.Response { return reply(503, "", "Retry-After", "4") }, 4 * time.Second},
		{"Retry-After as a date", func() *http.Response {
			return reply(503, "", "Retry-After", time.Now().Add(6*time.Second).UTC().Format(http.TimeFormat))
		}, 5 * time.Second},
		{"the longest of several", func() *http.Response {
			return reply(429, limited+`, please try again after 1 seconds"}}`, "Retry-After", "2", "Msh-Cooldown-Seconds", "3")
		}, 3 * time.Second},
		{"nonsense is no hint", func() *http.Response {
			return reply(503, "", "Retry-After", "-5", "Msh-Cooldown-Seconds", "NaN")
		}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				n := &network{answer: func(call int64, _ *http.Request) (*http.Response, error) {
					if call == 1 {
						return tt.answer(), nil
					}
					return fine(), nil
				}}
				start := time.Now()
				_, err := wired(t, n, nil).CountTokens(t.Context(), hello())
				require.NoError(t, err)
				took := time.Since(start)
				require.GreaterOrEqual(t, took, tt.least)
				require.LessOrEqual(t, took, max(tt.least+tt.least/5+time.Second, 200*time.Millisecond))
			})
		})
	}
}

func TestAHintBeyondTheDeadlineIsReturnedAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := &network{answer: func(int64, *http.Request) (*http.Response, error) {
			return reply(429, "", "Retry-After", "60"), nil
		}}
		start := time.Now()
		_, err := wired(t, n, nil).CountTokens(t.Context(), hello())
		e, ok := errors.AsType[*moonshot.Error](err)
		require.True(t, ok)
		require.Equal(t, time.Minute, e.RetryAfter)
		require.Zero(t, time.Since(start))
	})
}

func TestAnOutageCostsTheVendorAtMostATenthMoreCalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := &network{answer: func(int64, *http.Request) (*http.Response, error) { return reply(503, ""), nil }}
		c := wired(t, n, func(o *moonshot.Options) { o.Breaker.Failures = -1 })
		const requests = 1000
		for range requests {
			_, err := c.CountTokens(t.Context(), hello())
			require.Error(t, err)
			time.Sleep(5 * time.Millisecond) // 200 a second
		}
		require.LessOrEqual(t, n.calls.Load(), int64(1100))
		require.Greater(t, n.calls.Load(), int64(requests), "there are retries")
	})
}

func TestAnOutageIsFeltByFewCallersAndItsEndWithinFiveSeconds(t *testing.T) {
	t.Parallel()
	type outage struct {
		name   string
		lasts  time.Duration
		answer func(*http.Request) (*http.Response, error)
	}
	var outages []outage
	for s := range 5 { // its end meets every moment of a trial and of a pause
		lasts := 20*time.Second + time.Duration(s)*time.Second
		outages = append(outages,
			outage{"errors", lasts, func(*http.Request) (*http.Response, error) { return reply(500, ""), nil }},
			outage{"silence", lasts, func(r *http.Request) (*http.Response, error) {
				<-r.Context().Done()
				return nil, r.Context().Err()
			}},
		)
	}
	for _, tt := range outages {
		t.Run(fmt.Sprint(tt.name, " for ", tt.lasts), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var up atomic.Bool
				n := &network{answer: func(_ int64, r *http.Request) (*http.Response, error) {
					if up.Load() {
						return fine(), nil
					}
					return tt.answer(r)
				}}
				c := wired(t, n, nil)
				var mu sync.Mutex
				var slow, failed, total int
				var back time.Duration
				var wg sync.WaitGroup
				start := time.Now()
				outage := tt.lasts
				for time.Since(start) < outage+6*time.Second {
					up.Store(time.Since(start) >= outage)
					wg.Go(func() {
						began := time.Now()
						_, err := c.CountTokens(t.Context(), hello())
						mu.Lock()
						defer mu.Unlock()
						total++
						if err == nil && back == 0 {
							back = time.Since(start) - outage
						}
						if err != nil {
							failed++
							if time.Since(began) > 50*time.Millisecond && began.Sub(start) > 5*time.Second {
								slow++
							}
						}
					})
					time.Sleep(5 * time.Millisecond)
				}
				wg.Wait()
				require.Less(t, slow, failed/100, "of %d failures", failed)
				require.Positive(t, back)
				require.LessOrEqual(t, back, 5*time.Second)
				t.Logf("%d requests, %d failed, %d of them slowly; %d calls; back after %v", total, failed, slow, n.calls.Load(), back)
			})
		})
	}
}

func TestAnOpenBreakerSaysWhenToComeBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := &network{answer: func(int64, *http.Request) (*http.Response, error) { return reply(500, ""), nil }}
		c := wired(t, n, nil)
		for range 3 {
			_, err := c.CountTokens(t.Context(), hello())
			require.Error(t, err)
		}
		before := n.calls.Load()
		_, err := c.CountTokens(t.Context(), hello())
		e, ok := errors.AsType[*moonshot.Error](err)
		require.True(t, ok)
		require.Equal(t, moonshot.KindUnavailable, e.Kind)
		require.Positive(t, e.RetryAfter)
		require.LessOrEqual(t, e.RetryAfter, 2*time.Second)
		require.Zero(t, e.Attempts)
		require.ErrorContains(t, err, "the last time it is not available")
		require.Equal(t, before, n.calls.Load())
	})
}

func TestRefusalsDoNotOpenTheBreaker(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := &network{answer: func(int64, *http.Request) (*http.Response, error) {
			return reply(400, `{"error":{"type":"invalid_request_error","message":"x"}}`), nil
		}}
		c := wired(t, n, nil)
		for range 50 {
			_, err := c.CountTokens(t.Context(), hello())
			require.Error(t, err)
		}
		require.EqualValues(t, 50, n.calls.Load())
	})
}

func TestHurriedCallersDoNotOpenTheBreaker(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := &network{answer: func(_ int64, r *http.Request) (*http.Response, error) {
			select {
			case <-time.After(300 * time.Millisecond):
				return fine(), nil
			case <-r.Context().Done():
				return nil, r.Context().Err()
			}
		}}
		c := wired(t, n, nil)
		for range 20 {
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			_, err := c.CountTokens(ctx, hello())
			cancel()
			require.ErrorIs(t, err, context.DeadlineExceeded)
		}
		_, err := c.CountTokens(t.Context(), hello())
		require.NoError(t, err)
	})
}

func TestManyHurriedCallersWithoutAnAnswerOpenTheBreaker(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := &network{answer: func(_ int64, r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}}
		c := wired(t, n, nil)
		for range 100 {
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			_, err := c.CountTokens(ctx, hello())
			cancel()
			require.Error(t, err)
		}
		require.EqualValues(t, 25, n.calls.Load(), "the others were told at once")
	})
}

func TestALongBodyGetsTheTimeItNeeds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := &network{answer: func(_ int64, r *http.Request) (*http.Response, error) {
			select {
			case <-time.After(20 * time.Second):
				return fine(), nil
			case <-r.Context().Done():
				return nil, r.Context().Err()
			}
		}}
		c := wired(t, n, nil)
		_, err := c.CountTokens(t.Context(), endless{100 << 20})
		require.NoError(t, err)
		_, err = c.CountTokens(t.Context(), hello())
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

// endless is a long body that is nowhere in memory.
type endless struct{ n int64 }

func (e endless) Len() int64           { return e.n }
func (e endless) NewReader() io.Reader { return io.LimitReader(zeros{}, e.n) }

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }
