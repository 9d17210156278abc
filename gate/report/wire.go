package report

import (
	"encoding/json"
	"strconv"
	"time"

	"tollgate/estimator"
	"tollgate/gate"
	"tollgate/pricing"
)

// wireVersion is that of the JSON report. Within it members are only ever
// added.
const wireVersion = 1

// wireHead is the report but for its cases and what was removed. A member that
// is null is not known, or there is none.
type wireHead struct {
	Object     string             `json:"object"`
	Version    int                `json:"version"`
	Outcome    gate.Outcome       `json:"outcome"`
	ExitCode   int                `json:"exit_code"`
	Summary    string             `json:"summary"`
	Counts     wireCounts         `json:"counts"`
	Currency   pricing.Currency   `json:"currency"`
	Basis      estimator.Basis    `json:"basis"`
	Source     *string            `json:"source"`
	Methods    []estimator.Method `json:"methods"`
	At         *string            `json:"prices_at"`
	PriceTable *string            `json:"price_table"`
	Baseline   *string            `json:"baseline"`
	Updated    bool               `json:"baseline_updated"`
	Totals     wireTotals         `json:"totals"`
	Reasons    []wireReason       `json:"reasons"`
}

type wireCounts struct {
	Pass       int `json:"pass"`
	Warn       int `json:"warn"`
	Unmeasured int `json:"unmeasured"`
	Fail       int `json:"fail"`
}

type wireTotals struct {
	Cases        int             `json:"cases"`
	UnknownCases int             `json:"unknown_cases"`
	Calls        int64           `json:"calls"`
	PromptTokens int64           `json:"prompt_tokens"`
	Cost         wireCost        `json:"cost"`
	Before       wireCost        `json:"cost_before"`
	Change       *pricing.Amount `json:"cost_change"`
	Growth       *json.Number    `json:"cost_growth_percent"`
}

type wireCost struct {
	Expected *pricing.Amount `json:"expected"`
	Low      *pricing.Amount `json:"low"`
	High     *pricing.Amount `json:"high"`
}

type wireReason struct {
	Code       gate.ReasonCode `json:"code"`
	Message    string          `json:"message"`
	Limit      *string         `json:"limit"`
	Actual     *string         `json:"actual"`
	Shortfall  *string         `json:"shortfall"`
	Fix        *string         `json:"fix"`
	File       *string         `json:"file"`
	Line       *int            `json:"line"`
	Unmeasured bool            `json:"unmeasured"`
}

type wireCase struct {
	ID      string           `json:"id"`
	File    *string          `json:"file"`
	Line    *int             `json:"line"`
	Outcome gate.Outcome     `json:"outcome"`
	State   gate.State       `json:"state"`
	From    *string          `json:"renamed_from"`
	Now     *wireMeasurement `json:"now"`
	Before  *wireMeasurement `json:"before"`
	Change  *wireChange      `json:"change"`
	Break   *wireBreak       `json:"break"`
	Reasons []wireReason     `json:"reasons"`
	Notes   []wireNote       `json:"notes"`
}

type wireMeasurement struct {
	Model            string       `json:"model"`
	Hash             string       `json:"content_hash"`
	PromptTokens     int64        `json:"prompt_tokens"`
	CompletionTokens int64        `json:"completion_tokens"`
	CachedTokens     int64        `json:"cached_tokens"`
	Calls            int64        `json:"calls"`
	Count            wireCount    `json:"count"`
	Context          *wireContext `json:"context"`
	Rates            *wireRates   `json:"rates"`
	Cost             wireCost     `json:"cost"`
	Total            wireCost     `json:"total_cost"`
	PriceTable       *string      `json:"price_table"`
}

type wireCount struct {
	Method  estimator.Method `json:"method"`
	Version *string          `json:"version"`
	Low     int64            `json:"low"`
	High    *int64           `json:"high"`
	Parts   []wirePart       `json:"parts"`
}

type wirePart struct {
	Part   estimator.Part   `json:"part"`
	Tokens int64            `json:"tokens"`
	Method estimator.Method `json:"method"`
}

type wireContext struct {
	Length   int64 `json:"length"`
	Headroom int64 `json:"headroom"`
}

type wireRates struct {
	InputCacheHit  pricing.Rate `json:"input_cache_hit_per_million"`
	InputCacheMiss pricing.Rate `json:"input_cache_miss_per_million"`
	Output         pricing.Rate `json:"output_per_million"`
	EffectiveFrom  *string      `json:"effective_from"`
}

type wireChange struct {
	Tokens        int64        `json:"tokens"`
	TokensGrowth  *json.Number `json:"tokens_growth_percent"`
	TokensPrompt  *int64       `json:"tokens_by_prompt"`
	TokensMethod  *int64       `json:"tokens_by_method"`
	MethodChanged bool         `json:"method_changed"`

	Cost       *pricing.Amount `json:"cost"`
	CostGrowth *json.Number    `json:"cost_growth_percent"`
	Causes     wireCauses      `json:"cost_by"`
}

type wireCauses struct {
	Prompt      *pricing.Amount `json:"prompt"`
	Assumptions *pricing.Amount `json:"assumptions"`
	Model       *pricing.Amount `json:"model"`
	Price       *pricing.Amount `json:"price"`
	Method      *pricing.Amount `json:"method"`
}

type wireBreak struct {
	Kind     gate.BreakKind  `json:"kind"`
	Once     bool            `json:"once"`
	Tail     bool            `json:"tail"`
	Part     *string         `json:"part"`
	Message  *int            `json:"message"`
	Role     *string         `json:"role"`
	Position int64           `json:"position_tokens"`
	Share    *json.Number    `json:"position_percent"`
	Lost     int64           `json:"lost_tokens"`
	PerCall  *pricing.Amount `json:"cost_per_call"`
	Total    *pricing.Amount `json:"cost_for_calls"`
	File     *string         `json:"file"`
	Line     *int            `json:"line"`
	Detail   string          `json:"detail"`
	Fix      *string         `json:"fix"`
}

type wireNote struct {
	Severity string  `json:"severity"`
	Code     string  `json:"code"`
	Message  string  `json:"message"`
	Fix      *string `json:"fix"`
	Pointer  *string `json:"pointer"`
	File     *string `json:"file"`
	Line     *int    `json:"line"`
}

type wireRemoved struct {
	ID     string          `json:"id"`
	File   *string         `json:"file"`
	Before wireMeasurement `json:"before"`
}

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

func newCase(c *gate.Case) *wireCase {
	out := &wireCase{
		ID: c.ID, File: known(c.File), Line: known(c.Line), Outcome: c.Outcome, State: c.State, From: known(c.From),
		Now: newMeasurement(c.Now), Before: newMeasurement(c.Before), Change: newChange(c.Change), Break: newBreak(c.Break),
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
