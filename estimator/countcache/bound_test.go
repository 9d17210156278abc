package countcache_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/estimator"
	"tollgate/estimator/countcache"
)

func TestTheBoundHoldsUnderAFloodOfUniqueKeys(t *testing.T) {
	t.Parallel()
	for _, bound := range []int64{1, 2, 3, 7, 100, 5_999, 20_000} {
		t.Run(fmt.Sprint(bound), func(t *testing.T) {
			t.Parallel()
			c := countcache.New(countcache.Options{Entries: bound})
			n := 5 * int(bound)
			for i := range n {
				_, state, err := c.Count(t.Context(), keyOf(i), gives(int64(i)))
				require.NoError(t, err)
				require.Equal(t, estimator.CacheMiss, state)
				if i%(1+n/100) == 0 {
					require.LessOrEqual(t, c.Stats().Entries, bound)
				}
			}
			stats := c.Stats()
			require.Equal(t, bound, stats.Limit)
			require.LessOrEqual(t, stats.Entries, bound)
			require.GreaterOrEqual(t, stats.Entries, bound/2, "a full cache is at least half full")
			require.Equal(t, int64(n), stats.Evictions+stats.Entries, "every count is in memory or was dropped")

			got, state, err := c.Count(t.Context(), keyOf(n-1), forbidden(t))
			require.NoError(t, err)
			require.Equal(t, estimator.CacheHit, state, "the newest is always there")
			require.Equal(t, sample(int64(n-1)), got)
		})
	}
}

func TestTheBoundHoldsForManyCallersAtOnce(t *testing.T) {
	t.Parallel()
	const bound, callers, each = 1_000, 8, 5_000
	c := countcache.New(countcache.Options{Entries: bound})
	var wg sync.WaitGroup
	for caller := range callers {
		wg.Go(func() {
			for i := range each {
				// Half of the keys are common to all callers, so that entries
				// are promoted while generations turn.
				n := i / 10
				if i%2 == 0 {
					n = 1_000_000*(caller+1) + i
				}
				got, _, err := c.Count(t.Context(), keyOf(n), gives(int64(n)))
				if err != nil || got.Tokens != int64(n)+4 {
					t.Errorf("Count(%d) = %d, %v", n, got.Tokens, err)
				}
				if i%500 == 0 && c.Stats().Entries > bound {
					t.Errorf("%d entries, want at most %d", c.Stats().Entries, bound)
				}
			}
		})
	}
	wg.Wait()
	stats := c.Stats()
	require.LessOrEqual(t, stats.Entries, int64(bound))
	require.Equal(t, int64(callers*each), stats.Hits+stats.Misses+stats.Coalesced)
}

func TestWhatIsAskedForStaysThroughAFlood(t *testing.T) {
	t.Parallel()
	const bound, hot = 1_000, 100
	c := countcache.New(countcache.Options{Entries: bound})
	for i := range 50 * bound {
		_, _, err := c.Count(t.Context(), keyOf(1_000_000+i), gives(1))
		require.NoError(t, err)
		n := i % hot
		_, state, err := c.Count(t.Context(), keyOf(n), gives(int64(n)))
		require.NoError(t, err)
		if i >= hot {
			require.Equal(t, estimator.CacheHit, state, "hot key %d in round %d", n, i/hot)
		}
	}
}
