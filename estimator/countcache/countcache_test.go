package countcache_test

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/estimator"
	"tollgate/estimator/countcache"
)

func TestSecondCallerIsAnsweredFromMemory(t *testing.T) {
	t.Parallel()
	c := countcache.New(countcache.Options{})

	got, state, err := c.Count(t.Context(), keyOf(1), gives(9))
	require.NoError(t, err)
	require.Equal(t, estimator.CacheMiss, state)
	require.Equal(t, sample(9), got)

	got, state, err = c.Count(t.Context(), keyOf(1), forbidden(t))
	require.NoError(t, err)
	require.Equal(t, estimator.CacheHit, state)
	require.Equal(t, sample(9), got)

	require.Equal(t, countcache.Stats{
		Hits: 1, Misses: 1, Entries: 1, Limit: countcache.DefaultEntries,
	}, c.Stats())
}

func TestEveryCountComesBackAsItWasMade(t *testing.T) {
	t.Parallel()
	all := []estimator.PartCount{
		{Part: estimator.PartSystem, Tokens: 1, Method: estimator.MethodTokenizer},
		{Part: estimator.PartTools, Tokens: 2, Method: estimator.MethodApproximation},
		{Part: estimator.PartMessages, Tokens: 3, Method: estimator.MethodVendor},
		{Part: estimator.PartMedia, Tokens: 4, Method: estimator.MethodMixed},
		{Part: estimator.PartGenerationPrompt, Tokens: 5, Method: estimator.MethodTokenizer},
	}
	gap := []estimator.Gap{{Pointer: "/messages/0/content/1", Reason: "the file is not here"}}
	for _, tt := range []struct {
		name  string
		count estimator.Count
		again estimator.CacheState // how the second caller is answered
	}{
		{"nothing at all", estimator.Count{Method: estimator.MethodVendor}, estimator.CacheHit},
		{"a total without parts", estimator.Count{Method: estimator.MethodVendor, Tokens: 80, Low: 80, High: 80}, estimator.CacheHit},
		{"every part, every method", estimator.Count{Method: estimator.MethodMixed, Tokens: 15, Low: 12, High: 19, Parts: all}, estimator.CacheHit},
		{"no upper bound", estimator.Count{Method: estimator.MethodApproximation, Tokens: 7, Low: 7, High: estimator.Unbounded}, estimator.CacheHit},
		{"the largest numbers there is room for", estimator.Count{Method: estimator.MethodVendor, Tokens: math.MaxUint32 - 1, Low: math.MaxUint32 - 1, High: math.MaxUint32 - 1}, estimator.CacheHit},
		{"a number above them", estimator.Count{Method: estimator.MethodVendor, Tokens: 1, Low: 1, High: math.MaxUint32}, estimator.CacheMiss},
		{"a part above them", estimator.Count{Method: estimator.MethodVendor, Parts: []estimator.PartCount{{Part: estimator.PartMedia, Tokens: 1 << 40, Method: estimator.MethodVendor}}}, estimator.CacheMiss},
		{"a negative number", estimator.Count{Method: estimator.MethodVendor, Tokens: -1}, estimator.CacheMiss},
		{"a negative bound that is not Unbounded", estimator.Count{Method: estimator.MethodVendor, High: -2}, estimator.CacheMiss},
		{"a method without a place", estimator.Count{Method: "guess", Tokens: 1, Low: 1, High: 1}, estimator.CacheMiss},
		{"a part without a place", estimator.Count{Method: estimator.MethodVendor, Parts: []estimator.PartCount{{Part: "audio", Tokens: 1, Method: estimator.MethodVendor}}}, estimator.CacheMiss},
		{"more parts than there are", estimator.Count{Method: estimator.MethodVendor, Parts: append(all, all[0])}, estimator.CacheMiss},
		{"gaps", estimator.Count{Method: estimator.MethodTokenizer, Tokens: 3, Low: 3, High: estimator.Unbounded, Parts: all[2:3], Gaps: gap}, estimator.CacheMiss},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := countcache.New(countcache.Options{})
			fill := func(context.Context) (estimator.Count, error) { return tt.count, nil }

			got, state, err := c.Count(t.Context(), keyOf(1), fill)
			require.NoError(t, err)
			require.Equal(t, estimator.CacheMiss, state)
			require.Equal(t, tt.count, got)

			got, state, err = c.Count(t.Context(), keyOf(1), fill)
			require.NoError(t, err)
			require.Equal(t, tt.again, state)
			require.Equal(t, tt.count, got)
			if tt.again == estimator.CacheMiss {
				require.Equal(t, int64(2), c.Stats().Skipped, "a count that is not remembered is reported")
			}
		})
	}
}

