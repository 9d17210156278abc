package cli

import (
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"tollgate/api"
	"tollgate/estimator"
	"tollgate/estimator/lint"
	"tollgate/gate"
	"tollgate/pricing"
)

// estimate is the server's answer as the domain has it.
func (r *remote) estimate(a *api.Estimate) (*estimator.Estimate, error) {
	model, err := r.book().Model(a.Model)
	if err != nil {
		return nil, fmt.Errorf("read the server's answer: %w", err)
	}
	w := wire{}
	est := &estimator.Estimate{
		Model: model,
		Usage: estimator.Usage{
			PromptTokens: a.Usage.PromptTokens, CompletionTokens: a.Usage.CompletionTokens,
			TotalTokens: a.Usage.TotalTokens, CachedTokens: a.Usage.CachedTokens,
		},
		Count:           estimator.Count{Method: estimator.Method(a.Count.Method), Tokens: a.Usage.PromptTokens, Low: a.Count.Low, High: estimator.Unbounded},
		Cache:           estimator.CacheState(a.Count.Cache),
		Context:         estimator.Context(a.Context),
		Cost:            w.cost(&a.Cost),
		Price:           w.price(a.Price),
		Verdict:         w.verdict(&a.Verdict),
		RateLimitTokens: a.RateLimit,
	}
	if a.Count.High != nil {
		est.Count.High = *a.Count.High
	}
	for _, p := range a.Count.Parts {
		est.Count.Parts = append(est.Count.Parts, estimator.PartCount{
			Part: estimator.Part(p.Part), Tokens: p.Tokens, Method: estimator.Method(p.Method),
		})
	}
	for _, f := range a.Findings {
		est.Findings = append(est.Findings, lint.Finding{
			Code: lint.Code(f.Code), Severity: lint.Severity(f.Severity), Pointer: f.Pointer, Message: f.Message, Fix: f.Fix,
		})
	}
	sum, err := hex.DecodeString(strings.TrimPrefix(a.ContentHash, "sha256:"))
	if err != nil || len(sum) != len(est.Hash) || w.bad {
		return nil, &gate.RemoteError{Detail: "the server's answer is not of this version's shape", Fix: "run the same version on both sides"}
	}
	copy(est.Hash[:], sum)
	return est, nil
}

// wire reads the texts of an answer, and notes when one is not what it must
// be.
type wire struct{ bad bool }

// amount reads a sum of money; nil where it is not known.
func (w *wire) amount(s *string) *pricing.Amount {
	if s == nil {
		return nil
	}
	a, err := pricing.ParseAmount(*s)
	w.bad = w.bad || err != nil
	return &a
}

// cost reads a cost.
func (w *wire) cost(c *api.Cost) estimator.Cost {
	out := estimator.Cost{
		Currency: pricing.Currency(c.Currency), Expected: w.amount(c.Expected), Low: w.amount(c.Low), High: w.amount(c.High),
	}
	for _, l := range c.Lines {
		rate, err := pricing.ParseRate(l.PerMillion)
		w.bad = w.bad || err != nil
		out.Lines = append(out.Lines, estimator.Line{
			Item: estimator.Item(l.Item), Tokens: l.Tokens, PerMillion: rate, Amount: *w.amount(&l.Amount),
		})
	}
	return out
}

// price reads where a price comes from.
func (w *wire) price(p *api.Price) *estimator.PriceSource {
	if p == nil {
		return nil
	}
	since, err := time.Parse(time.DateOnly, p.EffectiveFrom)
	w.bad = w.bad || err != nil
	return &estimator.PriceSource{Price: pricing.Price{EffectiveFrom: since, Source: p.Source}, Table: p.Table}
}

// verdict reads a verdict.
func (w *wire) verdict(v *api.Verdict) estimator.Verdict {
	out := estimator.Verdict{Decision: estimator.Decision(v.Decision)}
	for _, r := range v.Reasons {
		out.Reasons = append(out.Reasons, estimator.Reason{
			Code: estimator.ReasonCode(r.Code), Message: r.Message,
			Limit: w.quantity(r.Limit), Actual: w.quantity(r.Actual), Shortfall: w.quantity(r.Shortfall),
		})
	}
	if v.Caps != nil {
		out.Caps = &estimator.Caps{
			MaxCompletionTokens: v.Caps.MaxCompletionTokens, Binding: estimator.Binding(v.Caps.Binding),
		}
	}
	return out
}

// quantity reads money or tokens: money is a text, tokens are a number.
func (w *wire) quantity(v any) *estimator.Quantity {
	switch v := v.(type) {
	case nil:
		return nil
	case string:
		return &estimator.Quantity{Money: true, Amount: *w.amount(&v)}
	case float64:
		return &estimator.Quantity{Tokens: int64(v)}
	}
	w.bad = true
	return nil
}
