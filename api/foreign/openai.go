package foreign

import "slices"

// Members of OpenAI's request.
var (
	openaiKnown  = []string{"model", "input", "instructions", "tools", "tool_choice", "reasoning", "text"}
	openaiPassed = []string{
		"background", "include", "max_output_tokens", "max_tool_calls", "metadata", "parallel_tool_calls",
		"prompt_cache_key", "prompt_cache_retention", "safety_identifier", "service_tier", "store", "stream",
		"stream_options", "temperature", "top_logprobs", "top_p", "truncation", "user",
	}
	openaiRefused = map[string]string{
		"conversation":         "a stored conversation is not in the request and can not be counted; send its items as input",
		"previous_response_id": "what came before is not in the request and can not be counted; send its items as input",
		"prompt":               "a stored prompt is not in the request and can not be counted; send its text as instructions",
		"context_management":   "context_management has no counterpart in a Kimi request; leave it out",
		"personality":          "personality has no counterpart in a Kimi request; leave it out",
	}
)

// OpenAI translates the body of POST /v1/responses/input_tokens. Its error is
// an [*Error].
//
// Reasoning, a message and calls of the assistant that follow one another are
// one message, as they were one answer.
func OpenAI(body []byte) (*Request, error) {
	v, err := parse(body)
	if err != nil {
		return nil, err
	}
	o, err := open(v, "")
	if err != nil {
		return nil, err
	}
	if err := o.only(openaiKnown, openaiPassed, openaiRefused); err != nil {
		return nil, err
	}
	model, err := o.wantText("model")
	if err != nil {
		return nil, err
	}
	all, err := openaiMessages(o)
	if err != nil {
		return nil, err
	}
	tools, err := openaiTools(o)
	if err != nil {
		return nil, err
	}
	w := &writer{}
	var late error
	r := w.request(model, func() {
		w.messages(all)
		w.tools(tools)
		for _, write := range []func(*writer, *object) error{openaiChoice, openaiEffort, openaiFormat} {
			if late == nil {
				late = write(w, o)
			}
		}
	})
	return r, late
}

// openaiMessages returns the conversation, the instructions at its head.
func openaiMessages(o *object) ([]message, error) {
	var all []message
	instructions, err := o.mayBeText("instructions")
	if err != nil {
		return nil, err
	}
	if instructions != nil {
		all = append(all, message{role: "system", parts: []part{{text: instructions}}})
	}
	input := o.get("input")
	if input.isText() {
		return append(all, message{role: "user", parts: []part{{text: input}}}), nil
	}
	if input.absent() && len(all) > 0 {
		return all, nil
	}
	before := len(all)
	err = o.each(input, o.place("input"), func(item *object) (err error) {
		all, err = openaiItem(all, item)
		return err
	})
	if err == nil && len(all) == before {
		err = fail(o.place("input"), "must have an item")
	}
	return all, err
}

// openaiItem adds what one item becomes.
func openaiItem(all []message, item *object) ([]message, error) {
	switch kind := item.get("type"); kind.text() {
	case "function_call":
		c, err := openaiCall(item)
		all = assistant(all, func(m *message) bool { return true })
		last := &all[len(all)-1]
		last.calls = append(last.calls, c)
		return all, err
	case "function_call_output":
		m, err := openaiOutput(item)
		return append(all, m), err
	case "reasoning":
		return openaiReasoning(all, item)
	case "message":
		return openaiMessage(all, item)
	default:
		if kind.absent() && !item.get("role").absent() {
			return openaiMessage(all, item)
		}
		return nil, fail(item.place("type"), "only message, function_call, function_call_output and reasoning have a counterpart "+
			"in a Kimi request; what the vendor's own tools left in the conversation can not be counted")
	}
}

// assistant makes sure that the last message is one of the assistant's that
// fits what is to be added.
func assistant(all []message, fits func(*message) bool) []message {
	if n := len(all); n > 0 && all[n-1].role == "assistant" && fits(&all[n-1]) {
		return all
	}
	return append(all, message{role: "assistant"})
}

