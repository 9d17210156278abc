package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"runtime"
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

// cacheMemory fills caches beyond their million entries, and adds what an entry
// takes up and how long a caller had to wait at most. A pause that is the
// cache's own is there every time, one by whatever else runs on the machine is
// not, so the shortest of the longest is what counts.
func (b *bench) cacheMemory(figures []figure) ([]figure, error) {
	const entries = 1_000_000
	var each, longest, rare sample
	for range b.rounds {
		before := heap()
		c, waits, err := fill(entries)
		if err != nil {
			return nil, err
		}
		rare, longest = append(rare, waits.at(0.9999)), append(longest, waits.at(1))
		held := c.Stats().Entries
		each = append(each, (heap()-before)/float64(held))
		runtime.KeepAlive(c)
	}
	least := longest.at(0)
	return append(figures, figure{
		what: "memory of an entry", floor: fmt.Sprintf("a cache of %d after twice as many misses", entries),
		wanted: "under 170 bytes", reached: each.spread("%.0f bytes"), met: judge(each.median() < 170),
	}, figure{
		what:   "longest miss while the cache makes room",
		floor:  fmt.Sprintf("%d misses in a full cache, of which one in ten thousand takes %.3f ms", entries, rare.median()),
		wanted: "under 5 ms", reached: longest.spread("%.2f ms") + "; the least counts", met: judge(least < 5),
	}), nil
}

// fill puts twice as many counts into a cache as it has entries, and returns
// how long each took once it was full, in milliseconds.
func fill(entries uint64) (*countcache.Cache, sample, error) {
	c, ctx := countcache.New(countcache.Options{Entries: int64(entries)}), context.Background()
	waits := make(sample, 0, entries)
	for n := range 2 * entries {
		began := time.Now()
		if _, _, err := c.Count(ctx, keyOf(n), counted); err != nil {
			return nil, nil, err
		}
		if n >= entries {
			waits = append(waits, time.Since(began).Seconds()*1e3)
		}
	}
	return c, waits.sorted(), nil
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
