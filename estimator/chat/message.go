package chat

// more is what most messages do without. A message is small, for a body may
// have as many of them as it has room for.
type more struct {
	name       string
	callID     string
	reasoning  string
	calls      []ToolCall
	muchSeldom *seldom // nil when there is nothing in it
}

// seldom is what next to no message has.
type seldom struct {
	otherReasoning string
	tools          []Tool
	partial        bool
	extra          []member
}

// Nothing, to be read where there is no more. It is never written to.
var (
	noMore   more
	noSeldom seldom
)

// has returns what there is beside role and content, to be read.
func (m *Message) has() *more {
	if m.more == nil {
		return &noMore
	}
	return m.more
}

// hasSeldom returns what next to no message has, to be read.
func (m *Message) hasSeldom() *seldom {
	if more := m.has(); more.muchSeldom != nil {
		return more.muchSeldom
	}
	return &noSeldom
}

// also returns what there is beside role and content, to be written.
func (m *Message) also() *more {
	if m.more == nil {
		m.more = new(more)
	}
	return m.more
}

// alsoSeldom returns what next to no message has, to be written.
func (m *Message) alsoSeldom() *seldom {
	more := m.also()
	if more.muchSeldom == nil {
		more.muchSeldom = new(seldom)
	}
	return more.muchSeldom
}

// size is what the message takes up beside its own place and its text, in
// bytes, but for what is in lists.
func (m *Message) size() int {
	switch {
	case m.more == nil:
		return 0
	case m.more.muchSeldom == nil:
		return sizeOf[more]()
	}
	return sizeOf[more]() + sizeOf[seldom]()
}

// Name is the name of who speaks; empty if absent.
func (m *Message) Name() string { return m.has().name }

// ToolCallID is the call that a tool's result belongs to; empty if absent.
func (m *Message) ToolCallID() string { return m.has().callID }

// ToolCalls are the calls that an assistant made. They are not to be changed.
func (m *Message) ToolCalls() []ToolCall { return m.has().calls }

// ReasoningContent is what an assistant thought; empty if absent.
func (m *Message) ReasoningContent() string { return m.has().reasoning }

// Reasoning is the same in the spelling that some templates read first.
func (m *Message) Reasoning() string { return m.hasSeldom().otherReasoning }

// Partial reports whether the answer is to go on where the message ends.
func (m *Message) Partial() bool { return m.hasSeldom().partial }

// Tools are those that a system message declares, with K3 only. They are not to
// be changed.
func (m *Message) Tools() []Tool { return m.hasSeldom().tools }

// WithToolCalls returns the message with other calls.
func (m Message) WithToolCalls(calls []ToolCall) Message {
	other := *m.has()
	other.calls = calls
	m.more = &other
	return m
}

// WithReasoningContent returns the message with another reasoning content.
func (m Message) WithReasoningContent(reasoning string) Message {
	other := *m.has()
	other.reasoning = reasoning
	m.more = &other
	return m
}
