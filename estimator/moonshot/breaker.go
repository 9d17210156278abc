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
	hurried                // it did not answer a caller who gave it little time
)

// hurriedWorth is how many hurried callers weigh as much as one failure: a
// vendor that answers nobody is down, however short of time they all are.
const hurriedWorth = 5

// breaker stops calls to a vendor that keeps failing. While it is open every
// call fails at once, but for one at a time, after a pause, that tries whether
// the vendor is back: recovery is seen within Pause plus Trial. It is safe for
// concurrent use.
type breaker struct {
	opts BreakerOptions

	mu       sync.Mutex
	failures int       // in a row, in parts of hurriedWorth
	last     Error     // the latest failure; a copy, as its caller still writes to his
	open     bool      // calls are held back
	until    time.Time // when the next trial may start
	trying   bool      // a trial is on its way
}

// admit reports whether a call may be made now and whether it is a trial, or
// why not. Every admitted call must be settled.
func (b *breaker) admit(now time.Time) (trial bool, refused *Error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	refused = b.refusal(now)
	trial = b.open && refused == nil
	b.trying = b.trying || trial
	return trial, refused
}

// refuses returns why a call would not be admitted now, or nil.
func (b *breaker) refuses(now time.Time) *Error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.refusal(now)
}

func (b *breaker) refusal(now time.Time) *Error {
	switch {
	case !b.open:
		return nil
	case b.trying:
		return b.notAsked(b.opts.Trial)
	case now.Before(b.until):
		return b.notAsked(b.until.Sub(now))
	}
	return nil
}

// isOpen reports whether calls are held back.
func (b *breaker) isOpen() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.open
}

// notAsked is the error of a call that is held back. It says what the vendor
// was last seen to do, which is what an operator has to look into.
func (b *breaker) notAsked(wait time.Duration) *Error {
	return &Error{
		Kind: KindUnavailable, RetryAfter: wait, held: true,
		detail: "it keeps failing and is not asked for a moment; the last time " + b.last.Detail(),
	}
}

// settle tells how an admitted call went; e is its error, if any. It reports
// whether the breaker changed, and to what.
func (b *breaker) settle(v verdict, trial bool, e *Error, now time.Time) (changed, open bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if trial {
		b.trying = false
	}
	was := b.open
	switch v {
	case neutral:
	case healthy:
		b.failures, b.open = 0, false
	case failing:
		b.fail(hurriedWorth, trial, e, now)
	case hurried:
		b.fail(1, trial, e, now)
	}
	return was != b.open, b.open
}

// fail counts a failure. One that began before the breaker opened says nothing
// new.
func (b *breaker) fail(weight int, trial bool, e *Error, now time.Time) {
	if b.open && !trial {
		return
	}
	b.failures += weight
	b.last = *e
	if trial || (b.opts.Failures > 0 && b.failures >= b.opts.Failures*hurriedWorth) {
		b.open, b.until = true, now.Add(b.opts.Pause)
	}
}
