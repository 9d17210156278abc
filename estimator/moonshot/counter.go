package moonshot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"time"

	"tollgate/estimator"
	"tollgate/estimator/chat"
	"tollgate/pricing"
)

// DefaultPatience is how long a caller waits at most until it is found out
// what the vendor's number covers.
const DefaultPatience = 3 * time.Second

// version is the revision of how counts are put together. Whoever changes what
// a count comes to counts it up.
const version = "vendor1"

// CounterOptions is what a [Counter] needs.
type CounterOptions struct {
	Client *Client           // required
	Local  estimator.Counter // counts what the vendor leaves out; required

	// Patience is how long a caller waits for a calibration, at most half of
	// the time it has; 0 means DefaultPatience.
	Patience time.Duration

	Now    func() time.Time // the clock, such as time.Now; required
	Logger *slog.Logger     // nil means none
}

// Counter counts chat requests by the vendor's number and adds what that does
// not cover.
//
// Which that is the vendor does not say, so it is measured: the first request
// for a model is preceded by one tiny call, the first with tools and the first
// with tool messages by one more each. The findings are kept for a day and then
// looked at again without holding anyone up. While nothing could be found out
// the documentation's example is taken at its word (no generation prompt), the
// tools are never sent and so always added, and the bounds allow for the rest.
//
// The part counted by [estimator.MethodVendor] is the vendor's number,
// untouched; other parts are what was added. It is safe for concurrent use.
type Counter struct {
	client      *Client
	local       estimator.Counter
	patience    time.Duration
	version     string
	calibration *calibration
	early       totals
}

// NewCounter returns a counter. It calls nobody yet.
func NewCounter(o CounterOptions) (*Counter, error) {
	if o.Client == nil || o.Local == nil || o.Now == nil {
		return nil, errors.New("vendor counter: a client, a local counter and a clock are required")
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	orDefault(&o.Patience, DefaultPatience)
	c := &Counter{client: o.Client, local: o.Local, patience: o.Patience}
	c.version = version + "-" + o.Client.scope() + "+" + o.Local.Version()
	c.calibration = newCalibration(c.askVendor, o.Now, o.Logger)
	c.early.now = o.Now
	return c, nil
}

// Close ends calibrating calls that are on their way, waits for them, and
// closes the client.
func (c *Counter) Close() {
	c.calibration.close()
	c.client.Close()
}

// Method is [estimator.MethodVendor].
func (c *Counter) Method() estimator.Method { return estimator.MethodVendor }

// Silence returns a context that ends when the vendor falls silent; see
// [estimator.Listener].
func (c *Counter) Silence() context.Context { return c.client.pulse.silent() }

// Version names the platform and the revisions of everything that a count is
// put together from.
func (c *Counter) Version() string { return c.version }

// Count counts req. Its errors are *[estimator.VendorError] around *[Error]:
// those of the vendor, and [KindUnsupported] for a request whose body was not
// kept or that the vendor's endpoint was measured to count in part only, in a
// way that can not be made good.
func (c *Counter) Count(ctx context.Context, req *chat.Request, model *pricing.Model) (estimator.Count, error) {
	ctx, span := estimator.BeginSpan(ctx, estimator.SpanVendor)
	count, err := c.count(ctx, req, model)
	err = domain(err)
	span.EndWith(err)
	return count, err
}

// count is Count with the errors of this package.
func (c *Counter) count(ctx context.Context, req *chat.Request, model *pricing.Model) (estimator.Count, error) {
	has := contentsOf(req)
	cov := c.calibrated(ctx, model, has)
	if why := has.uncountable(cov); why != "" {
		return estimator.Count{}, &Error{Kind: KindUnsupported, detail: why}
	}
	total, err := c.total(ctx, req, model, cov)
	if err != nil {
		return estimator.Count{}, err
	}
	if total < has.plain {
		return estimator.Count{}, badAnswer(0, errTooFew)
	}
	count, err := c.complete(ctx, req, model, counted{total: total, has: has, cov: cov})
	count.Provisional = cov.unasked
	return count, err
}

// total returns the vendor's number, which it asks for unless it has just done so
// and no more is known of what it covers.
func (c *Counter) total(ctx context.Context, req *chat.Request, model *pricing.Model, cov coverage) (int64, error) {
	key := totalKey{req.Hash, model.ID, cov.sendTools}
	if total, ok := c.early.find(key); ok {
		return total, nil
	}
	body, ok := vendorBody(req, model.ID, cov.sendTools)
	if !ok {
		return 0, &Error{Kind: KindUnsupported, detail: "the request's body was not kept, so there is nothing to send"}
	}
	total, err := c.client.CountTokens(ctx, body)
	if err != nil {
		return 0, err //nolint:wrapcheck // it is ours
	}
	if cov.unasked {
		c.early.keep(key, total)
	}
	return total, nil
}

// calibrated finds out what matters for a request, in a part of the time that
// the caller has. Mostly all is known, and takes none.
func (c *Counter) calibrated(ctx context.Context, model *pricing.Model, has contents) coverage {
	if cov := c.cover(ctx, model, has, c.calibration.known); !cov.unasked {
		return cov
	}
	wait := c.patience
	if w := waitingOf(ctx); !w.Until.IsZero() {
		wait = min(wait, w.Until.Sub(c.calibration.now())/2)
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	return c.cover(ctx, model, has, c.calibration.find)
}

// scope tells apart the platforms that a count may come from.
func (c *Client) scope() string {
	if c.platform.host != "" {
		return c.platform.bills
	}
	sum := sha256.Sum256([]byte(c.url))
	return hex.EncodeToString(sum[:4])
}

// contents is what a request holds of the things that an endpoint may not
// count.
type contents struct {
	plain        int64 // messages of other roles than tool
	tools        bool
	toolMessages bool // of role tool
	calls        bool // in assistant messages
	reasoning    bool // in assistant messages
	noThinking   bool // switched off by the caller
	prefilled    bool // ends in the beginning of the answer
}

func contentsOf(req *chat.Request) contents {
	has := contents{tools: len(req.Tools) > 0, noThinking: req.Thinking.Disabled()}
	for i := range req.Messages {
		m := &req.Messages[i]
		if m.Role == roleTool {
			has.toolMessages = true
		} else {
			has.plain++
		}
		has.calls = has.calls || len(m.ToolCalls()) > 0
		has.reasoning = has.reasoning || m.ReasoningContent() != "" || m.Reasoning() != ""
		has.prefilled = m.Partial() && m.Role == roleAssistant // of the last
	}
	return has
}

const (
	roleTool      = "tool"
	roleAssistant = "assistant"
)

// uncountable returns why the vendor's number would be of no use, or "".
func (has contents) uncountable(cov coverage) string {
	out := func(s share) bool { return s == shareNone || s == shareRefused }
	switch {
	case has.toolMessages && cov.toolRole == shareRefused:
		return "its endpoint does not take messages of role tool for this model; ask for a local count"
	case has.calls && out(cov.calls):
		return "its endpoint does not count tool calls for this model; ask for a local count"
	case has.reasoning && out(cov.reasoning):
		return "its endpoint does not count reasoning_content for this model; ask for a local count"
	}
	return ""
}
