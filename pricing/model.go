package pricing

import (
	"fmt"
	"time"
)

// Model is everything the catalogue knows of one model.
type Model struct {
	ID            string   // the vendor's id, as /v1/models lists it
	Aliases       []string // other spellings that mean this model and no other
	Family        string   // prompt template family: "kimi-k2.5", "kimi-k2.6", "kimi-k3", "moonshot-v1", ...
	ContextLength int64    // tokens, prompt and completion together

	// DefaultMaxCompletion is the output limit, in tokens, that the vendor
	// applies when a request names none.
	DefaultMaxCompletion int64

	// ContextCache says whether the vendor bills repeated prompt prefixes at a
	// rate of their own. Without it, hit and miss cost the same.
	ContextCache bool

	SupportsImageIn   bool
	SupportsVideoIn   bool
	SupportsReasoning bool

	Params Params

	Released  time.Time // day the model became available; zero when unknown
	Retired   time.Time // first day requests are refused; zero while it lives
	Successor string    // id the vendor names as replacement; empty if none

	// BatchFactor is the share of the list price that the vendor's batch API
	// charges, as an exact decimal ("0.6"); empty when there is no batch price.
	BatchFactor string

	Prices  []Price  // every currency and period; by currency, then oldest first
	Fees    []Fee    // charges per call beside the tokens
	Sources []Source // where everything but prices and fees was read
	Notes   []string // what is doubtful, and why a figure was taken
}

// Source is a page that figures of a record were read on.
type Source struct {
	Covers  string    // which figures: "context", "parameters", "life cycle", ...
	URL     string    // https
	Checked time.Time // day the page was read
}

// RetiredAt reports whether the vendor refuses the model at that moment.
func (m *Model) RetiredAt(at time.Time) bool {
	return !m.Retired.IsZero() && !at.Before(m.Retired)
}

// Params says which parameter values the vendor accepts for a model. A nil or
// empty member means that nothing is known to be refused.
type Params struct {
	Temperature        *Fixed // value while thinking is on (or always, if the model has one mode)
	TemperatureNoThink *Fixed // value while thinking is off; nil: same as Temperature
	TopP               *Fixed
	N                  *Fixed
	PresencePenalty    *Fixed
	FrequencyPenalty   *Fixed
	ThinkingTypes      []string // accepted values of thinking.type; empty: none, or not known
	Thinking           Thinking
	ThinkingKeep       []string // accepted values of thinking.keep besides null; empty: not accepted
	ReasoningEffort    []string // accepted values of reasoning_effort; empty: not accepted, unless open
	ReasoningOpen      bool     // reasoning_effort is accepted, but its values are not known
	ToolChoice         []string // accepted values of tool_choice while thinking ("specified" for an object); empty: not known
	MinThinkingTokens  int64    // output limit, in tokens, below which the vendor warns that thinking may leave no answer; 0: no advice
	SystemTools        bool     // a system message may declare tools and have no content
	MaxTools           int      // 0: not known
	MaxStop            int      // strings in stop; 0: not known
	MaxStopBytes       int      // bytes of one stop string; 0: not known
	MaxBodyBytes       int64
	ImageFormats       []string // "png", "jpeg", "webp", "gif"
	VideoFormats       []string // "mp4", "mpeg", "mov", "avi", "x-flv", "mpg", "webm", "wmv", "3gpp"
	MaxImageWidth      int      // recommended bounds: more costs tokens and gains nothing
	MaxImageHeight     int
	MaxVideoWidth      int
	MaxVideoHeight     int
}

// Thinking is how a model relates to the thinking parameter.
type Thinking string

// The ways of a model with thinking.
const (
	ThinkingNone     Thinking = ""         // the model does not think
	ThinkingOptional Thinking = "optional" // on unless thinking.type is "disabled"
	ThinkingAlways   Thinking = "always"   // thinking.type may be sent but only "enabled"
	ThinkingNever    Thinking = "unsent"   // the model thinks, and thinking must not be sent
)

// Fixed is the range of values the vendor accepts for a numeric parameter, as
// exact decimals. Min equals Max for a parameter with one legal value.
type Fixed struct {
	Min, Max string
}

// Price is what a model costs in one currency during one period.
type Price struct {
	Currency       Currency
	Tiers          []Tier // by request length, shortest first; one tier when the price is flat
	CacheWrite5m   *Rate  // nil when unknown or not charged
	CacheWrite1h   *Rate
	EffectiveFrom  time.Time // first day in force, UTC
	EffectiveUntil time.Time // first day no longer in force; zero means open
	Source         string    // URL of the page the figures were read on
	Checked        time.Time // day the page was read
	Note           string    // which source was taken where they disagree, and why
}

// Tier is the rates for requests up to a length.
type Tier struct {
	UpTo           int64 // tokens of prompt and completion, inclusive; 0: any length
	InputCacheHit  Rate  // equal to InputCacheMiss where the model has no context cache
	InputCacheMiss Rate
	Output         Rate
}

// Fee is a charge per call that no token count covers.
type Fee struct {
	Item     string // "web_search"
	Currency Currency
	PerCall  Amount
	Source   string
	Checked  time.Time
	Note     string
}

// Rates returns the tier that a request of that many tokens, prompt and
// completion together, is billed by. Beyond the last tier it is the last.
// A price of a [Book] has one tier or more.
func (p Price) Rates(tokens int64) Tier {
	for i := range p.Tiers {
		if t := &p.Tiers[i]; t.UpTo == 0 || tokens <= t.UpTo {
			return *t
		}
	}
	return p.Tiers[len(p.Tiers)-1]
}

// Batch returns the price with hit, miss and output rates times factor, which
// is a model's BatchFactor. Cache-write rates are not known to be reduced, so
// they are dropped. It fails as [Rate.Scale] does.
func (p Price) Batch(factor string) (Price, error) {
	out := p
	out.CacheWrite5m, out.CacheWrite1h = nil, nil
	out.Tiers = make([]Tier, len(p.Tiers))
	for i, t := range p.Tiers {
		scaled := Tier{UpTo: t.UpTo}
		for _, r := range []struct {
			from Rate
			to   *Rate
		}{
			{t.InputCacheHit, &scaled.InputCacheHit},
			{t.InputCacheMiss, &scaled.InputCacheMiss},
			{t.Output, &scaled.Output},
		} {
			v, err := r.from.Scale(factor)
			if err != nil {
				return Price{}, fmt.Errorf("batch price: %w", err)
			}
			*r.to = v
		}
		out.Tiers[i] = scaled
	}
	return out, nil
}
