package gate

import (
	"fmt"

	"tollgate/estimator"
	"tollgate/pricing"
)

// held holds a case against the growth that is allowed.
func (g *gate) held(m *measured, c *comparison) {
	limit := m.spec.Limits.over(g.opts.Config.Limits.CaseLimits).MaxGrowth
	if limit == nil {
		return
	}
	if m.Change.TokensPrompt == nil {
		g.heldByBounds(m, c, *limit)
		return
	}
	if exceeds(c.before.PromptTokens, c.before.PromptTokens+*m.Change.TokensPrompt, *limit) {
		m.Reasons = append(m.Reasons, grownTokens(c.before.PromptTokens, c.before.PromptTokens+*m.Change.TokensPrompt, *limit))
	}
	before, now := c.before.Cost.Of(c.basis), c.now.Cost.Of(c.basis)
	if now = minus(now, first(m.Change.Causes.Method, new(pricing.Amount(0)))); before == nil || now == nil {
		m.Reasons = append(m.Reasons, Reason{
			Code: GrowthUnknown, Unmeasured: true, Limit: limit.String(),
			Message: "how much the cost has grown is not known: there is no price, or no bound, for one of the two",
			Fix:     "see the other findings; then write the baseline anew",
		})
		return
	}
	if exceeds(int64(*before), int64(*now), *limit) {
		m.Reasons = append(m.Reasons, g.grownCost(m, *before, *now))
	}
}

// heldByBounds holds against each other what was counted in different ways: it
// has grown too much when even its bounds say so, it has not when they say
// that, and else nobody knows.
func (g *gate) heldByBounds(m *measured, c *comparison, limit Percent) {
	beforeHigh, nowHigh := c.before.High, c.now.High
	switch {
	case beforeHigh != estimator.Unbounded && exceeds(beforeHigh, c.now.Low, limit):
		m.Reasons = append(m.Reasons, grownTokens(beforeHigh, c.now.Low, limit))
	case nowHigh == estimator.Unbounded || exceeds(c.before.Low, nowHigh, limit):
		m.Reasons = append(m.Reasons, Reason{
			Code: GrowthUnknown, Unmeasured: true, Limit: limit.String(),
			Message: fmt.Sprintf("the prompt has changed and was counted by %s, the baseline by %s: "+
				"they can not tell whether it has grown by more than %s", way(c.now), way(c.before), limit),
			Fix: "count with what the baseline was made with, or write the baseline anew",
		})
	}
}

// grownTokens is the reason for a prompt that has grown too much.
func grownTokens(before, now int64, limit Percent) Reason {
	r := Reason{
		Code: GrowthOverLimit, Limit: limit.String(),
		Message: fmt.Sprintf("the prompt has grown from %d to %d tokens; at most %s are allowed", before, now, limit),
		Fix:     "shorten the prompt, or accept the growth with --update-baseline",
	}
	if p := growth(before, now); p != nil {
		r.Actual, r.Shortfall = p.signed(), (*p - limit).String()
		r.Message = fmt.Sprintf("the prompt has grown by %s, from %d to %d tokens; at most %s are allowed", p, before, now, limit)
	}
	return r
}

// grownCost is the reason for a cost that has grown too much.
func (g *gate) grownCost(m *measured, before, now pricing.Amount) Reason {
	limit := *m.spec.Limits.over(g.opts.Config.Limits.CaseLimits).MaxGrowth
	c := string(g.opts.Config.Currency)
	r := Reason{
		Code: GrowthOverLimit, Limit: limit.String(),
		Message: fmt.Sprintf("a call costs %s %s and did cost %s %s; at most %s more are allowed", c, now, c, before, limit),
		Fix:     "shorten the prompt or its output, or accept the growth with --update-baseline",
	}
	if p := growth(int64(before), int64(now)); p != nil {
		r.Actual, r.Shortfall = p.signed(), (*p - limit).String()
	}
	if price := m.Change.Causes.Price; price != nil && *price > 0 {
		r.Message += fmt.Sprintf(" (%s %s of it is the vendor's new price)", c, price)
	}
	return r
}
