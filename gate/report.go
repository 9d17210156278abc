package gate

import (
	"time"

	"tollgate/estimator"
	"tollgate/estimator/lint"
	"tollgate/pricing"
)

// Outcome is how a case, or the whole gate, came out.
type Outcome string

// The outcomes, from best to worst.
const (
	Pass       Outcome = "pass"
	Warn       Outcome = "warn"       // passes, with something to know
	Unmeasured Outcome = "unmeasured" // it could not be measured, so nothing is known to be right
	Fail       Outcome = "fail"
)

// Exit codes of the gate, as the contract with CI pipelines has them.
const (
	ExitPass       = 0 // Pass and Warn
	ExitFail       = 1
	ExitUnmeasured = 3
)

// ExitCode is the exit code that belongs to an outcome.
func (o Outcome) ExitCode() int {
	switch o {
	case Pass, Warn:
		return ExitPass
	case Unmeasured:
		return ExitUnmeasured
	case Fail:
	}
	return ExitFail
}

// State is how a case stands to the baseline.
type State string

// The states.
const (
	New       State = "new"       // not in the baseline
	Changed   State = "changed"   // its tokens, its cost or its content differ
	Unchanged State = "unchanged" // the same as in the baseline
)

// Report is everything the gate found. All formats are written from it, and
// nothing else decides anything.
type Report struct {
	Outcome  Outcome
	Currency pricing.Currency
	Basis    estimator.Basis // which cost is held against budgets and compared
	Source   string          // where counts came from: "in process", or the server that was asked
	Methods  []estimator.Method
	At       time.Time // whose prices apply
	Table    string    // hash of the price table; empty when no price was found

	Config   string // path of the configuration; empty when it came from the command line
	Baseline string // path of the baseline file; empty when none was read or written
	Updated  bool   // the baseline was written anew from these cases
	Cases    []Case // in the order of the configuration
	Removed  []Removed
	Totals   Totals
	Reasons  []Reason        // that concern the whole, such as the total cost
	Outcomes map[Outcome]int // of the cases
}

// Case is one case, measured and compared.
type Case struct {
	ID      string
	File    string          // as configured, relative to the configuration
	Line    int             // of a JSONL file; 0 elsewhere
	Basis   estimator.Basis // which of its costs is held against its budget and compared
	Outcome Outcome
	State   State
	From    string // former id of a case that was renamed or moved, recognised by its content

	Now    *Measurement // nil when it could not be measured
	Before *Measurement // nil when the baseline has none to compare with
	Change *Change      // nil without Now and Before
	Break  *Break       // nil when the cached prefix holds, or nothing is known of the old one

	Reasons []Reason // why it failed or was not measured
	Notes   []Note   // what else there is to know: findings, a changed method
}

// Measurement is the size and the cost of a case.
type Measurement struct {
	Model            string
	Hash             string // canonical hash of the content, "sha256:<hex>"
	Method           estimator.Method
	Version          string // of the method; empty when it is not known
	PromptTokens     int64
	Low, High        int64 // bounds of PromptTokens; High may be estimator.Unbounded
	CompletionTokens int64
	CachedTokens     int64
	Calls            int64
	Rates            *Rates // nil when no price is known
	Cost             Cost   // of one call
	Total            Cost   // of all calls
	Parts            []estimator.PartCount
	ContextLength    int64  // tokens of the model's window
	Table            string // hash of the price table; empty when no price is known
}

// Rates is the prices a measurement was made with, per million tokens.
type Rates struct {
	InputCacheHit  pricing.Rate
	InputCacheMiss pricing.Rate
	Output         pricing.Rate
	EffectiveFrom  time.Time
}

// Cost is what calls cost. A nil member is not known, which is never zero.
type Cost struct {
	Expected, Low, High *pricing.Amount
}

// Of returns the cost on a basis; nil when it is not known.
func (c *Cost) Of(basis estimator.Basis) *pricing.Amount {
	switch basis {
	case estimator.BasisLow:
		return c.Low
	case estimator.BasisExpected:
		return c.Expected
	case estimator.BasisHigh:
	}
	return c.High
}

// Change is the difference between two measurements of a case, the baseline
// taken from now, and what caused it.
//
// Tokens is the sum of TokensPrompt and TokensMethod, and Cost that of the
// members of Causes, where they are known.
type Change struct {
	Tokens        int64    // of the prompt
	TokensGrowth  *Percent // nil where the prompt had no tokens before
	TokensPrompt  *int64   // caused by the prompt; nil when that can not be told apart
	TokensMethod  *int64   // caused by counting in another way; nil like TokensPrompt
	Cost          *pricing.Amount
	CostGrowth    *Percent
	Causes        Causes
	MethodChanged bool // the numbers were counted in different ways, and are compared with that in mind
}

