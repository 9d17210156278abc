package estimator

import (
	"time"

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

	MaxCost         *pricing.Amount // budget for this one call
	MaxPromptTokens *int64
	MinHeadroom     *int64
	Basis           Basis // empty: BasisHigh
}

// OptionError says which member of a query is wrong, by the name that callers
// know it under.
type OptionError struct {
	Option string // such as "cached_tokens"
	Detail string // what is wrong and what to do, for a person
}

// Error returns the option and the detail.
func (e *OptionError) Error() string { return e.Option + ": " + e.Detail }
