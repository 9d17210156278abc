package redis_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tollgate/estimator/redis"
)

// quotaOf returns the quota of an account.
func quotaOf(t *testing.T, s *redis.Store, account redis.Secret, perMinute int) *redis.Quota {
	t.Helper()
	q, err := s.Quota(redis.QuotaOptions{Account: account, PerMinute: perMinute})
	require.NoError(t, err)
	return q
}

func TestReplicasShareOneQuota(t *testing.T) {
	t.Parallel()
	m, url := mini(t)
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	m.SetTime(now)
	var quotas []*redis.Quota
	for range 3 {
		s, _ := open(t, url)
		quotas = append(quotas, quotaOf(t, s, "sk-account", 50)) // five at once, then 46 a minute
	}
	allowed := 0
	for i := range 30 {
		wait, err := quotas[i%3].Take(t.Context())
		require.NoError(t, err)
		if wait == 0 {
			allowed++
			continue
		}
		require.InDelta(t, (time.Minute / 46).Seconds(), wait.Seconds(), 0.001)
	}
	require.Equal(t, 5, allowed)

	wait, err := quotas[0].Take(t.Context())
	require.NoError(t, err)
	m.SetTime(now.Add(wait))
	again, err := quotas[1].Take(t.Context())
	require.NoError(t, err)
	require.Zero(t, again, "it is allowed when it was said to be")
	again, err = quotas[2].Take(t.Context())
	require.NoError(t, err)
	require.Positive(t, again, "once")
}

func TestNoMinuteSeesMoreCallsThanTheQuota(t *testing.T) {
	t.Parallel()
	m, url := mini(t)
	s, _ := open(t, url)
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	rapid.Check(t, func(rt *rapid.T) {
		m.FlushAll()
		perMinute := rapid.IntRange(1, 600).Draw(rt, "a minute")
		burst := rapid.IntRange(1, perMinute).Draw(rt, "burst")
		q, err := s.Quota(redis.QuotaOptions{Account: "sk-account", PerMinute: perMinute, Burst: burst})
		require.NoError(rt, err)
		var calls []time.Time
		for range 60 {
			m.SetTime(now)
			wait, err := q.Take(t.Context())
			require.NoError(rt, err)
			if wait == 0 {
				calls = append(calls, now)
			}
			step := time.Duration(rapid.IntRange(0, 1_000_000).Draw(rt, "µs")) * time.Microsecond
			now = now.Add(rapid.SampledFrom([]time.Duration{0, wait, wait, step}).Draw(rt, "step"))
		}
		for i, first := range calls {
			end, _ := slices.BinarySearchFunc(calls, first.Add(time.Minute), time.Time.Compare)
			require.LessOrEqual(rt, end-i, perMinute)
		}
		now = now.Add(time.Hour)
	})
}

func TestAccountsAndSaltsHaveQuotasOfTheirOwn(t *testing.T) {
	t.Parallel()
	m, url := mini(t)
	s, _ := open(t, url)
	salted, _ := open(t, url, func(o *redis.Options) { o.Salt = "salt" })
	for _, q := range []*redis.Quota{
		quotaOf(t, s, "sk-first", 1), quotaOf(t, s, "sk-second", 1), quotaOf(t, salted, "sk-first", 1),
	} {
		wait, err := q.Take(t.Context())
		require.NoError(t, err)
		require.Zero(t, wait)
	}
	require.Len(t, m.Keys(), 3)
	for _, key := range m.Keys() {
		require.Regexp(t, `^tollgate:quota:v1:[0-9a-f]{64}$`, key)
		require.NotContains(t, m.Dump(), "sk-first")
		require.Positive(t, m.TTL(key), "what is whole again is forgotten")
	}
}

func TestAQuotaThatOthersWroteStillLimits(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]string{
		"garbage": "garbage", "nothing": "", "not a number": "nan", "the past": "-5", "no end": "inf",
		"the far future": "99999999999999999999", "hexadecimal": "0x10",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, url := mini(t)
			s, _ := open(t, url)
			q := quotaOf(t, s, "sk-account", 2)
			_, err := q.Take(t.Context())
			require.NoError(t, err)
			require.NoError(t, m.Set(m.Keys()[0], value))
			first, err := q.Take(t.Context())
			require.NoError(t, err)
			require.LessOrEqual(t, first, 31*time.Second, "it is never longer than an interval")
			if first == 0 {
				second, err := q.Take(t.Context())
				require.NoError(t, err)
				require.Positive(t, second)
			}
		})
	}
	m, url := mini(t)
	s, _ := open(t, url)
	q := quotaOf(t, s, "sk-account", 2)
	_, err := q.Take(t.Context())
	require.NoError(t, err)
	key := m.Keys()[0]
	m.Del(key)
	_, err = m.Push(key, "a list")
	require.NoError(t, err)
	wait, err := q.Take(t.Context())
	require.NoError(t, err)
	require.Zero(t, wait)
}

func TestAServerThatIsNotThereIsAnErrorOfTheQuota(t *testing.T) {
	t.Parallel()
	addr, _ := nobody(t)
	s, seen := open(t, "redis://"+addr)
	q := quotaOf(t, s, "sk-account", 100)
	for range 20 {
		_, err := q.Take(t.Context())
		require.ErrorIs(t, err, redis.ErrUnavailable)
		require.NotContains(t, err.Error(), addr)
	}
	require.True(t, seen.isOpen())
	gone, leave := context.WithCancel(t.Context())
	leave()
	_, err := q.Take(gone)
	require.ErrorIs(t, err, redis.ErrUnavailable)
}

func TestAQuotaNeedsAnAccountAndARate(t *testing.T) {
	t.Parallel()
	_, url := mini(t)
	s, _ := open(t, url)
	for _, o := range []redis.QuotaOptions{
		{},
		{Account: "sk"},
		{PerMinute: 3},
		{Account: "sk", PerMinute: -1},
		{Account: "sk", PerMinute: 3, Burst: 4},
		{Account: "sk", PerMinute: 3, Burst: -1},
	} {
		_, err := s.Quota(o)
		require.Error(t, err, "%+v", o)
	}
}
