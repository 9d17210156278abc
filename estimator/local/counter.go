package local

import (
	"context"
	"errors"
	"fmt"

	"tollgate/estimator"
	"tollgate/estimator/chat"
	"tollgate/estimator/prompt"
	"tollgate/estimator/tokenizer/pieces"
	"tollgate/pricing"
)

// ErrNoTemplate means that a model's family has no prompt template.
var ErrNoTemplate = errors.New("no prompt template is known for the model's family")

// Counter counts chat requests on this machine. It is safe for concurrent use.
type Counter struct {
	method  estimator.Method
	version string
	texts   [pieces.K3 + 1]*memo // by what the control tokens are called
	pause   func()               // nil for none
}

// newCounter returns a counter that gets its texts from a function.
func newCounter(m estimator.Method, version string, texts func(pieces.Family) (Texts, error)) *Counter {
	c := &Counter{method: m, version: version}
	for f := range c.texts {
		counted, err := texts(pieces.Family(f))
		if err != nil {
			return nil
		}
		c.texts[f] = newMemo(counted)
	}
	return c
}

// Pausing returns the counter with a function that it calls every tenth of a
// millisecond or so while it counts, for others to have their turn. It shares all
// else with c.
func (c *Counter) Pausing(pause func()) *Counter {
	pausing := *c
	pausing.pause = pause
	return &pausing
}

// Method is how the counter counts text.
func (c *Counter) Method() estimator.Method { return c.method }

// Version names the revision of the method. What the templates render is part
// of the program, as the method is.
func (c *Counter) Version() string { return c.version }

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
	_, span := estimator.BeginSpan(ctx, estimator.SpanLocal)
	count := c.render(profile, req)
	c.doubt(&count, profile.Gaps(req), req)
	span.Word(estimator.SpanMethod, string(c.method))
	span.End("")
	return count, nil
}

// Messages returns the tokens of each message of req, as the template renders
// it. What belongs to no message (tools declared by the template, the
// generation prompt) is left out. Errors are those of Count.
func (c *Counter) Messages(ctx context.Context, req *chat.Request, model *pricing.Model) ([]int64, error) {
	profile, ok := prompt.For(model.Family)
	if !ok {
		return nil, fmt.Errorf("count the messages for model %s: %w", model.ID, ErrNoTemplate)
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("count the messages: %w", err)
	}
	s := &messageSink{
		sink:    c.sink(profile, req),
		message: prompt.NoMessage,
		tokens:  make([]int64, len(req.Messages)),
	}
	profile.Render(req, s)
	s.flush()
	return s.tokens, nil
}

// sink returns what a profile can render req to.
func (c *Counter) sink(profile *prompt.Profile, req *chat.Request) sink {
	return sink{texts: c.texts[names(profile.Name())], digests: digests{known: req.TextDigests()}, pause: c.pause, method: c.method}
}

// render counts req as a profile renders it.
func (c *Counter) render(profile *prompt.Profile, req *chat.Request) estimator.Count {
	s := c.sink(profile, req)
	profile.Render(req, &s)
	return s.count()
}

// doubt widens the bounds of a count by what is not known of the template.
// Doubts are taken to be independent, so what they come to adds up.
func (c *Counter) doubt(count *estimator.Count, gaps []prompt.Gap, req *chat.Request) {
	believed := *count
	for _, g := range gaps {
		count.Gaps = append(count.Gaps, estimator.Gap{Pointer: g.Pointer, Reason: g.Reason})
		less, more := g.Less, g.More
		if g.Other != nil {
			other := c.render(g.Other, req)
			less += max(0, believed.Low-other.Low)
			more = widened(more, believed.High, other.High)
		}
		count.Low = max(0, count.Low-less)
		switch {
		case more == prompt.Unbounded:
			count.High = estimator.Unbounded
		case count.High != estimator.Unbounded:
			count.High += more
		}
	}
}

// widened returns how far the truth may be above the believed upper bound when
// it may also be as far up as another one.
func widened(more, believed, other int64) int64 {
	if more == prompt.Unbounded || other == estimator.Unbounded {
		return prompt.Unbounded
	}
	return more + max(0, other-believed)
}

// names returns what the control tokens of a template family are called.
func names(family string) pieces.Family {
	switch family {
	case "kimi-k2", "kimi-k2/2025-09":
		return pieces.K2
	case "kimi-k2-thinking", "kimi-k2-thinking/served":
		return pieces.K2Thinking
	case "kimi-k3":
		return pieces.K3
	}
	return pieces.K25
}
