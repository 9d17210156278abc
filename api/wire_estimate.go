package api

import (
	"encoding/hex"
	"time"

	"tollgate/estimator"
	"tollgate/estimator/lint"
	"tollgate/pricing"
)

// Estimate is the answer to an estimate. Numbers are tokens; money is a
// decimal string, exact and without trailing zeros, null where it is unknown.
type Estimate struct {
	Object      string    `json:"object" enums:"estimate" example:"estimate"`
	Model       string    `json:"model" example:"kimi-k2.5"`
	ContentHash string    `json:"content_hash" example:"sha256:1c1b0c2f2c4f0d6e4e7b8a0b1de8ac1a2c9a8a9c2f33a7b1a5f2d2b8f0a6a111"`
	Usage       Usage     `json:"usage"`
	Count       Count     `json:"count"`
	Context     Context   `json:"context"`
	Cost        Cost      `json:"cost"`
	RateLimit   int64     `json:"rate_limit_tokens" example:"32777"`
	Price       *Price    `json:"price" extensions:"x-nullable"`
	Verdict     Verdict   `json:"verdict"`
	Findings    []Finding `json:"findings"`
} //@name Estimate

// Usage is the tokens of the call: total = prompt + completion, and cached is
// a part of prompt.
type Usage struct {
	PromptTokens        int64         `json:"prompt_tokens" example:"9"`
	CompletionTokens    int64         `json:"completion_tokens" example:"32768"`
	TotalTokens         int64         `json:"total_tokens" example:"32777"`
	CachedTokens        int64         `json:"cached_tokens" example:"0"`
	PromptTokensDetails PromptDetails `json:"prompt_tokens_details"`
} //@name Usage

// PromptDetails repeats the cached tokens where OpenAI-style clients look.
type PromptDetails struct {
	CachedTokens int64 `json:"cached_tokens" example:"0"`
} //@name PromptTokensDetails

// Count says how the prompt was counted. Low and high bound its true size;
// high is null when nobody can give an upper bound.
type Count struct {
	Method string `json:"method" enums:"vendor,tokenizer,approximation,mixed" example:"tokenizer"`
	Low    int64  `json:"low" example:"9"`
	High   *int64 `json:"high" example:"9" extensions:"x-nullable"`
	Cache  string `json:"cache" enums:"hit,miss,coalesced,shared" example:"miss"`
	Parts  []Part `json:"parts"`

	// Messages is there with breakdown=messages.
	Messages []MessageTokens `json:"messages,omitempty"`
} //@name Count

// MessageTokens is the tokens of one message of the request, its header
// included. They are counted locally, whatever counted the whole.
type MessageTokens struct {
	Index  int    `json:"index" example:"0"`
	Tokens int64  `json:"tokens" example:"5"`
	Method string `json:"method" enums:"tokenizer,approximation" example:"tokenizer"`
} //@name MessageTokens

// Part is the tokens of one part of the prompt.
type Part struct {
	Part   string `json:"part" enums:"system,tools,messages,media,generation_prompt" example:"messages"`
	Tokens int64  `json:"tokens" example:"5"`
	Method string `json:"method" enums:"vendor,tokenizer,approximation,mixed" example:"tokenizer"`
} //@name Part

// Context is how the call sits in the model's window.
type Context struct {
	Length                  int64 `json:"length" example:"262144"`
	Headroom                int64 `json:"headroom" example:"262135"`                  // length - prompt
	HeadroomAfterCompletion int64 `json:"headroom_after_completion" example:"229367"` // headroom - completion
	MaxCompletionTokens     int64 `json:"max_completion_tokens" example:"262135"`     // the largest output that still fits
	Fits                    bool  `json:"fits" example:"true"`
} //@name Context

// Cost is what the call will cost.
type Cost struct {
	Currency string  `json:"currency" enums:"CNY,USD" example:"CNY"`
	Lines    []Line  `json:"lines"`
	Expected *string `json:"expected" format:"decimal" example:"0.688164" extensions:"x-nullable"`
	Low      *string `json:"low" format:"decimal" example:"0.0000063" extensions:"x-nullable"`
	High     *string `json:"high" format:"decimal" example:"0.688164" extensions:"x-nullable"`
} //@name Cost

// Line is one item of the expected cost.
type Line struct {
	Item       string `json:"item" enums:"input_cache_hit,input_cache_miss,output" example:"output"`
	Tokens     int64  `json:"tokens" example:"32768"`
	PerMillion string `json:"per_million" format:"decimal" example:"21"`
	Amount     string `json:"amount" format:"decimal" example:"0.688128"`
} //@name CostLine

// Price says which price applied.
type Price struct {
	EffectiveFrom string `json:"effective_from" format:"date" example:"2026-01-27"`
	Source        string `json:"source" example:"https://platform.kimi.com/docs/pricing/chat"`
	Checked       string `json:"checked" format:"date" example:"2026-11-22"`
	Table         string `json:"table" example:"sha256:0b6f1c..."`

	// BatchFactor is the share of the list price that was applied. It is there
	// for lines of a batch file whose model has a batch price.
	BatchFactor string `json:"batch_factor,omitempty" format:"decimal" example:"0.6"`
} //@name Price

// Verdict says whether to make the call. Caps is there exactly when the
// decision is allow_with_caps.
type Verdict struct {
	Decision string   `json:"decision" enums:"allow,allow_with_caps,deny" example:"allow"`
	Reasons  []Reason `json:"reasons"`
	Caps     *Caps    `json:"caps,omitempty"`
} //@name Verdict

