package estimator

import "tollgate/estimator/lint"

// findings completes what lint found with what only the count could tell.
func findings(found []lint.Finding, est *Estimate, vendor *VendorError) []lint.Finding {
	c := &est.Count
	high := c.High
	if high == Unbounded {
		high = c.Tokens
	}
	f, exceeded := lint.ContextWindow(c.Low, high, est.Usage.CompletionTokens, est.Context.Length)
	if exceeded {
		found = append(found, f)
	}
	for _, gap := range c.Gaps {
		found = append(found, lint.Incomplete(gap.Pointer, gap.Reason))
	}
	if vendor != nil {
		found = append(found, lint.Unavailable(vendor.Detail))
	}
	return found
}
