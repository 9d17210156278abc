//go:build redis

package redis_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/estimator"
	"tollgate/estimator/countcache"
	"tollgate/estimator/redis"
	"tollgate/estimator/redis/redistest"
)

// The vendor of these tests takes this long for a count.
const vendorTime = 20 * time.Millisecond

// rights are all that an account of the server needs. The README has them.
var rights = []any{"~tollgate:*", "+getrange", "+get", "+set", "+del", "+pexpire", "+eval", "+evalsha", "+time"}

// fleet is two replicas under the load of twenty callers.
type fleet struct {
	t        *testing.T
	caches   []*countcache.Cache
	stores   []*redis.Store
	watchers []*watcher
	next     atomic.Int64 // requests so far
	fills    sync.Map     // how often each content was counted
	said     []string     // of phases, for the scorecard
}

func newFleet(t *testing.T, url string) *fleet {
	t.Helper()
	f := &fleet{t: t}
	for range 2 {
		s, w := open(t, url, hurried)
		f.stores, f.watchers = append(f.stores, s), append(f.watchers, w)
		f.caches = append(f.caches, countcache.New(countcache.Options{Shared: s}))
	}
	return f
}

// ask asks one replica for the count of a content.
func (f *fleet) ask(replica int, n int64) error {
	ctx, cancel := context.WithTimeout(f.t.Context(), 30*time.Second)
	defer cancel()
	got, _, err := f.caches[replica].Count(ctx, keyOf(int(n)), func(ctx context.Context) (estimator.Count, error) {
		times, _ := f.fills.LoadOrStore(n, new(atomic.Int64))
		times.(*atomic.Int64).Add(1)
		select {
		case <-time.After(vendorTime):
			return sample(n), nil
		case <-ctx.Done():
			return estimator.Count{}, ctx.Err()
		}
	})
	if err == nil && got.Tokens != n+4 {
		err = errors.New("a wrong count")
	}
	return err
}

