package redis_test

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"tollgate/estimator"
	"tollgate/estimator/redis"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// keyOf returns a key whose content hash stands for n.
func keyOf(n int) estimator.CacheKey {
	k := estimator.CacheKey{Method: estimator.MethodVendor, Scope: "vendor1-CNY+approx1"}
	copy(k.Hash[:], fmt.Sprint(n))
	return k
}

// sample is a count as the vendor gives it, completed here.
func sample(n int64) estimator.Count {
	return estimator.Count{
		Method: estimator.MethodMixed,
		Tokens: n + 4, Low: n, High: n + 9,
		Parts: []estimator.PartCount{
			{Part: estimator.PartMessages, Tokens: n, Method: estimator.MethodVendor},
			{Part: estimator.PartGenerationPrompt, Tokens: 4, Method: estimator.MethodTokenizer},
		},
	}
}

// watcher is an observer that remembers.
type watcher struct {
	mu   sync.Mutex
	seen map[string]int // "operation result"
	open bool
}

func (w *watcher) Command(operation, result string, _ time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.seen == nil {
		w.seen = map[string]int{}
	}
	w.seen[operation+" "+result]++
}

func (w *watcher) Breaker(open bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.open = open
}

// count returns how often an operation had a result.
func (w *watcher) count(what string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.seen[what]
}

func (w *watcher) all() map[string]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return maps.Clone(w.seen)
}

func (w *watcher) isOpen() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.open
}

// open returns a store of a server for the length of a test, and what it was
// seen to do. It is patient, for a test's machine may be slow.
func open(t *testing.T, url string, change ...func(*redis.Options)) (*redis.Store, *watcher) {
	t.Helper()
	w := &watcher{}
	opts := redis.Options{URL: redis.Secret(url), Observer: w, Timeout: 10 * time.Second}
	for _, c := range change {
		c(&opts)
	}
	s, err := redis.New(opts)
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s, w
}

// hurried gives a store the time that it has outside of tests.
func hurried(o *redis.Options) { o.Timeout = 0 }

// mini is a fake server for the length of a test.
func mini(t *testing.T) (*miniredis.Miniredis, string) {
	t.Helper()
	m := miniredis.RunT(t)
	return m, "redis://" + m.Addr()
}

// share makes a count known to a store and waits until it is written.
func share(t *testing.T, s *redis.Store, key estimator.CacheKey, count estimator.Count) {
	t.Helper()
	_, _, ok := s.Get(t.Context(), key)
	require.False(t, ok)
	s.Done(key, count, true)
	finds(t, s, key, count)
}

// finds waits until a store has a count.
func finds(t *testing.T, s *redis.Store, key estimator.CacheKey, want estimator.Count) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for {
		got, _, ok := s.Get(ctx, key)
		if ok {
			require.Equal(t, want, got)
			return
		}
		require.NoError(t, ctx.Err(), "the count does not come")
		time.Sleep(5 * time.Millisecond)
	}
}
