package countcache_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/estimator"
	"tollgate/estimator/countcache"
)

// recall asks for a key and returns the tokens of the messages and the state.
func recall(t *testing.T, c *countcache.Cache, fill func(context.Context) (estimator.Count, error)) (int64, estimator.CacheState) {
	t.Helper()
	got, state, err := c.Count(t.Context(), keyOf(1), fill)
	require.NoError(t, err)
	return got.Parts[0].Tokens, state
}

// after is a fill that takes a while.
func after(d time.Duration, n int64) func(context.Context) (estimator.Count, error) {
	return func(context.Context) (estimator.Count, error) {
		time.Sleep(d)
		return sample(n), nil
	}
}

func TestACountThatExpiresDuringARequestIsMadeAgainOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := countcache.New(countcache.Options{TTL: time.Minute, FillTimeout: time.Hour})
		n, state := recall(t, c, after(10*time.Minute, 1)) // longer than a count is believed
		require.Equal(t, []any{int64(1), estimator.CacheMiss}, []any{n, state})
		n, state = recall(t, c, forbidden(t))
		require.Equal(t, []any{int64(1), estimator.CacheHit}, []any{n, state}, "its minute begins when it is made")
		time.Sleep(time.Minute - time.Nanosecond)
		_, state = recall(t, c, forbidden(t))
		require.Equal(t, estimator.CacheHit, state)
		time.Sleep(time.Nanosecond)
		// It has expired. One caller makes it again, another joins him, and one
		// comes when it is there.
		joined := make(chan estimator.CacheState)
		go func() {
			time.Sleep(time.Second)
			_, s := recall(t, c, forbidden(t))
			joined <- s
		}()
		n, state = recall(t, c, after(2*time.Second, 2))
		require.Equal(t, []any{int64(2), estimator.CacheMiss}, []any{n, state})
		require.Equal(t, estimator.CacheCoalesced, <-joined)
		n, state = recall(t, c, forbidden(t))
		require.Equal(t, []any{int64(2), estimator.CacheHit}, []any{n, state})
		t.Log("scorecard | 31 | a count expires before, while and after it is made, in simulated time | " +
			"made again exactly once, never older than its TTL | 1 fill each, expired at the nanosecond")
	})
}

// Where the clock of the machine has no monotonic reading, a jump may make a
// count live shorter or longer, and nothing else.
func TestAClockThatJumpsBreaksNothing(t *testing.T) {
	t.Parallel()
	for _, jump := range []time.Duration{-48 * time.Hour, -time.Second, time.Second, 48 * time.Hour, 100 * 365 * 24 * time.Hour} {
		clock := newClock()
		c := countcache.New(countcache.Options{TTL: time.Hour, Clock: clock.Now})
		_, state := recall(t, c, gives(1))
		require.Equal(t, estimator.CacheMiss, state)
		clock.Advance(jump)
		n, state := recall(t, c, gives(2))
		if jump < time.Hour {
			require.Equal(t, []any{int64(1), estimator.CacheHit}, []any{n, state}, jump.String())
		} else {
			require.Equal(t, []any{int64(2), estimator.CacheMiss}, []any{n, state}, jump.String())
		}
		_, state = recall(t, c, forbidden(t))
		require.Equal(t, estimator.CacheHit, state)
		clock.Advance(-jump) // and is set right again
		n, _ = recall(t, c, gives(3))
		require.Contains(t, []int64{1, 2, 3}, n)
	}
	require.True(t, time.Now().String() != time.Now().Round(0).String(), "the default clock has a monotonic reading, so that none of this happens")
}
