package report

import (
	"encoding/json"
	"strconv"
	"time"

	"tollgate/estimator"
	"tollgate/gate"
)

// known is a value, or null where it is the one that stands for nothing.
func known[T comparable](v T) *T {
	var nothing T
	if v == nothing {
		return nil
	}
	return &v
}

// number is a percentage as an exact JSON number.
func number(p *gate.Percent) *json.Number {
	if p == nil {
		return nil
	}
	const scale, decimals = 10_000, 4
	whole, fraction := int64(*p)/scale, int64(*p)%scale
	text := strconv.FormatInt(whole, 10)
	if fraction < 0 {
		fraction = -fraction
		if whole == 0 {
			text = "-0"
		}
	}
	if fraction != 0 {
		digits := strconv.FormatInt(scale+fraction, 10)[1:]
		for digits[len(digits)-1] == '0' {
			digits = digits[:len(digits)-1]
		}
		text += "." + digits
	}
	return new(json.Number(text))
}

func newHead(r *gate.Report) *wireHead {
	t := &r.Totals
	h := &wireHead{
		Object: "gate.report", Version: wireVersion, Outcome: r.Outcome, ExitCode: r.Outcome.ExitCode(), Summary: verdict(r),
		Counts: wireCounts{
			Pass: r.Outcomes[gate.Pass], Warn: r.Outcomes[gate.Warn],
			Unmeasured: r.Outcomes[gate.Unmeasured], Fail: r.Outcomes[gate.Fail],
		},
		Currency: r.Currency, Basis: basis(r), Source: known(r.Source), Methods: append([]estimator.Method{}, r.Methods...),
		PriceTable: known(r.Table), Baseline: known(r.Baseline), Updated: r.Updated,
		Totals: wireTotals{
			Cases: t.Cases, UnknownCases: t.Unknown, Calls: t.Calls, PromptTokens: t.PromptTokens,
			Cost: wireCost(t.Cost), Before: wireCost(t.Before), Change: t.Change, Growth: number(t.Growth),
		},
		Reasons: newReasons(r.Reasons),
	}
	if !r.At.IsZero() {
		h.At = new(r.At.UTC().Format(time.RFC3339))
	}
	return h
}

func newReasons(list []gate.Reason) []wireReason {
	out := make([]wireReason, len(list))
	for i := range list {
		r := &list[i]
		out[i] = wireReason{
			Code: r.Code, Message: r.Message, Limit: known(r.Limit), Actual: known(r.Actual), Shortfall: known(r.Shortfall),
			Fix: known(r.Fix), File: known(r.File), Line: known(r.Line), Unmeasured: r.Unmeasured,
		}
	}
	return out
}

func newCase(r *gate.Report, c *gate.Case) *wireCase {
	out := &wireCase{
		ID: c.ID, File: known(c.File), Line: known(c.Line), Outcome: c.Outcome, State: c.State, From: known(c.From),
		Basis: basisOf(r, c),
		Now:   newMeasurement(c.Now), Before: newMeasurement(c.Before), Change: newChange(c.Change), Break: newBreak(c.Break),
		Reasons: newReasons(c.Reasons), Notes: make([]wireNote, len(c.Notes)),
	}
	for i := range c.Notes {
		n := &c.Notes[i]
		out.Notes[i] = wireNote{
			Severity: string(n.Severity), Code: n.Code, Message: n.Message, Fix: known(n.Fix), Pointer: known(n.Pointer),
			File: known(n.File), Line: known(n.Line),
		}
	}
	return out
}

func newRemoved(c *gate.Removed) *wireRemoved {
	return &wireRemoved{ID: c.ID, File: known(c.File), Before: *newMeasurement(&c.Before)}
}

func newMeasurement(m *gate.Measurement) *wireMeasurement {
	if m == nil {
		return nil
	}
	out := &wireMeasurement{
		Model: m.Model, Hash: m.Hash, PromptTokens: m.PromptTokens, CompletionTokens: m.CompletionTokens,
		CachedTokens: m.CachedTokens, Calls: m.Calls, Cost: wireCost(m.Cost), Total: wireCost(m.Total), PriceTable: known(m.Table),
		Count: wireCount{Method: m.Method, Version: known(m.Version), Low: m.Low},
	}
	if m.High != estimator.Unbounded {
		out.Count.High = &m.High
	}
	for _, p := range m.Parts {
		out.Count.Parts = append(out.Count.Parts, wirePart(p))
	}
	if m.ContextLength > 0 {
		out.Context = &wireContext{m.ContextLength, m.ContextLength - m.PromptTokens}
	}
	if rates := m.Rates; rates != nil {
		out.Rates = &wireRates{rates.InputCacheHit, rates.InputCacheMiss, rates.Output, nil}
		if !rates.EffectiveFrom.IsZero() {
			out.Rates.EffectiveFrom = new(rates.EffectiveFrom.Format(time.DateOnly))
		}
	}
	return out
}

func newChange(c *gate.Change) *wireChange {
	if c == nil {
		return nil
	}
	return &wireChange{
		Tokens: c.Tokens, TokensGrowth: number(c.TokensGrowth), TokensPrompt: c.TokensPrompt, TokensMethod: c.TokensMethod,
		MethodChanged: c.MethodChanged, Cost: c.Cost, CostGrowth: number(c.CostGrowth), Causes: wireCauses(c.Causes),
	}
}

func newBreak(b *gate.Break) *wireBreak {
	if b == nil {
		return nil
	}
	out := &wireBreak{
		Kind: b.Kind, Once: b.Kind.Stable(), Tail: b.Tail, Part: known(string(b.Part)), Role: known(b.Role),
		Position: b.Position, Share: number(&b.Share), Lost: b.Lost, PerCall: b.PerCall, Total: b.Total,
		File: known(b.File), Line: known(b.Line), Detail: b.Detail, Fix: known(b.Fix),
	}
	if b.Message >= 0 {
		out.Message = &b.Message
	}
	return out
}
