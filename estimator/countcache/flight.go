package countcache

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"

	"tollgate/estimator"
)

// ErrPanicked is the error of a fill that panicked. It says nothing of the
// panic, whose value may hold what no caller should see.
var ErrPanicked = errors.New("counting stopped by a fault in the program")

type fill = func(context.Context) (estimator.Count, error)

// join waits for the flight of k, which it starts if there is none.
func (c *Cache) join(ctx context.Context, s *shard, k key, f fill) (estimator.Count, estimator.CacheState, error) {
	// The state is this caller's own: only the flight that this call starts
	// changes it, and that before its result is sent.
	state := estimator.CacheCoalesced
	result := s.flights.DoChan(string(k[:]), func() (any, error) {
		if e, ok := s.peek(k, c.age()); ok {
			state = estimator.CacheHit // another flight ended since the caller looked
			return e.count(), nil
		}
		state = estimator.CacheMiss
		return c.fly(context.WithoutCancel(ctx), s, k, f)
	})
	select {
	case <-ctx.Done():
		return estimator.Count{}, "", ctx.Err()
	case r := <-result:
		return c.land(s, r.Val, r.Err, state)
	}
}

// fly runs f and remembers its count, unless a better one may come.
func (c *Cache) fly(ctx context.Context, s *shard, k key, f fill) (estimator.Count, error) {
	ctx, cancel := context.WithTimeout(ctx, c.opts.FillTimeout)
	defer cancel()
	s.misses.Add(1)
	count, err := c.guard(ctx, f)
	if err != nil {
		s.failures.Add(1)
		return estimator.Count{}, err
	}
	e, ok := newEntry(count, c.age()+c.opts.TTL)
	if !ok || count.Provisional {
		s.skipped.Add(1)
		return count, nil
	}
	s.add(k, e)
	return count, nil
}

// guard runs f and turns a panic into an error. Without it a panic would end
// the process: it would rise in a goroutine that nobody can recover.
func (c *Cache) guard(ctx context.Context, f fill) (count estimator.Count, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = ErrPanicked
			c.opts.Logger.LogAttrs(ctx, slog.LevelError, "a count fill panicked",
				slog.String("panic", describe(v)), slog.String("stack", string(debug.Stack())))
		}
	}()
	return f(ctx)
}

// describe says what was panicked with as far as it can not hold a prompt: the
// runtime's own errors in full, of anything else the type.
func describe(v any) string {
	if err, ok := v.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("%T", v)
}

// land hands a flight's result to one of those who waited for it.
func (c *Cache) land(s *shard, val any, err error, state estimator.CacheState) (estimator.Count, estimator.CacheState, error) {
	if err != nil {
		return estimator.Count{}, "", err
	}
	count, ok := val.(estimator.Count)
	if !ok {
		return estimator.Count{}, "", ErrPanicked
	}
	switch state {
	case estimator.CacheHit:
		s.hits.Add(1)
	case estimator.CacheCoalesced:
		s.coalesced.Add(1)
	case estimator.CacheMiss, estimator.CacheShared: // misses are counted where the fill runs
	}
	return own(count), state, nil
}

// own returns count with slices of its own, for one value is given to all who
// waited. No parts are a nil slice, as they are in a count from memory.
func own(count estimator.Count) estimator.Count {
	count.Parts = append([]estimator.PartCount(nil), count.Parts...)
	count.Gaps = append([]estimator.Gap(nil), count.Gaps...)
	return count
}
