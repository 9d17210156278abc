package prompt

import (
	"strconv"
	"strings"

	"tollgate/estimator/chat"
)

// literalGap is about control tokens that somebody has written out in a
// message or a tool. Servers of the published weights read them as the tokens
// they name, which is how a prompt is rendered; the vendor may take them for
// text.
func (p *Profile) literalGap(req *chat.Request) (Gap, bool) {
	pointer := literalPointer(req)
	if pointer == "" {
		return Gap{}, false
	}
	other := *p
	other.plain = true
	return Gap{
		Pointer: pointer, Reason: "it spells a control token, and whether the vendor reads that as one is not known",
		Other: &other,
	}, true
}

// literalPointer points to the first text of req that spells a control token;
// it is empty if none does.
func literalPointer(req *chat.Request) string {
	for i := range req.Tools {
		if spellsToken(req.Tools[i].JSON) {
			return "/tools/" + strconv.Itoa(i)
		}
	}
	for i := range req.Messages {
		if rest := literalIn(&req.Messages[i]); rest != "" {
			return messagePointer(i) + rest
		}
	}
	return ""
}

func literalIn(m *chat.Message) string {
	switch {
	case spellsToken(m.Name()):
		return "/name"
	case spellsToken(m.Content.Text):
		return "/content"
	case spellsToken(m.ReasoningContent()):
		return "/reasoning_content"
	case spellsToken(m.Reasoning()):
		return "/reasoning"
	case spellsToken(m.ToolCallID()):
		return "/tool_call_id"
	}
	for j := range m.Content.Parts {
		if spellsToken(m.Content.Parts[j].Text) {
			return "/content/" + strconv.Itoa(j)
		}
	}
	for k := range m.ToolCalls() {
		if c := &m.ToolCalls()[k]; spellsToken(c.ID) || spellsToken(c.Arguments) {
			return "/tool_calls/" + strconv.Itoa(k)
		}
	}
	return ""
}

// spellsToken reports whether text may hold the name of a control token: one of
// the few that have a form of their own, or a word in <| and |>. It looks at
// every text of every request, so it jumps from one bracket to the next.
func spellsToken(text string) bool {
	return anyBehind(text, '<', func(rest string) bool {
		if word, ok := strings.CutPrefix(rest, "|"); ok {
			end := strings.TrimLeft(word, "abcdefghijklmnopqrstuvwxyz_0123456789")
			return len(end) < len(word) && strings.HasPrefix(end, "|>")
		}
		return strings.HasPrefix(strings.TrimPrefix(rest, "/"), "think>")
	}) || anyBehind(text, '[', func(rest string) bool {
		if len(rest) < len("BOS]") {
			return false
		}
		switch rest[:len("BOS]")] {
		case "BOS]", "EOS]", "EOT]", "UNK]", "PAD]":
			return true
		}
		return false
	})
}

// anyBehind reports whether what stands behind any mark in text is as wanted.
func anyBehind(text string, mark byte, wanted func(rest string) bool) bool {
	for {
		i := strings.IndexByte(text, mark)
		if i < 0 {
			return false
		}
		text = text[i+1:]
		if wanted(text) {
			return true
		}
	}
}
