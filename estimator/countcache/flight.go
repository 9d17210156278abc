package countcache

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
	"time"

	"tollgate/estimator"
)

// ErrPanicked is the error of a fill that panicked. It says nothing of the
// panic, whose value may hold what no caller should see.
var ErrPanicked = errors.New("counting stopped by a fault in the program")

type fill = func(context.Context) (estimator.Count, error)

// flight is the work that callers who ask for one key at once share.
type flight struct {
	*Cache

	shard *shard
	key   estimator.CacheKey
	k     key // its digest
	fill  fill
}

// join waits for the flight of f's key, which it starts if there is none.
func (f flight) join(ctx context.Context) (estimator.Count, estimator.CacheState, error) {
	// The state is this caller's own: only the flight that this call starts
	// changes it, and that before its result is sent.
	state := estimator.CacheCoalesced
	result := f.shard.flights.DoChan(string(f.k[:]), func() (any, error) {
		makeRoom(0)
		if e, ok := f.shard.peek(f.k, f.age()); ok {
			state = estimator.CacheHit // another flight ended since the caller looked
			return e.count(), nil
		}
		var count estimator.Count
		var err error
		count, state, err = f.fly(context.WithoutCancel(ctx))
		return count, err
	})
	select {
	case <-ctx.Done():
		return estimator.Count{}, "", ctx.Err()
	case r := <-result:
		return f.land(f.shard, r.Val, r.Err, state)
	}
}

// stackRoom is about how much stack a fill takes that asks the vendor, in bytes.
const stackRoom = 4 << 10

// makeRoom lets the stack of a new goroutine grow to what is needed at once. It
// begins with 2 KB, and would else be doubled again and again on the way down,
// with all that stands on it moved and corrected each time, which takes 5 µs. It
// returns byte i of the room, lest that is optimised away.
//
//go:noinline
func makeRoom(i int) byte {
	var room [stackRoom]byte
	return room[i]
}

// fly finds the count in the shared cache or makes it.
func (f flight) fly(ctx context.Context) (count estimator.Count, state estimator.CacheState, err error) {
	ctx, cancel := context.WithTimeout(ctx, f.opts.FillTimeout)
	defer cancel()
	ctx, span := estimator.BeginSpan(ctx, estimator.SpanFlight)
	defer func() { span.EndWith(err) }()
	if f.opts.Shared == nil || f.key.Method != estimator.MethodVendor {
		count, _, err := f.run(ctx)
		return count, estimator.CacheMiss, err
	}
	if count, ok := f.find(ctx); ok {
		return count, estimator.CacheShared, nil
	}
	var kept bool
	count, kept, err = f.run(ctx)
	f.opts.Shared.Done(f.key, count, kept)
	return count, estimator.CacheMiss, err
}

// find looks into the shared cache. What is found there is believed here no
// longer than there.
func (f flight) find(ctx context.Context) (estimator.Count, bool) {
	var age time.Duration
	var ok bool
	count, err := f.guard(ctx, func(ctx context.Context) (count estimator.Count, err error) {
		count, age, ok = f.opts.Shared.Get(ctx, f.key)
		return count, nil
	})
	if err != nil || !ok || age >= f.opts.TTL {
		return estimator.Count{}, false
	}
	f.shard.shared.Add(1)
	if e, fits := newEntry(count, f.age()+f.opts.TTL-age); fits {
		f.shard.add(f.k, e)
	}
	return count, true
}

// run fills and remembers the count, unless a better one may come. It reports
// whether it did.
func (f flight) run(ctx context.Context) (count estimator.Count, kept bool, err error) {
	f.shard.misses.Add(1)
	count, err = f.guard(ctx, f.fill)
	if err != nil {
		f.shard.failures.Add(1)
		return estimator.Count{}, false, err
	}
	e, ok := newEntry(count, f.age()+f.opts.TTL)
	if !ok || count.Provisional {
		f.shard.skipped.Add(1)
		return count, false, nil
	}
	f.shard.add(f.k, e)
	return count, true, nil
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
	case estimator.CacheMiss, estimator.CacheShared: // counted where they happen
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
