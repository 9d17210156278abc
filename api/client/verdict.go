package client

import (
	"slices"
	"strconv"
	"strings"
)

// Decision is whether to make a call.
type Decision string

// The decisions. A call that is allowed with caps may be made with at most so
// many tokens of output.
const (
	Allow         Decision = "allow"
	AllowWithCaps Decision = "allow_with_caps"
	Deny          Decision = "deny"
)

// Verdict says whether to make the call, and every limit that it breaks.
type Verdict struct {
	Decision Decision `json:"decision"`
	Reasons  []Reason `json:"reasons"`
	Caps     *Caps    `json:"caps,omitempty"` // exactly with AllowWithCaps
}

// Caps is the largest output that satisfies every limit.
type Caps struct {
	MaxCompletionTokens int64  `json:"max_completion_tokens"`
	Binding             string `json:"binding"` // budget or window: what allows no more
}

// ReasonCode is the stable name of a reason.
type ReasonCode string

// The reasons not to allow a call as it is.
const (
	ReasonCostOverBudget        ReasonCode = "cost_over_budget"
	ReasonContextWindowExceeded ReasonCode = "context_window_exceeded"
	ReasonPromptOverLimit       ReasonCode = "prompt_over_limit"
	ReasonHeadroomUnderLimit    ReasonCode = "headroom_under_limit"
	ReasonPriceUnknown          ReasonCode = "price_unknown"
	ReasonCountIncomplete       ReasonCode = "count_incomplete"
	ReasonRequestInvalid        ReasonCode = "request_invalid"
)

// kind is the kind of error that a reason is.
func (c ReasonCode) kind() error {
	switch c {
	case ReasonPriceUnknown, ReasonCountIncomplete:
		return ErrUnknown
	case ReasonRequestInvalid:
		return ErrInvalid
	case ReasonCostOverBudget, ReasonContextWindowExceeded, ReasonPromptOverLimit, ReasonHeadroomUnderLimit:
		return ErrOverBudget
	default:
		return ErrUnknown // a reason that this version does not know
	}
}

// Reason is a limit that the call breaks. The numbers are money in the
// estimate's currency or tokens, and nil where there is no number to state.
type Reason struct {
	Code      ReasonCode `json:"code"`
	Limit     *Quantity  `json:"limit"`
	Actual    *Quantity  `json:"actual"`
	Shortfall *Quantity  `json:"shortfall"`
	Message   string     `json:"message"`
}

// check returns an error for a verdict that this version can not act on.
func (v *Verdict) check() error {
	switch v.Decision {
	case Allow, Deny:
		return nil
	case AllowWithCaps:
		if v.Caps != nil && v.Caps.MaxCompletionTokens >= 0 {
			return nil
		}
		return &AnswerError{Detail: "it allows with caps and does not name them"}
	}
	return &AnswerError{Detail: "it has no decision"}
}

// is reports whether one of the reasons is of a kind.
func (v *Verdict) is(kind error) bool {
	return slices.ContainsFunc(v.Reasons, func(r Reason) bool {
		return r.Code.kind() == kind //nolint:errorlint // compares kinds
	})
}

// DeniedError says that a call must not be made as it is. It is
// [ErrOverBudget], [ErrUnknown] or [ErrInvalid], and several of them where there
// are several reasons.
type DeniedError struct {
	Estimate *Estimate // whose verdict is not [Allow]
}

// Error returns the reasons.
func (e *DeniedError) Error() string {
	v := &e.Estimate.Verdict
	said := make([]string, 0, len(v.Reasons)+1)
	for i := range v.Reasons {
		said = append(said, v.Reasons[i].Message)
	}
	if v.Caps != nil {
		said = append(said, "with max_completion_tokens of at most "+
			strconv.FormatInt(v.Caps.MaxCompletionTokens, 10)+" it would be allowed")
	}
	return "the call is not allowed: " + strings.Join(said, "; ")
}

// Caps is the largest output with which the call would be allowed; nil when
// no output is small enough.
func (e *DeniedError) Caps() *Caps { return e.Estimate.Verdict.Caps }

// Is reports whether one of the reasons is of a kind.
func (e *DeniedError) Is(kind error) bool { return e.Estimate.Verdict.is(kind) }
