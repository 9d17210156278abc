package estimator

import (
	"context"
	"fmt"
)

// Turn is a place among the few who are worked on at once. Who waits for
// somebody else's answer needs no processor meanwhile. Implementations are safe
// for concurrent use.
type Turn interface {
	// Leave gives the place to others, if it was not given already.
	Leave()
	// Return takes one again, if it was given; there may be some to wait for.
	Return(ctx context.Context) error
}

type turnKey struct{}

// WithTurn returns ctx with the turn that its caller has.
func WithTurn(ctx context.Context, t Turn) context.Context {
	return context.WithValue(ctx, turnKey{}, t)
}

// stepAside lets others work while the caller of ctx waits.
func stepAside(ctx context.Context) {
	if t, ok := ctx.Value(turnKey{}).(Turn); ok {
		t.Leave()
	}
}

// comeBack takes the turn of ctx's caller again.
func comeBack(ctx context.Context) error {
	t, ok := ctx.Value(turnKey{}).(Turn)
	if !ok {
		return nil
	}
	if err := t.Return(ctx); err != nil {
		return fmt.Errorf("count locally: %w", err)
	}
	return nil
}
