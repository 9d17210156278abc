package foreign

import "slices"

// Members of Anthropic's request.
var (
	anthropicKnown  = []string{"model", "messages", "system", "tools", "tool_choice", "thinking"}
	anthropicPassed = []string{
		"cache_control", "inference_geo", "max_tokens", "metadata", "service_tier", "speed", "stop_sequences", "stream",
		"temperature", "top_k", "top_p", "betas", "user_profile_id",
	}
	anthropicRefused = map[string]string{
		"container":          "a container has no counterpart in a Kimi request; leave it out",
		"context_management": "the edits of context_management have no counterpart in a Kimi request; send the conversation as it is after them",
		"mcp_servers":        "the tools of mcp_servers are not in the request and can not be counted; send them as tools",
		"output_config":      "output_config has no counterpart in a Kimi request; leave it out",
		"output_format":      "output_format has no counterpart in a Kimi request; leave it out",
	}
)

// Anthropic translates the body of POST /v1/messages/count_tokens. Its error is
// an [*Error].
//
// A last message of the assistant is what the answer is to go on from, so it
// becomes partial. The is_error of a tool result is passed over, for it is no
// part of a Kimi prompt.
func Anthropic(body []byte) (*Request, error) {
	v, err := parse(body)
	if err != nil {
		return nil, err
	}
	o, err := open(v, "")
	if err != nil {
		return nil, err
	}
	if err := o.only(anthropicKnown, anthropicPassed, anthropicRefused); err != nil {
		return nil, err
	}
	model, err := o.wantText("model")
	if err != nil {
		return nil, err
	}
	all, err := anthropicMessages(o)
	if err != nil {
		return nil, err
	}
	tools, err := anthropicTools(o)
	if err != nil {
		return nil, err
	}
	w := &writer{}
	var late error
	r := w.request(model, func() {
		w.messages(all)
		w.tools(tools)
		if late = anthropicChoice(w, o); late == nil {
			late = anthropicThinking(w, o)
		}
	})
	return r, late
}

// anthropicMessages returns the conversation, the system prompt at its head.
func anthropicMessages(o *object) ([]message, error) {
	var all []message
	if system := o.get("system"); !system.absent() {
		parts, err := anthropicParts(o, "system")
		if err != nil {
			return nil, err
		}
		if len(parts) > 0 {
			all = append(all, message{role: "system", parts: parts})
		}
	}
	turns := 0
	err := o.each(o.get("messages"), o.place("messages"), func(t *object) (err error) {
		turns++
		all, err = anthropicTurn(all, t)
		return err
	})
	if err != nil {
		return nil, err
	}
	if turns == 0 {
		return nil, fail(o.place("messages"), "must have a message")
	}
	last := &all[len(all)-1]
	last.partial = last.role == "assistant" && len(last.calls) == 0 && len(last.parts) > 0
	return all, nil
}

// anthropicTurn adds what one message becomes: of a user's, each tool result is
// a message of its own.
func anthropicTurn(all []message, t *object) ([]message, error) {
	if err := t.only([]string{"role", "content"}, nil, nil); err != nil {
		return nil, err
	}
	role := t.get("role").text()
	if role != "user" && role != "assistant" && role != "system" {
		return nil, fail(t.place("role"), "must be user or assistant")
	}
	m := message{role: role}
	content := t.get("content")
	if content.isText() {
		m.parts = []part{{text: content}}
		return append(all, m), nil
	}
	return anthropicBlocksOf(all, m, t)
}

