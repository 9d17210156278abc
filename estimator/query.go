package estimator

import (
	"fmt"
	"time"

	"tollgate/estimator/chat"
	"tollgate/pricing"
)

// Basis is the cost a budget is held against.
type Basis string

// The bases. See [Cost] for what each of them assumes.
const (
	BasisHigh     Basis = "high"
	BasisExpected Basis = "expected"
	BasisLow      Basis = "low"
)

// Query is what a caller assumes of a call and demands of it. The zero value
// asks for an estimate with the model's defaults and no limits.
type Query struct {
	// CompletionTokens is the output the caller expects. Nil: the request's own
	// max_completion_tokens or max_tokens, else the model's default maximum.
	CompletionTokens *int64

	// CachedTokens or CachedShare is the input assumed to be served from the
	// vendor's context cache. At most one of them is set.
	CachedTokens *int64
	CachedShare  *Share

	Currency pricing.Currency // empty: the estimator's default
	At       time.Time        // whose prices apply; zero: now
	Method   Method           // empty: MethodAuto

	// Batch says that the call goes through the vendor's batch API. It is priced
	// by the model's batch factor where it has one, else at the list price.
	Batch bool

	MaxCost         *pricing.Amount // budget for this one call
	MaxPromptTokens *int64
	MinHeadroom     *int64
	Basis           Basis // empty: BasisHigh

	// Breakdown asks for the tokens of each message. They are always counted
	// locally: the vendor answers one number for all.
	Breakdown bool
}

// OptionError says which member of a query is wrong, by the name that callers
// know it under.
type OptionError struct {
	Option string // such as "cached_tokens"
	Detail string // what is wrong and what to do, for a person
}

// Error returns the option and the detail.
func (e *OptionError) Error() string { return e.Option + ": " + e.Detail }

// MaxTokens is the largest number of tokens that a query may name. It is far
// above every window, and keeps every sum in range.
const MaxTokens = chat.MaxTokens

// basis returns the basis in force.
func (q *Query) basis() Basis {
	if q.Basis == "" {
		return BasisHigh
	}
	return q.Basis
}

// Check returns what is wrong with the query by itself, as an *OptionError.
func (q *Query) Check() error {
	for _, o := range []struct {
		name  string
		value *int64
	}{
		{"completion_tokens", q.CompletionTokens},
		{"cached_tokens", q.CachedTokens},
		{"max_prompt_tokens", q.MaxPromptTokens},
		{"min_headroom", q.MinHeadroom},
	} {
		if o.value != nil && (*o.value < 0 || *o.value > MaxTokens) {
			return &OptionError{Option: o.name, Detail: fmt.Sprintf("must be between 0 and %d tokens", MaxTokens)}
		}
	}
	if q.CachedTokens != nil && q.CachedShare != nil {
		return &OptionError{Option: "cached_share", Detail: "give cached_tokens or cached_share, not both"}
	}
	switch q.basis() {
	case BasisHigh, BasisExpected, BasisLow:
		return nil
	}
	return &OptionError{Option: "basis", Detail: "must be high, expected or low"}
}
