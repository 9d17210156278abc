package moonshot

import (
	"context"
	"crypto/sha256"

	"tollgate/estimator"
	"tollgate/estimator/chat"
	"tollgate/pricing"
)

// unknownFrame is more tokens than any known template puts around a
// conversation beside its messages (at most 5, for the generation prompt). It
// bounds what the number may lack for a model whose template is not known.
const unknownFrame = 64

// counted is the vendor's number and what is known of it.
type counted struct {
	total int64
	has   contents
	cov   coverage
}

// amount is tokens with their bounds. High may be [estimator.Unbounded].
type amount struct {
	low, tokens, high int64
	method            estimator.Method
	guess             bool // nothing but the length of what was sent is known
}

// exactly is n tokens.
func exactly(n int64, by estimator.Method) amount {
	return amount{low: n, tokens: n, high: n, method: by}
}

// complete adds what the vendor's number does not cover.
func (c *Counter) complete(
	ctx context.Context, req *chat.Request, model *pricing.Model, v counted,
) (estimator.Count, error) {
	var b builder
	b.add(estimator.PartMessages, exactly(v.total, estimator.MethodVendor))
	if v.has.tools {
		if err := c.addTools(ctx, &b, req, model, v.cov.tools); err != nil {
			return estimator.Count{}, err
		}
	}
	if v.has.toolMessages {
		if err := c.addToolMessages(ctx, &b, req, model, v.cov.toolRole); err != nil {
			return estimator.Count{}, err
		}
	}
	c.addGeneration(ctx, &b, model, v)
	return b.count(), nil
}

// addTools adds the tools, unless they are in the number. Where they were not
// sent they are certainly not.
func (c *Counter) addTools(
	ctx context.Context, b *builder, req *chat.Request, model *pricing.Model, s share,
) error {
	if s == shareAll {
		return nil
	}
	n, err := c.difference(ctx, req, model, aspectTools)
	switch {
	case err != nil:
		return err
	case s == shareUnclear:
		b.widen(n.high)
		b.gapIf(true, "/tools", "the vendor counts tools in a way of its own; they may not all be in its number")
	default:
		b.add(estimator.PartTools, n)
		b.gapIf(n.guess, "/tools", "the vendor's number leaves tools out, and no template is known to count them by")
	}
	return nil
}

// addToolMessages adds the messages of role tool, unless they are in the
// number, which is assumed while it is not known.
func (c *Counter) addToolMessages(
	ctx context.Context, b *builder, req *chat.Request, model *pricing.Model, s share,
) error {
	if s == shareAll {
		return nil
	}
	n, err := c.difference(ctx, req, model, aspectToolRole)
	switch {
	case err != nil:
		return err
	case s == shareNone:
		b.add(estimator.PartMessages, n)
		b.gapIf(n.guess, "/messages", "the vendor's number leaves messages of role tool out, and no template is known to count them by")
	default:
		b.widen(n.high)
		b.gapIf(true, "/messages", "messages of role tool may not all be in the vendor's number")
	}
	return nil
}

// addGeneration adds what of the generation prompt is not in the number.
func (c *Counter) addGeneration(ctx context.Context, b *builder, model *pricing.Model, v counted) {
	e := c.expect(ctx, model)
	need := e.generation
	if v.has.noThinking && model.Params.Thinking == pricing.ThinkingOptional {
		need++ // the think token is closed at once
	}
	switch {
	case !e.known():
		b.widen(unknownFrame)
		b.gapIf(true, "", "no template is known for the model, so the vendor's number is taken as it is")
	case v.has.prefilled:
		// The number may hold a generation prompt, and the end of the last
		// message; neither is sent.
		b.lower(max(v.cov.generation, when(!v.cov.known, need)) + v.cov.odd + 1)
	case !v.cov.known:
		b.add(estimator.PartGenerationPrompt, amount{tokens: need, high: need, method: c.local.Method()})
	default:
		missing := max(need-v.cov.generation, 0)
		b.add(estimator.PartGenerationPrompt, exactly(missing, c.local.Method()))
		b.lower(v.cov.odd)
	}
}

// difference counts on this machine what one kind of contents adds to a
// request: a small conversation with them less the same without, so that the
// bounds are those of the contents and not of the whole conversation.
func (c *Counter) difference(
	ctx context.Context, req *chat.Request, model *pricing.Model, a aspect,
) (amount, error) {
	without, err := c.local.Count(ctx, excerpt(req, false, false), model)
	if err == nil {
		var with estimator.Count
		with, err = c.local.Count(ctx, excerpt(req, a == aspectTools, a == aspectToolRole), model)
		if err == nil {
			return less(with, without, c.local.Method()), nil
		}
	}
	if ctx.Err() != nil {
		return amount{}, ended(ctx)
	}
	return byBytes(req, a), nil
}

// less returns with minus without.
func less(with, without estimator.Count, by estimator.Method) amount {
	n := amount{tokens: max(with.Tokens-without.Tokens, 0), high: estimator.Unbounded, method: by}
	if with.High == estimator.Unbounded || without.High == estimator.Unbounded {
		return n
	}
	n.low = min(max(with.Low-without.High, 0), n.tokens)
	n.high = max(with.High-without.Low, n.tokens)
	return n
}

// byBytes bounds contents that no template is known for: a token is at least a
// byte of what was sent, and at most a few of them are the template's.
func byBytes(req *chat.Request, a aspect) amount {
	var bytes, things int64
	if a == aspectTools {
		for _, t := range req.Tools {
			bytes += int64(len(t.JSON))
			things++
		}
	}
	media := false
	for i := range req.Messages {
		if m := &req.Messages[i]; a == aspectToolRole && m.Role == roleTool {
			things++
			bytes += int64(len(m.ToolCallID()) + len(m.Name()) + len(m.Content.Text))
			for _, p := range m.Content.Parts {
				bytes += int64(len(p.Text))
				media = media || p.Media != nil
			}
		}
	}
	n := amount{low: things, tokens: things + bytes/4, high: bytes + things*unknownFrame, method: estimator.MethodApproximation, guess: true}
	if media {
		n.high = estimator.Unbounded
	}
	return n
}

// excerpt returns a conversation of one word and of the calls in req, for a
// tool's result is written by the call it belongs to, with its tools and its
// tool messages if they are wanted.
func excerpt(req *chat.Request, tools, toolMessages bool) *chat.Request {
	x := &chat.Request{Model: req.Model, Thinking: req.Thinking}
	mark := []byte{'x', 0, 0}
	x.Messages = append(x.Messages, chat.Message{
		Role: "user", Content: chat.Content{Kind: chat.ContentText, Text: "Hello"},
	})
	for i := range req.Messages {
		m := &req.Messages[i]
		switch {
		case m.Role == roleTool && toolMessages:
			x.Messages = append(x.Messages, *m)
		case m.Role == roleAssistant && len(m.ToolCalls()) > 0:
			x.Messages = append(x.Messages, chat.Message{Role: roleAssistant}.WithToolCalls(bare(m.ToolCalls())))
		}
	}
	if tools {
		x.Tools, mark[1] = req.Tools, 1
	}
	if toolMessages {
		mark[2] = 1
	}
	// A hash of its own, lest a cache take the excerpt for the whole.
	x.Hash = sha256.Sum256(append(mark, req.Hash[:]...))
	return x
}

// bare returns calls without their arguments.
func bare(calls []chat.ToolCall) []chat.ToolCall {
	out := make([]chat.ToolCall, len(calls))
	for i, c := range calls {
		out[i] = chat.ToolCall{ID: c.ID, Type: c.Type, Name: c.Name, Arguments: "{}"}
	}
	return out
}