// load lets twenty callers ask for a while, for each content four times in all,
// and tells how that went. No caller may get an error.
func (f *fleet) load(phase string, d time.Duration) {
	f.t.Helper()
	var mu sync.Mutex
	var took []time.Duration
	var errs []error
	before := f.sums()
	var wg sync.WaitGroup
	for caller := range 20 {
		wg.Go(func() {
			for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
				n := f.next.Add(1) / 4
				began := time.Now()
				err := f.ask(caller%2, n)
				mu.Lock()
				took = append(took, time.Since(began))
				if err != nil {
					errs = append(errs, err)
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	slices.Sort(took)
	at := func(share float64) time.Duration {
		return took[int(float64(len(took)-1)*share)].Round(10 * time.Microsecond)
	}
	f.t.Logf("| %s | %d | %d | %s | %s | %s | %s |", phase, len(took), len(errs), at(0.5), at(0.99), at(1), f.since(before))
	f.said = append(f.said, fmt.Sprintf("%s: %d requests, %d errors, p99 %s, max %s", phase, len(took), len(errs), at(0.99), at(1)))
	require.Empty(f.t, errs, phase)
}

// sums is what both replicas did so far.
func (f *fleet) sums() map[string]int {
	all := map[string]int{}
	for _, w := range f.watchers {
		for what, n := range w.all() {
			_, result, _ := strings.Cut(what, " ")
			all[result] += n
		}
	}
	for _, c := range f.caches {
		all["vendor calls"] += int(c.Stats().Misses)
	}
	return all
}

// since says what happened since.
func (f *fleet) since(before map[string]int) string {
	var words []string
	for what, n := range f.sums() {
		if n -= before[what]; n > 0 && !slices.Contains([]string{"ok", "miss", "busy", "claimed"}, what) {
			words = append(words, fmt.Sprintf("%s %d", what, n))
		}
	}
	slices.Sort(words)
	return strings.Join(words, ", ")
}

// recovers requires that counts are shared again within five seconds.
func (f *fleet) recovers(after string) {
	f.t.Helper()
	began := time.Now()
	for i := 0; ; i++ {
		key := keyOf(1_000_000_000 + int(began.UnixNano()%1_000_000)*1000 + i)
		if _, _, ok := f.stores[0].Get(f.t.Context(), key); !ok {
			f.stores[0].Done(key, sample(1), true)
		}
		for range 10 {
			time.Sleep(5 * time.Millisecond)
			if _, _, ok := f.stores[1].Get(f.t.Context(), key); ok {
				f.t.Logf("%s: shared again after %s", after, time.Since(began).Round(time.Millisecond))
				f.said = append(f.said, fmt.Sprintf("shared again %s after %s", time.Since(began).Round(time.Millisecond), after))
				require.Less(f.t, time.Since(began), 5*time.Second)
				return
			}
			f.stores[1].Done(key, sample(1), false)
		}
		require.Less(f.t, time.Since(began), 30*time.Second, "%v", f.sums())
	}
}

// most is how often the content was counted that was counted most often.
func (f *fleet) most() int64 {
	most := int64(0)
	f.fills.Range(func(_, times any) bool {
		most = max(most, times.(*atomic.Int64).Load())
		return true
	})
	return most
}

func TestFaultsOfARealServerReachNobody(t *testing.T) {
	server := redistest.Start(t)
	f := newFleet(t, server.URL("", ""))
	t.Log("| phase | requests | errors | p50 | p99 | max | |")
	f.load("healthy", 2*time.Second)
	require.Equal(t, int64(1), f.most(), "while all is well the vendor is asked once for each content")

	server.Stop()
	f.load("hung (SIGSTOP)", 3*time.Second)
	server.Continue()
	f.recovers("SIGCONT")
	f.load("resumed", 2*time.Second)
	t.Logf("scorecard | 12 | two caches, 20 callers, a vendor of 20 ms; SIGSTOP of a real redis-server, SIGCONT | "+
		"0 errors, at most some 60 ms more | %s", f.tell())

	server.Kill()
	f.load("killed (SIGKILL)", 3*time.Second)
	server.Restart()
	f.recovers("restart")
	f.load("restarted, empty", 2*time.Second)

	server.Password("another")
	f.load("password changed", 2*time.Second)
	server.Password("")
	f.recovers("password as before")

	server.Do("CONFIG", "SET", "maxmemory", "1mb", "maxmemory-policy", "noeviction")
	f.load("full, noeviction", 2*time.Second)
	server.Do("CONFIG", "SET", "maxmemory", "0")
	f.recovers("memory")
	f.during("FLUSHALL every 20 ms", func() { server.Do("FLUSHALL") })
	f.recovers("FLUSHALL")
	t.Logf("scorecard | 13 | the same, while it is killed, restarted, has another password, is full, is flushed | "+
		"0 errors; shared again within 5 s | %s", f.tell())

	f.during("garbage by SET every 20 ms", func() { server.SetAll("garbage") })
	f.recovers("garbage")
	t.Logf("scorecard | 14 | the same, while every value is overwritten by garbage | a miss, overwritten; 0 errors | %s", f.tell())
	server.Do("SCRIPT", "FLUSH")
	f.load("healthy again", 2*time.Second)
}

// tell is what was said since it was told last.
func (f *fleet) tell() string {
	text := strings.Join(f.said, "; ")
	f.said = nil
	return text
}

// during is load while something is done to the server every 20 ms.
func (f *fleet) during(phase string, something func()) {
	f.t.Helper()
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(20 * time.Millisecond):
				something()
			}
		}
	})
	f.load(phase, 2*time.Second)
	close(stop)
	wg.Wait()
}

