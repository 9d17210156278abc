package client

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// Estimate is what a call will use and cost. TotalTokens and what follows from
// it take the prompt as counted; see [Count] for its bounds.
type Estimate struct {
	Object      string       `json:"object"`
	Model       string       `json:"model"`
	ContentHash string       `json:"content_hash"` // "sha256:" and 64 hex digits, of what the count depends on
	Usage       Usage        `json:"usage"`
	Count       Count        `json:"count"`
	Context     Window       `json:"context"`
	Cost        Cost         `json:"cost"`
	RateLimit   int64        `json:"rate_limit_tokens"` // what the vendor's limit of tokens a minute counts
	Price       *PriceSource `json:"price"`             // nil when no price is known
	Verdict     Verdict      `json:"verdict"`
	Findings    []Finding    `json:"findings"`
}

// Usage is the tokens of the call: total = prompt + completion, and cached is
// a part of prompt.
type Usage struct {
	PromptTokens        int64         `json:"prompt_tokens"`
	CompletionTokens    int64         `json:"completion_tokens"`
	TotalTokens         int64         `json:"total_tokens"`
	CachedTokens        int64         `json:"cached_tokens"`
	PromptTokensDetails PromptDetails `json:"prompt_tokens_details"`
}

// PromptDetails repeats the cached tokens where OpenAI-style clients look.
type PromptDetails struct {
	CachedTokens int64 `json:"cached_tokens"`
}

// Count says how the prompt was counted. Low and High bound its true size, in
// tokens; High is nil when nobody can give an upper bound.
type Count struct {
	Method   Method          `json:"method"`
	Low      int64           `json:"low"`
	High     *int64          `json:"high"`
	Cache    string          `json:"cache"` // hit, miss, coalesced or shared
	Parts    []Part          `json:"parts"`
	Messages []MessageTokens `json:"messages,omitempty"` // with [Query.Breakdown]
}

// Part is the tokens of one part of the prompt: system, tools, messages, media
// or generation_prompt.
type Part struct {
	Part   string `json:"part"`
	Tokens int64  `json:"tokens"`
	Method Method `json:"method"`
}

// MessageTokens is the tokens of one message of the request, its header
// included.
type MessageTokens struct {
	Index  int    `json:"index"` // from 0
	Tokens int64  `json:"tokens"`
	Method Method `json:"method"`
}

// Window is how the call sits in the model's context window, in tokens.
type Window struct {
	Length                  int64 `json:"length"`
	Headroom                int64 `json:"headroom"`                  // length - prompt; may be negative
	HeadroomAfterCompletion int64 `json:"headroom_after_completion"` // headroom - completion
	MaxCompletionTokens     int64 `json:"max_completion_tokens"`     // the largest output that still fits
	Fits                    bool  `json:"fits"`
}

// Cost is what the call will cost. An amount is nil when it is not known.
type Cost struct {
	Currency Currency   `json:"currency"`
	Lines    []CostLine `json:"lines"` // their amounts add up to Expected
	Expected *Decimal   `json:"expected"`
	Low      *Decimal   `json:"low"`
	High     *Decimal   `json:"high"`
}

// on returns the cost that a budget is held against, nil if it is not known.
func (c *Cost) on(basis Basis) *Decimal {
	switch basis {
	case BasisLow:
		return c.Low
	case BasisExpected:
		return c.Expected
	case BasisHigh, "":
		return c.High
	}
	return nil
}

// CostLine is one item of the expected cost: input_cache_hit, input_cache_miss
// or output.
type CostLine struct {
	Item       string  `json:"item"`
	Tokens     int64   `json:"tokens"`
	PerMillion Decimal `json:"per_million"` // price of a million tokens
	Amount     Decimal `json:"amount"`
}

// PriceSource says which price applied. Its days are such as 2026-01-27.
type PriceSource struct {
	EffectiveFrom string  `json:"effective_from"`
	Source        string  `json:"source"`                 // page that it was read on
	Checked       string  `json:"checked"`                // day on which it was read
	Table         string  `json:"table"`                  // hash of the price table
	BatchFactor   Decimal `json:"batch_factor,omitempty"` // share of the list price, of lines of a batch file
}

// Finding is one thing to know before the request is sent.
type Finding struct {
	Code     string   `json:"code"` // stable name, such as model_retired
	Severity Severity `json:"severity"`
	Pointer  string   `json:"pointer"` // RFC 6901, into the request; empty for all of it
	Message  string   `json:"message"`
	Fix      string   `json:"fix"`
}

// Severity is how bad a finding is.
type Severity string

// The severities. The vendor refuses a request with an error.
const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
	SeverityInfo    Severity = "info"
)

// Quantity is a sum of money or a number of tokens.
type Quantity struct {
	Money  Decimal // empty: it is tokens
	Tokens int64
}

// String is the amount, or the number of tokens.
func (q Quantity) String() string {
	if q.Money != "" {
		return string(q.Money)
	}
	return strconv.FormatInt(q.Tokens, 10)
}

// UnmarshalJSON reads money from a string and tokens from a whole number.
func (q *Quantity) UnmarshalJSON(data []byte) error {
	var read Quantity
	into := any(&read.Tokens)
	if len(data) > 0 && data[0] == '"' {
		into = &read.Money
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("read a quantity: %w", err)
	}
	*q = read
	return nil
}

// MarshalJSON writes what UnmarshalJSON reads.
func (q Quantity) MarshalJSON() ([]byte, error) {
	if q.Money != "" {
		return json.Marshal(q.Money)
	}
	return json.Marshal(q.Tokens)
}

// check returns an error for what is no estimate of this version. It looks at
// what a decision rests on.
func (e *Estimate) check() error {
	switch {
	case e.Object != "estimate":
		return &AnswerError{Detail: "it is no estimate"}
	case e.Model == "" || e.Cost.Currency == "":
		return &AnswerError{Detail: "an estimate without a model or a currency"}
	case e.Usage.PromptTokens < 0 || e.Usage.CompletionTokens < 0:
		return &AnswerError{Detail: "an estimate of less than no tokens"}
	}
	return e.Verdict.check()
}
