package client

import (
	"context"
	"fmt"
	"strings"
)

// Comparison is what a request would be on several models, in the order in
// which they were asked for.
type Comparison struct {
	Object      string          `json:"object"`
	ContentHash string          `json:"content_hash"` // of what the counts depend on beside the model
	Currency    *string         `json:"currency"`     // nil when there is no estimate
	Data        []ComparedModel `json:"data"`

	// Cheapest is the model of the lowest cost, by the basis of the query, whose
	// verdict is allow and that is not retired; empty when there is none.
	Cheapest string `json:"cheapest,omitempty"`
}

// ComparedModel is what a request would be on one model. One of Estimate and
// Problem is set.
type ComparedModel struct {
	Model    string    `json:"model"`
	Estimate *Estimate `json:"estimate,omitempty"`
	Problem  *Problem  `json:"problem,omitempty"`
}

// Compare answers what a request will use and cost on each of several models;
// without any, on every model that the vendor still serves. The model that the
// request itself names does not matter.
func (c *Client) Compare(ctx context.Context, request any, models []string, q Query) (*Comparison, error) {
	values, err := q.values()
	if err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	if len(models) > 0 {
		values.Set("models", strings.Join(models, ","))
	}
	var answer Comparison
	if err := c.post(ctx, "/v1/estimate/compare", values, request, &answer); err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	if answer.Object != "estimate.comparison" {
		return nil, fmt.Errorf("compare: %w", &AnswerError{Detail: "it is no comparison"})
	}
	for _, one := range answer.Data {
		if err := one.check(); err != nil {
			return nil, fmt.Errorf("compare: %w", err)
		}
	}
	return &answer, nil
}

// check returns an error for what is neither an estimate nor a problem.
func (c *ComparedModel) check() error {
	switch {
	case c.Problem != nil && c.Estimate == nil:
		return nil
	case c.Estimate == nil || c.Problem != nil:
		return &AnswerError{Detail: "a model of it has no estimate"}
	}
	return c.Estimate.check()
}