func TestASlowVendorIsStillAskedOnceWithARealServer(t *testing.T) {
	server := redistest.Start(t)
	first, _ := open(t, server.URL("", ""))
	second, _ := open(t, server.URL("", ""))
	_, _, ok := first.Get(t.Context(), keyOf(1))
	require.False(t, ok)
	time.AfterFunc(3*redis.DefaultClaimTTL, func() { first.Done(keyOf(1), sample(76), true) })
	got, _, ok := second.Get(t.Context(), keyOf(1))
	require.True(t, ok)
	require.Equal(t, sample(76), got)
}

func TestARealServerIsAsGoodAsTheFakeOne(t *testing.T) {
	server := redistest.Start(t)
	server.Do(append([]any{"ACL", "SETUSER", "tollgate", "on", ">secret"}, rights...)...)
	s, seen := open(t, server.URL("tollgate", "secret"))
	share(t, s, keyOf(1), sample(76))
	key := server.Keys()[0]
	for _, value := range []string{"garbage", "", strings.Repeat("x", 10<<20)} {
		server.Set(key, value)
		share(t, s, keyOf(1), sample(77))
	}
	server.Do("DEL", key)
	server.Do("LPUSH", key, "a", "list")
	share(t, s, keyOf(1), sample(78))

	q, err := s.Quota(redis.QuotaOptions{Account: "sk-account", PerMinute: 20})
	require.NoError(t, err)
	for want := range 3 {
		wait, err := q.Take(t.Context())
		require.NoError(t, err)
		require.Equal(t, want == 2, wait > 0, "%s", wait)
	}
	for what := range seen.all() {
		require.NotContains(t, what, "denied")
		require.NotContains(t, what, "refused")
	}
}

func TestARealServerIsReachedThroughASocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "redis.sock")
	redistest.Start(t, "--unixsocket", path)
	s, _ := open(t, "unix://"+path+"?db=3")
	share(t, s, keyOf(1), sample(76))
}

func TestARealServerRefusesAWrongPasswordAndTheCallerDoesNotNotice(t *testing.T) {
	server := redistest.Start(t, "--requirepass", "right")
	for _, url := range []string{
		server.URL("", ""), server.URL("default", "wrong"), server.URL("nobody", "right"),
	} {
		f := newFleet(t, url)
		f.load("wrong password", time.Second)
		require.Positive(t, f.sums()["skipped"])

		s, seen := open(t, url)
		_, _, ok := s.Get(t.Context(), keyOf(1))
		require.False(t, ok)
		require.Equal(t, 1, seen.count("get denied"), "%v", seen.all())
	}
	s, _ := open(t, server.URL("default", "right"))
	share(t, s, keyOf(1), sample(1))
}

func TestARealServerDeniesAnAccountWithoutTheRightsAndNobodyIsHarmed(t *testing.T) {
	server := redistest.Start(t)
	server.Do("ACL", "SETUSER", "tollgate", "on", ">secret", "~tollgate:*", "+getrange")
	f := newFleet(t, server.URL("tollgate", "secret"))
	f.load("may only read", time.Second)
	require.Positive(t, f.sums()["denied"])
	s, seen := open(t, server.URL("tollgate", "secret"))
	for i := range 20 {
		_, _, ok := s.Get(t.Context(), keyOf(i))
		require.False(t, ok)
	}
	require.False(t, seen.isOpen(), "what is allowed goes on: %v", seen.all())
}

// BenchmarkGet is a look-up that finds a count, on the same machine: the least
// that sharing a count costs.
//
//	go test -tags redis -run '^$' -bench Get ./estimator/redis
func BenchmarkGet(b *testing.B) {
	server := redistest.Start(b)
	s, err := redis.New(redis.Options{URL: redis.Secret(server.URL("", ""))})
	require.NoError(b, err)
	defer s.Close()
	_, _, _ = s.Get(b.Context(), keyOf(1))
	s.Done(keyOf(1), sample(76), true)
	time.Sleep(50 * time.Millisecond)
	for b.Loop() {
		if _, _, ok := s.Get(b.Context(), keyOf(1)); !ok {
			b.Fatal("not found")
		}
	}
}