// anthropicBlocksOf adds what the blocks of a message become.
func anthropicBlocksOf(all []message, m message, t *object) ([]message, error) {
	at := t.place("content")
	blocks, before := 0, len(all)
	err := t.each(t.get("content"), at, func(b *object) error {
		blocks++
		if m.role != "user" || b.get("type").text() != "tool_result" {
			return anthropicBlock(&m, b)
		}
		if len(m.parts) > 0 {
			all, m = append(all, m), message{role: m.role}
		}
		result, err := anthropicResult(b)
		all = append(all, result)
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case blocks == 0:
		return nil, fail(at, "must not be empty")
	case len(m.parts) == 0 && len(all) > before:
		return all, nil // results alone
	}
	return append(all, m), nil
}

// anthropicBlock adds a block to a message.
func anthropicBlock(m *message, b *object) error {
	kind := b.get("type").text()
	switch {
	case kind == "text" || kind == "image":
		p, err := anthropicPart(b)
		m.parts = append(m.parts, p)
		return err
	case kind == "tool_use" && m.role == "assistant":
		c, err := anthropicCall(b)
		m.calls = append(m.calls, c)
		return err
	case kind == "thinking" && m.role == "assistant":
		text, err := b.wantText("thinking")
		m.reasoning = append(m.reasoning, text)
		return err
	}
	return noBlock(b, kind)
}

// anthropicBlocks are the kinds of blocks that have no counterpart everywhere.
var anthropicBlocks = []string{
	"document", "search_result", "redacted_thinking", "server_tool_use", "web_search_tool_result", "web_fetch_tool_result",
	"code_execution_tool_result", "bash_code_execution_tool_result", "text_editor_code_execution_tool_result",
	"tool_search_tool_result", "tool_reference", "container_upload", "mcp_tool_use", "mcp_tool_result", "compaction",
	"text", "image", "thinking", "tool_use", "tool_result",
}

// noBlock refuses a block. Its kind is named only if it is one of the API's.
func noBlock(b *object, kind string) error {
	if !slices.Contains(anthropicBlocks, kind) {
		return fail(b.place("type"), "must be text, image, thinking, tool_use or tool_result")
	}
	return fail(b.at, "a block of type %s has no counterpart here in a Kimi request and can not be counted; send text or an image in base64 instead", kind)
}

// anthropicParts returns the texts and images of a content that may be a text
// by itself.
func anthropicParts(o *object, name string) ([]part, error) {
	v, at := o.get(name), o.place(name)
	if v.isText() {
		return []part{{text: v}}, nil
	}
	var parts []part
	err := o.each(v, at, func(b *object) error {
		if kind := b.get("type").text(); kind != "text" && kind != "image" {
			return noBlock(b, kind)
		}
		p, err := anthropicPart(b)
		parts = append(parts, p)
		return err
	})
	return parts, err
}

// anthropicPart returns a text or an image.
func anthropicPart(b *object) (part, error) {
	if b.get("type").text() == "text" {
		err := b.only([]string{"type", "text"}, []string{"cache_control"}, map[string]string{
			"citations": "citations have no counterpart in a Kimi request; leave them out",
		})
		if err != nil {
			return part{}, err
		}
		text, err := b.wantText("text")
		return part{text: text}, err
	}
	if err := b.only([]string{"type", "source"}, []string{"cache_control"}, nil); err != nil {
		return part{}, err
	}
	source, err := open(b.get("source"), b.place("source"))
	if err != nil {
		return part{}, err
	}
	if source.get("type").text() != "base64" {
		return part{}, fail(source.place("type"), "only base64 can be counted: an image behind an address or a file id is never fetched")
	}
	p := part{image: true}
	if p.media, err = source.wantText("media_type"); err != nil {
		return part{}, err
	}
	p.data, err = source.wantText("data")
	return p, err
}

// anthropicCall returns a call of a function.
func anthropicCall(b *object) (c call, err error) {
	if err := b.only([]string{"type", "id", "name", "input"}, []string{"cache_control", "caller"}, nil); err != nil {
		return c, err
	}
	if c.id, err = b.wantText("id"); err != nil {
		return c, err
	}
	if c.name, err = b.wantText("name"); err != nil {
		return c, err
	}
	if c.input = b.get("input"); !c.input.isObject() {
		return c, fail(b.place("input"), "must be an object")
	}
	return c, nil
}

// anthropicResult returns the message that a tool result becomes.
func anthropicResult(b *object) (message, error) {
	m := message{role: "tool"}
	known := []string{"type", "tool_use_id", "content"}
	if err := b.only(known, []string{"is_error", "cache_control"}, nil); err != nil {
		return m, err
	}
	var err error
	if m.answers, err = b.wantText("tool_use_id"); err != nil {
		return m, err
	}
	if content := b.get("content"); !content.absent() {
		m.parts, err = anthropicParts(b, "content")
	}
	return m, err
}

// anthropicTools returns the tools. Those that run at the vendor have none to
// stand for them.
func anthropicTools(o *object) ([]function, error) {
	if o.get("tools").absent() {
		return nil, nil
	}
	var all []function
	err := o.each(o.get("tools"), o.place("tools"), func(t *object) error {
		f, err := anthropicTool(t)
		all = append(all, f)
		return err
	})
	return all, err
}

// anthropicTool returns one of them.
func anthropicTool(t *object) (f function, err error) {
	if kind := t.get("type"); !kind.absent() && kind.text() != "custom" {
		return f, fail(t.place("type"), "only tools with an input_schema have a counterpart in a Kimi request; those that the vendor runs can not be counted")
	}
	known := []string{"type", "name", "description", "input_schema"}
	passed := []string{"cache_control", "strict", "eager_input_streaming", "defer_loading", "allowed_callers"}
	if err := t.only(known, passed, map[string]string{
		"input_examples": "input_examples have no counterpart in a Kimi request; put them into the description",
	}); err != nil {
		return f, err
	}
	if f.name, err = t.wantText("name"); err != nil {
		return f, err
	}
	if f.description, err = t.mayBeText("description"); err != nil {
		return f, err
	}
	if f.parameters = t.get("input_schema"); !f.parameters.isObject() {
		return f, fail(t.place("input_schema"), "must be an object")
	}
	return f, nil
}

// anthropicChoice writes how the model may choose among the tools.
func anthropicChoice(w *writer, o *object) error {
	v := o.get("tool_choice")
	if v.absent() {
		return nil
	}
	c, err := open(v, o.place("tool_choice"))
	if err != nil {
		return err
	}
	if err := c.only([]string{"type", "name"}, []string{"disable_parallel_tool_use"}, nil); err != nil {
		return err
	}
	switch c.get("type").text() {
	case "auto":
		w.raw(`,"tool_choice":"auto"`)
	case "any":
		w.raw(`,"tool_choice":"required"`)
	case "none":
		w.raw(`,"tool_choice":"none"`)
	case "tool":
		name, err := c.wantText("name")
		if err != nil {
			return err
		}
		w.chooses(name)
	default:
		return fail(c.place("type"), "must be auto, any, tool or none")
	}
	return nil
}

// chooses writes a tool_choice that names a function.
func (w *writer) chooses(name value) {
	w.raw(`,"tool_choice":{"type":"function","function":{"name":`)
	w.put(name)
	w.raw("}}")
}

// anthropicThinking writes whether the model is to think. What leaves it to the
// model is what Kimi does by itself.
func anthropicThinking(w *writer, o *object) error {
	v := o.get("thinking")
	if v.absent() {
		return nil
	}
	t, err := open(v, o.place("thinking"))
	if err != nil {
		return err
	}
	if err := t.only([]string{"type"}, []string{"budget_tokens", "display"}, nil); err != nil {
		return err
	}
	switch kind := t.get("type").text(); kind {
	case "enabled", "disabled":
		w.raw(`,"thinking":{"type":"` + kind + `"}`)
	case "adaptive":
	default:
		return fail(t.place("type"), "must be enabled, disabled or adaptive")
	}
	return nil
}
