package redis_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"
	"github.com/stretchr/testify/require"

	"tollgate/estimator"
	"tollgate/estimator/redis"
)

func TestACountIsFoundByAnotherReplica(t *testing.T) {
	t.Parallel()
	_, url := mini(t)
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	at := func(moment time.Time) func(*redis.Options) {
		return func(o *redis.Options) { o.Clock = func() time.Time { return moment } }
	}
	first, _ := open(t, url, at(now))
	second, seen := open(t, url, at(now.Add(time.Hour)))
	share(t, first, keyOf(1), sample(76))

	got, age, ok := second.Get(t.Context(), keyOf(1))
	require.True(t, ok)
	require.Equal(t, sample(76), got)
	require.Equal(t, time.Hour, age)
	require.Equal(t, 1, seen.count("get hit"))

	_, _, ok = second.Get(t.Context(), keyOf(2))
	require.False(t, ok, "another content")
	other := keyOf(1)
	other.Scope = "vendor2"
	_, _, ok = second.Get(t.Context(), other)
	require.False(t, ok, "another version")
}

func TestKeysSayWhatTheyAreAndNothingOfTheContent(t *testing.T) {
	t.Parallel()
	m, url := mini(t)
	s, _ := open(t, url)
	key := keyOf(12345)
	share(t, s, key, sample(76))
	require.Len(t, m.Keys(), 1)
	require.Regexp(t, `^tollgate:count:v1:[0-9a-f]{64}:vendor:vendor1-CNY\+approx1$`, m.Keys()[0])
	value, err := m.Get(m.Keys()[0])
	require.NoError(t, err)
	require.Regexp(t, `^1 \d+ mixed 80 76 85 messages=76=vendor generation_prompt=4=tokenizer [0-9a-f]{16}$`, value)
}

func TestReplicasOfDifferentSaltsShareNothing(t *testing.T) {
	t.Parallel()
	m, url := mini(t)
	salted := func(salt redis.Secret) func(*redis.Options) { return func(o *redis.Options) { o.Salt = salt } }
	plain, _ := open(t, url)
	one, _ := open(t, url, salted("one"))
	two, _ := open(t, url, salted("two"))
	again, _ := open(t, url, salted("one"))
	share(t, one, keyOf(1), sample(1))
	share(t, two, keyOf(1), sample(2))
	share(t, plain, keyOf(1), sample(3))
	finds(t, again, keyOf(1), sample(1))
	require.Len(t, m.Keys(), 3)
}

func TestACountLivesForItsTimeMoreOrLess(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		random float64
		want   time.Duration
	}{{0, 54 * time.Minute}, {0.5, time.Hour}, {0.999, 66*time.Minute - 7200*time.Millisecond}} {
		m, url := mini(t)
		s, _ := open(t, url, func(o *redis.Options) { o.TTL, o.Rand = time.Hour, func() float64 { return tt.random } })
		share(t, s, keyOf(1), sample(1))
		require.InDelta(t, tt.want.Seconds(), m.TTL(m.Keys()[0]).Seconds(), 10)
	}
}

func TestAnOldCountIsAMissAndWrittenAnew(t *testing.T) {
	t.Parallel()
	_, url := mini(t)
	now := time.Now()
	past, _ := open(t, url, func(o *redis.Options) { o.Clock = func() time.Time { return now.Add(-2 * time.Hour) } })
	share(t, past, keyOf(1), sample(1))
	s, seen := open(t, url, func(o *redis.Options) { o.TTL = time.Hour })
	share(t, s, keyOf(1), sample(2))
	require.Equal(t, 1, seen.count("get stale"))

	ahead, _ := open(t, url, func(o *redis.Options) { o.Clock = func() time.Time { return now.Add(20 * time.Second) } })
	share(t, ahead, keyOf(3), sample(3))
	_, age, ok := s.Get(t.Context(), keyOf(3))
	require.True(t, ok, "clocks differ a little")
	require.Zero(t, age)
}

