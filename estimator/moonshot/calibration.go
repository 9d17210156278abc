package moonshot

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"tollgate/estimator"
	"tollgate/pricing"
)

const (
	// recheck is how long a finding is used before it is looked at again.
	recheck = 24 * time.Hour
	// setback is how long nothing is asked after a calibration that failed,
	// unless the vendor names a longer time.
	setback    = time.Minute
	maxSetback = 10 * time.Minute
	// flightTime bounds one calibrating call with its retries.
	flightTime = 10 * time.Second
	// spareWait is how old a call on its way may be for callers who have another
	// count to wait for it. A vendor that answers has answered by then.
	spareWait = 400 * time.Millisecond
)

// finding is what the vendor said to a probe.
type finding struct {
	total   int64
	refused bool // it does not take requests of this sort
}

// subject is what a finding is about.
type subject struct {
	model  string
	aspect aspect
}

// note is what is remembered of a subject.
type note struct {
	finding finding
	have    bool
	at      time.Time     // when it was found
	barred  time.Time     // not to be asked again before
	flight  chan struct{} // closed when the call on its way is back; nil if none is
	since   time.Time     // when it left
}

// calibration asks the vendor what its numbers cover: once a subject however
// many want to know, never in the way of a caller for longer than it can wait,
// and again, behind the callers' backs, after a day. It is safe for concurrent
// use.
type calibration struct {
	ask    func(context.Context, subject) (finding, error)
	now    func() time.Time
	logger *slog.Logger

	life   context.Context //nolint:containedctx // of the calls nobody waits for, ended by close
	end    context.CancelFunc
	wg     sync.WaitGroup
	mu     sync.Mutex
	closed bool
	notes  map[subject]*note
}

func newCalibration(
	ask func(context.Context, subject) (finding, error), now func() time.Time, logger *slog.Logger,
) *calibration {
	life, end := context.WithCancel(context.Background())
	return &calibration{ask: ask, now: now, logger: logger, life: life, end: end, notes: map[subject]*note{}}
}

// known returns what is known of a subject, and false if that is nothing or has to
// be looked at again. It asks nobody.
func (c *calibration) known(_ context.Context, s subject) (finding, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.notes[s]
	if n == nil || !n.have || c.now().Sub(n.at) >= recheck {
		return finding{}, false
	}
	return n.finding, true
}

// find returns what is known of a subject, asking for it if nothing is, and
// false if ctx ends before there is an answer or if there is none to be had.
func (c *calibration) find(ctx context.Context, s subject) (finding, bool) {
	f, have, flight := c.look(s)
	if have || flight == nil {
		return f, have
	}
	ctx, span := estimator.BeginSpan(ctx, estimator.SpanLearn)
	defer span.End("")
	if estimator.WaitingOf(ctx).Spare {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.left(s))
		defer cancel()
	}
	select {
	case <-flight:
	case <-ctx.Done():
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.notes[s]
	return n.finding, n.have
}

// left returns how long the call on its way is still worth waiting for to those
// who have another count.
func (c *calibration) left(s subject) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return spareWait - c.now().Sub(c.notes[s].since)
}

// look returns what is known and the call on its way, which it starts if one
// is due.
func (c *calibration) look(s subject) (f finding, have bool, flight chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.notes[s]
	if n == nil {
		n = &note{}
		c.notes[s] = n
	}
	now := c.now()
	due := !n.have || now.Sub(n.at) >= recheck
	if due && n.flight == nil && !now.Before(n.barred) && !c.closed {
		n.flight, n.since = make(chan struct{}), now
		c.wg.Go(func() { c.fly(s) })
	}
	return n.finding, n.have, n.flight
}

// fly makes one call and notes what it brought.
func (c *calibration) fly(s subject) {
	ctx, cancel := context.WithTimeout(c.life, flightTime)
	defer cancel()
	f, err := c.ask(ctx, s)
	now := c.now()

	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.notes[s]
	defer func() { close(n.flight); n.flight = nil }()
	attrs := []any{slog.String("model", s.model), slog.String("aspect", s.aspect.String())}
	if err != nil {
		n.barred = now.Add(setbackOf(err))
		c.logger.WarnContext(ctx, "could not find out what the vendor's count covers",
			append(attrs, slog.Any("error", err))...)
		return
	}
	if n.have && n.finding != f {
		c.logger.WarnContext(ctx, "what the vendor's count covers has changed", attrs...)
	}
	n.finding, n.have, n.at = f, true, now
}

