package redis_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/estimator"
	"tollgate/estimator/redis"
)

func TestOneReplicaCountsWhileTheOthersWait(t *testing.T) {
	t.Parallel()
	_, url := mini(t)
	const replicas = 8
	var mu sync.Mutex
	counted := 0
	var wg sync.WaitGroup
	for range replicas {
		s, _ := open(t, url)
		wg.Go(func() {
			got, _, ok := s.Get(t.Context(), keyOf(1))
			if !ok {
				mu.Lock()
				counted++
				mu.Unlock()
				time.Sleep(200 * time.Millisecond) // counting
				got = sample(76)
				s.Done(keyOf(1), got, true)
			}
			if got.Tokens != 80 {
				t.Errorf("%d tokens", got.Tokens)
			}
		})
	}
	wg.Wait()
	require.Equal(t, 1, counted)
}

func TestWhoHasNoCountLetsTheNextOneTry(t *testing.T) {
	t.Parallel()
	_, url := mini(t)
	first, _ := open(t, url)
	second, seen := open(t, url)
	_, _, ok := first.Get(t.Context(), keyOf(1))
	require.False(t, ok)
	next := make(chan bool)
	go func() {
		_, _, ok := second.Get(t.Context(), keyOf(1))
		next <- ok
	}()
	require.Eventually(t, func() bool { return seen.count("get claimed") > 0 }, 5*time.Second, time.Millisecond)
	first.Done(keyOf(1), estimator.Count{}, false)
	require.False(t, <-next, "it is the second's turn")
	require.Equal(t, 1, seen.count("claim ok"))

	_, _, ok = second.Get(t.Context(), keyOf(1))
	require.False(t, ok, "one's own claim is nothing to wait for")
}

func TestADeadReplicasClaimEnds(t *testing.T) {
	t.Parallel()
	m, url := mini(t)
	dead, _ := open(t, url, func(o *redis.Options) { o.ClaimTTL = time.Hour }) // it renews nothing
	_, _, ok := dead.Get(t.Context(), keyOf(1))
	require.False(t, ok)
	require.Equal(t, time.Hour, m.TTL(m.Keys()[0]))

	s, seen := open(t, url, func(o *redis.Options) { o.Patience = 100 * time.Millisecond })
	_, _, ok = s.Get(t.Context(), keyOf(1))
	require.False(t, ok, "it has waited long enough, although the claim is still there")
	s.Done(keyOf(1), sample(76), true)
	finds(t, s, keyOf(1), sample(76))

	_, _, ok = dead.Get(t.Context(), keyOf(2))
	require.False(t, ok)
	m.FastForward(time.Hour)
	_, _, ok = s.Get(t.Context(), keyOf(2))
	require.False(t, ok)
	require.Equal(t, 1, seen.count("claim ok"), "%v", seen.all())
}

func TestALivingReplicasClaimLasts(t *testing.T) {
	t.Parallel()
	m, url := mini(t)
	slow, seen := open(t, url, func(o *redis.Options) { o.ClaimTTL = 200 * time.Millisecond })
	_, _, ok := slow.Get(t.Context(), keyOf(1))
	require.False(t, ok)
	for i := range 10 { // counting takes five times as long as a claim lasts
		before := seen.count("claim renewed")
		require.Eventually(t, func() bool { return seen.count("claim renewed") > before+1 }, 5*time.Second, time.Millisecond)
		m.FastForward(100 * time.Millisecond)
		require.Len(t, m.Keys(), 1, "%d", i)
	}
	slow.Done(keyOf(1), sample(76), true)
	other, _ := open(t, url)
	finds(t, other, keyOf(1), sample(76))
	require.Greater(t, m.TTL(m.Keys()[0]), time.Hour, "a count is not renewed as if it were a claim")
}

func TestAClaimIsTakenBackByItsOwnerOnly(t *testing.T) {
	t.Parallel()
	m, url := mini(t)
	slow, written := open(t, url, func(o *redis.Options) { o.ClaimTTL = time.Hour }) // it renews nothing
	_, _, _ = slow.Get(t.Context(), keyOf(1))
	m.FastForward(time.Hour)
	fast, _ := open(t, url)
	share(t, fast, keyOf(1), sample(76))
	slow.Done(keyOf(1), estimator.Count{}, false)
	require.Eventually(t, func() bool { return written.count("write ok") == 1 }, 5*time.Second, time.Millisecond)
	finds(t, fast, keyOf(1), sample(76))
}

func TestAClaimThatIsMadeAgainIsNotTakenBack(t *testing.T) {
	t.Parallel()
	m, url := mini(t)
	s, seen := open(t, url)
	for range 20 { // a vendor that fails, and callers that insist
		written := seen.count("write ok")
		_, _, ok := s.Get(t.Context(), keyOf(1))
		require.False(t, ok)
		s.Done(keyOf(1), estimator.Count{}, false)
		_, _, ok = s.Get(t.Context(), keyOf(1))
		require.False(t, ok)
		require.Eventually(t, func() bool { return seen.count("write ok") > written }, 5*time.Second, time.Millisecond)
		s.Done(keyOf(1), estimator.Count{}, false)
	}
	require.Eventually(t, func() bool { return len(m.Keys()) == 0 }, 5*time.Second, time.Millisecond)
}
