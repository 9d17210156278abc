package gate

import (
	"time"

	"tollgate/estimator"
	"tollgate/pricing"
)

// DefaultConfig and DefaultBaseline are the files the gate looks for when none
// is named.
const (
	DefaultConfig   = "tollgate.yaml"
	DefaultBaseline = "tollgate.baseline.json"
)

// Config is what the gate is asked to hold.
type Config struct {
	Dir      string // that paths are relative to
	Currency pricing.Currency
	Basis    estimator.Basis  // empty: high
	Method   estimator.Method // empty: auto
	At       time.Time        // whose prices apply; zero: now
	Baseline string           // path; empty: DefaultBaseline
	Alone    bool             // there is no baseline, and none is looked for
	Cases    []CaseSpec
	Limits   Limits

	// File is where the configuration was read from; empty when it was made from
	// the command line.
	File string
}

// CaseSpec is one entry of the configuration. With a glob or a JSONL file it
// stands for several cases.
type CaseSpec struct {
	ID      string
	Request string // path or glob of chat requests: JSON, or JSONL
	Prompt  string // path or glob of prompt texts, which become a user message
	System  string // path of a prompt text that becomes the system message before it
	Values  string // path of a file with the values of {{variables}}
	Model   string // of a prompt

	CompletionTokens *int64
	CachedTokens     *int64
	CachedShare      *estimator.Share
	Calls            int64 // 0: 1
	Basis            estimator.Basis
	Limits           CaseLimits
	Line             int // of the configuration
}

// CaseLimits is what one case must keep. Nil members are no limit.
type CaseLimits struct {
	MaxCost         *pricing.Amount // of one call
	MaxPromptTokens *int64
	MinHeadroom     *int64
	MaxGrowth       *Percent // of prompt tokens and of cost, against the baseline
}

// Limits is what all cases must keep.
type Limits struct {
	CaseLimits // of every case that has none of its own

	MaxTotalCost *pricing.Amount // sum over all cases of cost x calls
}

// over returns the limits of a case: its own, else those of all.
func (l CaseLimits) over(all CaseLimits) CaseLimits {
	l.MaxCost = first(l.MaxCost, all.MaxCost)
	l.MaxPromptTokens = first(l.MaxPromptTokens, all.MaxPromptTokens)
	l.MinHeadroom = first(l.MinHeadroom, all.MinHeadroom)
	l.MaxGrowth = first(l.MaxGrowth, all.MaxGrowth)
	return l
}

// first returns the first of two pointers that is not nil.
func first[T any](a, b *T) *T {
	if a != nil {
		return a
	}
	return b
}
