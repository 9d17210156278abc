package client_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/api/client"
)

// attempts answers with a problem and a Retry-After until it has been asked n
// times, and says when it was asked.
func attempts(n, status int, retryAfter string) (wire, *[]time.Time) {
	var at []time.Time
	return func(*http.Request) (*http.Response, error) {
		if at = append(at, time.Now()); len(at) > n {
			return says(http.StatusOK, `{"data":{"total_tokens":7}}`), nil
		}
		if retryAfter == "" {
			return says(status, problem(status, "busy")), nil
		}
		return says(status, problem(status, "busy"), "Retry-After", retryAfter, "Date", "Sun, 22 Nov 2026 12:00:00 GMT"), nil
	}, &at
}

func TestAnOverloadedServiceIsAskedAgainWhenItSaysWhen(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name       string
		busy       int // answers before the good one
		status     int
		retryAfter string
		edit       func(*client.Options)
		asked      int
		ok         bool
	}{
		{name: "503, seconds", busy: 2, status: 503, retryAfter: "1", asked: 3, ok: true},
		{name: "429, seconds", busy: 3, status: 429, retryAfter: "1", asked: 4, ok: true},
		{name: "a date", busy: 1, status: 503, retryAfter: "Sun, 22 Nov 2026 12:00:01 GMT", asked: 2, ok: true},
		{name: "for too long", busy: 9, status: 503, retryAfter: "1", asked: 1 + client.DefaultRetries},
		{name: "it does not say when", busy: 1, status: 503, asked: 1},
		{name: "it says no time", busy: 1, status: 503, retryAfter: "soon", asked: 1},
		{name: "not any more", busy: 1, status: 503, retryAfter: "0", asked: 1},
		{name: "a date that is over", busy: 1, status: 503, retryAfter: "Sun, 22 Nov 2026 11:00:00 GMT", asked: 1},
		{name: "later than one waits", busy: 1, status: 503, retryAfter: "6", asked: 1},
		{name: "patiently", busy: 1, status: 503, retryAfter: "6", asked: 2, ok: true, edit: func(o *client.Options) { o.Patience = time.Minute }},
		{name: "once", busy: 2, status: 503, retryAfter: "1", asked: 2, edit: func(o *client.Options) { o.Retries = 1 }},
		{name: "never", busy: 1, status: 503, retryAfter: "1", asked: 1, edit: func(o *client.Options) { o.Retries = -1 }},
		{name: "an absurd number", busy: 1, status: 503, retryAfter: "9223372036854775807", asked: 1},
		{name: "500", busy: 1, status: 500, retryAfter: "1", asked: 1},
		{name: "502", busy: 1, status: 502, retryAfter: "1", asked: 1},
		{name: "422", busy: 1, status: 422, retryAfter: "1", asked: 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				answer, at := attempts(tt.busy, tt.status, tt.retryAfter)
				c := wired(t, answer, func(o *client.Options) {
					if tt.edit != nil {
						tt.edit(o)
					}
				})
				n, err := c.CountTokens(t.Context(), []byte(hello))
				require.Len(t, *at, tt.asked)
				for i := 1; i < len(*at); i++ { // time is that of the bubble
					wait := (*at)[i].Sub((*at)[i-1])
					require.GreaterOrEqual(t, wait, time.Second)
					require.LessOrEqual(t, wait, 6*time.Second+250*time.Millisecond<<(i-1))
				}
				if tt.ok {
					require.NoError(t, err)
					require.Equal(t, int64(7), n)
					return
				}
				p, ok := errors.AsType[*client.Problem](err)
				require.True(t, ok, "%v", err)
				require.Equal(t, tt.status, p.Status)
			})
		})
	}
}

func TestToWaitEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		answer, at := attempts(9, 503, "4")
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		began := time.Now()
		_, err := wired(t, answer).CountTokens(ctx, []byte(hello))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, client.ErrUnavailable, "it was busy all the while")
		require.Equal(t, 2*time.Second, time.Since(began))
		require.Len(t, *at, 1)
	})
}

func TestAnAttemptIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hangs := wire(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		began := time.Now()
		_, err := wired(t, hangs).CountTokens(t.Context(), []byte(hello))
		require.ErrorIs(t, err, client.ErrUnavailable)
		require.ErrorContains(t, err, "it took too long")
		require.Equal(t, client.DefaultTimeout, time.Since(began))

		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		_, err = wired(t, hangs).CountTokens(ctx, []byte(hello))
		require.ErrorIs(t, err, context.Canceled)
		require.NotErrorIs(t, err, client.ErrUnavailable, "it was given up, and not failed")
	})
}

// An idle connection may be closed just when it is used again, by a service that
// was restarted, say. That is no absence: a question may be sent once more.
func TestAConnectionThatTurnsOutToBeClosedIsNoAbsence(t *testing.T) {
	t.Parallel()
	asked := &atomic.Int32{}
	url := listen(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		require.NotContains(t, r.Header, "Idempotency-Key")
		if asked.Add(1) != 2 {
			_, _ = io.Copy(io.Discard, r.Body)
			_, _ = io.WriteString(w, `{"data":{"total_tokens":7}}`)
			return
		}
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_ = conn.Close()
		}
	}))
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	c := asking(t, url, func(o *client.Options) { o.HTTPClient = &http.Client{Transport: transport} })
	for range 2 {
		n, err := c.CountTokens(t.Context(), []byte(hello))
		require.NoError(t, err)
		require.Equal(t, int64(7), n)
	}
	require.Equal(t, int32(3), asked.Load())
}
