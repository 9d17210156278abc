package moonshot_test

import (
	"context"

	"tollgate/estimator"
	"tollgate/estimator/chat"
	"tollgate/pricing"
)

// toy is an exact local counter over a vocabulary of our own: right for the
// texts of the probes, and a token for every four bytes of all others.
type toy struct {
	slack int64 // what its bounds are off by, in each direction; 0: it is exact
}

func (toy) Method() estimator.Method { return estimator.MethodTokenizer }
func (toy) Version() string          { return "toy1" }

func (c toy) Count(_ context.Context, req *chat.Request, m *pricing.Model) (estimator.Count, error) {
	thinks := m.Family != "kimi-k2"
	var tools, messages, prompt int64
	if len(req.Tools) > 0 {
		tools = 6
		for _, t := range req.Tools {
			tools += declaration(&t)
		}
	}
	for i := range req.Messages {
		messages += message(&req.Messages[i], thinks)
	}
	prompt = 3
	if thinks {
		prompt++
		if req.Thinking.Disabled() && m.Params.Thinking == pricing.ThinkingOptional {
			prompt++
		}
	}
	if n := len(req.Messages); n > 0 && req.Messages[n-1].Partial() {
		messages, prompt = messages-1, 0
	}
	n := estimator.Count{Method: c.Method(), Tokens: tools + messages + prompt}
	n.Low, n.High = n.Tokens-c.slack, n.Tokens+c.slack
	for _, p := range []estimator.PartCount{
		{Part: estimator.PartTools, Tokens: tools},
		{Part: estimator.PartMessages, Tokens: messages},
		{Part: estimator.PartGenerationPrompt, Tokens: prompt},
	} {
		p.Method = c.Method()
		n.Parts = append(n.Parts, p)
	}
	return n, nil
}

func message(m *chat.Message, thinks bool) int64 {
	n := 4 + words(m.Content.Text)
	if m.Role == "tool" {
		return 4 + words("## Return of "+m.ToolCallID()+"\n"+m.Content.Text)
	}
	if m.Role == "assistant" && thinks {
		n += 2
		if len(m.ToolCalls()) > 0 {
			n += words(m.ReasoningContent())
		}
	}
	if len(m.ToolCalls()) > 0 {
		n += 2
		for _, c := range m.ToolCalls() {
			n += 3 + words(c.ID) + words(c.Arguments)
		}
	}
	return n
}

func words(text string) int64 {
	n, ok := map[string]int64{
		"functions.ping:0": 5, "## Return of functions.ping:0\npong": 11, "Hello": 1, "Sure": 1, "ok": 1, "{}": 1, "": 0,
	}[text]
	if ok {
		return n
	}
	return int64(len(text)+3) / 4
}

func declaration(t *chat.Tool) int64 {
	if t.Function != nil && t.Function.Name == "ping" {
		return 24
	}
	return int64(len(t.JSON)+3) / 4
}
