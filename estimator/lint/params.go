package lint

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"tollgate/estimator/chat"
	"tollgate/pricing"
)

// decimal prints a number of bytes, tokens or strings.
func decimal(n int64) string { return strconv.FormatInt(n, 10) }

// sampling finds values off those that the model accepts.
func (l *linter) sampling() {
	p, s := &l.model.Params, &l.req.Sampling
	temperature := p.Temperature
	if !l.thinks && p.TemperatureNoThink != nil {
		temperature = p.TemperatureNoThink
	}
	l.fixed("temperature", s.Temperature, temperature)
	l.fixed("top_p", s.TopP, p.TopP)
	l.fixed("n", s.N, p.N)
	l.fixed("presence_penalty", s.PresencePenalty, p.PresencePenalty)
	l.fixed("frequency_penalty", s.FrequencyPenalty, p.FrequencyPenalty)
}

func (l *linter) fixed(name string, value *chat.Number, accepted *pricing.Fixed) {
	if value == nil || accepted == nil || within(string(*value), accepted) {
		return
	}
	mode := ""
	if name == "temperature" && l.model.Params.TemperatureNoThink != nil {
		mode = " while thinking is off"
		if l.thinks {
			mode = " while thinking is on"
		}
	}
	only, fix := "only "+accepted.Min, "set "+name+" to "+accepted.Min+", or leave it out"
	if accepted.Min != accepted.Max {
		only = "values from " + accepted.Min + " to " + accepted.Max
		fix = "set " + name + " to one of the " + only + ", or leave it out"
	}
	l.add(Finding{
		Code: ParameterFixed, Severity: Error, Pointer: "/" + name,
		Message: l.model.ID + " accepts " + only + " as " + name + mode,
		Fix:     fix,
	})
}

// thinking finds a thinking parameter that the model does not take.
func (l *linter) thinking() {
	t, p := &l.req.Thinking, &l.model.Params
	switch {
	case !t.Set:
	case p.Thinking == pricing.ThinkingNone:
		l.add(Finding{
			Code: ThinkingInvalid, Severity: Warning, Pointer: "/thinking",
			Message: l.model.ID + " does not think, so the parameter has no effect or is refused",
			Fix:     "leave thinking out",
		})
	case p.Thinking == pricing.ThinkingNever:
		l.add(Finding{
			Code: ThinkingInvalid, Severity: Error, Pointer: "/thinking",
			Message: l.model.ID + " always thinks and does not take the parameter",
			Fix:     "leave thinking out, and set its depth by reasoning_effort",
		})
	default:
		l.thinkingType()
		l.thinkingKeep()
	}
}

func (l *linter) thinkingType() {
	accepted := l.model.Params.ThinkingTypes
	typ := l.req.Thinking.Type
	switch {
	case typ == "" || slices.Contains(accepted, typ):
	case len(accepted) == 0:
		l.add(Finding{
			Code: ThinkingInvalid, Severity: Warning, Pointer: "/thinking/type",
			Message: "it is not known whether " + l.model.ID + ", which always thinks, takes the parameter",
			Fix:     "leave thinking out",
		})
	default:
		l.add(Finding{
			Code: ThinkingInvalid, Severity: Error, Pointer: "/thinking/type",
			Message: l.model.ID + " accepts only " + quoted(accepted) + " as the type of thinking",
			Fix:     "set thinking.type to " + quoted(accepted) + ", or leave thinking out",
		})
	}
}

func (l *linter) thinkingKeep() {
	accepted := l.model.Params.ThinkingKeep
	keep := l.req.Thinking.Keep
	switch {
	case keep == "" || slices.Contains(accepted, keep):
	case len(accepted) == 0:
		l.add(Finding{
			Code: ThinkingInvalid, Severity: Warning, Pointer: "/thinking/keep",
			Message: l.model.ID + " is not known to keep the thoughts of earlier turns",
			Fix:     "leave thinking.keep out",
		})
	default:
		l.add(Finding{
			Code: ThinkingInvalid, Severity: Error, Pointer: "/thinking/keep",
			Message: l.model.ID + " accepts only " + quoted(accepted) + " as what to keep of thinking",
			Fix:     "set thinking.keep to " + quoted(accepted) + ", or leave it out",
		})
	}
}

// effort finds a depth of thinking that the model does not have. It is a
// warning: hosts are known to ignore such a value, and then the model thinks,
// and bills, at its default depth.
func (l *linter) effort() {
	p := &l.model.Params
	effort := l.req.ReasoningEffort
	switch {
	case effort == "" || p.ReasoningOpen || slices.Contains(p.ReasoningEffort, effort):
	case len(p.ReasoningEffort) == 0:
		l.add(Finding{
			Code: ThinkingInvalid, Severity: Warning, Pointer: "/reasoning_effort",
			Message: l.model.ID + " does not take reasoning_effort",
			Fix:     "leave reasoning_effort out",
		})
	default:
		l.add(Finding{
			Code: ThinkingInvalid, Severity: Warning, Pointer: "/reasoning_effort",
			Message: l.model.ID + " accepts only " + quoted(p.ReasoningEffort) + " as reasoning_effort",
			Fix:     "set reasoning_effort to " + quoted(p.ReasoningEffort) + ", or leave it out for the deepest",
		})
	}
}

