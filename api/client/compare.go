package client

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Comparison is one request on several models, in the order in which they were
// asked for.
type Comparison struct {
	Object      string          `json:"object"`
	ContentHash string          `json:"content_hash"` // of what the counts depend on beside the model
	Currency    *Currency       `json:"currency"`     // nil when there is no estimate
	Data        []ComparedModel `json:"data"`
	Cheapest    string          `json:"cheapest,omitempty"` // of those that are allowed and not retired; empty: none
}

// ComparedModel is the request on one model. One of Estimate and Problem is
// set.
type ComparedModel struct {
	Model    string    `json:"model"` // as it was asked for
	Estimate *Estimate `json:"estimate,omitempty"`
	Problem  *Problem  `json:"problem,omitempty"`
}

// Compare answers what a request will use and cost on each of several models,
// ids or aliases; without any, on all that the vendor serves at the moment of q.
// The model that the request itself names does not matter.
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
func (m *ComparedModel) check() error {
	switch {
	case m.Problem != nil && m.Estimate == nil:
		return nil
	case m.Estimate == nil || m.Problem != nil:
		return &AnswerError{Detail: "a model of it has no estimate"}
	}
	return m.Estimate.check()
}

// is reports whether a verdict or a problem of one of the models is of a kind.
func (c *Comparison) is(kind error) bool {
	return slices.ContainsFunc(c.Data, func(m ComparedModel) bool {
		return m.Estimate != nil && m.Estimate.Verdict.is(kind) || m.Problem != nil && m.Problem.Is(kind)
	})
}
