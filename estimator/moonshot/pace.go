package moonshot

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
	"golang.org/x/time/rate"

	"tollgate/estimator"
)

// How many callers may wait for an exchange to end so that theirs can begin.
// Those who have another count are few: when the vendor hangs, each of them
// waits in vain.
const (
	spareQueue   = 16
	patientQueue = 512
)

// pace holds exchanges against the limits of [Options] and what the vendor
// taught. It knows nothing of whether the vendor is up; see breaker. It is safe for
// concurrent use.
type pace struct {
	rpm         float64
	concurrency float64
	quota       Quota
	now         func() time.Time
	logger      *slog.Logger

	slots  *semaphore.Weighted // of concurrency
	bucket *rate.Limiter

	mu        sync.Mutex
	waiting   int       // callers without a slot
	moved     time.Time // when a slot was last taken without waiting, or given back
	held      time.Time // nobody is sent before
	refusal   Error     // the latest; a copy, as its caller still writes to his
	refusedAt time.Time // when that was
	strikes   int       // refusals in a row
	rpmTaught lesson
	conTaught lesson
	alone     bool // the quota could not be asked the last time
}

func newPace(o Options) *pace {
	p := &pace{
		rpm: float64(o.RPM), concurrency: float64(o.Concurrency), quota: o.Quota, now: o.Now, logger: o.Logger,
		slots: semaphore.NewWeighted(int64(o.Concurrency)), bucket: rate.NewLimiter(rate.Inf, 1),
	}
	p.tune(o.Now())
	return p
}

// enter waits for the right to make one exchange, until the caller's time is
// over at most. It returns the error of a caller who would have to wait longer
// as soon as that is known. What it gives must be left.
func (p *pace) enter(ctx context.Context, w estimator.Waiting) (leave func(), refused *Error) {
	if e := p.ahead(w); e != nil {
		return nil, e
	}
	leave, e := p.slot(ctx, w)
	if e != nil {
		return nil, e
	}
	if e := p.clear(ctx, w); e != nil {
		leave()
		return nil, e
	}
	return leave, nil
}

// ahead returns the error of a caller for whom there is no use in queueing.
func (p *pace) ahead(w estimator.Waiting) *Error {
	now := p.now()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tune(now)
	if !now.Before(w.Until) {
		return &Error{Kind: KindTimeout, cause: context.DeadlineExceeded, held: true}
	}
	wait := max(p.held.Sub(now), 0)
	if every := p.bucket.Limit(); every != rate.Inf {
		lacks := 1 - p.bucket.TokensAt(now)
		wait = max(wait, time.Duration(lacks/float64(every)*float64(time.Second)))
	}
	return p.tooLong(w, now, wait)
}

// tooLong returns the error of a caller who can not wait for d. Nobody who has
// another count waits for the end of a refusal: it may be refused again.
func (p *pace) tooLong(w estimator.Waiting, now time.Time, d time.Duration) *Error {
	refused := w.Spare && p.held.After(now)
	if d > 0 && (refused || now.Add(d).After(w.Until)) {
		return p.full(d)
	}
	return nil
}

// full is the error of a call that is not sent.
func (p *pace) full(wait time.Duration) *Error {
	e := &Error{
		Kind: KindRateLimited, RetryAfter: wait, held: true,
		detail: "it is not asked more often than the limit for counting allows; ask again later, or raise " +
			"TOLLGATE_VENDOR_RPM and TOLLGATE_VENDOR_CONCURRENCY if the account's tier has room",
	}
	if p.strikes > 0 {
		e.Status, e.Type = p.refusal.Status, p.refusal.Type
		e.detail = "it is asked less often for a while, because the account's limit"
		if l := p.refusal.limit; l != limitUnknown {
			e.detail += " of " + l.name()
		}
		e.detail += " was reached; ask again later or raise its tier"
	}
	return e
}

// stuck is how long the exchanges under way may all go on without one ending
// before it is taken that the vendor hangs, and nobody who has another count
// queues behind them.
const stuck = time.Second

// slot takes one of the exchanges that may be under way.
func (p *pace) slot(ctx context.Context, w estimator.Waiting) (leave func(), refused *Error) {
	p.mu.Lock()
	now := p.now()
	weight := p.weight(now)
	leave = func() { p.leave(weight) }
	if p.slots.TryAcquire(weight) {
		p.moved = now
		p.mu.Unlock()
		return leave, nil
	}
	if w.Spare && (p.waiting >= spareQueue || p.strikes > 0 || now.Sub(p.moved) > stuck) || p.waiting >= patientQueue {
		defer p.mu.Unlock()
		return nil, p.full(time.Second)
	}
	p.waiting++
	p.mu.Unlock()

	waiting, cancel := context.WithDeadline(ctx, w.Until)
	defer cancel()
	err := p.slots.Acquire(waiting, weight)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting--
	switch {
	case err == nil:
		return leave, nil
	case ctx.Err() != nil:
		return nil, ended(ctx)
	default:
		return nil, p.full(time.Second)
	}
}

func (p *pace) leave(weight int64) {
	p.slots.Release(weight)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.moved = p.now()
}

// weight is what one exchange takes of the slots. All of them after a refusal,
// until one was let through: that one goes alone.
func (p *pace) weight(now time.Time) int64 {
	all := int64(p.concurrency)
	if p.strikes > 0 {
		return all
	}
	allowed := max(int64(p.conTaught.bound(p.concurrency, now)), 1)
	return (all + allowed - 1) / allowed
}

// clear waits until an exchange may begin.
func (p *pace) clear(ctx context.Context, w estimator.Waiting) *Error {
	for {
		d, r, e := p.reserve(w)
		if e != nil {
			return e
		}
		if sleep(ctx, d) != nil {
			if r != nil {
				r.CancelAt(p.now())
			}
			return ended(ctx)
		}
		if r != nil && !p.isHeld() {
			return p.share(ctx, w)
		}
	}
}

// reserve takes an exchange out of the bucket and returns how long to wait for
// it. While nobody is sent, nothing is taken.
func (p *pace) reserve(w estimator.Waiting) (wait time.Duration, r *rate.Reservation, refused *Error) {
	now := p.now()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tune(now)
	if d := p.held.Sub(now); d > 0 {
		return d, nil, p.tooLong(w, now, d)
	}
	r = p.bucket.ReserveN(now, 1)
	wait = r.DelayFrom(now)
	if e := p.tooLong(w, now, wait); e != nil {
		r.CancelAt(now)
		return 0, nil, e
	}
	return wait, r, nil
}

func (p *pace) isHeld() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.held.After(p.now())
}

// share asks the shared quota until it lets the exchange through.
func (p *pace) share(ctx context.Context, w estimator.Waiting) *Error {
	if p.quota == nil {
		return nil
	}
	for {
		d, err := p.quota.Take(ctx)
		p.noteQuota(err)
		if err != nil || d <= 0 {
			return nil //nolint:nilerr // the limits of the client alone decide then
		}
		now := p.now()
		p.mu.Lock()
		e := p.tooLong(w, now, d)
		p.mu.Unlock()
		if e != nil {
			return e
		}
		if sleep(ctx, d) != nil {
			return ended(ctx)
		}
	}
}

// noteQuota says once that the quota can not be asked, and once that it can.
func (p *pace) noteQuota(err error) {
	p.mu.Lock()
	changed := p.alone != (err != nil)
	p.alone = err != nil
	p.mu.Unlock()
	switch {
	case changed && err != nil:
		p.logger.Warn("the shared limit can not be asked; the limit of this process alone holds")
	case changed:
		p.logger.Info("the shared limit is asked again")
	}
}
