package countcache

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"tollgate/estimator"
)

// Defaults of the zero [Options].
const (
	DefaultEntries     int64         = 1_000_000
	DefaultTTL         time.Duration = 24 * time.Hour
	DefaultFillTimeout time.Duration = 30 * time.Second
)

// Options say how much a cache remembers and for how long.
// The zero value is a working cache.
type Options struct {
	// Entries is the largest number of counts in memory, expired ones
	// included. 0 means [DefaultEntries]; a negative number remembers nothing,
	// but callers who ask for one key at once still share the work.
	Entries int64

	// TTL is how long a count is believed after it was made; being asked for
	// does not prolong it. 0 means [DefaultTTL]; negative remembers nothing.
	TTL time.Duration

	// Shared is asked before a count is made, and told of those that were. Nil
	// means that nothing is shared. See [Shared] for what is.
	Shared Shared

	// FillTimeout bounds one fill and the look at what is shared, whose context does not end with that of any
	// caller. 0 means [DefaultFillTimeout].
	FillTimeout time.Duration

	// Clock tells the time. Nil means the clock of the machine; its monotonic
	// reading is used, so setting the machine's date expires nothing.
	Clock func() time.Time

	// Logger hears of fills that panicked. Nil logs nothing.
	Logger *slog.Logger
}

// Shared is a cache outside of this process, which others use, too. It has no
// errors: what it cannot find is not there. It must be safe for concurrent use.
//
// It is only asked for counts by the vendor. A local count of 4 KB takes 60 µs
// with the vocabulary, a trip to another machine a few hundred: only of prompts
// of some 30 KB and more would it be worth its while, and a key does not tell
// how large those are.
type Shared interface {
	// Get returns the count under key and the time since it was made. If there
	// is none, the caller counts and tells Done; others may wait for that.
	Get(ctx context.Context, key estimator.CacheKey) (count estimator.Count, age time.Duration, ok bool)
	// Done takes the count that was made after a Get without one; without ok
	// there is none to share. It does not wait.
	Done(key estimator.CacheKey, count estimator.Count, ok bool)
}

// withDefaults returns o with every zero member replaced.
func (o Options) withDefaults() Options {
	if o.Entries == 0 {
		o.Entries = DefaultEntries
	}
	if o.TTL == 0 {
		o.TTL = DefaultTTL
	}
	if o.FillTimeout <= 0 {
		o.FillTimeout = DefaultFillTimeout
	}
	if o.Clock == nil {
		o.Clock = time.Now //nolint:forbidigo // the default of the option, nothing else here reads the wall clock
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// Cache is an [estimator.Cache] in memory. Make one with [New]. It is safe for
// concurrent use and needs no closing: it runs no goroutine of its own between
// calls.
type Cache struct {
	shards []shard
	opts   Options
	epoch  time.Time // the moment ages are measured from

	lastScope atomic.Pointer[scope]
}

var _ estimator.Cache = (*Cache)(nil)

// New returns an empty cache.
func New(opts Options) *Cache {
	opts = opts.withDefaults()
	limits := shardLimits(opts.Entries)
	c := &Cache{shards: make([]shard, len(limits)), opts: opts, epoch: opts.Clock()}
	for i := range c.shards {
		c.shards[i].init(limits[i])
	}
	return c
}

// Count returns the count under key, or calls fill for it.
//
// Callers that ask for one key at once share one fill. It runs under a context
// that keeps the values of the first caller's but neither its deadline nor its
// end; a caller whose ctx ends leaves at once with ctx's error and disturbs
// nobody. An error of fill goes to all who waited for it and is forgotten. A
// panic of fill becomes [ErrPanicked].
//
// The state is [estimator.CacheHit] when the count was remembered,
// [estimator.CacheMiss] for the caller whose fill ran,
// [estimator.CacheShared] for the caller for whom it was found in the shared
// cache and [estimator.CacheCoalesced] for those who waited with one of these;
// it is empty beside an error. The slices of the count belong to the caller.
//
// A count with gaps is answered but not remembered: what could not be counted
// now may be countable the next time, and a gap has no bounded size.
func (c *Cache) Count(
	ctx context.Context, key estimator.CacheKey, fill func(context.Context) (estimator.Count, error),
) (estimator.Count, estimator.CacheState, error) {
	k := digest(&key, &c.lastScope)
	s := &c.shards[k.shard(len(c.shards))]
	if e, ok := s.get(k, c.age()); ok {
		s.hits.Add(1)
		return e.count(), estimator.CacheHit, nil
	}
	if err := ctx.Err(); err != nil {
		return estimator.Count{}, "", err
	}
	return flight{c, s, key, k, fill}.join(ctx)
}

// age is the time since the cache was made.
func (c *Cache) age() time.Duration { return c.opts.Clock().Sub(c.epoch) }

// Stats are sums since the cache was made, except for Entries.
type Stats struct {
	Hits      int64 // callers answered from memory
	Misses    int64 // fills that ran, failed ones included
	Shared    int64 // callers answered from the shared cache
	Coalesced int64 // callers answered by a fill or a look that another caller started
	Failures  int64 // fills that ended in an error or a panic
	Skipped   int64 // counts that were answered but can not be remembered
	Evictions int64 // counts dropped to make room, expired ones included
	Entries   int64 // counts in memory now, expired ones included
	Limit     int64 // what Entries never exceeds
}

// Stats returns the sums of now. Counters of different shards are read one
// after the other, so that a sum may be a few calls behind another.
func (c *Cache) Stats() Stats {
	var sum Stats
	for i := range c.shards {
		c.shards[i].addTo(&sum)
	}
	return sum
}
