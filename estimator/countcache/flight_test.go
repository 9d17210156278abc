package countcache_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/estimator"
	"tollgate/estimator/countcache"
)

// answer is what a call of Count returned.
type answer struct {
	count estimator.Count
	state estimator.CacheState
	err   error
}

// ask calls Count in a goroutine and returns where its answer will be.
func ask(
	ctx context.Context, c *countcache.Cache, key estimator.CacheKey, fill func(context.Context) (estimator.Count, error),
) <-chan answer {
	out := make(chan answer, 1)
	go func() {
		count, state, err := c.Count(ctx, key, fill)
		out <- answer{count, state, err}
	}()
	return out
}

func TestAThousandCallersShareOneFill(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := countcache.New(countcache.Options{})
		var fills atomic.Int64
		fill := func(context.Context) (estimator.Count, error) {
			fills.Add(1)
			time.Sleep(time.Second)
			return sample(9), nil
		}
		var answers []<-chan answer
		for range 1000 {
			answers = append(answers, ask(t.Context(), c, keyOf(1), fill))
		}
		states := map[estimator.CacheState]int{}
		for _, a := range answers {
			got := <-a
			require.NoError(t, got.err)
			require.Equal(t, sample(9), got.count)
			got.count.Parts[0].Tokens = -1 // the next one must not see this
			states[got.state]++
		}
		require.Equal(t, int64(1), fills.Load())
		require.Equal(t, map[estimator.CacheState]int{estimator.CacheMiss: 1, estimator.CacheCoalesced: 999}, states)
		require.Equal(t, countcache.Stats{
			Misses: 1, Coalesced: 999, Entries: 1, Limit: countcache.DefaultEntries,
		}, c.Stats())
	})
}

func TestACallerThatGoesAwayDisturbsNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := countcache.New(countcache.Options{})
		type traceID struct{}
		leaderCtx, leave := context.WithCancel(context.WithValue(t.Context(), traceID{}, "trace of the leader"))
		fill := func(ctx context.Context) (estimator.Count, error) {
			if ctx.Value(traceID{}) != "trace of the leader" {
				t.Error("the fill has not the values of the first caller's context")
			}
			select {
			case <-ctx.Done():
				return estimator.Count{}, ctx.Err()
			case <-time.After(time.Second):
				return sample(9), nil
			}
		}
		start := time.Now()
		leader := ask(leaderCtx, c, keyOf(1), fill)
		synctest.Wait()
		hurried, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		second := ask(hurried, c, keyOf(1), forbidden(t))
		third := ask(t.Context(), c, keyOf(1), forbidden(t))
		synctest.Wait()

		leave()
		require.Equal(t, answer{err: context.Canceled}, <-leader)
		require.Zero(t, time.Since(start), "who leaves does not wait")
		require.Equal(t, answer{err: context.DeadlineExceeded}, <-second)
		require.Equal(t, 100*time.Millisecond, time.Since(start))
		require.Equal(t, answer{count: sample(9), state: estimator.CacheCoalesced}, <-third)
		require.Equal(t, time.Second, time.Since(start))

		got, state, err := c.Count(t.Context(), keyOf(1), forbidden(t))
		require.NoError(t, err)
		require.Equal(t, estimator.CacheHit, state, "the fill was not in vain")
		require.Equal(t, sample(9), got)
	})
}

func TestWhoHasGoneAlreadyStartsNothing(t *testing.T) {
	t.Parallel()
	c := countcache.New(countcache.Options{})
	gone, leave := context.WithCancel(t.Context())
	leave()
	_, state, err := c.Count(gone, keyOf(1), forbidden(t))
	require.ErrorIs(t, err, context.Canceled)
	require.Empty(t, state)

	_, _, err = c.Count(t.Context(), keyOf(1), gives(9))
	require.NoError(t, err)
	_, state, err = c.Count(gone, keyOf(1), forbidden(t))
	require.NoError(t, err, "what is in memory costs nothing, not even for one who has gone")
	require.Equal(t, estimator.CacheHit, state)
}

