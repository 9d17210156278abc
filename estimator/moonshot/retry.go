package moonshot

import (
	"context"
	"sync"
	"time"
)

// RetryOptions is how often and how fast a failed call is repeated.
type RetryOptions struct {
	Base time.Duration // first backoff; 0 means 200 ms
	Cap  time.Duration // longest backoff; 0 means 2 s

	// Budget is how many retries may be made beyond the share that successes
	// earn; 0 means 10, negative means none. It bounds what a full outage costs
	// the vendor.
	Budget float64
	// Earn is what a success adds to the budget, in retries; 0 means 0.1: one
	// retry for ten successes, the ratio that
	// https://sre.google/sre-book/handling-overload/ gives.
	Earn float64
}

func (o RetryOptions) withDefaults() RetryOptions {
	orDefault(&o.Base, 200*time.Millisecond)
	orDefault(&o.Cap, 2*time.Second)
	orDefault(&o.Budget, 10)
	orDefault(&o.Earn, 0.1)
	return o
}

// idleEarn is the time in which an idle client earns one retry, so that one
// that asks seldom may still retry after a bad day.
const idleEarn = 10 * time.Second

// budget is a bucket of retries. It fills with successes and, slowly, with
// time; every retry takes one out. It is safe for concurrent use.
type budget struct {
	full, earn float64

	mu   sync.Mutex
	left float64
	last time.Time
}

func newBudget(o RetryOptions, now time.Time) *budget {
	full := max(o.Budget, 0)
	return &budget{full: full, earn: o.Earn, left: full, last: now}
}

// success puts back a share of a retry.
func (b *budget) success() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left = min(b.left+b.earn, b.full)
}

// take takes a retry out and reports whether there was one.
func (b *budget) take(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if idle := now.Sub(b.last); idle > 0 {
		b.left = min(b.left+idle.Seconds()/idleEarn.Seconds(), b.full)
		b.last = now
	}
	if b.left < 1 {
		return false
	}
	b.left--
	return true
}

// backoff returns the pause before the retry of a failed attempt (the first is
// attempt 1). A hint of the vendor is kept to, plus up to a tenth; otherwise the
// pause is anything up to a bound that doubles with every attempt, so that
// callers who failed together do not come back together.
func backoff(o RetryOptions, attempt int, hinted time.Duration, rnd float64) time.Duration {
	if hinted > 0 {
		return hinted + time.Duration(rnd*float64(hinted)/10)
	}
	bound := o.Base
	for range attempt - 1 {
		bound = min(2*bound, o.Cap)
	}
	return time.Duration(rnd * float64(min(bound, o.Cap)))
}

// sleep waits for d, or until ctx is done.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
