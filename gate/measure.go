package gate

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"tollgate/estimator"
	"tollgate/estimator/chat"
	"tollgate/estimator/lint"
	"tollgate/pricing"
)

// measured is a case with what only this run needs of it. Of the request
// nothing is kept: there may be very many.
type measured struct {
	Case

	spec   *CaseSpec
	prefix prefix // for a new baseline; empty when none is written
}

// measuring is a case while it is measured.
type measuring struct {
	*measured

	place locator
}

// measure measures one case. Its error is the context's; what is wrong with
// the case itself is a reason.
func (g *gate) measure(ctx context.Context, in *input) (*measured, error) {
	m := measuring{
		measured: &measured{
			Case: Case{ID: in.id, File: in.file, Line: in.line, Basis: cmp.Or(in.spec.Basis, g.basis)}, spec: in.spec,
		},
		place: locator{in: in},
	}
	req, err := g.scan(in)
	if err != nil {
		m.unreadable(err)
		return m.measured, nil
	}
	est, err := g.opts.Estimator.Estimate(ctx, req, g.query(in))
	if ctx.Err() != nil {
		return nil, fmt.Errorf("measure: %w", ctx.Err())
	}
	if err != nil {
		m.unmeasured(err)
		return m.measured, nil
	}
	m.Now = newMeasurement(est, in.spec.Calls)
	m.Now.Version = g.opts.Version(m.Now.Method)
	m.judge(est)
	g.outline(ctx, &m, req, est.Model)
	return m.measured, nil
}

// outline renders the prompt where that is needed: to write a baseline, or to
// find out where it leaves the one there is.
func (g *gate) outline(ctx context.Context, m *measuring, req *chat.Request, model *pricing.Model) {
	old := g.old.entry(m.ID)
	changed := old != nil && (old.measurement.Hash != m.Now.Hash || old.measurement.Model != m.Now.Model)
	if !changed && !g.opts.UpdateBaseline {
		return
	}
	texts, err := g.opts.Outline.Outline(ctx, req, model)
	if err != nil {
		return // what can not be rendered has no prefix to lose
	}
	o := newOutlined(req, texts)
	if changed {
		g.breaks(m, o, old)
	}
	if g.opts.UpdateBaseline {
		m.prefix = o.prefix
	}
}

// scan reads the request of a case.
func (g *gate) scan(in *input) (*chat.Request, error) {
	if in.bad != nil || in.ready != nil {
		return in.ready, in.bad
	}
	body, err := in.open()
	if err != nil {
		return nil, fmt.Errorf("open the request: %w", err)
	}
	defer func() { _ = body.Close() }()
	req, err := chat.Scan(body, chat.Options{Keep: g.opts.KeepBody})
	if err != nil {
		return nil, fmt.Errorf("read the request: %w", err)
	}
	return req, nil
}

// query is what a case assumes and demands.
func (g *gate) query(in *input) estimator.Query {
	limits := in.spec.Limits.over(g.opts.Config.Limits.CaseLimits)
	return estimator.Query{
		CompletionTokens: in.spec.CompletionTokens,
		CachedTokens:     in.spec.CachedTokens,
		CachedShare:      in.spec.CachedShare,
		Currency:         g.opts.Config.Currency,
		At:               g.at,
		Method:           g.opts.Config.Method,
		MaxCost:          limits.MaxCost,
		MaxPromptTokens:  limits.MaxPromptTokens,
		MinHeadroom:      limits.MinHeadroom,
		Basis:            cmp.Or(in.spec.Basis, g.basis),
		Batch:            in.batch,
	}
}

// newMeasurement is what an estimate says, with the number of calls.
func newMeasurement(est *estimator.Estimate, calls int64) *Measurement {
	m := &Measurement{
		Model:            est.Model.ID,
		Hash:             fmt.Sprintf("sha256:%x", est.Hash),
		Method:           est.Count.Method,
		PromptTokens:     est.Usage.PromptTokens,
		Low:              est.Count.Low,
		High:             est.Count.High,
		CompletionTokens: est.Usage.CompletionTokens,
		CachedTokens:     est.Usage.CachedTokens,
		Calls:            max(1, calls),
		Cost:             Cost{Expected: est.Cost.Expected, Low: est.Cost.Low, High: est.Cost.High},
		Parts:            est.Count.Parts,
		ContextLength:    est.Context.Length,
	}
	m.Total = m.Cost.times(m.Calls)
	if est.Price != nil && len(est.Cost.Lines) > 0 {
		m.Table = est.Price.Table
		m.Rates = &Rates{EffectiveFrom: est.Price.EffectiveFrom}
		for _, l := range est.Cost.Lines {
			switch l.Item {
			case estimator.ItemInputCacheHit:
				m.Rates.InputCacheHit = l.PerMillion
			case estimator.ItemInputCacheMiss:
				m.Rates.InputCacheMiss = l.PerMillion
			case estimator.ItemOutput:
				m.Rates.Output = l.PerMillion
			}
		}
	}
	return m
}

// times is the cost of so many calls.
func (c *Cost) times(n int64) Cost {
	return Cost{Expected: times(c.Expected, n), Low: times(c.Low, n), High: times(c.High, n)}
}

