package estimator

import (
	"fmt"
	"sort"
	"strings"

	"tollgate/estimator/lint"
	"tollgate/pricing"
)

// judge says whether to make the call. Every limit that it breaks is a reason.
// What is not known never passes.
func (est *Estimate) judge(q *Query) Verdict {
	reasons := append(est.unknowns(q), est.promptLimits(q)...)
	stubborn := len(reasons) // those that no smaller output can mend
	reasons = append(reasons, est.outputLimits(q)...)
	v := Verdict{Decision: Allow, Reasons: reasons}
	if len(reasons) == 0 {
		return v
	}
	v.Decision = Deny
	if stubborn > 0 {
		return v
	}
	if caps := est.caps(q); caps.MaxCompletionTokens > 0 {
		v.Decision, v.Caps = AllowWithCaps, &caps
	}
	return v
}

// unknowns returns the reasons that lie in the request itself, or in what
// nobody knows of it.
func (est *Estimate) unknowns(q *Query) []Reason {
	var reasons []Reason
	if invalid := refusals(est.Findings); invalid != "" {
		reasons = append(reasons, Reason{Code: RequestInvalid, Message: "the vendor would refuse it: " + invalid})
	}
	if est.Count.High == Unbounded {
		reasons = append(reasons, Reason{
			Code:    CountIncomplete,
			Message: "no upper bound is known for a part of the prompt; see the findings",
		})
	}
	if est.Price == nil {
		reasons = append(reasons, Reason{
			Code:    PriceUnknown,
			Message: fmt.Sprintf("no price of %s in %s is known for that day", est.Model.ID, est.Cost.Currency),
			Limit:   money(q.MaxCost),
		})
	}
	return reasons
}

// refusals lists the findings that the vendor would refuse a request for.
func refusals(findings []lint.Finding) string {
	var codes []string
	for i := range findings {
		if findings[i].Severity == lint.Error {
			codes = append(codes, string(findings[i].Code)+" at "+findings[i].Pointer)
		}
	}
	return strings.Join(codes, ", ")
}

// promptLimits returns the limits that the prompt alone breaks. They are held
// against its upper bound.
func (est *Estimate) promptLimits(q *Query) []Reason {
	high := est.Count.High
	if high == Unbounded {
		return nil
	}
	var reasons []Reason
	if q.MaxPromptTokens != nil && high > *q.MaxPromptTokens {
		reasons = append(reasons, over(PromptOverLimit, high, *q.MaxPromptTokens,
			"the prompt may have %d tokens; at most %d are allowed"))
	}
	headroom := est.Context.Length - high
	if q.MinHeadroom != nil && headroom < *q.MinHeadroom {
		reasons = append(reasons, Reason{
			Code:  HeadroomUnderLimit,
			Limit: tokens(*q.MinHeadroom), Actual: tokens(headroom), Shortfall: tokens(*q.MinHeadroom - headroom),
			Message: fmt.Sprintf("the prompt may leave %d tokens of the window; at least %d are wanted",
				headroom, *q.MinHeadroom),
		})
	}
	return reasons
}

// outputLimits returns the limits that a smaller output may keep.
func (est *Estimate) outputLimits(q *Query) []Reason {
	var reasons []Reason
	if est.Count.High != Unbounded && !est.Context.Fits {
		reasons = append(reasons, over(ContextWindowExceeded,
			est.Count.High+est.Usage.CompletionTokens, est.Context.Length,
			"prompt and completion may take %d tokens; the window has %d"))
	}
	cost := est.Cost.of(q.basis())
	if q.MaxCost != nil && cost != nil && *cost > *q.MaxCost {
		shortfall := *cost - *q.MaxCost // neither is negative
		reasons = append(reasons, Reason{
			Code:  CostOverBudget,
			Limit: money(q.MaxCost), Actual: money(cost), Shortfall: money(&shortfall),
			Message: fmt.Sprintf("the call may cost %s %s; the budget is %s %s",
				est.Cost.Currency, cost, est.Cost.Currency, q.MaxCost),
		})
	}
	return reasons
}

// caps returns the largest output that keeps every limit, and which limit it
// is that allows no more.
func (est *Estimate) caps(q *Query) Caps {
	caps := Caps{
		MaxCompletionTokens: min(est.Context.MaxCompletionTokens, est.Usage.CompletionTokens),
		Binding:             BindingWindow,
	}
	if q.MaxCost == nil || est.Price == nil {
		return caps
	}
	prompt, cached := est.Count.High, int64(0)
	switch q.basis() {
	case BasisLow: // no output in it: none can be too much
		if *est.Cost.Low > *q.MaxCost {
			return Caps{}
		}
		return caps
	case BasisExpected:
		prompt, cached = est.Usage.PromptTokens, est.Usage.CachedTokens
	case BasisHigh:
	}
	// The cost grows with the output, tiers included, so the outputs that the
	// budget allows are those before the first that it does not.
	affordable := sort.Search(int(caps.MaxCompletionTokens)+1, func(n int) bool {
		_, cost, err := est.Price.lines(prompt, cached, int64(n))
		return err != nil || cost > *q.MaxCost
	}) - 1
	if int64(affordable) < caps.MaxCompletionTokens {
		caps = Caps{MaxCompletionTokens: int64(max(affordable, 0)), Binding: BindingBudget}
	}
	return caps
}

// over is the reason for a number of tokens above a limit. The format has a
// place for both.
func over(code ReasonCode, actual, limit int64, format string) Reason {
	return Reason{
		Code:  code,
		Limit: tokens(limit), Actual: tokens(actual), Shortfall: tokens(actual - limit),
		Message: fmt.Sprintf(format, actual, limit),
	}
}

// tokens is a quantity of tokens.
func tokens(n int64) *Quantity { return &Quantity{Tokens: n} }

// money is a quantity of money, or nil.
func money(a *pricing.Amount) *Quantity {
	if a == nil {
		return nil
	}
	return &Quantity{Money: true, Amount: *a}
}
