package client

// Model is one model: the vendor's own members first, then what the catalogue
// adds. A nil says that something is not known or not so.
type Model struct {
	ID                string `json:"id"`
	Object            string `json:"object"`
	Created           *int64 `json:"created"` // Unix seconds of released
	OwnedBy           string `json:"owned_by"`
	ContextLength     int64  `json:"context_length"`
	SupportsImageIn   bool   `json:"supports_image_in"`
	SupportsVideoIn   bool   `json:"supports_video_in"`
	SupportsReasoning bool   `json:"supports_reasoning"`

	Aliases              []string        `json:"aliases"`
	ContextCache         bool            `json:"context_cache"` // repeated prefixes are billed at a rate of their own
	DefaultMaxCompletion int64           `json:"default_max_completion_tokens"`
	FixedParameters      FixedParameters `json:"fixed_parameters"`
	Released             *string         `json:"released"` // a day, such as 2026-01-27
	Retired              *string         `json:"retired"`  // first day on which it is not served
	Successor            *string         `json:"successor"`
	Prices               []ModelPrice    `json:"prices"`
	BatchFactor          *Decimal        `json:"batch_factor"`
	Fees                 []Fee           `json:"fees"`
	Sources              []Source        `json:"sources"`
	Notes                []string        `json:"notes"`
}

// FixedParameters is which values the vendor accepts. A nil says that nothing
// is known to be refused.
type FixedParameters struct {
	Temperature        *Range   `json:"temperature"`
	TemperatureNoThink *Range   `json:"temperature_without_thinking"`
	TopP               *Range   `json:"top_p"`
	N                  *Range   `json:"n"`
	PresencePenalty    *Range   `json:"presence_penalty"`
	FrequencyPenalty   *Range   `json:"frequency_penalty"`
	Thinking           string   `json:"thinking"`
	ThinkingTypes      []string `json:"thinking_types"`        // empty: none, or not known
	ThinkingKeep       []string `json:"thinking_keep"`         // besides null; empty: must not be sent
	ReasoningEffort    []string `json:"reasoning_effort"`      // empty: must not be sent, unless open
	ReasoningOpen      bool     `json:"reasoning_effort_open"` // accepted, but its values are not known
	ToolChoice         []string `json:"tool_choice"`           // while thinking; "specified" stands for an object
	MaxTools           *int     `json:"max_tools"`
	MaxStop            *int     `json:"max_stop"`
	MaxStopBytes       *int     `json:"max_stop_bytes"`
	MaxBodyBytes       *int64   `json:"max_body_bytes"`
	ImageFormats       []string `json:"image_formats"`
	VideoFormats       []string `json:"video_formats"`
}

// Range is the values of a numeric parameter that are accepted, as decimals.
// The ends are equal where there is one legal value.
type Range struct {
	Min string `json:"min"`
	Max string `json:"max"`
}

// Source is a page that figures beside prices and fees were read on.
type Source struct {
	Covers  string `json:"covers"` // which figures
	URL     string `json:"url"`
	Checked string `json:"checked"` // day the page was read
}

// ModelPrice is what a model costs in one currency during one period. Rates
// are for a million tokens; nil is unknown.
type ModelPrice struct {
	Currency       Currency    `json:"currency"`
	Tiers          []PriceTier `json:"tiers"`
	CacheWrite5m   *Decimal    `json:"cache_write_5m_per_million"`
	CacheWrite1h   *Decimal    `json:"cache_write_1h_per_million"`
	EffectiveFrom  string      `json:"effective_from"`
	EffectiveUntil *string     `json:"effective_until"` // first day no longer in force
	Source         string      `json:"source"`
	Checked        string      `json:"checked"`
	Note           string      `json:"note"`
}

// PriceTier is the rates for requests up to a length.
type PriceTier struct {
	UpToTokens     *int64  `json:"up_to_tokens"` // prompt and completion, inclusive; nil: any length
	InputCacheHit  Decimal `json:"input_cache_hit_per_million"`
	InputCacheMiss Decimal `json:"input_cache_miss_per_million"`
	Output         Decimal `json:"output_per_million"`
}

// Fee is a charge per call beside the tokens.
type Fee struct {
	Item     string   `json:"item"`
	Currency Currency `json:"currency"`
	PerCall  Decimal  `json:"per_call"`
	Source   string   `json:"source"`
	Checked  string   `json:"checked"`
	Note     string   `json:"note"`
}

// PriceTable is the price table in force.
type PriceTable struct {
	Object  string        `json:"object"`
	Hash    string        `json:"hash"`    // of the table's content
	Checked string        `json:"checked"` // newest day on which a price was read
	Data    []PricedModel `json:"data"`
}

// PricedModel is the prices of one model.
type PricedModel struct {
	Model       string       `json:"model"`
	Prices      []ModelPrice `json:"prices"`
	BatchFactor *Decimal     `json:"batch_factor"` // share of the list price
	Fees        []Fee        `json:"fees"`
}
