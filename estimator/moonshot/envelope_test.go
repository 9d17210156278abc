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
