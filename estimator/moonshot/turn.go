package moonshot

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"tollgate/estimator"
)

// call is one call of CountTokens.
type call struct {
	body    Body
	waiting estimator.Waiting // Until is always set, and not after end
	end     time.Time         // by when the call is over, to be looked up: a context that says so needs a timer
	attempt int               // from 1
}

// waitingOf returns how long the caller of ctx waits, and that is not longer than
// ctx does.
func waitingOf(ctx context.Context) estimator.Waiting {
	w := estimator.WaitingOf(ctx)
	if deadline, ok := ctx.Deadline(); ok && (w.Until.IsZero() || deadline.Before(w.Until)) {
		w.Until = deadline
	}
	return w
}

// turn makes an attempt when the limits and the breaker let it through. An
// attempt that is held back has an error that says so.
func (c *Client) turn(ctx context.Context, k call) (int64, *Error) {
	arrived := c.opts.Now()
	holding, hold := estimator.BeginSpan(ctx, estimator.SpanHold)
	leave, trial, refused := c.let(holding, k.waiting)
	passed := c.opts.Now()
	if refused != nil && refused.Kind == KindRateLimited && !passed.Before(k.end) {
		refused = &Error{Kind: KindTimeout, cause: context.DeadlineExceeded} // it queued until then
	}
	waited := passed.Sub(arrived)
	hold.End(kindOf(refused))
	if refused != nil {
		c.opts.Observe(Attempt{
			Kind: refused.Kind, Waited: waited, Retry: k.attempt > 1, Held: true, Open: c.breaker.isOpen(),
		})
		return 0, refused
	}
	if trial && k.waiting.Spare {
		// Nobody who has another count is made to wait for a vendor that was
		// down a moment ago.
		c.trials.Go(func() {
			defer leave()
			_, _ = c.try(c.life, k, waited, true)
		})
		return 0, c.breaker.refuses(c.opts.Now())
	}
	defer leave()
	return c.try(ctx, k, waited, trial)
}

// let waits until an exchange may begin and reports whether it is a trial of
// the breaker, or why it may not.
func (c *Client) let(ctx context.Context, w estimator.Waiting) (leave func(), trial bool, refused *Error) {
	if refused = c.breaker.refuses(c.opts.Now()); refused != nil {
		return nil, false, refused
	}
	if refused = c.standing.refuses(c.opts.Now(), c.opts.AttemptTimeout); refused != nil {
		return nil, false, refused
	}
	if leave, refused = c.pace.enter(ctx, w); refused != nil {
		return nil, false, refused
	}
	// The vendor may have been given up in the meantime.
	if trial, refused = c.breaker.admit(c.opts.Now()); refused != nil {
		leave()
		return nil, false, refused
	}
	return leave, trial, nil
}

// try makes one attempt that was let through.
func (c *Client) try(ctx context.Context, k call, waited time.Duration, trial bool) (int64, *Error) {
	var watching *watched
	if !trial { // nobody is waiting for that one
		watching = c.pulse.watch(allowance(k.body))
	}
	start := c.opts.Now()
	asking, span := estimator.BeginSpan(ctx, estimator.SpanCall)
	n, e := c.exchange(asking, k.body, c.timeout(k, trial, start))
	c.describe(span, k, e)
	end := c.opts.Now()
	c.pulse.over(watching, e == nil || e.Status != 0, end.Sub(start))
	c.pace.settle(e, start, end)
	c.settle(e, end.Sub(start), trial, end)
	seen := Attempt{
		Duration: end.Sub(start), Waited: waited, Retry: k.attempt > 1, Status: http.StatusOK, Open: c.breaker.isOpen(),
	}
	if e != nil {
		e.Attempts = k.attempt
		seen.Kind, seen.Status = e.Kind, e.Status
		c.opts.Logger.DebugContext(ctx, "vendor attempt failed",
			slog.String("kind", string(e.Kind)), slog.Int("status", e.Status),
			slog.Int("attempt", k.attempt), slog.Duration("took", seen.Duration))
	}
	c.opts.Observe(seen)
	return n, e
}

// timeout is how long the exchange of a call may take that begins at a moment.
func (c *Client) timeout(k call, trial bool, now time.Time) time.Duration {
	most := c.opts.AttemptTimeout
	if trial {
		most = min(most, c.opts.Breaker.Trial)
	}
	return min(most+allowance(k.body), k.end.Sub(now))
}

// describe ends the span of an exchange. The vendor is not told of the trace:
// its ids are for those who run the service.
func (c *Client) describe(span estimator.Span, k call, e *Error) {
	status := http.StatusOK
	if e != nil {
		status = e.Status
	}
	if c.platform.host != "" { // another host may be an internal one
		span.Word(estimator.SpanHost, c.platform.host)
	}
	span.Number(estimator.SpanStatus, int64(status)) // 0: there was no answer
	span.Number(estimator.SpanAttempt, int64(k.attempt))
	span.End(kindOf(e))
}

// kindOf is the kind of an error, empty for none.
func kindOf(e *Error) string {
	if e == nil {
		return ""
	}
	return string(e.Kind)
}
