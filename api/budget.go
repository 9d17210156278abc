package api

import (
	"container/list"
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// errFull says that waiting for a turn took too long.
var errFull = errors.New("there was no room in time")

// budget is a number of bytes, or of anything else, that requests share. Who
// waits is served in the order of arrival, those who already hold some first:
// until they get on, nothing comes back. It is safe for concurrent use.
type budget struct {
	size int64

	mu       sync.Mutex
	free     int64
	growing  list.List // of *turn, who hold some
	entering list.List // of *turn
}

// turn is somebody who waits.
type turn struct {
	n     int64
	ready chan struct{} // closed when it is his turn
}

func newBudget(size int64) *budget { return &budget{size: size, free: size} }

// acquire takes n, which is at most the size. It waits for patience at most,
// for ever if that is negative, and then returns errFull. grows says that the
// caller holds some.
func (b *budget) acquire(ctx context.Context, n int64, patience time.Duration, grows bool) error {
	queue := &b.entering
	if grows {
		queue = &b.growing
	}
	b.mu.Lock()
	if b.free >= n && b.growing.Len() == 0 && (grows || b.entering.Len() == 0) {
		b.free -= n
		b.mu.Unlock()
		return nil
	}
	t := &turn{n: n, ready: make(chan struct{})}
	place := queue.PushBack(t)
	b.mu.Unlock()
	err := waitFor(ctx, t, patience)
	if err == nil {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	select {
	case <-t.ready: // it came at the last moment
		return nil
	default:
	}
	queue.Remove(place)
	b.serve() // who stood behind may want less
	return err
}

// release gives n back.
func (b *budget) release(n int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.free += n
	b.serve()
}

// serve lets in who can be.
func (b *budget) serve() {
	for _, queue := range []*list.List{&b.growing, &b.entering} {
		for place := queue.Front(); place != nil; place = queue.Front() {
			t, ok := place.Value.(*turn)
			if !ok || t.n > b.free {
				return
			}
			b.free -= t.n
			queue.Remove(place)
			close(t.ready)
		}
	}
}

// waitFor waits for a turn; a negative patience never ends.
func waitFor(ctx context.Context, t *turn, patience time.Duration) error {
	var late <-chan time.Time
	if patience >= 0 {
		timer := time.NewTimer(patience)
		defer timer.Stop()
		late = timer.C
	}
	select {
	case <-t.ready:
		return nil
	case <-late:
		return errFull
	case <-ctx.Done():
		return ctx.Err()
	}
}

// account is what one request holds of a budget.
type account struct {
	budget *budget
	held   atomic.Int64
}

// add takes n more, but never so much that the account would hold more than
// the whole budget: what is larger is alone.
func (a *account) add(ctx context.Context, n int64, patience time.Duration) error {
	held := a.held.Load()
	n = min(n, a.budget.size-held)
	if n <= 0 {
		return nil
	}
	if err := a.budget.acquire(ctx, n, patience, held > 0); err != nil {
		return err
	}
	a.held.Add(n)
	return nil
}

// drop gives n back, or what is left if that is less.
func (a *account) drop(n int64) {
	for {
		held := a.held.Load()
		n = min(n, held)
		if n <= 0 {
			return
		}
		if a.held.CompareAndSwap(held, held-n) {
			a.budget.release(n)
			return
		}
	}
}

// close gives all back.
func (a *account) close() {
	if n := a.held.Swap(0); n > 0 {
		a.budget.release(n)
	}
}
