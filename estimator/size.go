package estimator

import (
	"fmt"

	"tollgate/estimator/chat"
	"tollgate/pricing"
)

// requestedOutput is the most tokens that req allows the model to answer.
func requestedOutput(req *chat.Request, model *pricing.Model) int64 {
	switch {
	case req.MaxCompletionTokens != nil:
		return *req.MaxCompletionTokens
	case req.MaxTokens != nil:
		return *req.MaxTokens
	}
	return model.DefaultMaxCompletion
}

// usage returns the tokens of the call under the caller's assumptions.
func usage(count *Count, requested int64, q *Query) (Usage, error) {
	u := Usage{PromptTokens: count.Tokens, CompletionTokens: requested}
	if q.CompletionTokens != nil {
		u.CompletionTokens = *q.CompletionTokens
	}
	switch {
	case q.CachedTokens != nil:
		u.CachedTokens = *q.CachedTokens
	case q.CachedShare != nil:
		u.CachedTokens = q.CachedShare.Of(u.PromptTokens)
	}
	if u.CachedTokens > u.PromptTokens {
		return Usage{}, &OptionError{Option: "cached_tokens", Detail: fmt.Sprintf(
			"%d tokens can not be cached: the prompt has %d", u.CachedTokens, u.PromptTokens)}
	}
	u.TotalTokens = u.PromptTokens + u.CompletionTokens
	return u, nil
}

// window returns how the call sits in the model's window. What has to fit is
// the upper bound of the prompt; what is reported as used is the prompt.
func window(count *Count, model *pricing.Model, completion int64) Context {
	c := Context{Length: model.ContextLength, Headroom: model.ContextLength - count.Tokens}
	c.HeadroomAfterCompletion = c.Headroom - completion
	if count.High != Unbounded {
		c.MaxCompletionTokens = max(0, c.Length-count.High)
		c.Fits = count.High+completion <= c.Length
	}
	return c
}
