package estimator

import (
	"tollgate/estimator/lint"
	"tollgate/pricing"
)

// Estimate is the answer to a request: its size, its cost, whether it fits.
type Estimate struct {
	Model    *pricing.Model
	Hash     [32]byte // chat.Request.Hash
	Usage    Usage
	Count    Count
	Cache    CacheState
	Context  Context
	Cost     Cost
	Price    *PriceSource // nil when no price is known
	Verdict  Verdict
	Findings []lint.Finding

	// Messages is the tokens of each message of the request, by its index, if the
	// query asked for them. They are counted by MessagesMethod, and may differ
	// from the parts of Count by rounding or where the vendor counted.
	Messages       []int64
	MessagesMethod Method

	// RateLimitTokens is what the vendor's tokens-per-minute limit counts: the
	// prompt and the requested maximum output, not what is billed.
	RateLimitTokens int64
}

// Usage is the tokens of the call.
//
// TotalTokens = PromptTokens + CompletionTokens, and CachedTokens is a part of
// PromptTokens.
type Usage struct {
	PromptTokens     int64
	CompletionTokens int64
	TotalTokens      int64
	CachedTokens     int64
}

// Context is how the call sits in the model's window. All members but Fits are
// tokens.
type Context struct {
	Length                  int64
	Headroom                int64 // Length - prompt; negative when the prompt alone is too long
	HeadroomAfterCompletion int64 // Headroom - completion
	MaxCompletionTokens     int64 // the largest output that still fits; 0 when none does
	Fits                    bool  // upper bound of the prompt + completion <= Length
}

// Cost is what the call will cost. Expected, Low and High are nil when the
// price, or the bound of the count they need, is not known.
type Cost struct {
	Currency pricing.Currency
	Lines    []Line          // of Expected
	Expected *pricing.Amount // with the caller's assumptions
	Low      *pricing.Amount // lower bound of the prompt, all of it cached, no output
	High     *pricing.Amount // upper bound of the prompt, nothing cached, the whole completion
}

// Item names a cost line.
type Item string

// The cost lines.
const (
	ItemInputCacheHit  Item = "input_cache_hit"
	ItemInputCacheMiss Item = "input_cache_miss"
	ItemOutput         Item = "output"
)

// Line is one item of a cost: Amount = Tokens × PerMillion, exactly.
type Line struct {
	Item       Item
	Tokens     int64
	PerMillion pricing.Rate
	Amount     pricing.Amount
}

// PriceSource says where a price comes from.
type PriceSource struct {
	pricing.Price
	Table string // hash of the price table, "sha256:<hex>"

	// BatchFactor is the share of the list price that the rates of Price are,
	// as an exact decimal. Empty: they are the list price.
	BatchFactor string
}

// Decision is the verdict in a word.
type Decision string

// The decisions.
const (
	Allow         Decision = "allow"
	AllowWithCaps Decision = "allow_with_caps" // allowed once the output is limited to Caps
	Deny          Decision = "deny"
)

// ReasonCode is the stable name of a reason. Codes are only ever added.
type ReasonCode string

// The reasons a verdict can have.
const (
	CostOverBudget        ReasonCode = "cost_over_budget"
	ContextWindowExceeded ReasonCode = "context_window_exceeded"
	PromptOverLimit       ReasonCode = "prompt_over_limit"
	HeadroomUnderLimit    ReasonCode = "headroom_under_limit"
	PriceUnknown          ReasonCode = "price_unknown"
	CountIncomplete       ReasonCode = "count_incomplete"
	RequestInvalid        ReasonCode = "request_invalid"
)

// Verdict says whether to make the call, and why not.
type Verdict struct {
	Decision Decision
	Reasons  []Reason
	Caps     *Caps // set exactly when Decision is AllowWithCaps
}

// Reason is one limit that the call breaks.
type Reason struct {
	Code      ReasonCode
	Limit     *Quantity // nil where there is no number to state
	Actual    *Quantity
	Shortfall *Quantity // Actual - Limit, or Limit - Actual where the limit is a minimum
	Message   string
}

// Quantity is an amount of money or a number of tokens.
type Quantity struct {
	Money  bool // Amount holds, in the estimate's currency; else Tokens
	Amount pricing.Amount
	Tokens int64
}

// Binding names the limit that decides a cap.
type Binding string

// What can bind a cap.
const (
	BindingBudget Binding = "budget"
	BindingWindow Binding = "window"
)

// Caps is the largest output that satisfies every limit.
type Caps struct {
	MaxCompletionTokens int64
	Binding             Binding
}
