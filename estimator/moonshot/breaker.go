package moonshot

import (
	"sync"
	"time"
)

// BreakerOptions is when the client stops asking a vendor that keeps failing,
// and how soon it tries again.
type BreakerOptions struct {
	Failures int           // in a row, to stop; 0 means 5, negative means never
	Pause    time.Duration // until the next trial; 0 means 2 s
	Trial    time.Duration // timeout of a trial, before what the body's size adds; 0 means 2 s
}

func (o BreakerOptions) withDefaults() BreakerOptions {
	orDefault(&o.Failures, 5)
	orDefault(&o.Pause, 2*time.Second)
	orDefault(&o.Trial, 2*time.Second)
	return o
}

// verdict is what an attempt says of the vendor's health.
type verdict uint8

const (
	neutral verdict = iota // nothing: the caller left, say
	healthy                // it answered, be it with a refusal
	failing                // it is down, hangs or talks nonsense
)

// breaker stops calls to a vendor that keeps failing. While it is open every
// call fails at once, but for one at a time, after a pause, that tries whether
// the vendor is back: recovery is seen within Pause plus Trial. It is safe for
// concurrent use.
type breaker struct {
	opts BreakerOptions

	mu       sync.Mutex
	failures int       // in a row
	open     bool      // calls are held back
	until    time.Time // when the next trial may start
	trying   bool      // a trial is on its way
}

// admit reports whether a call may be made now and whether it is a trial; if
// not, how long to wait. Every admitted call must be settled.
func (b *breaker) admit(now time.Time) (ok, trial bool, wait time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case !b.open:
		return true, false, 0
	case b.trying:
		return false, false, b.opts.Trial
	case now.Before(b.until):
		return false, false, b.until.Sub(now)
	}
	b.trying = true
	return true, true, 0
}

// settle tells how an admitted call went. It reports whether the breaker
// changed, and to what.
func (b *breaker) settle(v verdict, trial bool, now time.Time) (changed, open bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if trial {
		b.trying = false
	}
	was := b.open
	switch {
	case v == healthy:
		b.failures, b.open = 0, false
	case v == failing && (trial || !b.open):
		b.failures++
		if trial || (b.opts.Failures > 0 && b.failures >= b.opts.Failures) {
			b.open, b.until = true, now.Add(b.opts.Pause)
		}
	}
	return was != b.open, b.open
}
