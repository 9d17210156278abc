package api

import (
	"container/list"
	"context"
	"errors"
	"sync"
	"time"
)

const (
	// burstPatience is how long a request waits for its turn while requests
	// come in bursts: a thousand small ones at once are worked off in that time.
	burstPatience = 100 * time.Millisecond

	// steadyPatience is how long one waits at most while more comes in than can
	// be answered, so that waiting only makes every answer late. It ends the wait
	// behind something unusual: few are let in to wait at all.
	steadyPatience = 10 * time.Millisecond

	// steadyQueue is how much work may wait then, in time: none, where one takes
	// longer than that. There is always somebody who has just come.
	steadyQueue = time.Millisecond

	// lateFirst is when the one who came first has waited for so long that the
	// last is served before him: one of them is going to be late, and the last can
	// still be answered in time.
	lateFirst = 5 * time.Millisecond

	// leastHold is the least that is taken for the time that a slot is held.
	leastHold = time.Microsecond

	// slotWindow is how long what happened is added up before it is judged.
	slotWindow = 100 * time.Millisecond

	// burst is how long a burst takes to arrive. Who comes later, while there is
	// more to do than burstPatience has time for, is not part of it.
	burst = slotWindow / 5
)

// slots bound how many requests are worked on at once. They are safe for
// concurrent use.
//
// While requests come in bursts all may wait, the last to come first as soon as
// the first is late. When somebody had to wait all of a slotWindow and they became
// no fewer, or more came after a burst than could be served in time, there is simply too much: from
// then on so few may wait that nobody is answered much later than he would be
// otherwise, and the rest is turned away at once. It ends when what came in a window
// would have left a quarter of it idle. That a queue which never empties is the sign of
// too much is from CoDel (https://queue.acm.org/detail.cfm?id=2209336), that the
// last may be served first from "Fail at Scale"
// (https://queue.acm.org/detail.cfm?id=2839461).
type slots struct {
	now func() time.Time
	n   int

	mu      sync.Mutex
	free    int
	queue   list.List // of *place; empty while some are free
	owed    list.List // of *place, of those who had a slot already; served first
	stands  time.Time // since when it is not empty
	served  int       // slots that were given back since then
	refused time.Time // when the first was turned away since then

	steady bool          // there is too much
	hold   time.Duration // for which a slot was held, on average, when that was last looked at
	seen   window
	at     time.Time // until when it was
}

// window is what happened in the last slotWindow or less.
type window struct {
	span time.Duration // of it
	busy time.Duration // of all slots together
	wait time.Duration // of which somebody had to wait
	done int           // slots that were given back
	lost int           // who was turned away
	from int           // who waited when it began
}

// place is that of somebody who waits.
type place struct {
	at    time.Time
	ready chan error // has room for the one word that comes
}

func newSlots(n int, now func() time.Time) *slots { return &slots{n: n, free: n, now: now} }

// acquire takes a slot. It returns errFull when it was not this one's turn in
// time, which is never more than its patience.
func (s *slots) acquire(ctx context.Context, most time.Duration) error {
	s.mu.Lock()
	s.pass()
	if s.free > 0 {
		s.free--
		s.mu.Unlock()
		return nil
	}
	if s.full() {
		s.mu.Unlock()
		return errFull
	}
	patience := min(burstPatience, most)
	if s.steady {
		patience = min(steadyPatience, most)
	}
	return s.wait(ctx, &s.queue, patience)
}

// rejoin takes a slot for somebody who had one and left it. He may wait in any
// case, longer than others do, and keeps them from waiting.
func (s *slots) rejoin(ctx context.Context) error {
	s.mu.Lock()
	s.pass()
	if s.free > 0 {
		s.free--
		s.mu.Unlock()
		return nil
	}
	return s.wait(ctx, &s.owed, turnPatience)
}

// wait joins those who wait, until it is this one's turn. It is called with the
// lock, and gives it back.
func (s *slots) wait(ctx context.Context, queue *list.List, patience time.Duration) error {
	in, p := s.join(queue)
	s.mu.Unlock()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	var err error
	select {
	case err = <-p.ready:
		return err
	case <-timer.C:
		err = errFull
	case <-ctx.Done():
		err = ctx.Err()
	}
	return s.give(queue, in, err)
}