// openaiMessage adds a message.
func openaiMessage(all []message, item *object) ([]message, error) {
	if err := item.only([]string{"type", "role", "content"}, []string{"id", "status", "phase"}, nil); err != nil {
		return nil, err
	}
	role := item.get("role").text()
	switch role {
	case "user", "system", "assistant":
	case "developer":
		role = "system"
	default:
		return nil, fail(item.place("role"), "must be user, assistant, system or developer")
	}
	parts, err := openaiParts(item, "content")
	if err != nil {
		return nil, err
	}
	if role != "assistant" {
		return append(all, message{role: role, parts: parts}), nil
	}
	all = assistant(all, func(m *message) bool { return len(m.parts) == 0 && len(m.calls) == 0 })
	all[len(all)-1].parts = parts
	return all, nil
}

// openaiParts returns the texts and images of a content that may be a text by
// itself.
func openaiParts(o *object, name string) ([]part, error) {
	v, at := o.get(name), o.place(name)
	if v.isText() {
		return []part{{text: v}}, nil
	}
	var parts []part
	err := o.each(v, at, func(b *object) error {
		p, err := openaiPart(b)
		parts = append(parts, p)
		return err
	})
	if err == nil && len(parts) == 0 {
		err = fail(at, "must not be empty")
	}
	return parts, err
}

// openaiPart returns a text or an image.
func openaiPart(b *object) (p part, err error) {
	passed := []string{"annotations", "logprobs", "detail", "prompt_cache_breakpoint"}
	switch kind := b.get("type").text(); kind {
	case "input_text", "output_text", "text":
		if err := b.only([]string{"type", "text"}, passed, nil); err != nil {
			return p, err
		}
		p.text, err = b.wantText("text")
		return p, err
	case "refusal":
		p.text, err = b.wantText("refusal")
		return p, err
	case "input_image":
		if err := b.only([]string{"type", "image_url"}, passed, map[string]string{
			"file_id": "an image behind a file id is never fetched and can not be counted; send it as image_url with a data: URL",
		}); err != nil {
			return p, err
		}
		if p.url, err = b.wantText("image_url"); err != nil {
			return p, err
		}
		if !slices.Equal(p.url[1:min(6, len(p.url))], []byte("data:")) {
			return p, fail(b.place("image_url"), "an image behind an address is never fetched and can not be counted; send a data: URL with base64")
		}
		p.image = true
		return p, nil
	}
	return p, fail(b.place("type"), "only input_text, output_text, refusal and input_image have a counterpart in a Kimi request; "+
		"files and audio can not be counted")
}

// openaiCall returns a call of a function.
func openaiCall(item *object) (c call, err error) {
	if err := item.only([]string{"type", "call_id", "name", "arguments"}, []string{"id", "status"}, nil); err != nil {
		return c, err
	}
	if c.id, err = item.wantText("call_id"); err != nil {
		return c, err
	}
	if c.name, err = item.wantText("name"); err != nil {
		return c, err
	}
	c.args, err = item.wantText("arguments")
	return c, err
}

// openaiOutput returns the message that a function's result becomes.
func openaiOutput(item *object) (message, error) {
	m := message{role: "tool"}
	err := item.only([]string{"type", "call_id", "output"}, []string{"id", "status"}, nil)
	if err != nil {
		return m, err
	}
	if m.answers, err = item.wantText("call_id"); err != nil {
		return m, err
	}
	m.parts, err = openaiParts(item, "output")
	return m, err
}

