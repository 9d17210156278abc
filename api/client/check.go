package client

import (
	"context"
	"fmt"
)

// Check asks whether a call may be made under a budget, and returns nil only
// for a clear yes: the price is known, the prompt could be counted, every limit
// is kept, and the vendor would not refuse the request. A budget that limits
// nothing is an error, and so is MaxCost without a currency.
//
// The error is a [*DeniedError] with the estimate, and with caps where a smaller
// output would do; or one of those that the package names, when there is no
// verdict.
func (c *Client) Check(ctx context.Context, request any, budget Query) error {
	if err := budget.limited(); err != nil {
		return fmt.Errorf("check the budget: %w", err)
	}
	budget.Enforce = false // the verdict says the same
	est, err := c.Estimate(ctx, request, budget)
	if err != nil {
		return fmt.Errorf("check the budget: %w", err)
	}
	if est.Verdict.Decision != Allow {
		return &DeniedError{Estimate: est}
	}
	if err := est.within(&budget); err != nil {
		return fmt.Errorf("check the budget: %w", err)
	}
	return nil
}

// within holds an estimate that is allowed against the budget once more. A
// service that allows what is over it, or reckons in another currency, is not
// believed.
func (e *Estimate) within(budget *Query) error {
	high := e.Count.High
	switch {
	case budget.MaxCost != "" && e.Cost.Currency != budget.Currency:
		return &AnswerError{Detail: "its cost is not in the budget's currency"}
	case budget.MaxCost != "" && !e.Cost.on(budget.Basis).atMost(budget.MaxCost):
		return &AnswerError{Detail: "it allows a call that costs more than the budget"}
	case high == nil:
		return &AnswerError{Detail: "it allows a prompt whose size is not known"}
	case budget.MaxPromptTokens != nil && *high > *budget.MaxPromptTokens:
		return &AnswerError{Detail: "it allows a prompt that is over the limit"}
	case budget.MinHeadroom != nil && e.Context.Length-*high < *budget.MinHeadroom:
		return &AnswerError{Detail: "it allows a prompt that leaves too little headroom"}
	}
	return nil
}
