package lint

import (
	"fmt"

	"tollgate/estimator/chat"
)

// messages finds messages without content, and looks into those that have
// some.
func (l *linter) messages() {
	if len(l.req.Messages) == 0 {
		l.add(Finding{
			Code: ContentEmpty, Severity: Error, Pointer: "/messages",
			Message: "there is no message",
			Fix:     "send one message or more",
		})
	}
	for i := range l.req.Messages {
		m := &l.req.Messages[i]
		if empty(&m.Content) && !l.mayBeEmpty(m) {
			l.emptyContent(i, m)
		}
		for j := range m.Content.Parts {
			if p := &m.Content.Parts[j]; isMedia(p) {
				l.media(i, j, p)
			}
		}
		if len(m.Tools()) > 0 {
			l.tools(m.Tools(), fmt.Sprintf("/messages/%d/tools", i))
		}
	}
}

// empty reports whether content has nothing to be read.
func empty(c *chat.Content) bool {
	for i := range c.Parts {
		if p := &c.Parts[i]; p.Text != "" || p.Type != "text" {
			return false
		}
	}
	return c.Text == ""
}

// mayBeEmpty reports whether the vendor takes the message without content: an
// assistant's turn that called tools, thought, or is to be continued, and a
// system message that declares tools.
func (l *linter) mayBeEmpty(m *chat.Message) bool {
	switch m.Role {
	case "assistant":
		return len(m.ToolCalls()) > 0 || m.ReasoningContent() != "" || m.Partial()
	case "system":
		return len(m.Tools()) > 0 && l.model.Params.SystemTools
	default:
		return false
	}
}

func (l *linter) emptyContent(i int, m *chat.Message) {
	f := Finding{
		Code: ContentEmpty, Severity: Error, Pointer: fmt.Sprintf("/messages/%d/content", i),
		Message: "the message has no content",
		Fix:     "give it content, or leave the message out",
	}
	if m.Content.Kind == chat.ContentAbsent {
		f.Pointer = fmt.Sprintf("/messages/%d", i)
	}
	if m.Role == "tool" {
		f.Message = "the result of a tool call is empty"
		f.Fix = `say in words that there is nothing, such as "no output"`
	}
	l.add(f)
}
