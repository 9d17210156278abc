package report

import (
	"encoding/json"

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
	Basis   estimator.Basis  `json:"basis"`
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
