package local

import (
	"context"
	"errors"
	"fmt"

	"tollgate/estimator"
	"tollgate/estimator/chat"
	"tollgate/estimator/prompt"
	"tollgate/pricing"
)

// ErrNoTemplate means that a model's family has no prompt template.
var ErrNoTemplate = errors.New("no prompt template is known for the model's family")

// Counter counts chat requests on this machine. It is safe for concurrent use.
type Counter struct{ texts Texts }

// New returns a counter over a way to count text.
func New(texts Texts) *Counter { return &Counter{texts: texts} }

// Method is the method of the counter's texts.
func (c *Counter) Method() estimator.Method { return c.texts.Method() }

// Version names the revision of the texts' method. What the templates render
// is part of the program, as the method is.
func (c *Counter) Version() string { return c.texts.Version() }

// Count counts the prompt that req becomes. Its error is [ErrNoTemplate] for a
// model of a family that has no template, or that of ctx.
func (c *Counter) Count(ctx context.Context, req *chat.Request, model *pricing.Model) (estimator.Count, error) {
	profile, ok := prompt.For(model.Family)
	if !ok {
		return estimator.Count{}, fmt.Errorf("count for model %s: %w", model.ID, ErrNoTemplate)
	}
	if err := ctx.Err(); err != nil {
		return estimator.Count{}, fmt.Errorf("count: %w", err)
	}
	s := &sink{texts: c.texts}
	profile.Render(req, s)
	return s.count(), nil
}
