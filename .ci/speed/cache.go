package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"

	"tollgate/estimator"
	"tollgate/estimator/countcache"
)

// keyOf is the key of a request by its number.
func keyOf(n uint64) estimator.CacheKey {
	k := estimator.CacheKey{Method: estimator.MethodTokenizer, Scope: "speed"}
	binary.LittleEndian.PutUint64(k.Hash[:], n*0x9e3779b97f4a7c15)
	return k
}

// counted is the count that is cached under a key.
func counted(context.Context) (estimator.Count, error) {
	return estimator.Count{
		Method: estimator.MethodTokenizer, Tokens: 104, Low: 104, High: 104,
		Parts: []estimator.PartCount{
			{Part: estimator.PartMessages, Tokens: 100, Method: estimator.MethodTokenizer},
			{Part: estimator.PartGenerationPrompt, Tokens: 4, Method: estimator.MethodTokenizer},
		},
	}, nil
}

// heap is the bytes of objects that can be reached.
func heap() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

// How large the caches are whose memory and pauses are measured, and over how
// many misses: in so many every part of the cache makes room once.
const (
	cacheEntries = 1_000_000
	cacheMisses  = cacheEntries / 2
)

// cacheMemory adds what an entry takes up, and how long a caller had to wait at
// most while a full cache made room.
func (b *bench) cacheMemory(figures []figure) ([]figure, error) {
	var each, own, ownFloor, clock, clockFloor sample
	for range b.rounds {
		before := heap()
		c := countcache.New(countcache.Options{Entries: cacheEntries})
		nothing := countcache.New(countcache.Options{Entries: -1}) // the same work, but for remembering
		if _, err := misses(c, 0, cacheEntries, started()); err != nil {
			return nil, err
		}
		for i, side := range []struct {
			cache *countcache.Cache
			by    func(*countcache.Cache, uint64) (float64, error)
			to    *sample
		}{{c, ownPause, &own}, {nothing, ownPause, &ownFloor}, {c, clockPause, &clock}, {nothing, clockPause, &clockFloor}} {
			ms, err := side.by(side.cache, uint64(i+2)*cacheEntries)
			if err != nil {
				return nil, err
			}
			*side.to = append(*side.to, ms)
		}
		held := c.Stats().Entries
		each = append(each, (heap()-before)/float64(held))
		runtime.KeepAlive(c)
	}
	return append(figures, figure{
		what: "memory of an entry", floor: fmt.Sprintf("a full cache of %d", cacheEntries),
		wanted: "under 170 bytes", reached: each.spread("%.0f bytes"), met: judge(each.median() < 170),
	}, figure{
		what: "longest miss while the cache makes room, its own processor time",
		floor: fmt.Sprintf("%d misses that nothing is remembered of, the garbage collected in between as there: %s",
			cacheMisses, ownFloor.spread("%.2f ms")),
		wanted: "under 5 ms", reached: own.spread("%.2f ms"), met: judge(own.median() < 5),
	}, figure{
		what: "the same by the clock, the garbage collector and all else at work",
		floor: fmt.Sprintf("%d misses that nothing is remembered of, beside a full cache: %s",
			cacheMisses, clockFloor.spread("%.2f ms")),
		wanted: "-", reached: clock.spread("%.2f ms"),
	}), nil
}

// ownPause is the most processor time, in milliseconds, that a miss of a cache
// took by itself. The garbage collector works between misses only.
func ownPause(c *countcache.Cache, from uint64) (float64, error) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	var longest float64
	const stretch = cacheMisses / 10
	for n := range uint64(cacheMisses / stretch) {
		runtime.GC()
		ms, err := misses(c, from+n*stretch, stretch, worked)
		if err != nil {
			return 0, err
		}
		longest = max(longest, ms)
	}
	return longest, nil
}

// clockPause is the longest that a miss of a cache took, in milliseconds.
func clockPause(c *countcache.Cache, from uint64) (float64, error) {
	return misses(c, from, cacheMisses, started())
}

// started is a clock that starts now.
func started() func() time.Duration {
	began := time.Now()
	return func() time.Duration { return time.Since(began) }
}

// worked is the processor time that this process has used. It keeps to one
// processor, so while a miss lasts all of it is the miss's.
func worked() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// misses asks a cache for so many new counts, and returns how long the longest
// took by a clock, in milliseconds.
func misses(c *countcache.Cache, from, number uint64, clock func() time.Duration) (longest float64, err error) {
	ctx := context.Background()
	for n := range number {
		began := clock()
		if _, _, err := c.Count(ctx, keyOf(from+n), counted); err != nil {
			return 0, err
		}
		longest = max(longest, (clock()-began).Seconds()*1e3)
	}
	return longest, nil
}

// shape is how a cache of some size does: under Zipf's law with exponent
// 1.01, over ten times as many keys as it has entries.
type shape struct {
	entries int
	ratio   float64 // of hits
	hit     float64 // seconds, median of one
	p99     float64
}

// cacheShape measures a cache of so many entries.
func (b *bench) cacheShape(entries int) (shape, error) {
	c, ctx := countcache.New(countcache.Options{Entries: int64(entries)}), context.Background()
	zipf := rand.NewZipf(rand.New(rand.NewPCG(1, 2)), 1.01, 1, uint64(10*entries-1))
	// Twice as many draws as there are entries fill it; then it is as it stays.
	for range max(2*entries, 200_000) {
		if _, _, err := c.Count(ctx, keyOf(zipf.Uint64()), counted); err != nil {
			return shape{}, err
		}
	}
	hits, draws := 0, 1_000_000
	if b.quick {
		draws = 200_000
	}
	var took sample
	for range draws {
		k := keyOf(zipf.Uint64())
		began := time.Now()
		_, state, err := c.Count(ctx, k, counted)
		if err != nil {
			return shape{}, err
		}
		if state == estimator.CacheHit {
			hits++
			took = append(took, time.Since(began).Seconds())
		}
	}
	sorted := took.sorted()
	return shape{entries: entries, ratio: float64(hits) / float64(draws), hit: sorted.at(0.5), p99: sorted.at(0.99)}, nil
}