func TestKeysThatDifferInAnythingNeverShareACount(t *testing.T) {
	t.Parallel()
	hash := [32]byte{31: 1}
	keys := []estimator.CacheKey{
		{},
		{Hash: hash},
		{Hash: hash, Method: "vendor"},
		{Hash: hash, Method: "vendor", Scope: "1"},
		{Hash: hash, Method: "vendor1"},
		{Hash: hash, Scope: "vendor1"},
		{Hash: hash, Method: "vendo", Scope: "r1"},
		{Hash: hash, Method: "vendor", Scope: "1\x00"},
		{Hash: hash, Method: "vendor", Scope: string(make([]byte, 200))},
		{Hash: hash, Method: "vendor", Scope: string(make([]byte, 201))},
	}
	c := countcache.New(countcache.Options{})
	for i, k := range keys {
		_, state, err := c.Count(t.Context(), k, gives(int64(i)))
		require.NoError(t, err)
		require.Equal(t, estimator.CacheMiss, state, "key %d", i)
	}
	for i, k := range keys {
		got, state, err := c.Count(t.Context(), k, forbidden(t))
		require.NoError(t, err)
		require.Equal(t, estimator.CacheHit, state, "key %d", i)
		require.Equal(t, sample(int64(i)), got, "key %d", i)
	}
}

func TestACallerMayChangeItsCount(t *testing.T) {
	t.Parallel()
	c := countcache.New(countcache.Options{})
	filled := sample(9)
	for i := range 3 {
		got, _, err := c.Count(t.Context(), keyOf(1), func(context.Context) (estimator.Count, error) { return filled, nil })
		require.NoError(t, err)
		require.Equal(t, sample(9), got, "call %d", i)
		got.Parts[0].Tokens = -7
	}
	require.Equal(t, sample(9), filled, "what fill keeps is its own too")
}

func TestACountIsBelievedForItsTTLAndNoLonger(t *testing.T) {
	t.Parallel()
	clock := newClock()
	c := countcache.New(countcache.Options{TTL: time.Hour, Clock: clock.Now})
	stateAfter := func(d time.Duration, n int64) estimator.CacheState {
		clock.Advance(d)
		got, state, err := c.Count(t.Context(), keyOf(1), gives(n))
		require.NoError(t, err)
		if state == estimator.CacheMiss {
			require.Equal(t, sample(n), got)
		}
		return state
	}
	require.Equal(t, estimator.CacheMiss, stateAfter(0, 1))
	require.Equal(t, estimator.CacheHit, stateAfter(59*time.Minute, 2))
	require.Equal(t, estimator.CacheHit, stateAfter(time.Minute-1, 3), "being asked for does not prolong it, nor shorten it")
	require.Equal(t, estimator.CacheMiss, stateAfter(1, 4), "an hour after it was made")
	require.Equal(t, estimator.CacheHit, stateAfter(time.Hour-1, 5), "the new count has an hour of its own")
	require.Equal(t, int64(1), c.Stats().Entries, "the new count took the place of the old")
}

func TestMovingToTheYoungGenerationDoesNotProlongACount(t *testing.T) {
	t.Parallel()
	clock := newClock()
	c := countcache.New(countcache.Options{Entries: 8, TTL: time.Hour, Clock: clock.Now})
	_, _, err := c.Count(t.Context(), keyOf(0), gives(0))
	require.NoError(t, err)
	clock.Advance(30 * time.Minute)
	for i := range 100 { // many generations
		_, _, err = c.Count(t.Context(), keyOf(1+i), gives(1))
		require.NoError(t, err)
		_, state, err := c.Count(t.Context(), keyOf(0), gives(0))
		require.NoError(t, err)
		require.Equal(t, estimator.CacheHit, state)
	}
	clock.Advance(30 * time.Minute)
	_, state, err := c.Count(t.Context(), keyOf(0), gives(0))
	require.NoError(t, err)
	require.Equal(t, estimator.CacheMiss, state)
}

func TestNegativeOptionsRememberNothing(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string]countcache.Options{
		"entries": {Entries: -1},
		"TTL":     {TTL: -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := countcache.New(opts)
			for range 3 {
				_, state, err := c.Count(t.Context(), keyOf(1), gives(9))
				require.NoError(t, err)
				require.Equal(t, estimator.CacheMiss, state)
			}
		})
	}
	c := countcache.New(countcache.Options{Entries: -1})
	_, _, err := c.Count(t.Context(), keyOf(1), gives(9))
	require.NoError(t, err)
	require.Zero(t, c.Stats().Entries)
	require.Zero(t, c.Stats().Limit)
}
