package estimator

import (
	"errors"
	"fmt"
	"time"

	"tollgate/pricing"
)

// lines returns the cost of a call, item by item, and its sum.
func (p *PriceSource) lines(prompt, cached, completion int64) ([3]Line, pricing.Amount, error) {
	tier := p.Rates(prompt + completion)
	lines := [3]Line{
		{Item: ItemInputCacheHit, Tokens: cached, PerMillion: tier.InputCacheHit},
		{Item: ItemInputCacheMiss, Tokens: prompt - cached, PerMillion: tier.InputCacheMiss},
		{Item: ItemOutput, Tokens: completion, PerMillion: tier.Output},
	}
	var total pricing.Amount
	for i := range lines {
		var err error
		if lines[i].Amount, err = lines[i].PerMillion.Cost(lines[i].Tokens); err != nil {
			return [3]Line{}, 0, fmt.Errorf("cost of %s: %w", lines[i].Item, err)
		}
		if total, err = total.Add(lines[i].Amount); err != nil {
			return [3]Line{}, 0, fmt.Errorf("cost: %w", err)
		}
	}
	return lines, total, nil
}

// bill is what an estimate points to, in one piece with it.
type bill struct {
	Estimate

	source              PriceSource
	lines               [3]Line
	expected, low, high pricing.Amount
}

// price looks up the price and works out what the call costs. When no price is
// known the estimate has none and no cost, and its verdict says why.
func (est *bill) price(prices Prices, at time.Time, q *Query) error {
	est.Cost.Currency = q.Currency
	price, err := prices.Price(est.Model, q.Currency, at)
	if errors.Is(err, pricing.ErrNoPrice) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("price: %w", err)
	}
	est.source = PriceSource{Price: price, Table: prices.Hash()}
	est.Price = &est.source
	if factor := est.Model.BatchFactor; q.Batch && factor != "" {
		if est.Price.Price, err = price.Batch(factor); err != nil {
			return fmt.Errorf("price: %w", err)
		}
		est.Price.BatchFactor = factor
	}
	return est.cost()
}

// cost fills in the cost of the call and its bounds.
func (est *bill) cost() error {
	p, u, c := est.Price, &est.Usage, &est.Count
	var err error
	if est.lines, est.expected, err = p.lines(u.PromptTokens, u.CachedTokens, u.CompletionTokens); err != nil {
		return err
	}
	if _, est.low, err = p.lines(c.Low, c.Low, 0); err != nil {
		return err
	}
	est.Cost.Lines, est.Cost.Expected, est.Cost.Low = est.lines[:], &est.expected, &est.low
	if c.High == Unbounded {
		return nil
	}
	_, est.high, err = p.lines(c.High, 0, u.CompletionTokens)
	est.Cost.High = &est.high
	return err
}

// of returns the cost on a basis; nil when it is not known.
func (c *Cost) of(basis Basis) *pricing.Amount {
	switch basis {
	case BasisLow:
		return c.Low
	case BasisExpected:
		return c.Expected
	case BasisHigh:
	}
	return c.High
}
