package estimator

import (
	"slices"

	"tollgate/estimator/lint"
	"tollgate/pricing"
)

// Of returns the cost that a budget with that basis is held against; empty is
// [BasisHigh]. It is nil when it is not known.
func (c *Cost) Of(b Basis) *pricing.Amount { return c.of((&Query{Basis: b}).basis()) }

// Cheapest returns the index of the estimate whose cost by a basis is the
// lowest, the first of those that are equal, or -1 if there is none. Only calls
// that could be made as they are count: the verdict is allow and the model is
// not retired. A nil estimate is none. All of them must be in one currency.
func Cheapest(estimates []*Estimate, b Basis) int {
	best := -1
	for i, est := range estimates {
		if est == nil || est.Verdict.Decision != Allow || est.retired() {
			continue
		}
		cost := est.Cost.Of(b)
		if cost != nil && (best < 0 || *cost < *estimates[best].Cost.Of(b)) {
			best = i
		}
	}
	return best
}

// retired reports whether the vendor refuses the model when the call is to be
// made.
func (est *Estimate) retired() bool {
	return slices.ContainsFunc(est.Findings, func(f lint.Finding) bool { return f.Code == lint.ModelRetired })
}
