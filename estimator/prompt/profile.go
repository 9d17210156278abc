package prompt

import (
	"tollgate/estimator/chat"
	"tollgate/estimator/media"
)

// Profile is how one family of models renders a chat request. It is never
// changed, so it is safe for concurrent use.
type Profile struct {
	name    string
	markup  markup
	think   think
	keep    keep
	tools   declaration
	callIDs callIDs
	limits  media.Limits
	doubt   doubt
	// reasoning is whether the message member of that name is read before
	// reasoning_content.
	reasoning bool
	plain     bool   // control tokens that are written out are text
	system    string // said when a conversation does not begin with a system message; empty: nothing
}

// markup is the kind of control tokens around messages.
type markup uint8

const (
	markupIM markup = iota // role tokens, one message after another
	markupXTML
)

// think is what a template does with the think tokens.
type think uint8

const (
	thinkNever    think = iota // there are none
	thinkOptional              // before every answer; empty when the request switches thinking off
	thinkAlways                // before every answer, whatever the request says
	thinkUnopened              // before every past answer, but not in the generation prompt
)

// keep is which past reasoning a template keeps.
type keep uint8

const (
	keepTurn      keep = iota // of the calls after the last answer
	keepOnRequest             // all of it with thinking.keep "all", else as keepTurn
	keepAll
)

// declaration is how tools are declared.
type declaration uint8

const (
	declareTypeScript declaration = iota // JSON where there is no such form
	declareSpaced                        // JSON with a space after commas and colons
	declareCompact                       // JSON without spaces and without the key strict
)

// callIDs is how the ids of tool calls are written.
type callIDs uint8

const (
	idsAsSent   callIDs = iota
	idsNumbered         // as functions.NAME:INDEX, whatever the client called them
)

// Name is the family the profile renders.
func (p *Profile) Name() string { return p.name }

// Limits is how the family turns pictures into tokens.
func (p *Profile) Limits() media.Limits { return p.limits }

// Render sends the prompt that req becomes to s. It never fails: what it has to
// guess is in Gaps, and what it does not know of media is in each Vision.
func (p *Profile) Render(req *chat.Request, s Sink) {
	switch p.markup {
	case markupIM:
		r := im{profile: p, req: req, sink: s}
		r.render()
	case markupXTML:
		r := xtml{profile: p, req: req, sink: s}
		r.render()
	}
}

// thinks reports whether the model will think about req.
func (p *Profile) thinks(req *chat.Request) bool {
	switch p.think {
	case thinkNever:
		return false
	case thinkOptional:
		return !req.Thinking.Disabled()
	case thinkAlways, thinkUnopened:
		return true
	}
	return true
}

// keepsAll reports whether req keeps the reasoning of all past answers.
func (p *Profile) keepsAll(req *chat.Request) bool {
	return p.keep == keepAll || p.keep == keepOnRequest && req.Thinking.Keep == "all"
}

// speaksFirst reports whether the template says something before req does.
func (p *Profile) speaksFirst(req *chat.Request) bool {
	return p.system != "" && (len(req.Messages) == 0 || req.Messages[0].Role != roleSystem)
}

// thoughts is the past reasoning of a message.
func (p *Profile) thoughts(m *chat.Message) string {
	if p.reasoning && m.Reasoning() != "" || p.markup == markupXTML && m.ReasoningContent() == "" {
		return m.Reasoning()
	}
	return m.ReasoningContent()
}

// roleSystem and its kin are the roles that templates tell apart.
const (
	roleSystem    = "system"
	roleUser      = "user"
	roleAssistant = "assistant"
	roleTool      = "tool"
)

// typeFunction is the type of a tool that is a function.
const typeFunction = "function"

// prefilled reports whether the last message is the beginning of the answer
// that the model is to go on with.
func prefilled(req *chat.Request) bool {
	if len(req.Messages) == 0 {
		return false
	}
	last := &req.Messages[len(req.Messages)-1]
	return last.Partial() && last.Role == roleAssistant
}
