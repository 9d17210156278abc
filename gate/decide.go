package gate

import (
	"fmt"

	"tollgate/estimator"
	"tollgate/estimator/lint"
	"tollgate/pricing"
)

// compare holds a case against the baseline.
func (g *gate) compare(m *measured, old *entry) {
	m.State = New
	if old == nil || m.Now == nil {
		if old != nil {
			m.Before, m.State = &old.measurement, Changed
		}
		return
	}
	m.Before = &old.measurement
	if old.id != m.ID {
		m.From = old.id
	}
	c := comparison{before: m.Before, now: m.Now, basis: m.Basis}
	m.Change = c.change()
	m.State = Unchanged
	if !c.sameContent() || m.Change.Tokens != 0 || m.Change.Cost == nil || *m.Change.Cost != 0 {
		m.State = Changed
	}
	if g.opts.UpdateBaseline {
		return // what has changed is accepted
	}
	g.held(m, &c)
	if m.Change.MethodChanged {
		m.Notes = append(m.Notes, methodNote(m))
	}
}

// methodNote says that two numbers were counted in different ways.
func methodNote(m *measured) Note {
	n := Note{
		Severity: lint.Warning, Code: "method_changed",
		Message: fmt.Sprintf("the baseline was counted by %s, this run by %s",
			way(m.Before), way(m.Now)),
		Fix: "count both in the same way, or write the baseline anew",
	}
	if m.Before.Hash == m.Now.Hash {
		n.Message += "; the prompt is the same, so the whole difference is that of the methods"
	}
	return n
}

// way is how a measurement was counted.
func way(m *Measurement) string {
	if m.Version == "" {
		return string(m.Method)
	}
	return string(m.Method) + " (" + m.Version + ")"
}

// breaks notes where the prompt leaves the prefix that the baseline had.
func (g *gate) breaks(m *measuring, o *outlined, old *entry) {
	if len(old.prefix.segments) == 0 {
		return
	}
	var at place
	if old.measurement.Model != m.Now.Model {
		m.Break, at = otherModel(old.measurement.Model, m.Now.Model), m.place.pointer("/model")
	} else {
		b := breaker{old: &old.prefix, now: o, tokens: g.opts.Outline.Tokens}
		d, found := b.find()
		if !found {
			return
		}
		m.Break = b.classify(d)
		m.Break.Tail = m.Break.Message == len(o.req.Messages)-1
		at = m.place.text(o.req, m.Break.Message, o.texts[d.segment].Text, d.offset)
	}
	m.Break.File, m.Break.Line = at.file, at.line
	m.Break.price(m.Now)
}

// outcome is how a case came out. Nothing else decides it.
func (c *Case) outcome() Outcome {
	worst := Pass
	for i := range c.Reasons {
		worst = worse(worst, c.Reasons[i].outcome())
	}
	for i := range c.Notes {
		if c.Notes[i].Severity == lint.Warning {
			worst = worse(worst, Warn)
		}
	}
	if c.Break != nil && !c.Break.Tail {
		worst = worse(worst, Warn)
	}
	return worst
}

// outcome is what a reason makes of a case.
func (r *Reason) outcome() Outcome {
	if r.Unmeasured {
		return Unmeasured
	}
	return Fail
}

// worse returns the worse of two outcomes.
func worse(a, b Outcome) Outcome {
	rank := func(o Outcome) int {
		switch o {
		case Pass:
			return 0
		case Warn:
			return 1
		case Unmeasured:
			return 2
		case Fail:
		}
		return 3
	}
	if rank(b) > rank(a) {
		return b
	}
	return a
}

// add adds a case to the totals, which are held on a basis.
func (t *Totals) add(c *Case, basis estimator.Basis) {
	t.Cases++
	if c.Now == nil {
		t.Unknown++
		t.Cost = Cost{}
		return
	}
	t.Calls += c.Now.Calls
	t.PromptTokens += c.Now.PromptTokens
	t.Cost = t.Cost.plus(c.Now.Total)
	if c.Now.Total.Of(basis) == nil {
		t.Unknown++
	}
}

// plus adds two costs. What is not known in one is not known in the sum.
func (c Cost) plus(d Cost) Cost {
	return Cost{Expected: plus(c.Expected, d.Expected), Low: plus(c.Low, d.Low), High: plus(c.High, d.High)}
}

// total judges the sum of all cases.
func (g *gate) total(r *Report) {
	t := &r.Totals
	now := t.Cost.Of(r.Basis)
	if before := t.Before.Of(r.Basis); before != nil && now != nil {
		t.Change = minus(now, before)
		t.Growth = growth(int64(*before), int64(*now))
	}
	limit := g.opts.Config.Limits.MaxTotalCost
	switch {
	case limit == nil:
	case now == nil:
		r.Reasons = append(r.Reasons, Reason{
			Code: TotalCostUnknown, Unmeasured: true, Limit: quantityOf(r.Currency, limit),
			Message: fmt.Sprintf("the total cost is not known: of %d of %d cases it is not", t.Unknown, t.Cases),
			Fix:     "see the cases that have no cost; and if all have one, lower calls: the sum is too large to be told",
		})
	case *now > *limit:
		r.Reasons = append(r.Reasons, Reason{
			Code: TotalCostOver, Limit: quantityOf(r.Currency, limit), Actual: quantityOf(r.Currency, now),
			Shortfall: quantityOf(r.Currency, minus(now, limit)),
			Message: fmt.Sprintf("all calls together cost %s; the budget is %s",
				quantityOf(r.Currency, now), quantityOf(r.Currency, limit)),
			Fix: "shorten prompts, lower the output, or raise max_total_cost",
		})
	}
}

// quantityOf writes an amount with its currency.
func quantityOf(c pricing.Currency, a *pricing.Amount) string { return string(c) + " " + a.String() }

// decide says how the whole came out. The report's texts and the exit code
// read nothing else.
func (r *Report) decide() {
	r.Outcome, r.Outcomes = Pass, make(map[Outcome]int)
	for i := range r.Cases {
		c := &r.Cases[i]
		c.Outcome = c.outcome()
		r.Outcomes[c.Outcome]++
		r.Outcome = worse(r.Outcome, c.Outcome)
	}
	for i := range r.Reasons {
		r.Outcome = worse(r.Outcome, r.Reasons[i].outcome())
	}
}

// Quiet reports whether there is nothing that the reader asked to see: all is
// well, no case is new or gone, and nothing changed by more than under.
func (r *Report) Quiet(under Percent) bool {
	if r.Outcome != Pass || len(r.Removed) > 0 {
		return false
	}
	small := func(p *Percent) bool { return p != nil && -under < *p && *p < under }
	for i := range r.Cases {
		c := &r.Cases[i]
		if c.State == New || c.From != "" {
			return false
		}
		if c.State == Changed && (c.Change == nil || !small(c.Change.TokensGrowth) || !small(c.Change.CostGrowth)) {
			return false
		}
	}
	return true
}
