package estimator

import (
	"context"
	"time"
)

// Waiting is how long the caller who asked for a count waits for it.
//
// A count that several callers share is made under a context that outlives
// each of them; see [Cache]. Waiting is what that context still says of the
// one who started it, so that nothing is begun that nobody waits for. What is
// under way may be finished: its answer is remembered.
type Waiting struct {
	Until time.Time // zero: as long as it takes
	Spare bool      // the caller has another count to fall back on at once
}

type waitingKey struct{}

// WithWaiting returns ctx with what its caller is ready for.
func WithWaiting(ctx context.Context, w Waiting) context.Context {
	return context.WithValue(ctx, waitingKey{}, w)
}

// WaitingOf returns what the caller of ctx is ready for: what was said last by
// [WithWaiting], else the zero Waiting.
func WaitingOf(ctx context.Context) Waiting {
	w, _ := ctx.Value(waitingKey{}).(Waiting)
	return w
}
