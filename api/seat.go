package api

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"tollgate/estimator"
)

// seat is the place of a request among those that its lane works on. It is
// given to others while the vendor is waited for.
type seat struct {
	lane *lane

	mu    sync.Mutex
	has   bool
	ended bool
}

// Leave gives the place to others.
func (t *seat) Leave() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.has {
		return
	}
	t.has = false
	t.lane.work.release()
	if !t.ended {
		t.lane.waiting.Add(1)
	}
}

// Return takes a place again. Too much was spent on the request by then for it
// to be turned away without need.
func (t *seat) Return(ctx context.Context) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.has {
		return nil
	}
	switch err := t.lane.work.rejoin(ctx); {
	case errors.Is(err, errFull):
		return t.lane.shed(shedConcurrency, false)
	case err != nil:
		return fmt.Errorf("wait for a turn: %w", err)
	}
	t.has = true
	t.lane.waiting.Add(-1)
	return nil
}

// end gives back what the request has.
func (t *seat) end() {
	t.mu.Lock()
	left := !t.has
	t.ended = true
	t.mu.Unlock()
	if left {
		t.lane.waiting.Add(-1)
		return
	}
	t.Leave()
}

// share lets a small request leave its place to others while it waits for the
// vendor. Large ones are bounded by their memory.
func (a *admission) share() {
	if !a.KeepBody || a.lane != a.small {
		return // nobody is waited for, or nobody else
	}
	a.seat, a.working = &seat{lane: a.lane, has: true}, false
	a.gin.Request = a.gin.Request.WithContext(estimator.WithTurn(a.ctx(), a.seat))
}
