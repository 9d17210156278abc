package api

import (
	"container/list"
	"context"
	"sync"
	"time"
)

const (
	// burstPatience is how long a request waits for its turn while requests
	// come in bursts: a thousand small ones at once are worked off in that time.
	burstPatience = 100 * time.Millisecond

	// steadyPatience is how long one waits once there was always somebody who had
	// to, for as long as burstPatience. More then comes in than can be answered, so waiting
	// longer would only make every answer late.
	steadyPatience = 10 * time.Millisecond
)

// slots bound how many requests are worked on at once. They are safe for
// concurrent use.
//
// Who waits is served in the order of arrival while that is soon. Once the
// first has waited for half of steadyPatience the last one is served first:
// somebody has to be turned away, and the last one can still be answered in
// time. Both rules are those of "Fail at Scale" (adaptive LIFO and CoDel):
// https://queue.acm.org/detail.cfm?id=2839461.
type slots struct {
	now func() time.Time
	few int // that many who wait are enough to keep all busy

	mu    sync.Mutex
	free  int
	queue list.List // of *turn; empty while some are free
	since time.Time // when somebody had to wait, for the first time after a pause of half of steadyPatience
	last  time.Time // when somebody waited
}

func newSlots(n int, now func() time.Time) *slots { return &slots{free: n, few: 4 * n, now: now} }

// acquire takes a slot. It returns errFull when it was not this one's turn in
// time, which is never more than its patience.
func (s *slots) acquire(ctx context.Context, most time.Duration) error {
	s.mu.Lock()
	if s.free > 0 {
		s.free--
		s.mu.Unlock()
		return nil
	}
	t := &turn{at: s.now(), ready: make(chan struct{})}
	if s.queue.Len() == 0 && t.at.Sub(s.last) >= steadyPatience/2 {
		s.since = t.at
	}
	s.last = t.at
	patience := min(burstPatience, most)
	if t.at.Sub(s.since) >= burstPatience {
		patience = min(steadyPatience, most)
	}
	place := s.queue.PushBack(t)
	s.mu.Unlock()
	err := waitFor(ctx, t, patience)
	if err == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-t.ready: // it came at the last moment
		return nil
	default:
	}
	s.queue.Remove(place)
	return err
}

// hopeless reports whether there is too much to do for longer than a burst, and
// enough who wait. Whoever comes then is better turned away before any work
// was spent on him.
func (s *slots) hopeless() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.queue.Len() >= s.few && s.now().Sub(s.since) >= burstPatience
}

// release gives a slot back, or to somebody who waits.
func (s *slots) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	place := s.queue.Front()
	if place == nil {
		s.free++
		return
	}
	s.last = s.now()
	if first, ok := place.Value.(*turn); ok && s.last.Sub(first.at) > steadyPatience/2 {
		place = s.queue.Back()
	}
	if t, ok := s.queue.Remove(place).(*turn); ok {
		close(t.ready)
	}
}
