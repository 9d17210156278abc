package prompt

import (
	"unicode/utf8"

	"tollgate/estimator/chat"
)

const (
	// sliceRunes is the number of characters that the published tokenizer takes
	// at once of a prompt; it cuts a longer one without looking where.
	sliceRunes = 400_000

	// sliceTokens is how far off a cut may put a count, in tokens: it splits a
	// piece in two, or spoils the name of a control token of up to 28 characters.
	sliceTokens = 16

	// markupRunes bounds the characters that a template adds to a message or a
	// tool call.
	markupRunes = 128
)

// sliceGap is about a prompt so long that the tokenizer cuts it. Texts are
// tokenised one by one here, so the cuts are not where they would be.
func (p *Profile) sliceGap(req *chat.Request) (Gap, bool) {
	if p.markup == markupXTML || req.Size < sliceRunes {
		return Gap{}, false // K3 is tokenised text by text
	}
	runes := markupRunes + toolBytes(req.Tools)
	for i := range req.Messages {
		runes += messageRunes(&req.Messages[i])
	}
	cuts := int64(runes / sliceRunes)
	return Gap{
		Reason: "the tokenizer cuts prompts of more than 400,000 characters, and where it does is not followed",
		Less:   cuts * sliceTokens, More: cuts * sliceTokens,
	}, cuts > 0
}

func messageRunes(m *chat.Message) int {
	n := markupRunes + utf8.RuneCountInString(m.Content.Text) + utf8.RuneCountInString(m.ReasoningContent())
	for j := range m.Content.Parts {
		n += markupRunes + utf8.RuneCountInString(m.Content.Parts[j].Text)
	}
	for k := range m.ToolCalls() {
		n += markupRunes + utf8.RuneCountInString(m.ToolCalls()[k].Arguments)
	}
	return n
}