// toolChoice finds a choice that the vendor refuses while a model thinks.
func (l *linter) toolChoice() {
	accepted := l.model.Params.ToolChoice
	choice := l.req.ToolChoice.Mode
	if choice == "" || !l.thinks || len(accepted) == 0 || slices.Contains(accepted, choice) {
		return
	}
	fix := "set tool_choice to " + quoted(accepted)
	if l.model.Params.Thinking == pricing.ThinkingOptional {
		fix += `, or set thinking.type to "disabled"`
	}
	l.add(Finding{
		Code: ToolChoiceThinking, Severity: Error, Pointer: "/tool_choice",
		Message: l.model.ID + " accepts only " + quoted(accepted) + " as tool_choice while it thinks",
		Fix:     fix,
	})
}

// stop finds stop strings over the vendor's limits.
func (l *linter) stop() {
	p := &l.model.Params
	if n := len(l.req.Stop); p.MaxStop > 0 && n > p.MaxStop {
		l.add(Finding{
			Code: StopInvalid, Severity: Error, Pointer: "/stop",
			Message: fmt.Sprintf("%d stop strings; the vendor takes %d", n, p.MaxStop),
			Fix:     fmt.Sprintf("keep at most %d stop strings", p.MaxStop),
		})
	}
	if p.MaxStopBytes == 0 {
		return
	}
	for i, s := range l.req.Stop {
		if len(s) <= p.MaxStopBytes {
			continue
		}
		pointer := "/stop"
		if !l.req.StopBare {
			pointer += "/" + strconv.Itoa(i)
		}
		l.add(Finding{
			Code: StopInvalid, Severity: Error, Pointer: pointer,
			Message: fmt.Sprintf("a stop string of %d bytes; the vendor takes %d", len(s), p.MaxStopBytes),
			Fix:     fmt.Sprintf("shorten it to %d bytes of UTF-8", p.MaxStopBytes),
		})
	}
}

// limits finds output limits that are written the old way, or too low for a
// model that thinks: thinking counts as output.
func (l *linter) limits() {
	if l.req.MaxTokens != nil {
		l.deprecated()
	}
	limit, pointer := l.req.MaxCompletionTokens, "/max_completion_tokens"
	if limit == nil {
		limit, pointer = l.req.MaxTokens, "/max_tokens"
	}
	least := l.model.Params.MinThinkingTokens
	if limit == nil || !l.thinks || *limit >= least {
		return
	}
	texts := budgetTextsOf(least)
	f := Finding{Code: ThinkingBudgetSmall, Severity: Warning, Pointer: pointer, Message: texts.message, Fix: texts.raise}
	if l.model.Params.Thinking == pricing.ThinkingOptional {
		f.Fix = texts.raiseOrDisable
	}
	l.add(f)
}

// budgetTexts is what is said of a limit that leaves too little to think.
type budgetTexts struct {
	least                          int64 // in tokens
	message, raise, raiseOrDisable string
}

// lastBudgetTexts are the last that were made: all models of the catalogue want
// the same, and half of all callers limit their output.
var lastBudgetTexts atomic.Pointer[budgetTexts]

func budgetTextsOf(least int64) *budgetTexts {
	if t := lastBudgetTexts.Load(); t != nil && t.least == least {
		return t
	}
	n := decimal(least)
	t := &budgetTexts{
		least: least,
		message: "thinking counts as output: below " + n +
			" tokens it may use up the limit and leave no answer, which is billed all the same",
		raise:          "raise it to " + n + " or more",
		raiseOrDisable: "raise it to " + n + ` or more, or set thinking.type to "disabled"`,
	}
	lastBudgetTexts.Store(t)
	return t
}

// deprecated finds max_tokens, which the vendor replaced by
// max_completion_tokens in 2026.
func (l *linter) deprecated() {
	f := Finding{
		Code: ParameterDeprecated, Severity: Info, Pointer: "/max_tokens",
		Message: "max_tokens is deprecated",
		Fix:     "use max_completion_tokens instead",
	}
	if both := l.req.MaxCompletionTokens; both != nil && *both != *l.req.MaxTokens {
		f.Severity = Warning
		f.Message = "max_tokens is deprecated, and differs from max_completion_tokens: which of the two counts is not documented"
		f.Fix = "leave max_tokens out"
	}
	l.add(f)
}

// quoted lists values as "a", "b" or "c".
func quoted(values []string) string {
	var b strings.Builder
	for i, v := range values {
		switch {
		case i == 0:
		case i == len(values)-1:
			b.WriteString(" or ")
		default:
			b.WriteString(", ")
		}
		b.WriteString(strconv.Quote(v))
	}
	return b.String()
}
