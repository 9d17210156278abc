package moonshot

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// FuzzRefusal holds that nothing the vendor writes is repeated: the text of an
// error is one of ours, whatever the answer was.
func FuzzRefusal(f *testing.F) {
	f.Add(400, `{"error":{"type":"invalid_request_error","message":"token limit CANARY"}}`)
	f.Add(429, `{"error":{"type":"rate_limit_reached_error","message":"org-CANARY RPM tpm"}}`)
	f.Add(401, `{"error":{"type":"CANARY","message":"CANARY"}}`)
	f.Add(200, `CANARY`)
	f.Add(307, ``)
	c := &Client{
		platform: platformOf("api.moonshot.cn"),
		opts:     Options{Now: func() time.Time { return time.Unix(0, 0) }, Logger: slog.New(slog.DiscardHandler)},
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		e := c.refusal(status, http.Header{}, []byte(body))
		require.NotEmpty(t, e.Kind)
		require.NotEmpty(t, e.Detail())
		require.NotContains(t, e.Error(), "CANARY")
		bare := c.refusal(status, http.Header{}, nil)
		if !strings.Contains(body, "error") {
			require.Equal(t, bare.Error(), e.Error(), "an answer that is no envelope says nothing")
		}
	})
}

// FuzzAnswer holds what follows from any answer at all: a checked number or an
// error of ours, and limits that no answer can turn off, take below one call at
// a time, or keep for longer than an hour.
func FuzzAnswer(f *testing.F) {
	f.Add(200, "", "", "", `{"data":{"total_tokens":80}}`)
	f.Add(200, "gzip", "", "", "\x1f\x8b")
	f.Add(429, "", "1", "2", `{"error":{"type":"rate_limit_reached_error","message":"max RPM: 3, please try again after 1 seconds"}}`)
	f.Add(429, "", "1e300", "", `{"error":{"type":"rate_limit_reached_error","message":"max organization concurrency: 99999999999999999999"}}`)
	f.Add(429, "", "", "", `{"error":{"type":"rate_limit_reached_error","message":"max RPM: 000000001"}}`)
	f.Add(204, "identity", "NaN", "-1", ``)
	f.Fuzz(func(t *testing.T, status int, encoding, cooldown, retry, body string) {
		now := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
		o := Options{
			Now: func() time.Time { return now }, Logger: slog.New(slog.DiscardHandler), RPM: 100, Concurrency: 8,
		}
		c := &Client{platform: platformOf("api.moonshot.cn"), opts: o, pace: newPace(o)}
		resp := &http.Response{StatusCode: status, Header: http.Header{
			"Content-Encoding": {encoding}, "Msh-Cooldown-Seconds": {cooldown}, "Retry-After": {retry},
		}}
		n, e := c.answer(resp, []byte(body))
		if e == nil {
			require.Equal(t, 2, status/100)
			require.True(t, n >= 0 && n <= maxTotal)
		} else {
			require.Zero(t, n)
			require.NotEmpty(t, e.Detail())
			require.LessOrEqual(t, e.RetryAfter, maxHint)
			require.True(t, e.most >= 0 && e.most <= most)
		}
		for range 20 {
			c.pace.settle(e, now, now)
		}
		require.LessOrEqual(t, c.pace.held.Sub(now), longestHint)
		require.LessOrEqual(t, c.pace.weight(now), int64(8))
		require.Positive(t, c.pace.weight(now))
		require.Positive(t, float64(c.pace.bucket.Limit()))
		require.LessOrEqual(t, float64(c.pace.bucket.Limit()), 1.5)
	})
}

func TestTheNumberOfALimitIsReadAndAnythingElseIsNone(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]int{
		"request reached organization max RPM: 3, please try again after 1 seconds": 3,
		"request reached max organization concurrency: 1, please try again":         1,
		"max RPM: 5000": 5000,
		"request reached organization TPM rate limit, current: 563653, limit: 500000": 0,
		"max RPM: 0":                       0,
		"max RPM: -3":                      0,
		"max RPM: many":                    0,
		"max RPM: 1000001":                 0,
		"max RPM: ":                        0,
		"max RPM: 99999999999999999999999": 0,
	} {
		require.Equal(t, want, numberOf(message), message)
	}
}