func TestAnErrorGoesToThoseWhoWaitedAndNoFurther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := countcache.New(countcache.Options{})
		broken := errors.New("the vendor is down")
		var answers []<-chan answer
		for range 10 {
			answers = append(answers, ask(t.Context(), c, keyOf(1), func(context.Context) (estimator.Count, error) {
				time.Sleep(time.Second)
				return sample(9), broken
			}))
		}
		for _, a := range answers {
			got := <-a
			require.ErrorIs(t, got.err, broken)
			require.Equal(t, answer{err: got.err}, got)
		}
		got, state, err := c.Count(t.Context(), keyOf(1), gives(5))
		require.NoError(t, err)
		require.Equal(t, estimator.CacheMiss, state)
		require.Equal(t, sample(5), got)
		require.Equal(t, countcache.Stats{
			Misses: 2, Failures: 1, Entries: 1, Limit: countcache.DefaultEntries,
		}, c.Stats())
	})
}

func TestAFillIsStoppedAfterItsOwnTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := countcache.New(countcache.Options{FillTimeout: 3 * time.Second})
		start := time.Now()
		_, _, err := c.Count(t.Context(), keyOf(1), func(ctx context.Context) (estimator.Count, error) {
			<-ctx.Done()
			return estimator.Count{}, ctx.Err()
		})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, 3*time.Second, time.Since(start))
	})
}

func TestAPanicIsAnErrorForAllWhoWait(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		fault  func()
		logged string
	}{
		{"with a text", func() { panic("the prompt: sesame") }, `"panic":"string"`},
		{"with an error", func() { panic(errors.New("the prompt: sesame")) }, `"panic":"*errors.errorString"`},
		{"of the runtime", func() { _ = make([]int, 1)[len(t.Name())] }, `index out of range`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var log bytes.Buffer
				c := countcache.New(countcache.Options{Logger: slog.New(slog.NewJSONHandler(&log, nil))})
				fill := func(context.Context) (estimator.Count, error) {
					time.Sleep(time.Second)
					tt.fault()
					return sample(9), nil
				}
				leader, follower := ask(t.Context(), c, keyOf(1), fill), ask(t.Context(), c, keyOf(1), fill)
				require.Equal(t, answer{err: countcache.ErrPanicked}, <-leader)
				require.Equal(t, answer{err: countcache.ErrPanicked}, <-follower)
				require.Contains(t, log.String(), tt.logged)
				require.Contains(t, log.String(), "flight_test.go", "the stack leads to the fault")
				require.NotContains(t, log.String(), "sesame")

				_, state, err := c.Count(t.Context(), keyOf(1), gives(9))
				require.NoError(t, err)
				require.Equal(t, estimator.CacheMiss, state, "a panic is not remembered")
			})
		})
	}
}

func TestFillsOfDifferentKeysDoNotWaitForEachOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := countcache.New(countcache.Options{Entries: 4}) // one shard
		slow := ask(t.Context(), c, keyOf(1), func(context.Context) (estimator.Count, error) {
			time.Sleep(time.Second)
			return sample(1), nil
		})
		synctest.Wait()
		start := time.Now()
		_, _, err := c.Count(t.Context(), keyOf(2), gives(2))
		require.NoError(t, err)
		require.Zero(t, time.Since(start))
		require.NoError(t, (<-slow).err)
	})
}

func TestAProvisionalCountIsAnsweredAndNotRemembered(t *testing.T) {
	t.Parallel()
	c := countcache.New(countcache.Options{})
	key := estimator.CacheKey{Method: estimator.MethodVendor, Scope: "provisional"}
	for want := range int64(3) {
		got, state, err := c.Count(t.Context(), key, func(context.Context) (estimator.Count, error) {
			return estimator.Count{
				Method: estimator.MethodVendor, Tokens: want, Low: want, High: want, Provisional: want < 2,
				Parts: []estimator.PartCount{{Part: estimator.PartMessages, Tokens: want, Method: estimator.MethodVendor}},
			}, nil
		})
		require.NoError(t, err)
		require.Equal(t, estimator.CacheMiss, state)
		require.Equal(t, want, got.Tokens)
	}
	got, state, err := c.Count(t.Context(), key, nil)
	require.NoError(t, err)
	require.Equal(t, estimator.CacheHit, state)
	require.EqualValues(t, 2, got.Tokens)
}
