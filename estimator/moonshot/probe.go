package moonshot

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"tollgate/estimator"
	"tollgate/estimator/chat"
	"tollgate/pricing"
)

// aspect is one thing to find out about the endpoint's number. Each costs one
// tiny call.
type aspect uint8

const (
	aspectBase     aspect = iota // a single word: is the generation prompt in the number?
	aspectTools                  // the same with a tool: is its declaration?
	aspectToolRole               // the same with a tool's call and result: are they?
)

func (a aspect) String() string {
	return [...]string{"generation prompt", "tools", "tool messages"}[a]
}

// The requests that are asked, after the model. Every text in them is short and
// of known size in the vocabulary that all current models share.
const (
	probeBase  = `"messages":[{"role":"user","content":"Hello"}]`
	probeTools = probeBase + `,"tools":[{"type":"function","function":` +
		`{"name":"ping","description":"Ping the server"}}]`
	probeToolRole = `"messages":[{"role":"user","content":"Hello"},` +
		`{"role":"assistant","content":"Sure","reasoning_content":"ok","tool_calls":[{"id":"functions.ping:0",` +
		`"type":"function","function":{"name":"ping","arguments":"{}"}}]},` +
		`{"role":"tool","tool_call_id":"functions.ping:0","content":"pong"}]`
)

// probe returns the request that finds out about an aspect of a model.
func probe(model string, a aspect) (*chat.Request, error) {
	id, err := json.Marshal(model)
	if err != nil {
		return nil, fmt.Errorf("probe: %w", err)
	}
	rest := [...]string{aspectBase: probeBase, aspectTools: probeTools, aspectToolRole: probeToolRole}[a]
	body := `{"model":` + string(id) + `,` + rest + `}`
	req, err := chat.Scan(strings.NewReader(body), chat.Options{Keep: true})
	if err != nil {
		return nil, fmt.Errorf("probe: %w", err)
	}
	return req, nil
}

// vendorBody is what of a request is forwarded. It is the only place that
// knows how a request keeps its body.
func vendorBody(req *chat.Request, model string, tools bool) (Body, bool) {
	return req.VendorBody(model, tools)
}

// expectation is what the probes come to when everything is counted. A member
// that is not known is 0.
type expectation struct {
	message    int64 // the user's word with its header
	generation int64 // generation prompt, thinking on
	tools      int64 // the tool's declaration with its header
	toolRole   int64 // the assistant's message and the tool's, together

	// Shares of toolRole.
	tool, calls, reasoning int64
}

// known reports whether the base probe can be understood.
func (e expectation) known() bool { return e.message > 0 && e.generation > 0 }

// familyExpectation returns what the templates of the open-weight models make
// of the probes, counted with their vocabulary. The templates add 4 tokens to a
// message, 6 to a tool's declaration of 24, and 2 think tokens, where the
// family has them, to an assistant's message.
func familyExpectation(family string) expectation {
	e := expectation{message: 5, generation: 3, tools: 30, toolRole: 31, tool: 15, calls: 11}
	switch family {
	case "kimi-k2":
		return e
	case "kimi-k2.5", "kimi-k2.6", "kimi-k2.7-code":
		e.generation, e.toolRole, e.reasoning = 4, 34, 1
		return e
	}
	return expectation{}
}

// expect returns what the probes come to for a model: by the local counter
// where it is exact, else by what is known of the family.
func (c *Counter) expect(ctx context.Context, model *pricing.Model) expectation {
	e := familyExpectation(model.Family)
	if e.known() {
		return e
	}
	base, ok := c.exactProbe(ctx, model, aspectBase)
	if !ok {
		return expectation{}
	}
	e.generation = part(base, estimator.PartGenerationPrompt)
	e.message = base.Tokens - e.generation
	if tools, ok := c.exactProbe(ctx, model, aspectTools); ok {
		e.tools = tools.Tokens - base.Tokens
	}
	if role, ok := c.exactProbe(ctx, model, aspectToolRole); ok {
		e.toolRole = role.Tokens - base.Tokens
	}
	return e
}

// exactProbe counts a probe on this machine and reports whether the count is
// exact.
func (c *Counter) exactProbe(ctx context.Context, model *pricing.Model, a aspect) (estimator.Count, bool) {
	req, err := probe(model.ID, a)
	if err != nil {
		return estimator.Count{}, false
	}
	n, err := c.local.Count(ctx, req, model)
	return n, err == nil && n.Low == n.High
}

// part returns the tokens of a part of a count.
func part(c estimator.Count, p estimator.Part) int64 {
	var n int64
	for _, pc := range c.Parts {
		if pc.Part == p {
			n += pc.Tokens
		}
	}
	return n
}
