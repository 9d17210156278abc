package gate

import (
	"tollgate/estimator"
	"tollgate/pricing"
)

// comparison compares a measurement with that of the baseline.
type comparison struct {
	before, now *Measurement
	basis       estimator.Basis
}

// change says how much two measurements differ and why.
func (c *comparison) change() *Change {
	out := &Change{
		Tokens:        c.now.PromptTokens - c.before.PromptTokens,
		TokensGrowth:  growth(c.before.PromptTokens, c.now.PromptTokens),
		MethodChanged: c.methodChanged(),
	}
	out.TokensPrompt, out.TokensMethod = c.split(out.Tokens, out.MethodChanged)
	before, now := c.before.Cost.Of(c.basis), c.now.Cost.Of(c.basis)
	if before == nil || now == nil {
		return out
	}
	out.Cost = minus(now, before)
	out.CostGrowth = growth(int64(*before), int64(*now))
	out.Causes = c.causes(out.MethodChanged)
	return out
}

// methodChanged reports whether the two were counted in different ways.
func (c *comparison) methodChanged() bool {
	return c.before.Method != c.now.Method ||
		c.before.Version != "" && c.now.Version != "" && c.before.Version != c.now.Version
}

// sameContent reports whether the same prompt was counted for the same model.
func (c *comparison) sameContent() bool {
	return c.before.Hash == c.now.Hash && c.before.Model == c.now.Model
}

// split says how much of a change of tokens the prompt caused, and how much
// the way of counting. Where both changed nobody knows.
func (c *comparison) split(tokens int64, methodChanged bool) (prompt, method *int64) {
	switch {
	case !methodChanged:
		return &tokens, new(int64(0))
	case c.sameContent():
		return new(int64(0)), &tokens
	}
	return nil, nil
}

// causes splits the change of cost. The steps go from the old request to the
// new one, and each changes one thing, so they add up to the whole.
func (c *comparison) causes(methodChanged bool) Causes {
	if c.before.Rates == nil || c.now.Rates == nil {
		return Causes{}
	}
	counted := *c.before
	counted.PromptTokens, counted.Low, counted.High = c.now.PromptTokens, c.now.Low, c.now.High
	counted.CachedTokens = c.cached()
	assumed := counted
	assumed.CompletionTokens, assumed.CachedTokens = c.now.CompletionTokens, c.now.CachedTokens
	start := c.before.Cost.Of(c.basis)
	afterPrompt, afterAssumptions := counted.cost(c.basis), assumed.cost(c.basis)
	end := c.now.Cost.Of(c.basis)

	zero := new(pricing.Amount(0))
	out := Causes{Prompt: zero, Assumptions: minus(afterAssumptions, afterPrompt), Model: zero, Price: zero, Method: zero}
	if c.before.Model == c.now.Model {
		out.Price = minus(end, afterAssumptions)
	} else {
		out.Model = minus(end, afterAssumptions)
	}
	switch byCount := minus(afterPrompt, start); {
	case !methodChanged:
		out.Prompt = byCount
	case c.sameContent():
		out.Method = byCount
	default:
		out.Prompt, out.Method = nil, nil
	}
	return out
}

// cached is the tokens of the new prompt that would be cached under the old
// assumptions: the same share of the prompt.
func (c *comparison) cached() int64 {
	if c.before.PromptTokens == 0 || c.before.CachedTokens == 0 {
		return 0
	}
	if c.before.CachedTokens == c.now.CachedTokens {
		return min(c.before.CachedTokens, c.now.PromptTokens)
	}
	n := scale(c.now.PromptTokens, c.before.CachedTokens, c.before.PromptTokens)
	if d := n - c.now.CachedTokens; -1 <= d && d <= 1 {
		return c.now.CachedTokens // the same share, rounded
	}
	return n
}

// cost is what a measurement's tokens cost at its rates; nil when a bound is
// not known or the sum is too large.
func (m *Measurement) cost(basis estimator.Basis) *pricing.Amount {
	hit, miss, out := m.CachedTokens, m.PromptTokens-m.CachedTokens, m.CompletionTokens
	switch basis {
	case estimator.BasisLow:
		hit, miss, out = m.Low, 0, 0
	case estimator.BasisExpected:
	case estimator.BasisHigh:
		if m.High == estimator.Unbounded {
			return nil
		}
		hit, miss = 0, m.High
	}
	var total pricing.Amount
	for _, l := range []struct {
		rate   pricing.Rate
		tokens int64
	}{{m.Rates.InputCacheHit, hit}, {m.Rates.InputCacheMiss, miss}, {m.Rates.Output, out}} {
		cost, err := l.rate.Cost(l.tokens)
		if err != nil {
			return nil
		}
		if total, err = total.Add(cost); err != nil {
			return nil
		}
	}
	return &total
}

// minus is a - b; nil when one of them is not known.
func minus(a, b *pricing.Amount) *pricing.Amount {
	if a == nil || b == nil {
		return nil
	}
	d, err := a.Sub(*b)
	if err != nil {
		return nil
	}
	return &d
}

// plus is a + b; nil when one of them is not known.
func plus(a, b *pricing.Amount) *pricing.Amount {
	if a == nil || b == nil {
		return nil
	}
	s, err := a.Add(*b)
	if err != nil {
		return nil
	}
	return &s
}