// Causes splits a change of cost, on the report's basis, by what caused it. A
// member is nil when it is not known.
type Causes struct {
	Prompt      *pricing.Amount // other tokens in the prompt
	Assumptions *pricing.Amount // another expected output or share of cached tokens
	Model       *pricing.Amount // another model's prices
	Price       *pricing.Amount // the vendor's prices of the same model changed
	Method      *pricing.Amount // the prompt was counted in another way
}

// Break is where a prompt first leaves the prefix that the baseline had, and
// what that costs. The vendor's context cache serves a prompt up to the first
// token that differs.
type Break struct {
	Kind     BreakKind
	Tail     bool // it is in the last message, which every call may have its own of
	Part     estimator.Part
	Message  int    // index of the message; -1 outside of messages
	Role     string // of the message
	Position int64  // tokens of the prompt before the first difference
	Share    Percent
	Lost     int64           // tokens of the prompt from there on
	PerCall  *pricing.Amount // Lost x (miss - hit): once if the new text stays, with every call if it changes with every call
	Total    *pricing.Amount // PerCall x calls
	File     string          // where it is, when that is not the case's own file
	Line     int             // as near as it is known; 0 when it is not
	Detail   string          // what changed, for a person, without prompt text
	Fix      string
}

// BreakKind names the classic ways to lose the cache.
type BreakKind string

// The kinds. Volatile is text that looks like a date, a time or a random id,
// which will differ with every call.
const (
	BreakModel          BreakKind = "model_changed"
	BreakToolsReordered BreakKind = "tools_reordered"
	BreakTools          BreakKind = "tools_changed"
	BreakVolatile       BreakKind = "volatile_text"
	BreakSystem         BreakKind = "system_changed"
	BreakInserted       BreakKind = "message_inserted"
	BreakDropped        BreakKind = "history_dropped"
	BreakMessage        BreakKind = "message_changed"
	BreakMedia          BreakKind = "media_changed"
)

// Stable reports whether every call would lose the cache only once: the text
// has changed and will stay.
func (k BreakKind) Stable() bool { return k != BreakVolatile }

// Removed is a case that the baseline has and the configuration has not.
type Removed struct {
	ID     string
	File   string
	Before Measurement
}

// Totals is the sum over all cases, of all their calls.
type Totals struct {
	Cases        int
	Calls        int64
	PromptTokens int64 // of one call of each case
	Cost         Cost  // a member is nil when that of any case is not known
	Unknown      int   // cases whose cost on the report's basis is not known
	Before       Cost  // the same of the baseline's cases; nil without a baseline
	Change       *pricing.Amount
	Growth       *Percent
}

// ReasonCode is the stable name of a reason. Beside the verdict's own
// (package estimator) the gate has these. Codes are only ever added.
type ReasonCode string

// The gate's own reasons.
const (
	GrowthOverLimit    ReasonCode = "growth_over_limit"
	GrowthUnknown      ReasonCode = "growth_unknown" // it was measured in another way than the baseline
	TotalCostOver      ReasonCode = "total_cost_over_budget"
	TotalCostUnknown   ReasonCode = "total_cost_unknown"
	CountUnavailable   ReasonCode = "count_unavailable" // nobody could be asked
	ModelUnknown       ReasonCode = "model_unknown"
	RequestUnreadable  ReasonCode = "request_unreadable"
	AssumptionsInvalid ReasonCode = "assumptions_invalid" // more cached tokens than the prompt has, and the like
)

// Reason is why a case, or the whole, does not pass. Limit, Actual and
// Shortfall are ready for a person, with their unit; empty where there is no
// number to state.
type Reason struct {
	Code       ReasonCode
	Limit      string
	Actual     string
	Shortfall  string
	Message    string
	Fix        string
	File       string // where it is, when that is not the case's own file
	Line       int    // 0 when it is not known
	Unmeasured bool   // it says that something could not be measured, not that it is too much
}

// Note is something to know about a case that does not fail it.
type Note struct {
	Severity lint.Severity
	Code     string
	Message  string
	Fix      string
	Pointer  string // RFC 6901, into the request; empty for the whole of it
	File     string // where it is, when that is not the case's own file
	Line     int    // 0 when it is not known
}
