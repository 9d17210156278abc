package moonshot_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/moonshot"
)

// shared is a quota of several clients, in memory.
type shared struct {
	waits []time.Duration
	err   error
	asked int
}

func (s *shared) Take(context.Context) (time.Duration, error) {
	s.asked++
	if len(s.waits) == 0 {
		return 0, s.err
	}
	d := s.waits[0]
	s.waits = s.waits[1:]
	return d, s.err
}

func TestASharedQuotaIsAskedBeforeEveryExchange(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := &network{answer: func(call int64, _ *http.Request) (*http.Response, error) {
			if call == 1 {
				return reply(500, ""), nil
			}
			return fine(), nil
		}}
		q := &shared{waits: []time.Duration{time.Second, 0, 0}}
		c := wired(t, n, func(o *moonshot.Options) { o.Quota = q })
		start := time.Now()
		_, err := c.CountTokens(t.Context(), hello())
		require.NoError(t, err)
		require.Equal(t, 3, q.asked, "a wait, the exchange, its retry")
		require.Equal(t, 1200*time.Millisecond, time.Since(start))

		q.waits = []time.Duration{3 * time.Second}
		start = time.Now()
		_, err = c.CountTokens(spare(t, 2*time.Second), hello())
		require.Equal(t, 3*time.Second, refusal(t, err).RetryAfter)
		require.Zero(t, time.Since(start))
		require.EqualValues(t, 2, n.calls.Load())
	})
}

func TestAQuotaThatCannotBeAskedLeavesTheLimitsOfTheClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := &network{answer: func(int64, *http.Request) (*http.Response, error) { return fine(), nil }}
		var l log
		c := wired(t, n, func(o *moonshot.Options) {
			o.Quota, o.RPM, o.Logger = &shared{err: errors.New("canary: dial tcp")}, 3, l.logger()
		})
		_, err := c.CountTokens(t.Context(), hello())
		require.NoError(t, err)
		_, err = c.CountTokens(t.Context(), hello())
		require.Equal(t, moonshot.KindRateLimited, refusal(t, err).Kind)
		require.Contains(t, l.String(), "the limit of this process alone holds")
		require.NotContains(t, l.String(), "canary")
	})
}