// judge takes over what the estimate's verdict and findings say.
func (m *measuring) judge(est *estimator.Estimate) {
	for i := range est.Verdict.Reasons {
		m.Reasons = append(m.Reasons, m.reason(est, &est.Verdict.Reasons[i]))
	}
	for i := range est.Findings {
		f := &est.Findings[i]
		at := m.place.pointer(f.Pointer)
		m.Notes = append(m.Notes, Note{
			Severity: f.Severity, Code: string(f.Code), Message: f.Message, Fix: f.Fix,
			Pointer: f.Pointer, File: at.file, Line: at.line,
		})
	}
	if caps := est.Verdict.Caps; caps != nil {
		m.Notes = append(m.Notes, Note{
			Severity: lint.Info, Code: string(estimator.AllowWithCaps),
			Message: fmt.Sprintf("it would pass with at most %d tokens of output", caps.MaxCompletionTokens),
			Fix:     fmt.Sprintf("set max_completion_tokens to %d in the request", caps.MaxCompletionTokens),
		})
	}
}

// reason is a reason of the verdict in the words of the gate.
func (m *measuring) reason(est *estimator.Estimate, r *estimator.Reason) Reason {
	out := Reason{
		Code: ReasonCode(r.Code), Message: r.Message,
		Limit: quantity(r.Limit, est.Cost.Currency), Actual: quantity(r.Actual, est.Cost.Currency),
		Shortfall: quantity(r.Shortfall, est.Cost.Currency), Fix: fixes(r.Code),
	}
	for i := range est.Findings {
		if f := &est.Findings[i]; r.Code == estimator.RequestInvalid && f.Severity == lint.Error {
			at := m.place.pointer(f.Pointer)
			out.File, out.Line, out.Fix = at.file, at.line, f.Fix
			break
		}
	}
	return out
}

// fixes says what to do about a reason.
func fixes(code estimator.ReasonCode) string {
	switch code {
	case estimator.CostOverBudget:
		return "shorten the prompt, lower max_completion_tokens, take a cheaper model, or raise max_cost"
	case estimator.ContextWindowExceeded:
		return "shorten the prompt or lower max_completion_tokens"
	case estimator.PromptOverLimit:
		return "shorten the prompt or raise max_prompt_tokens"
	case estimator.HeadroomUnderLimit:
		return "shorten the prompt or lower min_headroom"
	case estimator.PriceUnknown:
		return "choose another currency or model, or give a price file with TOLLGATE_PRICES"
	case estimator.CountIncomplete:
		return "send the media as data URLs, or count with the vendor's key"
	case estimator.RequestInvalid:
	}
	return "see the findings"
}

// quantity writes a number with its unit.
func quantity(q *estimator.Quantity, c pricing.Currency) string {
	switch {
	case q == nil:
		return ""
	case q.Money:
		return string(c) + " " + q.Amount.String()
	}
	return fmt.Sprintf("%d tokens", q.Tokens)
}

// unreadable notes that a case holds no request. The vendor would refuse it,
// so it fails.
func (m *measuring) unreadable(err error) {
	r := Reason{Code: RequestUnreadable, Message: "it can not be read", Fix: "make it a chat request, as it would be sent"}
	if bad, ok := errors.AsType[*chat.Error](err); ok {
		at := m.place.offset(int(bad.Offset))
		r.Message, r.File, r.Line = bad.Detail, at.file, at.line
		if bad.Pointer != "" {
			r.Message = bad.Pointer + ": " + bad.Detail
		}
	} else {
		r.Message += ": " + plainPath(err)
	}
	m.Reasons = append(m.Reasons, r)
}

// unmeasured notes why a case could not be measured.
func (m *measuring) unmeasured(err error) {
	r := Reason{
		Code: CountUnavailable, Unmeasured: true, Message: "it could not be measured",
		Fix: "try tollgate estimate with this request: it may say more",
	}
	wrong, isOption := errors.AsType[*estimator.OptionError](err)
	vendor, isVendor := errors.AsType[*estimator.VendorError](err)
	unknown, isUnknown := errors.AsType[*pricing.UnknownModelError](err)
	remote, isRemote := errors.AsType[*RemoteError](err)
	switch {
	case isOption:
		r.Code, r.Unmeasured = AssumptionsInvalid, false
		r.Message, r.Fix = wrong.Error(), "correct the case in the configuration"
	case isVendor:
		r.Message, r.Fix = vendor.Error(), "try again, or count without the vendor: method: auto"
	case isUnknown:
		at := m.place.pointer("/model")
		r.Code, r.Message, r.File, r.Line = ModelUnknown, unknown.Error(), at.file, at.line
		r.Fix = "correct the model, or give a price file that has it with TOLLGATE_PRICES"
	case isRemote:
		r.Message = remote.Detail
		if remote.UnknownModel {
			at := m.place.pointer("/model")
			r.Code, r.File, r.Line = ModelUnknown, at.file, at.line
		}
		if remote.Fix != "" {
			r.Fix = remote.Fix
		}
	}
	m.Reasons = append(m.Reasons, r)
}
