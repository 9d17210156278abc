package moonshot

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

// Body is a request body that can be read more than once, for retries. It may
// be put together from pieces, so that a long one need not be copied.
type Body interface {
	NewReader() io.Reader // from the start; every reader stands alone
	Len() int64           // bytes
}

// Client asks the vendor's counting endpoint. It is safe for concurrent use.
type Client struct {
	opts     Options // without the key
	platform platform
	url      string
	asking   func() *http.Request // what all requests have; a function, so that no way of printing the client prints the key
	network  http.RoundTripper
	breaker  *breaker
	budget   *budget
	pace     *pace
	pulse    *pulse
	standing *standing

	life   context.Context //nolint:containedctx // of the trials nobody waits for, ended by Close
	end    context.CancelFunc
	trials sync.WaitGroup
}

// New returns a client, or an error that names everything wrong with o and
// quotes none of it.
func New(o Options) (*Client, error) {
	o, err := o.withDefaults()
	base, baseErr := parseBase(o.BaseURL)
	if err := errors.Join(err, baseErr); err != nil {
		return nil, fmt.Errorf("vendor client: %w", err)
	}
	url := base.String() + estimatePath
	asking, err := newRequest(url, o.APIKey)
	if err != nil {
		return nil, errors.New("vendor client: the base URL can not be asked")
	}
	c := &Client{
		platform: platformOf(base.Hostname()),
		url:      url,
		asking:   func() *http.Request { return asking },
		network:  newNetwork(o),
		breaker:  &breaker{opts: o.Breaker},
		budget:   newBudget(o.Retry, o.Now()),
		pace:     newPace(o),
		pulse:    newPulse(o.Now),
		standing: &standing{},
	}
	c.life, c.end = context.WithCancel(context.Background())
	o.APIKey = ""
	c.opts = o
	if base.Scheme == "http" && !loopback(base.Hostname()) {
		o.Logger.Warn("the base URL is http: the key and all prompts travel in the clear")
	}
	return c, nil
}

// String says which platform the client asks, and nothing secret.
func (c *Client) String() string { return "vendor client for " + c.platform.name }

// GoString is String.
func (c *Client) GoString() string { return c.String() }

// LogValue is String.
func (c *Client) LogValue() slog.Value { return slog.StringValue(c.String()) }

// Close ends what is on its way behind the callers' backs, waits for it, and
// drops idle connections. Whoever still uses the client is served, but no
// longer finds out that a vendor that was down is back.
func (c *Client) Close() {
	c.end()
	c.trials.Wait()
	(&http.Client{Transport: c.network}).CloseIdleConnections()
}

// CountTokens asks the vendor for the tokens of body, a JSON object with at
// least model and messages. What the number covers is for the caller to know;
// see [Counter]. Every error is an *[Error].
//
// It takes no longer than ctx allows, and begins no exchange, no retry and no
// waiting for one that would end after the moment that [estimator.WaitingOf]
// gives for ctx: a call that would is not sent and says when to come back.
func (c *Client) CountTokens(ctx context.Context, body Body) (int64, error) {
	k := call{body: body, waiting: waitingOf(ctx), end: c.opts.Now().Add(c.opts.TotalTimeout + allowance(body))}
	if k.waiting.Until.IsZero() || k.end.Before(k.waiting.Until) {
		k.waiting.Until = k.end
	}
	var last *Error
	for {
		k.attempt++
		n, e := c.turn(ctx, k)
		switch {
		case e == nil:
			c.budget.success()
			return n, nil
		case last == nil || !e.held:
			last = e
		default: // what went wrong says more than why it is not tried again
			last.RetryAfter = max(last.RetryAfter, e.RetryAfter)
		}
		if e.held || !c.again(ctx, last, k) {
			return 0, last
		}
	}
}

// settle tells the breaker how an attempt went, and the log what that changed.
func (c *Client) settle(e *Error, took time.Duration, trial bool, now time.Time) {
	changed, stands := c.standing.settle(e, now.Add(-took), now)
	switch {
	case changed && stands:
		c.opts.Logger.Warn("the vendor refuses the key or the account; it is asked only now and then whether it still does",
			slog.String("kind", string(e.Kind)), slog.Int("status", e.Status))
	case changed:
		c.opts.Logger.Info("the vendor accepts the key and the account again")
	}
	changed, open := c.breaker.settle(health(e, took), trial, e, now)
	switch {
	case changed && open:
		c.pulse.pass() // nobody waits for it from now on
		c.opts.Logger.Warn("the vendor keeps failing and is not asked for a moment")
	case changed:
		c.opts.Logger.Info("the vendor answers again")
	}
}

// slowEnough is how long an attempt must have waited for its timeout to be the
// vendor's fault rather than that of a caller in a hurry.
const slowEnough = time.Second

// health returns what the end of an attempt says of the vendor.
func health(e *Error, took time.Duration) verdict {
	switch {
	case e == nil:
		return healthy
	case e.Kind == KindCanceled:
		return neutral
	case e.Kind == KindTimeout && took < slowEnough:
		return hurried
	case e.Kind == KindTimeout, e.Kind == KindUnavailable, e.Kind == KindOverloaded, e.Kind == KindBadAnswer:
		return failing
	default:
		return healthy
	}
}

// again waits before a retry and reports whether to make it. It does not wait
// longer than the caller does.
func (c *Client) again(ctx context.Context, e *Error, k call) bool {
	if !e.retry || k.attempt >= c.opts.MaxAttempts || ctx.Err() != nil || (e.limited && k.waiting.Spare) {
		return false
	}
	now := c.opts.Now()
	pause := backoff(c.opts.Retry, k.attempt, e.RetryAfter, c.opts.Rand())
	if held := c.pace.ahead(k.waiting); held != nil {
		e.RetryAfter = max(e.RetryAfter, held.RetryAfter)
		return false
	}
	if now.Add(pause).After(k.waiting.Until) {
		return false
	}
	return c.budget.take(now) && sleep(ctx, pause) == nil
}

// allowance is the time a body may take on its way, at 4 MiB a second.
func allowance(body Body) time.Duration {
	const bytesPerSecond = 4 << 20
	return time.Duration(body.Len()) * time.Second / bytesPerSecond
}
