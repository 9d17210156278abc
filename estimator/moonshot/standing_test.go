package moonshot_test

import (
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tollgate/estimator/moonshot"
)

func TestARefusedKeyOrAnEmptyAccountIsNotTriedByEveryCall(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		answer func() *http.Response
		status int
		kind   moonshot.Kind
	}{
		{"wrong key", func() *http.Response {
			return reply(401, `{"error":{"type":"invalid_authentication_error","message":"Invalid Authentication"}}`)
		}, 401, moonshot.KindAuth},
		{"no balance", func() *http.Response {
			return reply(429, `{"error":{"type":"exceeded_current_quota_error","message":"You exceeded your current token quota"}}`)
		}, 429, moonshot.KindQuota},
		{"no balance, as 403", func() *http.Response {
			return reply(403, `{"error":{"type":"exceeded_current_quota_error","message":"please recharge"}}`)
		}, 403, moonshot.KindQuota},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				refuses := true
				n := &network{answer: func(int64, *http.Request) (*http.Response, error) {
					if refuses {
						return tt.answer(), nil
					}
					return fine(), nil
				}}
				c := wired(t, n, nil)
				// Ten a second, for three minutes.
				for range 1800 {
					_, err := c.CountTokens(t.Context(), hello())
					var e *moonshot.Error
					require.ErrorAs(t, err, &e)
					require.Equal(t, tt.kind, e.Kind, "what it means is never lost")
					require.Equal(t, tt.status, e.Status)
					require.NotEmpty(t, e.Type)
					time.Sleep(100 * time.Millisecond)
				}
				require.LessOrEqual(t, n.calls.Load(), int64(6))
				refuses = false
				began := time.Now()
				for {
					if _, err := c.CountTokens(t.Context(), hello()); err == nil {
						break
					}
					time.Sleep(100 * time.Millisecond)
				}
				require.LessOrEqual(t, time.Since(began), time.Minute+time.Second)
				_, err := c.CountTokens(t.Context(), hello())
				require.NoError(t, err)
			})
		})
	}
}

func TestARefusalOfOneRequestStandsForNoOther(t *testing.T) {
	t.Parallel()
	for _, status := range []int{400, 403, 404} {
		n := &network{answer: func(call int64, _ *http.Request) (*http.Response, error) {
			if call == 1 {
				return reply(status, `{"error":{"type":"","message":""}}`), nil
			}
			return fine(), nil
		}}
		c := wired(t, n, nil)
		_, err := c.CountTokens(t.Context(), hello())
		require.Error(t, err)
		_, err = c.CountTokens(t.Context(), hello())
		require.NoError(t, err, status)
	}
}

func TestCallersWhoAreRefusedAtTheSameTimeWriteToNoErrorOfAnother(t *testing.T) {
	t.Parallel() // says something under the race detector only
	n := &network{answer: func(int64, *http.Request) (*http.Response, error) {
		return reply(401, `{"error":{"type":"invalid_authentication_error","message":"Invalid Authentication"}}`), nil
	}}
	for range 50 {
		c := wired(t, n, nil)
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 4 {
					_, err := c.CountTokens(t.Context(), hello())
					e, ok := errors.AsType[*moonshot.Error](err)
					if ok {
						e.Attempts, e.RetryAfter = -1, -1 // it is the caller's
					}
					assert.True(t, ok, "%v", err)
				}
			})
		}
		wg.Wait()
	}
}
