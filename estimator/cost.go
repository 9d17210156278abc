package estimator

import (
	"errors"
	"fmt"
	"time"

	"tollgate/pricing"
)

// bill works out what a call costs at one price.
type bill struct {
	price pricing.Price
}

// lines returns the cost of a call, item by item, and its sum.
func (b *bill) lines(prompt, cached, completion int64) ([]Line, pricing.Amount, error) {
	tier := b.price.Rates(prompt + completion)
	lines := []Line{
		{Item: ItemInputCacheHit, Tokens: cached, PerMillion: tier.InputCacheHit},
		{Item: ItemInputCacheMiss, Tokens: prompt - cached, PerMillion: tier.InputCacheMiss},
		{Item: ItemOutput, Tokens: completion, PerMillion: tier.Output},
	}
	var total pricing.Amount
	for i := range lines {
		var err error
		if lines[i].Amount, err = lines[i].PerMillion.Cost(lines[i].Tokens); err != nil {
			return nil, 0, fmt.Errorf("cost of %s: %w", lines[i].Item, err)
		}
		if total, err = total.Add(lines[i].Amount); err != nil {
			return nil, 0, fmt.Errorf("cost: %w", err)
		}
	}
	return lines, total, nil
}

// price looks up the price and works out what the call costs. It returns nil
// when no price is known: then the estimate has no cost, and its verdict says
// why.
func (est *Estimate) price(prices Prices, at time.Time, q *Query) (*bill, error) {
	est.Cost.Currency = q.Currency
	price, err := prices.Price(est.Model, q.Currency, at)
	if errors.Is(err, pricing.ErrNoPrice) {
		return nil, nil //nolint:nilnil // no price is an answer, and the verdict gives it
	}
	if err != nil {
		return nil, fmt.Errorf("price: %w", err)
	}
	est.Price = &PriceSource{Price: price, Table: prices.Hash()}
	if factor := est.Model.BatchFactor; q.Batch && factor != "" {
		if est.Price.Price, err = price.Batch(factor); err != nil {
			return nil, fmt.Errorf("price: %w", err)
		}
		est.Price.BatchFactor = factor
	}
	b := &bill{price: est.Price.Price}
	return b, est.cost(b)
}

// cost fills in the cost of the call and its bounds.
func (est *Estimate) cost(b *bill) error {
	u, c := &est.Usage, &est.Count
	lines, expected, err := b.lines(u.PromptTokens, u.CachedTokens, u.CompletionTokens)
	if err != nil {
		return err
	}
	_, low, err := b.lines(c.Low, c.Low, 0)
	if err != nil {
		return err
	}
	est.Cost.Lines, est.Cost.Expected, est.Cost.Low = lines, &expected, &low
	if c.High == Unbounded {
		return nil
	}
	_, high, err := b.lines(c.High, 0, u.CompletionTokens)
	est.Cost.High = &high
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
