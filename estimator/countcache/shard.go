package countcache

import (
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"
)

// shardEntries is about how many entries a shard holds.
//
// It bounds how long one caller can hold up others while a shard makes room,
// whatever the size of the whole cache. The value fills the runtime's hash
// tables well: a map is split into tables of 1,024 slots, and a table is split
// when it is seven eighths full, so that a generation of 3,200 entries
// occupies four tables and one of 4,000 would half fill eight.
const shardEntries = 6_400

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
//
// Entries that were asked for only once are newcomers, all others regulars;
// both are kept in generations. Regulars may fill four fifths of the room.
// Newcomers have the rest, and what the regulars leave free. So a flood of
// requests that nobody repeats drives out newcomers only.
type shard struct {
	limit   int
	flights singleflight.Group

	mu    sync.Mutex // held by whoever changes rooms or what is in them
	rooms atomic.Pointer[rooms]

	hits, misses, shared, coalesced, failures, skipped, evictions atomic.Int64
}

// rooms are the entries of a shard. Two of its generations never share a key.
type rooms struct {
	regulars, newcomers generations
}

// size is the number of entries in all rooms.
func (r *rooms) size() int { return r.regulars.size() + r.newcomers.size() }

func (s *shard) init(limit int) {
	s.limit = limit
	s.rooms.Store(&rooms{regulars: newGenerations(), newcomers: newGenerations()})
}

// regularLimit is how many entries a generation of regulars holds: two fifths
// of the room. It is 0 where there is no room for two kinds of entries.
func (s *shard) regularLimit() int { return s.limit * 2 / 5 }

// newcomerLimit is how many entries a generation of newcomers holds: half of
// what the regulars leave free, and at least a tenth of the room.
func (s *shard) newcomerLimit(r *rooms) int {
	return max(1, (s.limit-r.regulars.size())/2)
}

// get returns the entry under k unless it has expired at age now.
//
// A young regular, which is what most requests ask for, is found without the
// shard's lock. While another caller moves an entry get may not see it; who
// would fill for that reason looks again with [shard.peek].
func (s *shard) get(k key, now time.Duration) (*entry, bool) {
	r := s.rooms.Load()
	if e := r.regulars.young.find(k); e != nil {
		return e, now < e.expires
	}
	e := r.regulars.old.find(k)
	if e == nil {
		e = r.newcomers.find(k)
	}
	if e == nil || now >= e.expires {
		return nil, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.promote(k, e)
	return e, true
}

// peek returns the entry under k unless it has expired at age now, and moves
// nothing.
func (s *shard) peek(k key, now time.Duration) (*entry, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.rooms.Load()
	e := r.regulars.find(k)
	if e == nil {
		e = r.newcomers.find(k)
	}
	return e, e != nil && now < e.expires
}

// add remembers e under k: as a newcomer, or in place of the regular it
// renews.
func (s *shard) add(k key, e *entry) {
	if s.limit == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rooms.Load().regulars.find(k) != nil {
		s.promote(k, e)
		return
	}
	s.admit(k, e)
}

// promote makes e the youngest regular. The caller holds the lock, and may
// have found e before it did: meanwhile e may have been moved or dropped.
func (s *shard) promote(k key, e *entry) {
	limit := s.regularLimit()
	if limit == 0 {
		return
	}
	r := s.rooms.Load()
	if young := r.regulars.young; young.worn(limit) || young.size() >= limit && young.find(k) == nil {
		r = s.turnRegulars()
	}
	// First in, then out: a reader that holds no lock looks at regulars before
	// newcomers, and so hardly ever misses an entry on its way.
	r.regulars.young.set(k, e)
	r.regulars.old.remove(k)
	r.newcomers.remove(k)
	s.makeRoom(0)
}

// admit makes e the youngest newcomer. The caller holds the lock.
func (s *shard) admit(k key, e *entry) {
	r := s.rooms.Load()
	r.newcomers.remove(k)
	if limit := s.newcomerLimit(r); r.newcomers.young.size() >= limit || r.newcomers.young.worn(limit) {
		s.turnNewcomers()
	}
	s.makeRoom(1)
	s.rooms.Load().newcomers.young.set(k, e)
}

// makeRoom drops newcomers until there is room for n more entries. It ends,
// for regulars alone never fill the shard.
func (s *shard) makeRoom(n int) {
	for s.rooms.Load().size()+n > s.limit {
		s.turnNewcomers()
	}
}

func (s *shard) turnNewcomers() {
	r := s.rooms.Load()
	s.evictions.Add(int64(r.newcomers.old.size()))
	s.rooms.Store(&rooms{regulars: r.regulars, newcomers: r.newcomers.turned()})
}

func (s *shard) turnRegulars() *rooms {
	r := s.rooms.Load()
	s.evictions.Add(int64(r.regulars.old.size()))
	next := &rooms{regulars: r.regulars.turned(), newcomers: r.newcomers}
	s.rooms.Store(next)
	return next
}

// addTo adds the shard's counters and its entries to sum.
func (s *shard) addTo(sum *Stats) {
	sum.Hits += s.hits.Load()
	sum.Misses += s.misses.Load()
	sum.Shared += s.shared.Load()
	sum.Coalesced += s.coalesced.Load()
	sum.Failures += s.failures.Load()
	sum.Skipped += s.skipped.Load()
	s.mu.Lock()
	defer s.mu.Unlock()
	sum.Evictions += s.evictions.Load()
	sum.Entries += int64(s.rooms.Load().size())
	sum.Limit += int64(s.limit)
}
