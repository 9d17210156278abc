package countcache

import (
	"sync"
	"sync/atomic"
	"time"

	gocache "github.com/patrickmn/go-cache"
	"golang.org/x/sync/singleflight"
)

// shardEntries is about how many entries a shard holds.
//
// It bounds how long one caller can hold up others while a generation grows,
// whatever the size of the whole cache. The value nearly fills the hash tables
// of two maps of half as many entries: the runtime splits a map into tables of
// 1,024 slots and splits a table at seven eighths, so that 3,000 entries
// occupy four tables well and 4,000 would half fill eight.
const shardEntries = 6_000

// shardLimits divides a number of entries among shards.
func shardLimits(entries int64) []int {
	if entries < 0 {
		return []int{0}
	}
	n := max(1, entries/shardEntries)
	limits := make([]int, n)
	for i := range limits {
		limits[i] = int(entries / n)
		if int64(i) < entries%n {
			limits[i]++
		}
	}
	return limits
}

// shard is a part of the cache that is locked for itself.
type shard struct {
	gens    atomic.Pointer[generations]
	mu      sync.Mutex // held by whoever changes the generations
	limit   int
	flights singleflight.Group

	hits, misses, coalesced, failures, skipped, evictions atomic.Uint64
}

// generations are the entries of a shard by age.
//
// New entries go to the young generation, and an entry that is asked for moves
// there from the old one. When the young one is full it becomes the old one
// and what was old is dropped as a whole, which costs the same however much it
// held. So an entry goes when nobody has asked for it for at least as long as
// it took to fill a generation.
type generations struct {
	young, old *gocache.Cache
}

// newGeneration returns an empty store. It has no expiry of its own, for
// entries carry theirs, and no janitor, which would lock it for as long as a
// walk over all entries takes.
func newGeneration() *gocache.Cache { return gocache.New(gocache.NoExpiration, 0) }

func (s *shard) init(limit int) {
	s.limit = limit
	s.gens.Store(&generations{young: newGeneration(), old: newGeneration()})
}

// get returns the entry under k unless it has expired at age now.
//
// It may miss an entry that another caller moves at this moment; whoever then
// would fill looks again with [shard.getLocked].
func (s *shard) get(k key, now time.Duration) (*entry, bool) {
	g := s.gens.Load()
	if e, ok := lookup(g.young, k); ok {
		return e, now < e.expires
	}
	if e, ok := lookup(g.old, k); ok && now < e.expires {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.put(k, e)
		return e, true
	}
	return nil, false
}

// getLocked is get in the absence of anyone who moves entries.
func (s *shard) getLocked(k key, now time.Duration) (*entry, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.gens.Load()
	e, ok := lookup(g.young, k)
	if !ok {
		e, ok = lookup(g.old, k)
	}
	return e, ok && now < e.expires
}

// add remembers e under k.
func (s *shard) add(k key, e *entry) {
	if s.limit == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put(k, e)
}

// put puts e in the young generation and takes it out of the old one. The
// caller holds the lock.
func (s *shard) put(k key, e *entry) {
	g := s.gens.Load()
	if _, ok := lookup(g.young, k); !ok && g.young.ItemCount() >= s.youngLimit() {
		g = s.turn(g)
	}
	g.young.Set(string(k[:]), e, gocache.NoExpiration)
	g.old.Delete(string(k[:]))
}

// youngLimit is how many entries a generation holds. Two of them are never
// more than the limit; a limit of one leaves no room for an old generation.
func (s *shard) youngLimit() int { return max(1, s.limit/2) }

// turn makes the young generation the old one and drops what was old.
func (s *shard) turn(g *generations) *generations {
	dropped := g.old.ItemCount()
	next := &generations{young: newGeneration(), old: g.young}
	if s.limit < 2 {
		dropped += g.young.ItemCount()
		next.old = newGeneration()
	}
	s.evictions.Add(uint64(dropped))
	s.gens.Store(next)
	return next
}

// lookup returns the entry under k in one generation.
func lookup(generation *gocache.Cache, k key) (*entry, bool) {
	v, ok := generation.Get(string(k[:]))
	if !ok {
		return nil, false
	}
	e, ok := v.(*entry)
	return e, ok
}

// addTo adds the shard's counters and its entries to sum.
func (s *shard) addTo(sum *Stats) {
	sum.Hits += s.hits.Load()
	sum.Misses += s.misses.Load()
	sum.Coalesced += s.coalesced.Load()
	sum.Failures += s.failures.Load()
	sum.Skipped += s.skipped.Load()
	sum.Evictions += s.evictions.Load()
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.gens.Load()
	sum.Entries += int64(g.young.ItemCount() + g.old.ItemCount())
	sum.Limit += int64(s.limit)
}
