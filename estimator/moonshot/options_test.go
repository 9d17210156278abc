package moonshot_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/moonshot"
	"tollgate/estimator/moonshot/fakevendor"
)

func TestABadBaseURLIsRefusedWithoutQuotingIt(t *testing.T) {
	t.Parallel()
	for name, raw := range map[string]string{
		"no scheme":             "api.moonshot.cn/v1",
		"file":                  "file:///canary",
		"javascript":            "javascript:canary",
		"no host":               "https:///v1",
		"a password":            "https://user:canary@api.moonshot.cn/v1",
		"a query":               "https://api.moonshot.cn/v1?key=canary",
		"a fragment":            "https://api.moonshot.cn/v1#canary",
		"no /v1":                "https://api.moonshot.cn",
		"more than /v1":         "https://api.moonshot.ai/v1/chat",
		"the vendor over http":  "http://api.moonshot.ai/v1",
		"control characters":    "https://canary\x00.example/v1",
		"a port that is no one": "https://canary.example:port/v1",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := moonshot.New(moonshot.Options{BaseURL: raw, APIKey: "sk-x", Now: time.Now})
			require.Error(t, err)
			require.NotContains(t, err.Error(), "canary")
		})
	}
}

func TestAGoodBaseURLIsTaken(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		"", "https://api.moonshot.cn/v1", "https://api.moonshot.ai/v1/", "http://127.0.0.1:8099/v1",
		"https://gateway.example/kimi/v1", " https://api.moonshot.cn/v1\n",
	} {
		_, err := moonshot.New(moonshot.Options{BaseURL: raw, APIKey: "sk-x", Now: time.Now})
		require.NoError(t, err, "%q", raw)
	}
}

func TestABadKeyIsRefusedWithoutQuotingIt(t *testing.T) {
	t.Parallel()
	for _, key := range []moonshot.Key{"", "  ", "sk-canary two", "sk-canary\r\nX-Evil: 1", "sk-canaré"} {
		_, err := moonshot.New(moonshot.Options{APIKey: key, Now: time.Now})
		require.Error(t, err)
		require.NotContains(t, err.Error(), "canar")
	}
	_, err := moonshot.New(moonshot.Options{APIKey: "sk-from-a-file\n", Now: time.Now})
	require.NoError(t, err)
}

func TestEverythingWrongIsNamedAtOnce(t *testing.T) {
	t.Parallel()
	_, err := moonshot.New(moonshot.Options{BaseURL: "nowhere", MaxAttempts: -1})
	require.ErrorContains(t, err, "https://")
	require.ErrorContains(t, err, "API key")
	require.ErrorContains(t, err, "clock")
	require.ErrorContains(t, err, "attempts")
}

func TestARefusedKeyNamesThePlatformItIsNotFor(t *testing.T) {
	t.Parallel()
	n := &network{answer: func(int64, *http.Request) (*http.Response, error) {
		return reply(401, `{"error":{"type":"invalid_authentication_error","message":"Invalid Authentication"}}`), nil
	}}
	for base, says := range map[string][]string{
		"https://api.moonshot.cn/v1": {"configured platform is platform.kimi.com", "Keys of platform.kimi.ai"},
		"https://api.moonshot.ai/v1": {"configured platform is platform.kimi.ai", "Keys of platform.kimi.com"},
		"https://internal.corp/v1":   {"neither platform"},
	} {
		c := wired(t, n, func(o *moonshot.Options) { o.BaseURL = base })
		_, err := c.CountTokens(t.Context(), hello())
		for _, s := range says {
			require.ErrorContains(t, err, s)
		}
		require.NotContains(t, err.Error(), "internal.corp")
		require.NotContains(t, c.String(), "internal.corp")
	}
}

func TestAKeyOfTheOtherPlatformIsRefusedByTheStandInToo(t *testing.T) {
	t.Parallel()
	v := fakevendor.Start(t, fakevendor.Options{})
	o := options(v)
	o.APIKey = fakevendor.OtherPlatform
	_, err := newClient(t, o).CountTokens(t.Context(), hello())
	require.ErrorContains(t, err, "does not accept the API key")
	require.NotContains(t, err.Error(), fakevendor.OtherPlatform)
}
