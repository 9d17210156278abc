package prompt

import (
	"strconv"

	"tollgate/estimator/chat"
)

// Gap is a point where a profile renders by a rule that nobody has seen the
// vendor follow, so that the truth may differ from what is rendered.
type Gap struct {
	Pointer string // RFC 6901, into the request; empty for the whole of it
	Reason  string // a sentence fragment for a person

	// The truth may be up to Less tokens below and up to More tokens above what
	// is rendered. More is Unbounded when nothing bounds it.
	Less, More int64

	// Other renders the request the other way it may be, where there is one: the
	// truth may also be as far off as its count is. Else it is nil.
	Other *Profile
}

// doubt is what is not known of a family.
type doubt struct {
	reason     string
	less, more int64 // tokens a message, the generation prompt included
	lessMedia  int64 // tokens an image
	other      *Profile
	always     bool // every request is in doubt, not only those that other renders differently
}

// Gaps says where the rendering of req is a guess. Vision tokens that are not
// known are no gap: each [Vision] has its own bounds. An empty answer means
// that the rendering is believed exact.
func (p *Profile) Gaps(req *chat.Request) []Gap {
	var gaps []Gap
	if p.doubt.reason != "" && (p.doubt.always || p.otherwise(req)) {
		gaps = append(gaps, p.familyGap(req))
	}
	gaps = append(gaps, p.toolGaps(req)...)
	if pointer := p.unusualID(req); pointer != "" {
		gaps = append(gaps, Gap{
			Pointer: pointer, Reason: "how the vendor writes tool call ids of this form is not known",
			Other: p.otherIDs(),
		})
	}
	if p.markup == markupXTML {
		gaps = append(gaps, p.xtmlGaps(req)...)
	} else if g, ok := p.literalGap(req); ok {
		gaps = append(gaps, g)
	}
	if g, ok := p.sliceGap(req); ok {
		gaps = append(gaps, g)
	}
	if prefilled(req) {
		gaps = append(gaps, partialGap(req))
	}
	return gaps
}

// otherwise reports whether req has what the renderings of one template may
// differ in: a system message that the caller left out, or tools.
func (p *Profile) otherwise(req *chat.Request) bool {
	if p.speaksFirst(req) || len(req.Tools) > 0 {
		return true
	}
	for i := range req.Messages {
		if len(req.Messages[i].ToolCalls()) > 0 {
			return true
		}
	}
	return false
}

func (p *Profile) familyGap(req *chat.Request) Gap {
	messages := int64(len(req.Messages)) + 1
	g := Gap{Reason: p.doubt.reason, Less: messages * p.doubt.less, More: messages * p.doubt.more, Other: p.doubt.other}
	for i := range req.Messages {
		for j := range req.Messages[i].Content.Parts {
			if req.Messages[i].Content.Parts[j].Media != nil {
				g.Less += p.doubt.lessMedia
			}
		}
	}
	return g
}

// builtinTokens bounds what a built-in tool is declared with, in tokens. No
// such declaration was ever seen; the longest of a plain function with one
// parameter that was is a quarter of it.
const builtinTokens = 256

// keyOrderTokens bounds what the order of a tool's own keys is worth, in
// tokens. One was seen.
const keyOrderTokens = 2

// toolGaps are the tools that a declaration in TypeScript leaves out, and a
// list too large to declare.
func (p *Profile) toolGaps(req *chat.Request) []Gap {
	if toolBytes(req.Tools) > maxReformat {
		return []Gap{{
			Pointer: "/tools", Reason: "the tools are too large to be declared as the model's template does",
			Less: int64(toolBytes(req.Tools)), More: Unbounded,
		}}
	}
	if p.markup == markupXTML || len(req.Tools) == 0 {
		return nil
	}
	if p.tools != declareTypeScript {
		off := keyOrderTokens * int64(len(req.Tools))
		return []Gap{{
			Pointer: "/tools", Reason: "the order in which the keys of a tool were sent is not kept", Less: off, More: off,
		}}
	}
	var gaps []Gap
	for i := range req.Tools {
		if req.Tools[i].Type == typeFunction {
			continue
		}
		gaps = append(gaps, Gap{
			Pointer: "/tools/" + strconv.Itoa(i), Reason: "how the vendor declares a built-in tool is not known",
			Less: int64(len(req.Tools[i].JSON)), More: builtinTokens,
		})
	}
	return gaps
}

// partialGap is about a message that the model is to go on with: its think
// tokens, its reasoning and its end.
func partialGap(req *chat.Request) Gap {
	i := len(req.Messages) - 1
	reasoning := int64(max(len(req.Messages[i].ReasoningContent()), len(req.Messages[i].Reasoning())))
	return Gap{
		Pointer: messagePointer(i) + "/partial",
		Reason:  "how the vendor renders the beginning of an answer is not known",
		Less:    8 + reasoning, More: 8 + reasoning,
	}
}

// unusualID points to the first tool call id that the vendor may write in
// another way; it is empty if there is none. An id of the form that the models
// were trained on stays as it is. Where ids are rewritten, that was seen of those
// that carry a name and an index.
func (p *Profile) unusualID(req *chat.Request) string {
	if p.markup == markupXTML {
		return "" // writes no ids
	}
	for i := range req.Messages {
		m := &req.Messages[i]
		for k := range m.ToolCalls() {
			if p.unusual(m.ToolCalls()[k].ID) {
				return messagePointer(i) + "/tool_calls/" + strconv.Itoa(k) + "/id"
			}
		}
		if m.Role == roleTool && p.unusual(m.ToolCallID()) {
			return messagePointer(i) + "/tool_call_id"
		}
	}
	return ""
}

func (p *Profile) unusual(id string) bool {
	written := numbered(id)
	return written == "" || p.callIDs == idsAsSent && written != id
}

// otherIDs is p with the ids of tool calls written in the other way.
func (p *Profile) otherIDs() *Profile {
	other := *p
	other.callIDs = idsNumbered
	if p.callIDs == idsNumbered {
		other.callIDs = idsAsSent
	}
	return &other
}

func messagePointer(i int) string { return "/messages/" + strconv.Itoa(i) }
