package cli

import (
	"context"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"tollgate/estimator"
)

const (
	// remoteAttempts is how often a server is asked that does not answer, or is
	// about to stop or too busy. A question changes nothing there, so it may be
	// asked again.
	remoteAttempts = 5
	// remotePause is the longest first pause between two attempts; each of the
	// next ones is up to twice as long. Together they outlast a restart.
	remotePause = 500 * time.Millisecond
	// remotePatience is the longest that a server's Retry-After is waited for.
	remotePatience = 15 * time.Second
)

// askAgain asks until there is an answer to keep.
func (r *remote) askAgain(ctx context.Context, body []byte, q *estimator.Query) (int, []byte, error) {
	for attempt := 1; ; attempt++ {
		a, err := r.ask(ctx, body, q)
		if attempt == remoteAttempts || ctx.Err() != nil || !a.again(err) {
			return a.status, a.body, err
		}
		wait := time.Duration(rand.Int64N(int64(remotePause << (attempt - 1)))) //nolint:gosec // spreads attempts, no secret
		timer := time.NewTimer(max(wait, a.retryAfter))
		select {
		case <-ctx.Done():
			timer.Stop()
			return a.status, a.body, err
		case <-timer.C:
		}
	}
}

// remoteAnswer is what a server answered.
type remoteAnswer struct {
	status     int
	body       []byte
	retryAfter time.Duration // 0: it does not say
}

// again reports whether the question is worth asking again.
func (a *remoteAnswer) again(err error) bool {
	if err != nil {
		return true // nobody answered, or not to the end
	}
	busy := a.status == http.StatusTooManyRequests || a.status == http.StatusServiceUnavailable
	return busy && a.retryAfter <= remotePatience
}

// retryAfter is the seconds of a Retry-After header, which is how tollgate
// itself sends it.
func retryAfter(h http.Header) time.Duration {
	n, err := strconv.Atoi(h.Get("Retry-After"))
	if err != nil || n < 0 {
		return 0
	}
	return time.Duration(min(n, int(time.Hour/time.Second))) * time.Second
}