// join joins those who wait.
func (s *slots) join(queue *list.List) (*list.Element, *place) {
	if s.queue.Len()+s.owed.Len() == 0 {
		s.stands, s.served, s.refused = s.at, 0, time.Time{}
	}
	p := &place{at: s.at, ready: make(chan error, 1)}
	return queue.PushBack(p), p
}

// give gives up waiting, unless it ended at the last moment.
func (s *slots) give(queue *list.List, in *list.Element, why error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pass()
	p, _ := in.Value.(*place)
	select {
	case err := <-p.ready:
		return err
	default:
		queue.Remove(in)
		if errors.Is(why, errFull) {
			s.seen.lost++
		}
		return why
	}
}

// hopeless reports whether nobody else may wait. Whoever comes then is better
// turned away before any work was spent on him.
func (s *slots) hopeless() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.free > 0 {
		return false // without a look at the clock, as nearly always
	}
	s.pass()
	return s.full()
}

// release gives a slot back, or to somebody who waits.
func (s *slots) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pass()
	s.seen.done++
	s.served++
	if next := s.owed.Front(); next != nil {
		tell(&s.owed, next, nil)
		return
	}
	next := s.queue.Front()
	if next == nil {
		s.free++
		return
	}
	if first, ok := next.Value.(*place); ok && s.at.Sub(first.at) > lateFirst {
		next = s.queue.Back()
	}
	tell(&s.queue, next, nil)
}

// tell tells somebody who waits in a queue what becomes of him.
func tell(queue *list.List, in *list.Element, err error) {
	if p, ok := queue.Remove(in).(*place); ok {
		p.ready <- err
	}
}

// full reports whether as many wait as may. It is asked for whoever is to be
// turned away then.
func (s *slots) full() bool {
	if s.steady && s.queue.Len()+s.owed.Len() < s.room() || !s.steady && !s.behind() {
		return false
	}
	s.seen.lost++
	switch {
	case s.steady:
	case s.refused.IsZero():
		s.refused = s.at
	case s.at.Sub(s.refused) >= burst:
		s.hold = s.at.Sub(s.stands) * time.Duration(s.n) / time.Duration(max(s.served, 1))
		s.harden()
	}
	return true
}

// behind reports whether more waits than can be served in time, and that is no
// burst that has just come.
func (s *slots) behind() bool {
	waiting := s.queue.Len() + s.owed.Len()
	if waiting == 0 {
		return false
	}
	stood := s.at.Sub(s.stands)
	each := stood / time.Duration(max(s.served, 1)) // so far, with all slots
	return stood >= burst && each*time.Duration(waiting) > burstPatience
}

// room is how many may wait while there is too much.
func (s *slots) room() int {
	return int(time.Duration(s.n) * steadyQueue / max(s.hold, leastHold))
}

// harden notes that there is too much. Those who have waited for the longest
// time are late as it is.
func (s *slots) harden() {
	s.steady = true
	for s.queue.Len() > s.room() {
		tell(&s.queue, s.queue.Front(), errFull)
	}
}

// pass notes how the time passed since the last call.
func (s *slots) pass() {
	now := s.now()
	passed := max(now.Sub(s.at), 0) // the clock may have been set back
	if s.at.IsZero() {
		passed = 0
	}
	s.at = now
	s.seen.span += passed
	s.seen.busy += passed * time.Duration(s.n-s.free)
	if s.queue.Len()+s.owed.Len() > 0 {
		s.seen.wait += passed
	}
	if s.seen.span >= slotWindow {
		s.judge()
	}
}

// judge draws the lesson of a window, and begins the next.
func (s *slots) judge() {
	w := s.seen
	s.seen = window{from: s.queue.Len()}
	s.hold = w.busy / time.Duration(max(w.done, 1))
	switch {
	case s.steady:
		s.steady = w.busy+s.hold*time.Duration(w.lost) > w.span*time.Duration(s.n)*3/4
	case w.wait > w.span*19/20 && (w.lost > 0 || s.queue.Len() >= w.from):
		s.harden()
	}
}
