package countcache_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/estimator"
	"tollgate/estimator/countcache"
)

// shared is a cache that others use, too. It remembers what it was asked.
type shared struct {
	mu     sync.Mutex
	counts map[estimator.CacheKey]estimator.Count
	age    time.Duration // of all of them
	gets   int
	told   []bool // what Done was told, in order
	delay  time.Duration
	fault  bool // it panics
}

func (s *shared) Get(ctx context.Context, key estimator.CacheKey) (estimator.Count, time.Duration, bool) {
	select {
	case <-time.After(s.delay):
	case <-ctx.Done():
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gets++
	if s.fault {
		panic("shared")
	}
	count, ok := s.counts[key]
	return count, s.age, ok
}

func (s *shared) Done(key estimator.CacheKey, count estimator.Count, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.told = append(s.told, ok)
	if ok {
		if s.counts == nil {
			s.counts = map[estimator.CacheKey]estimator.Count{}
		}
		s.counts[key] = count
	}
}

// vendorKey is the key of a count by the vendor.
func vendorKey() estimator.CacheKey {
	k := keyOf(1)
	k.Method = estimator.MethodVendor
	return k
}

func TestWhatAnotherReplicaCountedIsNotCountedAgain(t *testing.T) {
	t.Parallel()
	between := &shared{}
	first := countcache.New(countcache.Options{Shared: between})
	second := countcache.New(countcache.Options{Shared: between})

	_, state, err := first.Count(t.Context(), vendorKey(), gives(9))
	require.NoError(t, err)
	require.Equal(t, estimator.CacheMiss, state)

	got, state, err := second.Count(t.Context(), vendorKey(), forbidden(t))
	require.NoError(t, err)
	require.Equal(t, estimator.CacheShared, state)
	require.Equal(t, sample(9), got)

	got, state, err = second.Count(t.Context(), vendorKey(), forbidden(t))
	require.NoError(t, err)
	require.Equal(t, estimator.CacheHit, state, "from now on it is in memory")
	require.Equal(t, sample(9), got)
	require.Equal(t, countcache.Stats{Hits: 1, Shared: 1, Entries: 1, Limit: countcache.DefaultEntries}, second.Stats())
	require.Equal(t, 2, between.gets)
	require.Equal(t, []bool{true}, between.told)
}

func TestOnlyCountsByTheVendorAreShared(t *testing.T) {
	t.Parallel()
	between := &shared{}
	c := countcache.New(countcache.Options{Shared: between})
	for _, m := range []estimator.Method{estimator.MethodTokenizer, estimator.MethodApproximation, estimator.MethodMixed} {
		key := keyOf(1)
		key.Method = m
		_, state, err := c.Count(t.Context(), key, gives(9))
		require.NoError(t, err)
		require.Equal(t, estimator.CacheMiss, state)
	}
	require.Zero(t, between.gets)
	require.Empty(t, between.told)
}

func TestWhatIsNotRememberedIsNotSharedAndTheNextOneIsToldSo(t *testing.T) {
	t.Parallel()
	for name, fill := range map[string]func(context.Context) (estimator.Count, error){
		"an error": func(context.Context) (estimator.Count, error) { return sample(9), errors.New("the vendor is down") },
		"a panic":  func(context.Context) (estimator.Count, error) { panic("fault") },
		"a provisional count": func(context.Context) (estimator.Count, error) {
			count := sample(9)
			count.Provisional = true
			return count, nil
		},
		"gaps": func(context.Context) (estimator.Count, error) {
			count := sample(9)
			count.Gaps = []estimator.Gap{{Pointer: "/messages/0"}}
			return count, nil
		},
	} {
		between := &shared{}
		c := countcache.New(countcache.Options{Shared: between})
		_, _, _ = c.Count(t.Context(), vendorKey(), fill)
		require.Equal(t, []bool{false}, between.told, name)
		_, state, err := c.Count(t.Context(), vendorKey(), gives(9))
		require.NoError(t, err)
		require.Equal(t, estimator.CacheMiss, state, name)
	}
}

func TestACountIsNotBelievedForLongerThanWhereItCameFrom(t *testing.T) {
	t.Parallel()
	clock := newClock()
	between := &shared{counts: map[estimator.CacheKey]estimator.Count{vendorKey(): sample(9)}, age: 50 * time.Minute}
	c := countcache.New(countcache.Options{Shared: between, TTL: time.Hour, Clock: clock.Now})
	for _, tt := range []struct {
		after time.Duration
		age   time.Duration
		want  estimator.CacheState
	}{
		{0, 50 * time.Minute, estimator.CacheShared},
		{9 * time.Minute, 59 * time.Minute, estimator.CacheHit},
		{time.Minute, time.Hour, estimator.CacheMiss},
	} {
		clock.Advance(tt.after)
		between.age = tt.age
		_, state, err := c.Count(t.Context(), vendorKey(), gives(9))
		require.NoError(t, err)
		require.Equal(t, tt.want, state, "%s old", tt.age)
	}
}

func TestAFaultOfTheSharedCacheIsAMiss(t *testing.T) {
	t.Parallel()
	c := countcache.New(countcache.Options{Shared: &shared{fault: true}})
	got, state, err := c.Count(t.Context(), vendorKey(), gives(9))
	require.NoError(t, err)
	require.Equal(t, estimator.CacheMiss, state)
	require.Equal(t, sample(9), got)
}

func TestALookIsSharedByAllWhoAsk(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		between := &shared{
			counts: map[estimator.CacheKey]estimator.Count{vendorKey(): sample(9)}, delay: 50 * time.Millisecond,
		}
		c := countcache.New(countcache.Options{Shared: between})
		var answers []<-chan answer
		for range 100 {
			answers = append(answers, ask(t.Context(), c, vendorKey(), forbidden(t)))
		}
		states := map[estimator.CacheState]int{}
		for _, a := range answers {
			got := <-a
			require.NoError(t, got.err)
			require.Equal(t, sample(9), got.count)
			states[got.state]++
		}
		require.Equal(t, map[estimator.CacheState]int{estimator.CacheShared: 1, estimator.CacheCoalesced: 99}, states)
		require.Equal(t, 1, between.gets)
	})
}
