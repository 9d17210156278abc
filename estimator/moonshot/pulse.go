package moonshot

import (
	"context"
	"slices"
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

	watched []*watched  // exchanges under way
	timer   *time.Timer // for all of them; it goes on when they are over, and finds none then
	due     time.Time   // when it ends; zero when it does not run

	silence context.Context //nolint:containedctx // its end is the signal, for many who wait
	fall    context.CancelFunc
}

// watched is an exchange whose answer is waited for.
type watched struct {
	began time.Time
	most  time.Duration // from then on, or from the latest answer to another
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
// for its size. What it returns has to be told when that is over; it is nil while
// it is not known how long an answer takes.
func (p *pulse) watch(extra time.Duration) *watched {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.usual() == 0 {
		return nil
	}
	w := &watched{began: p.now(), most: p.usual() + extra}
	p.watched = append(p.watched, w)
	p.look(w.began.Add(w.most), w.most)
	return w
}

// look has the timer end at a moment, after a time, unless it does before.
func (p *pulse) look(due time.Time, after time.Duration) {
	switch {
	case p.timer == nil:
		p.timer = time.AfterFunc(after, p.listen)
	case p.due.IsZero(), due.Before(p.due):
		p.timer.Reset(after)
	default:
		return
	}
	p.due = due
}

// listen is called when an answer may be overdue.
func (p *pulse) listen() {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	p.due = time.Time{}
	p.watched = slices.DeleteFunc(p.watched, func(w *watched) bool {
		since := w.began
		if p.heard.After(since) {
			since = p.heard
		}
		left := w.most - now.Sub(since)
		if left > 0 {
			p.look(now.Add(left), left)
			return false
		}
		p.fall()
		return true
	})
}

// over notes how an exchange ended that was watched, or was not.
func (p *pulse) over(w *watched, answered bool, took time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if i := slices.Index(p.watched, w); i >= 0 {
		p.watched = slices.Delete(p.watched, i, i+1)
	}
	if !answered {
		return
	}
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