func TestWhatIsNoCountIsAMissAndOverwritten(t *testing.T) {
	t.Parallel()
	for name, put := range map[string]func(m *miniredis.Miniredis, key, good string){
		"garbage":            func(m *miniredis.Miniredis, key, _ string) { _ = m.Set(key, "\x00\xff garbage") },
		"nothing":            func(m *miniredis.Miniredis, key, _ string) { _ = m.Set(key, "") },
		"another's JSON":     func(m *miniredis.Miniredis, key, _ string) { _ = m.Set(key, `{"total_tokens":80}`) },
		"a megabyte":         func(m *miniredis.Miniredis, key, _ string) { _ = m.Set(key, strings.Repeat("1 ", 500_000)) },
		"a good one cut off": func(m *miniredis.Miniredis, key, good string) { _ = m.Set(key, good[:len(good)-20]) },
		"a good one changed": func(m *miniredis.Miniredis, key, good string) { _ = m.Set(key, strings.Replace(good, "80", "81", 1)) },
		"one from elsewhere": func(m *miniredis.Miniredis, key, _ string) { other, _ := m.Get("other"); _ = m.Set(key, other) },
		"a list":             func(m *miniredis.Miniredis, key, _ string) { m.Del(key); _, _ = m.Push(key, "1", "2") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, url := mini(t)
			s, seen := open(t, url)
			share(t, s, keyOf(2), sample(9))
			elsewhere, err := m.Get(m.Keys()[0])
			require.NoError(t, err)
			m.FlushAll()
			share(t, s, keyOf(1), sample(76))
			key := m.Keys()[0]
			good, err := m.Get(key)
			require.NoError(t, err)
			require.NoError(t, m.Set("other", elsewhere))
			put(m, key, good)

			share(t, s, keyOf(1), sample(77))
			require.False(t, seen.isOpen())
			if name != "nothing" {
				require.Equal(t, 1, seen.count("get foreign"), "%v", seen.all())
			}
		})
	}
}

func TestWhatMayNotBeSharedIsNot(t *testing.T) {
	t.Parallel()
	m, url := mini(t)
	s, seen := open(t, url)
	provisional, gaps, wrong := sample(1), sample(1), sample(1)
	provisional.Provisional = true
	gaps.Gaps = []estimator.Gap{{Pointer: "/messages/0"}}
	wrong.Tokens++
	for i, count := range []estimator.Count{provisional, gaps, wrong} {
		_, _, ok := s.Get(t.Context(), keyOf(i))
		require.False(t, ok)
		s.Done(keyOf(i), count, true)
		require.Eventually(t, func() bool { return len(m.Keys()) == 0 }, 5*time.Second, time.Millisecond, "%v", seen.all())
	}
}

func TestAServerThatIsNotThereIsLeftAloneAndFoundAgain(t *testing.T) {
	t.Parallel()
	addr, free := nobody(t)
	var log lockedBuffer
	s, seen := open(t, "redis://"+addr, func(o *redis.Options) {
		o.Pause = 200 * time.Millisecond
		o.Logger = slog.New(slog.NewJSONHandler(&log, nil))
	})
	for i := range 50 {
		_, _, ok := s.Get(t.Context(), keyOf(i))
		require.False(t, ok)
		s.Done(keyOf(i), sample(1), true)
	}
	require.True(t, seen.isOpen())
	require.Positive(t, seen.count("get skipped"))
	require.Eventually(t, func() bool { return strings.Contains(log.String(), "does not answer") }, 5*time.Second, time.Millisecond)
	require.Equal(t, 1, strings.Count(log.String(), "\n"), "%s", log.String())
	require.Contains(t, log.String(), `"reason":"unreachable"`)
	require.NotContains(t, log.String(), addr)

	free()
	m := miniredis.NewMiniRedis()
	require.NoError(t, m.StartAddr(addr))
	t.Cleanup(m.Close)
	require.Eventually(t, func() bool {
		_, _, _ = s.Get(t.Context(), keyOf(1))
		return !seen.isOpen()
	}, 10*time.Second, 20*time.Millisecond)
	share(t, s, keyOf(99), sample(5))
	require.Eventually(t, func() bool { return strings.Contains(log.String(), "answers again") }, 5*time.Second, time.Millisecond)
	require.Equal(t, 2, strings.Count(log.String(), "\n"), "%s", log.String())
}

func TestAnAnswerThatComesLateDoesNotSayThatAllIsWell(t *testing.T) {
	t.Parallel()
	m, url := mini(t)
	came, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	m.Server().SetPreHook(func(c *server.Peer, command string, args ...string) bool {
		if command == "GETRANGE" && strings.HasSuffix(args[0], "hello") {
			once.Do(func() { close(came) })
			<-release
			return false
		}
		c.WriteError("ERR broken")
		return true
	})
	var log lockedBuffer
	s, seen := open(t, url, func(o *redis.Options) {
		o.Pause = time.Hour
		o.Logger = slog.New(slog.NewJSONHandler(&log, nil))
	})
	<-came
	for i := range 20 {
		_, _, ok := s.Get(t.Context(), keyOf(i))
		require.False(t, ok)
	}
	require.True(t, seen.isOpen())
	close(release)
	require.Eventually(t, func() bool { return seen.count("hello ok") == 1 }, 10*time.Second, time.Millisecond)
	for i := range 20 {
		_, _, _ = s.Get(t.Context(), keyOf(i))
	}
	require.Equal(t, 1, strings.Count(log.String(), "\n"), "%s", log.String())
	require.Contains(t, log.String(), `"reason":"refused"`)
}

