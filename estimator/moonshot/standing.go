package moonshot

import (
	"sync"
	"time"
)

const (
	// firstStanding is how long it is taken that a key or an account that was
	// refused would be refused again, and longestStanding how long at most, when it
	// was refused whenever it was tried. A key that is replaced starts afresh with
	// the process; a balance is topped up, and somebody may be waiting to see it.
	firstStanding   = 10 * time.Second
	longestStanding = time.Minute
)

// standing is a refusal of the key, or of an account without balance. It stands
// for all that is asked, so it is not asked for again and again: for a while
// every call has the answer of the last, and then one tries. It is safe for
// concurrent use.
type standing struct {
	mu      sync.Mutex
	stands  bool      // a refusal does
	refusal Error     // it; a copy, as its first caller still writes to his
	until   time.Time // when the next may try
	at      time.Time // when it was last given
	strikes int
}

// refuses returns the refusal that stands at a moment, nil for whoever may try.
// Nobody else may before that is over, or has taken a given time.
func (s *standing) refuses(now time.Time, trial time.Duration) *Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.stands {
		return nil
	}
	if now.Before(s.until) {
		e := s.refusal
		// As of the first, no time is said: asking again changes nothing.
		e.held, e.Attempts = true, 0
		return &e
	}
	s.until = now.Add(trial)
	return nil
}

// settle learns from how an exchange went that began at a moment. It reports
// whether a refusal stands from now on, or no longer does.
func (s *standing) settle(e *Error, began, now time.Time) (changed, stands bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	stood := s.stands
	switch {
	case began.Before(s.at): // it says nothing of the time since
	case e != nil && (e.Kind == KindAuth || e.Kind == KindQuota):
		s.stands, s.refusal, s.at = true, *e, now
		s.until = now.Add(min(firstStanding<<min(s.strikes, 8), longestStanding))
		s.strikes++
	case e == nil, e.Status/100 == 4 && !e.limited: // it looked at the request itself
		s.stands, s.strikes = false, 0
	}
	return stood != s.stands, s.stands
}
