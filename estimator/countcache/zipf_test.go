package countcache_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/stretchr/testify/require"

	"tollgate/estimator"
	"tollgate/estimator/countcache"
)

// trace is a sequence of keys by number: n draws of Zipf's law with exponent
// 1.01 over a million keys, the shape of requests that people repeat.
func trace(n int, seed uint64) []int {
	zipf := rand.NewZipf(rand.New(rand.NewPCG(seed, 2)), 1.01, 1, 1_000_000-1)
	keys := make([]int, n)
	for i := range keys {
		keys[i] = int(zipf.Uint64())
	}
	return keys
}

// scan is n keys that are asked for once: somebody runs a whole data set
// through the service.
func scan(n int) []int {
	keys := make([]int, n)
	for i := range keys {
		keys[i] = 10_000_000 + i
	}
	return keys
}

// oursRatio plays keys to a cache of size entries, which already saw warmup.
func oursRatio(tb testing.TB, size int, warmup, keys []int) float64 {
	tb.Helper()
	c := countcache.New(countcache.Options{Entries: int64(size)})
	ask := func(n int) bool {
		_, state, err := c.Count(tb.Context(), keyOf(n), gives(int64(n)))
		require.NoError(tb, err)
		return state == estimator.CacheHit
	}
	for _, k := range warmup {
		ask(k)
	}
	hits := 0
	for _, k := range keys {
		if ask(k) {
			hits++
		}
	}
	return float64(hits) / float64(len(keys))
}

// lruRatio is oursRatio of hashicorp's LRU.
func lruRatio(tb testing.TB, size int, warmup, keys []int) float64 {
	tb.Helper()
	c, err := lru.New[estimator.CacheKey, int](size)
	require.NoError(tb, err)
	ask := func(n int) bool {
		_, ok := c.Get(keyOf(n))
		if !ok {
			c.Add(keyOf(n), n)
		}
		return ok
	}
	for _, k := range warmup {
		ask(k)
	}
	hits := 0
	for _, k := range keys {
		if ask(k) {
			hits++
		}
	}
	return float64(hits) / float64(len(keys))
}

func TestHotCountsStayAsTheyWouldInAnLRUAndLongerThroughAScan(t *testing.T) {
	t.Parallel()
	const size = 1_000
	warmup, keys := trace(50_000, 1), trace(50_000, 2)
	ours, theirs := oursRatio(t, size, warmup, keys), lruRatio(t, size, warmup, keys)
	t.Logf("warm: %.3f, LRU %.3f", ours, theirs)
	require.GreaterOrEqual(t, ours, theirs)

	warmup, keys = append(warmup, scan(10*size)...), keys[:size]
	ours, theirs = oursRatio(t, size, warmup, keys), lruRatio(t, size, warmup, keys)
	t.Logf("after a scan: %.3f, LRU %.3f", ours, theirs)
	require.GreaterOrEqual(t, ours, theirs+0.1)
}

// BenchmarkHitRatio reports how many of a million Zipf requests are answered
// from memory, beside an LRU of the same size: with a warm cache, and with one
// through which a scan of ten times its size went.
//
//	go test -run '^$' -bench HitRatio -benchtime 1x ./estimator/countcache
func BenchmarkHitRatio(b *testing.B) {
	for _, size := range []int{10_000, 100_000} {
		for _, after := range []string{"warmup", "scan"} {
			b.Run(fmt.Sprintf("entries=%d/after=%s", size, after), func(b *testing.B) {
				warmup, keys := trace(1_000_000, 1), trace(1_000_000, 2)
				if after == "scan" {
					warmup, keys = append(warmup, scan(10*size)...), keys[:size]
				}
				for b.Loop() {
					b.ReportMetric(oursRatio(b, size, warmup, keys), "hits/request")
					b.ReportMetric(lruRatio(b, size, warmup, keys), "lru-hits/request")
				}
			})
		}
	}
}