func TestAWrongPasswordIsNamedAndNotRepeated(t *testing.T) {
	t.Parallel()
	m, _ := mini(t)
	m.RequireUserAuth("somebody", "right")
	var log lockedBuffer
	s, seen := open(t, "redis://somebody:sesame@"+m.Addr(), func(o *redis.Options) {
		o.Logger = slog.New(slog.NewJSONHandler(&log, nil))
	})
	for i := range 20 {
		_, _, ok := s.Get(t.Context(), keyOf(i))
		require.False(t, ok)
	}
	require.True(t, seen.isOpen())
	require.Positive(t, seen.count("get denied"), "%v", seen.all())
	require.Eventually(t, func() bool { return strings.Contains(log.String(), `"reason":"denied"`) }, 5*time.Second, time.Millisecond)
	require.NotContains(t, log.String(), "sesame")

	s, _ = open(t, "redis://somebody:right@"+m.Addr())
	share(t, s, keyOf(1), sample(1))
}

func TestAFullServerIsStillRead(t *testing.T) {
	t.Parallel()
	m, url := mini(t)
	s, seen := open(t, url)
	share(t, s, keyOf(1), sample(1))
	m.Server().SetPreHook(refusing("SET", "EVALSHA", "EVAL"))
	for i := range 20 {
		_, _, ok := s.Get(t.Context(), keyOf(100+i))
		require.False(t, ok)
		s.Done(keyOf(100+i), sample(1), true)
	}
	finds(t, s, keyOf(1), sample(1))
	require.False(t, seen.isOpen())
	require.Equal(t, 20, seen.count("claim full"))
}

func TestAWriteThatFindsNoRoomIsDropped(t *testing.T) {
	t.Parallel()
	url := hanging(t)
	s, seen := open(t, url, hurried, func(o *redis.Options) { o.Queue = 1 })
	for i := range 10 {
		s.Done(keyOf(i), sample(1), true)
	}
	require.GreaterOrEqual(t, seen.count("write dropped"), 8)
}

func TestCloseWritesWhatWaits(t *testing.T) {
	t.Parallel()
	m, url := mini(t)
	s, _ := open(t, url)
	for i := range 500 {
		s.Done(keyOf(i), sample(int64(i)), true)
	}
	s.Close()
	require.Len(t, m.Keys(), 500)
	s.Close()
	s.Done(keyOf(501), sample(1), true)
	_, _, ok := s.Get(t.Context(), keyOf(1))
	require.False(t, ok, "a closed store has nothing")
}

func TestAServerThatHangsHoldsUpNobodyForLong(t *testing.T) {
	t.Parallel()
	url := hanging(t)
	s, seen := open(t, url, hurried)
	began := time.Now()
	for i := range 100 {
		_, _, ok := s.Get(t.Context(), keyOf(i))
		require.False(t, ok)
		s.Done(keyOf(i), sample(1), true)
	}
	t.Logf("100 look-ups at a server that hangs: %s; %v", time.Since(began), seen.all())
	require.Positive(t, seen.count("get timeout"))
	require.Positive(t, seen.count("get skipped"))
	began = time.Now()
	s.Close()
	t.Logf("closed in %s", time.Since(began))
	require.Less(t, time.Since(began), 10*time.Second)
}

func TestACallerWhoLeavesSaysNothingOfTheServer(t *testing.T) {
	t.Parallel()
	url := hanging(t)
	s, seen := open(t, url, hurried)
	require.Eventually(t, func() bool { return seen.count("hello timeout") == 1 }, 5*time.Second, time.Millisecond)
	gone, leave := context.WithCancel(t.Context())
	leave()
	for i := range 50 {
		_, _, ok := s.Get(gone, keyOf(i))
		require.False(t, ok)
	}
	require.False(t, seen.isOpen(), "%v", seen.all())
	require.Equal(t, 50, seen.count("get left"))
}

func TestTLSIsChecked(t *testing.T) {
	t.Parallel()
	m := miniredis.NewMiniRedis()
	require.NoError(t, m.StartTLS(selfSigned(t)))
	t.Cleanup(m.Close)
	s, seen := open(t, "rediss://"+m.Addr())
	_, _, ok := s.Get(t.Context(), keyOf(1))
	require.False(t, ok)
	require.Equal(t, 1, seen.count("get unreachable"), "nobody vouches for the certificate: %v", seen.all())
}

// lockedBuffer is a log.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
