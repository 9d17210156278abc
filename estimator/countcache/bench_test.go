package countcache_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/estimator"
	"tollgate/estimator/countcache"
)

// filled returns a cache that holds the counts of keyOf(0) to keyOf(n-1).
func filled(tb testing.TB, n int) *countcache.Cache {
	tb.Helper()
	c := countcache.New(countcache.Options{Entries: int64(4 * n)})
	for i := range n {
		_, _, err := c.Count(tb.Context(), keyOf(i), gives(int64(i)))
		require.NoError(tb, err)
	}
	return c
}

func TestAHitAllocatesNothingButItsAnswer(t *testing.T) {
	c := filled(t, 100)
	never, ctx := forbidden(t), t.Context()
	allocs := testing.AllocsPerRun(1000, func() {
		_, _, _ = c.Count(ctx, keyOf(7), never)
	})
	require.LessOrEqual(t, allocs, 1.0, "the slice of parts is the caller's own")
}

func BenchmarkHit(b *testing.B) {
	for _, n := range []int{1_000, 100_000} {
		b.Run(fmt.Sprintf("entries=%d", n), func(b *testing.B) {
			c := filled(b, n)
			never, ctx := gives(-1), b.Context()
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				i = (i + 7919) % n
				if got, _, _ := c.Count(ctx, keyOf(i), never); got.Tokens != int64(i)+4 {
					b.Fatal(got)
				}
			}
		})
	}
}

func BenchmarkHitParallel(b *testing.B) {
	for _, n := range []int{1, 1_000, 100_000} {
		b.Run(fmt.Sprintf("entries=%d", n), func(b *testing.B) {
			c := filled(b, n)
			b.ReportAllocs()
			b.ResetTimer() // RunParallel, unlike Loop, would count the filling
			b.RunParallel(func(pb *testing.PB) {
				never, ctx := gives(-1), b.Context()
				for i := 0; pb.Next(); {
					i = (i + 7919) % n
					if got, _, _ := c.Count(ctx, keyOf(i), never); got.Tokens != int64(i)+4 {
						b.Fatal(got)
					}
				}
			})
		})
	}
}

// BenchmarkMiss is the cache's own cost of a key that is new, eviction
// included.
func BenchmarkMiss(b *testing.B) {
	c := countcache.New(countcache.Options{Entries: 10_000})
	ctx := b.Context()
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		i++
		if _, state, _ := c.Count(ctx, keyOf(i), gives(1)); state != estimator.CacheMiss {
			b.Fatal(state)
		}
	}
}
