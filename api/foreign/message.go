package foreign

// part is a content part: a text, or an image.
type part struct {
	text  value // a JSON text
	url   value // of an image, a JSON text with the whole address
	media value // or of an image, its type
	data  value // and its bytes in base64
	image bool
}

// write writes the part as the Kimi API has it.
func (p *part) write(w *writer) {
	switch {
	case !p.image:
		w.raw(`{"type":"text","text":`)
		w.put(p.text)
		w.raw("}")
	case p.url != nil:
		w.raw(`{"type":"image_url","image_url":{"url":`)
		w.put(p.url)
		w.raw("}}")
	default:
		w.raw(`{"type":"image_url","image_url":{"url":"data:`)
		w.put(p.media.inside())
		w.raw(";base64,")
		w.put(p.data.inside())
		w.raw(`"}}`)
	}
}

// call is a call of a function.
type call struct {
	id, name value
	args     value // a JSON text with the arguments in it
	input    value // or the arguments themselves
}

func (c *call) write(w *writer) {
	w.raw(`{"id":`)
	w.put(c.id)
	w.raw(`,"type":"function","function":{"name":`)
	w.put(c.name)
	w.raw(`,"arguments":`)
	if c.args != nil {
		w.put(c.args)
	} else {
		w.quoted(c.input)
	}
	w.raw("}}")
}

// message is a message of a Kimi request.
type message struct {
	role      string
	parts     []part
	reasoning []value // JSON texts
	calls     []call
	answers   value // id of the call that a tool message answers
	partial   bool
}

func (m *message) write(w *writer) {
	w.raw(`{"role":"` + m.role + `","content":`)
	switch {
	case len(m.parts) == 0:
		w.raw(`""`)
	case len(m.parts) == 1 && !m.parts[0].image:
		w.put(m.parts[0].text)
	default:
		w.list(len(m.parts), func(i int) { m.parts[i].write(w) })
	}
	if len(m.reasoning) > 0 {
		w.raw(`,"reasoning_content":"`)
		for _, text := range m.reasoning {
			w.put(text.inside())
		}
		w.raw(`"`)
	}
	if len(m.calls) > 0 {
		w.raw(`,"tool_calls":`)
		w.list(len(m.calls), func(i int) { m.calls[i].write(w) })
	}
	w.member("tool_call_id", m.answers)
	if m.partial {
		w.raw(`,"partial":true`)
	}
	w.raw("}")
}

// messages writes the conversation.
func (w *writer) messages(all []message) {
	w.raw(`,"messages":`)
	w.list(len(all), func(i int) { all[i].write(w) })
}

// function is a function that the model may call.
type function struct{ name, description, parameters, strict value }

func (f *function) write(w *writer) {
	w.raw(`{"type":"function","function":{"name":`)
	w.put(f.name)
	w.member("description", f.description)
	w.member("parameters", f.parameters)
	w.member("strict", f.strict)
	w.raw("}}")
}

// tools writes the functions, if there are any.
func (w *writer) tools(all []function) {
	if len(all) == 0 {
		return
	}
	w.raw(`,"tools":`)
	w.list(len(all), func(i int) { all[i].write(w) })
}