// openaiReasoning adds what the assistant thought: its content where that is
// there, else its summary.
func openaiReasoning(all []message, item *object) ([]message, error) {
	known := []string{"type", "summary", "content", "encrypted_content"}
	if err := item.only(known, []string{"id", "status"}, nil); err != nil {
		return nil, err
	}
	var texts []value
	for _, name := range []string{"content", "summary"} {
		if item.get(name).absent() || len(texts) > 0 {
			continue
		}
		err := item.each(item.get(name), item.place(name), func(b *object) error {
			text, err := b.wantText("text")
			texts = append(texts, text)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	if len(texts) == 0 {
		if !item.get("encrypted_content").absent() {
			return nil, fail(item.place("encrypted_content"), "reasoning that is encrypted can not be counted; leave the item out, or send its content")
		}
		return all, nil
	}
	all = assistant(all, func(m *message) bool { return len(m.parts) == 0 && len(m.calls) == 0 })
	last := &all[len(all)-1]
	last.reasoning = append(last.reasoning, texts...)
	return all, nil
}

// openaiTools returns the tools. Those that run at the vendor have none to
// stand for them.
func openaiTools(o *object) ([]function, error) {
	if o.get("tools").absent() {
		return nil, nil
	}
	var all []function
	err := o.each(o.get("tools"), o.place("tools"), func(t *object) error {
		f, err := openaiTool(t)
		all = append(all, f)
		return err
	})
	return all, err
}

// openaiTool returns one of them.
func openaiTool(t *object) (f function, err error) {
	if t.get("type").text() != "function" {
		return f, fail(t.place("type"), "only tools of type function have a counterpart in a Kimi request; those that the vendor runs can not be counted")
	}
	known := []string{"type", "name", "description", "parameters", "strict"}
	if err := t.only(known, []string{"defer_loading"}, nil); err != nil {
		return f, err
	}
	if f.name, err = t.wantText("name"); err != nil {
		return f, err
	}
	if f.description, err = t.mayBeText("description"); err != nil {
		return f, err
	}
	f.parameters, f.strict = t.get("parameters"), t.get("strict")
	if !f.parameters.absent() && !f.parameters.isObject() {
		return f, fail(t.place("parameters"), "must be an object")
	}
	return f, nil
}

// openaiChoice writes how the model may choose among the tools.
func openaiChoice(w *writer, o *object) error {
	v := o.get("tool_choice")
	switch {
	case v.absent():
		return nil
	case v.isText():
		if !slices.Contains([]string{"none", "auto", "required"}, v.text()) {
			return fail(o.place("tool_choice"), "must be none, auto, required, or an object that names a function")
		}
		w.member("tool_choice", v)
		return nil
	}
	c, err := open(v, o.place("tool_choice"))
	if err != nil {
		return err
	}
	if c.get("type").text() != "function" {
		return fail(c.place("type"), "only function has a counterpart in a Kimi request")
	}
	name, err := c.wantText("name")
	if err == nil {
		w.chooses(name)
	}
	return err
}

// openaiEffort writes how much the model is to think.
func openaiEffort(w *writer, o *object) error {
	v := o.get("reasoning")
	if v.absent() {
		return nil
	}
	r, err := open(v, o.place("reasoning"))
	if err != nil {
		return err
	}
	if err := r.only([]string{"effort"}, []string{"summary", "generate_summary"}, nil); err != nil {
		return err
	}
	effort, err := r.mayBeText("effort")
	w.member("reasoning_effort", effort)
	return err
}

// openaiFormat writes the format of the answer.
func openaiFormat(w *writer, o *object) error {
	v := o.get("text")
	if v.absent() {
		return nil
	}
	t, err := open(v, o.place("text"))
	if err != nil {
		return err
	}
	if err := t.only([]string{"format"}, []string{"verbosity"}, nil); err != nil {
		return err
	}
	if t.get("format").absent() {
		return nil
	}
	f, err := open(t.get("format"), t.place("format"))
	if err != nil {
		return err
	}
	switch f.get("type").text() {
	case "text":
	case "json_object":
		w.raw(`,"response_format":{"type":"json_object"}`)
	case "json_schema":
		return w.schema(f)
	default:
		return fail(f.place("type"), "must be text, json_object or json_schema")
	}
	return nil
}

// schema writes a response format that follows a schema.
func (w *writer) schema(f *object) error {
	if err := f.only([]string{"type", "name", "description", "schema", "strict"}, nil, nil); err != nil {
		return err
	}
	name, err := f.wantText("name")
	if err != nil {
		return err
	}
	w.raw(`,"response_format":{"type":"json_schema","json_schema":{"name":`)
	w.put(name)
	w.member("description", f.get("description"))
	w.member("schema", f.get("schema"))
	w.member("strict", f.get("strict"))
	w.raw("}}")
	return nil
}