// Reason is a limit that the call breaks. Limit, actual and shortfall are
// decimal strings for money, integers for tokens, and null where there is no
// number to state.
type Reason struct {
	Code      string `json:"code" enums:"cost_over_budget,context_window_exceeded,prompt_over_limit,headroom_under_limit,price_unknown,count_incomplete,request_invalid" example:"cost_over_budget"`
	Limit     any    `json:"limit" swaggertype:"string" example:"0.02" extensions:"x-quantity"`
	Actual    any    `json:"actual" swaggertype:"string" example:"0.688164" extensions:"x-quantity"`
	Shortfall any    `json:"shortfall" swaggertype:"string" example:"0.668164" extensions:"x-quantity"`
	Message   string `json:"message" example:"the call may cost CNY 0.688164, over the budget of CNY 0.02"`
} //@name Reason

// Caps is the largest output that satisfies every limit.
type Caps struct {
	MaxCompletionTokens int64  `json:"max_completion_tokens" example:"950"`
	Binding             string `json:"binding" enums:"budget,window" example:"budget"`
} //@name Caps

// Finding is one thing to know before the request is sent.
type Finding struct {
	Code     string `json:"code" example:"model_retired"`
	Severity string `json:"severity" enums:"error,warning,info" example:"warning"`
	Pointer  string `json:"pointer" example:"/model"` // RFC 6901; empty for the whole request
	Message  string `json:"message" example:"kimi-k2.5 was retired on 2026-08-31"`
	Fix      string `json:"fix" example:"use kimi-k2.6"`
} //@name Finding

func newEstimate(e *estimator.Estimate) *Estimate {
	return &Estimate{
		Object:      "estimate",
		Model:       e.Model.ID,
		ContentHash: "sha256:" + hex.EncodeToString(e.Hash[:]),
		Usage:       newUsage(&e.Usage),
		Count:       newCount(e),
		Context:     Context(e.Context),
		Cost:        newCost(&e.Cost),
		RateLimit:   e.RateLimitTokens,
		Price:       newPrice(e.Price),
		Verdict:     newVerdict(&e.Verdict),
		Findings:    newFindings(e.Findings),
	}
}

func newUsage(u *estimator.Usage) Usage {
	return Usage{
		PromptTokens:        u.PromptTokens,
		CompletionTokens:    u.CompletionTokens,
		TotalTokens:         u.TotalTokens,
		CachedTokens:        u.CachedTokens,
		PromptTokensDetails: PromptDetails{CachedTokens: u.CachedTokens},
	}
}

func newCount(e *estimator.Estimate) Count {
	c := Count{
		Method: string(e.Count.Method),
		Low:    e.Count.Low,
		Cache:  string(e.Cache),
		Parts:  make([]Part, 0, len(e.Count.Parts)),
	}
	if e.Count.High != estimator.Unbounded {
		c.High = &e.Count.High
	}
	for _, p := range e.Count.Parts {
		c.Parts = append(c.Parts, Part{Part: string(p.Part), Tokens: p.Tokens, Method: string(p.Method)})
	}
	for i, tokens := range e.Messages {
		c.Messages = append(c.Messages, MessageTokens{Index: i, Tokens: tokens, Method: string(e.MessagesMethod)})
	}
	return c
}

func newCost(c *estimator.Cost) Cost {
	out := Cost{
		Currency: string(c.Currency),
		Lines:    make([]Line, 0, len(c.Lines)),
		Expected: money(c.Expected),
		Low:      money(c.Low),
		High:     money(c.High),
	}
	for _, l := range c.Lines {
		out.Lines = append(out.Lines, Line{
			Item:       string(l.Item),
			Tokens:     l.Tokens,
			PerMillion: l.PerMillion.String(),
			Amount:     l.Amount.String(),
		})
	}
	return out
}

// money is a as a decimal, nil if it is unknown.
func money(a *pricing.Amount) *string {
	if a == nil {
		return nil
	}
	return new(a.String())
}

func newPrice(p *estimator.PriceSource) *Price {
	if p == nil {
		return nil
	}
	return &Price{
		EffectiveFrom: p.EffectiveFrom.Format(time.DateOnly),
		Source:        p.Source,
		Checked:       p.Checked.Format(time.DateOnly),
		Table:         p.Table,
		BatchFactor:   p.BatchFactor,
	}
}

func newVerdict(v *estimator.Verdict) Verdict {
	out := Verdict{Decision: string(v.Decision), Reasons: make([]Reason, 0, len(v.Reasons))}
	for i := range v.Reasons {
		r := &v.Reasons[i]
		out.Reasons = append(out.Reasons, Reason{
			Code:      string(r.Code),
			Limit:     quantity(r.Limit),
			Actual:    quantity(r.Actual),
			Shortfall: quantity(r.Shortfall),
			Message:   r.Message,
		})
	}
	if v.Caps != nil {
		out.Caps = &Caps{MaxCompletionTokens: v.Caps.MaxCompletionTokens, Binding: string(v.Caps.Binding)}
	}
	return out
}

// quantity is a decimal string for money, an integer for tokens, and nil where
// there is no number.
func quantity(q *estimator.Quantity) any {
	switch {
	case q == nil:
		return nil
	case q.Money:
		return q.Amount.String()
	default:
		return q.Tokens
	}
}

func newFindings(found []lint.Finding) []Finding {
	out := make([]Finding, 0, len(found))
	for _, f := range found {
		out = append(out, Finding{
			Code:     string(f.Code),
			Severity: string(f.Severity),
			Pointer:  f.Pointer,
			Message:  f.Message,
			Fix:      f.Fix,
		})
	}
	return out
}
