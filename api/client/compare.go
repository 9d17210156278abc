package client

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Comparison is what a request would be on one model. One of Estimate and
// Problem is set.
type Comparison struct {
	Model    string    `json:"model"`
	Estimate *Estimate `json:"estimate,omitempty"`
	Problem  *Problem  `json:"problem,omitempty"`
}

// Compare answers what a request will use and cost on each of several models,
// in their order. The model that the request itself names does not matter.
func (c *Client) Compare(ctx context.Context, request any, models []string, q Query) ([]Comparison, error) {
	if len(models) == 0 {
		return nil, errors.New("compare: name the models")
	}
	values, err := q.values()
	if err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	values.Set("models", strings.Join(models, ","))
	var answer struct {
		Object string
		Data   []Comparison
	}
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
	return answer.Data, nil
}

// check returns an error for what is neither an estimate nor a problem.
func (c *Comparison) check() error {
	switch {
	case c.Problem != nil && c.Estimate == nil:
		return nil
	case c.Estimate == nil || c.Problem != nil:
		return &AnswerError{Detail: "a model of it has no estimate"}
	}
	return c.Estimate.check()
}
