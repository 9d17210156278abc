package moonshot

import (
	"context"
	"sync"
	"time"
)

const (
	// leastSilence is the shortest time without an answer that is called silence.
	leastSilence = 100 * time.Millisecond

	// enoughAnswers is how many answers tell how long the vendor usually takes.
	enoughAnswers = 8
)

// pulse notices that the vendor has fallen silent: it is asked, and nobody has
// had an answer for much longer than one usually takes. That is known long before
// the first exchange has run out of time, and one slow answer among others is
// none. It is safe for concurrent use.
//
// What is usual is learned as TCP learns its timeout (RFC 6298, section 2): a
// mean, and four times the mean deviation. Twice of both is waited for.
type pulse struct {
	now func() time.Time

	mu     sync.Mutex
	mean   time.Duration // of an exchange
	spread time.Duration // its mean deviation
	known  int           // answers, up to enoughAnswers
	heard  time.Time     // the latest answer

	silence context.Context //nolint:containedctx // its end is the signal, for many who wait
	fall    context.CancelFunc
}

func newPulse(now func() time.Time) *pulse {
	p := &pulse{now: now}
	p.silence, p.fall = context.WithCancel(context.Background())
	return p
}

// silent returns a context that ends as soon as the vendor is silent, or has
// ended already.
func (p *pulse) silent() context.Context {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.silence
}

// usual is how long the vendor may be silent, 0 while that is not known.
func (p *pulse) usual() time.Duration {
	if p.known < enoughAnswers {
		return 0
	}
	return max(leastSilence, 2*(p.mean+4*p.spread))
}

// watch waits for the answer to an exchange that begins now, and may take extra
// for its size. What it returns has to be called when that is over.
func (p *pulse) watch(extra time.Duration) (over func(answered bool, took time.Duration)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	began, most := p.now(), p.usual()+extra
	if p.usual() == 0 {
		return p.over
	}
	var timer *time.Timer
	timer = time.AfterFunc(most, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		since := began
		if p.heard.After(since) {
			since = p.heard
		}
		if left := most - p.now().Sub(since); left > 0 {
			timer.Reset(left)
			return
		}
		p.fall()
	})
	return func(answered bool, took time.Duration) {
		timer.Stop()
		p.over(answered, took)
	}
}

// over notes how an exchange ended.
func (p *pulse) over(answered bool, took time.Duration) {
	if !answered {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.heard = p.now()
	if p.known == 0 {
		p.mean, p.spread = took, took/2
	} else {
		p.spread += ((took - p.mean).Abs() - p.spread) / 4
		p.mean += (took - p.mean) / 8
	}
	p.known = min(p.known+1, enoughAnswers)
	p.renew()
}

// pass ends a silence without an answer: the breaker has taken over.
func (p *pulse) pass() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.renew()
}

func (p *pulse) renew() {
	if p.silence.Err() != nil {
		p.silence, p.fall = context.WithCancel(context.Background())
	}
}