// setbackOf returns how long to leave the vendor alone after err.
func setbackOf(err error) time.Duration {
	d := setback
	if e, ok := errors.AsType[*Error](err); ok {
		d = max(d, e.RetryAfter)
	}
	return min(d, maxSetback)
}

// close ends the calls on their way and waits for them.
func (c *calibration) close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.end()
	c.wg.Wait()
}

// askVendor sends a probe.
func (c *Counter) askVendor(ctx context.Context, s subject) (finding, error) {
	req, err := probe(s.model, s.aspect)
	if err != nil {
		return finding{}, err
	}
	body, _ := vendorBody(req, req.Model, true)
	total, err := c.client.CountTokens(ctx, body)
	if e, ok := errors.AsType[*Error](err); ok && e.Kind == KindInvalidRequest && s.aspect != aspectBase {
		return finding{refused: true}, nil
	}
	return finding{total: total}, err
}

// coverage is what the endpoint's number covers of a request.
type coverage struct {
	unasked    bool  // some question that matters has had no answer yet
	known      bool  // the base probe was answered and understood
	base       int64 // its total
	generation int64 // tokens of the generation prompt that are in the number
	odd        int64 // tokens in the number that no template explains
	sendTools  bool  // tools may be in the body

	tools, toolRole, calls, reasoning share
}

// share is how much of something is counted.
type share uint8

const (
	shareAssumed share = iota // not found out
	shareAll
	shareNone
	shareUnclear // something, or in a way that is not understood
	shareRefused // the endpoint takes no such request
)

// cover finds out what the vendor's number will cover of a request, by a way to
// the findings. What is not found there stays assumed.
func (c *Counter) cover(
	ctx context.Context, model *pricing.Model, has contents, find func(context.Context, subject) (finding, bool),
) coverage {
	var cov coverage
	base, ok := find(ctx, subject{model.ID, aspectBase})
	if !ok {
		cov.unasked = true
		return cov
	}
	e := c.expect(ctx, model)
	cov.base = base.total
	cov.readBase(e)
	if has.tools {
		f, ok := find(ctx, subject{model.ID, aspectTools})
		if ok {
			cov.readTools(f, e)
		}
		cov.unasked = cov.unasked || !ok
	}
	if has.toolMessages || has.calls || has.reasoning {
		f, ok := find(ctx, subject{model.ID, aspectToolRole})
		if ok {
			cov.readToolRole(f, e)
		}
		cov.unasked = cov.unasked || !ok
	}
	return cov
}

func (v *coverage) readBase(e expectation) {
	if !e.known() || v.base < e.message {
		return
	}
	v.known = true
	v.generation = min(v.base-e.message, e.generation)
	v.odd = v.base - e.message - v.generation
}

func (v *coverage) readTools(f finding, e expectation) {
	switch {
	case f.refused || f.total <= v.base: // less for more is no number to build on
		v.tools = shareNone
	case e.tools > 0 && f.total-v.base == e.tools:
		v.tools, v.sendTools = shareAll, true
	default:
		v.tools, v.sendTools = shareUnclear, true
	}
}

func (v *coverage) readToolRole(f finding, e expectation) {
	v.toolRole, v.calls, v.reasoning = shareUnclear, shareUnclear, shareUnclear
	if f.refused {
		v.toolRole, v.calls, v.reasoning = shareRefused, shareRefused, shareRefused
		return
	}
	if e.toolRole == 0 {
		return
	}
	for out := range 8 {
		tool, calls, reasoning := out&1 != 0, out&2 != 0, out&4 != 0
		if (tool && e.tool == 0) || (calls && e.calls == 0) || (reasoning && e.reasoning == 0) {
			continue
		}
		if f.total-v.base == e.toolRole-when(tool, e.tool)-when(calls, e.calls)-when(reasoning, e.reasoning) {
			v.toolRole, v.calls, v.reasoning = shareOf(tool), shareOf(calls), shareOf(reasoning)
			return
		}
	}
}

func when(b bool, n int64) int64 {
	if b {
		return n
	}
	return 0
}

// shareOf is the share of something that was left out or not.
func shareOf(leftOut bool) share {
	if leftOut {
		return shareNone
	}
	return shareAll
}
