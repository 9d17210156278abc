package redis_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/redis"
)

func TestAnAddressIsCheckedAndNotRepeated(t *testing.T) {
	t.Parallel()
	for _, good := range []string{
		"redis://localhost", "redis://host:6379/3", "rediss://user:secret@host:6380", "redis://:secret@[::1]:6379/0",
		"unix:///run/redis.sock", "unix://user:secret@/run/redis.sock?db=2",
	} {
		require.NoError(t, redis.CheckURL(good), good)
	}
	for _, bad := range []string{
		"", "sesame", "localhost:6379", "http://sesame", "redis:sesame", "redis://", "redis://:6379", "unix://", "redis-sentinel://sesame",
		"redis://sesame/x", "redis://sesame/0/1", "redis://sesame/-1", "redis://sesame:port", "redis://sesame#1",
		"redis://u:sesame@host:6379?read_timeout=5s", "rediss://u:sesame@host?skip_verify=true", "redis://host?db=sesame",
		"unix:///sesame?db=x", "unix:///sesame?pool_size=1", "redis://u:ses\name@host",
	} {
		err := redis.CheckURL(bad)
		require.Error(t, err, bad)
		require.NotContains(t, err.Error(), "sesame")
		_, err = redis.New(redis.Options{URL: redis.Secret(bad)})
		require.Error(t, err, bad)
	}
}

func TestASecretIsMasked(t *testing.T) {
	t.Parallel()
	o := redis.Options{URL: "redis://u:sesame@host", Salt: "sesame"}
	b, err := json.Marshal(o.URL)
	require.NoError(t, err)
	for _, text := range []string{
		fmt.Sprint(o.URL), fmt.Sprintf("%+v", []any{o.URL, o.Salt}), fmt.Sprintf("%#v", o.URL), fmt.Sprintf("%q", o.URL),
		string(b), o.URL.LogValue().String(),
	} {
		require.NotContains(t, text, "sesame")
		require.Contains(t, text, "[masked]")
	}
	require.Empty(t, redis.Secret("").String())
}
