package prompt

import "tollgate/estimator/chat"

// im renders the templates of the K2 models.
type im struct {
	profile *Profile
	req     *chat.Request
	sink    Sink
	ids     *numbering // nil where ids are written as sent
	section Section    // of the message at hand

	// Adjacent pieces of text are one text: the only piece so far, and once
	// there are more, all of them.
	piece  string
	joined []byte
}

func (r *im) render() {
	r.declaration()
	r.ids = r.profile.numbering(r.req)
	r.defaultSystem()
	history := r.historyEnd()
	for i := range r.req.Messages {
		r.message(i, i < history)
	}
	if !prefilled(r.req) {
		r.generationPrompt()
	}
}

// historyEnd is the index of the first message whose reasoning is kept: the one
// after the last answer, which is an assistant message that calls no tool.
func (r *im) historyEnd() int {
	if r.profile.keepsAll(r.req) {
		return 0
	}
	for i := len(r.req.Messages); i > 0; i-- {
		if m := &r.req.Messages[i-1]; m.Role == roleAssistant && len(m.ToolCalls()) == 0 {
			return i
		}
	}
	return 0
}

func (r *im) declaration() {
	if len(r.req.Tools) == 0 {
		return
	}
	r.sink.Section(Tools, NoMessage)
	r.special(IMSystem)
	r.text("tool_declare")
	r.special(IMMiddle)
	r.text(r.profile.tools.declare(r.req.Tools))
	r.special(IMEnd)
}

func (r *im) defaultSystem() {
	if !r.profile.speaksFirst(r.req) {
		return
	}
	r.sink.Section(System, NoMessage)
	r.special(IMSystem)
	r.text(roleSystem)
	r.special(IMMiddle)
	r.text(r.profile.system)
	r.special(IMEnd)
}

func (r *im) generationPrompt() {
	r.sink.Section(GenerationPrompt, NoMessage)
	r.special(IMAssistant)
	r.text(roleAssistant)
	r.special(IMMiddle)
	switch r.profile.think {
	case thinkNever, thinkUnopened:
	case thinkOptional, thinkAlways:
		r.special(ThinkBegin)
		if !r.profile.thinks(r.req) {
			r.special(ThinkEnd)
		}
	}
}

// message renders one message. Only the END of a message that the model is to
// go on with is missing.
func (r *im) message(i int, history bool) {
	m := &r.req.Messages[i]
	role := IMSystem
	r.section = Messages
	switch m.Role {
	case roleUser:
		role = IMUser
	case roleAssistant:
		role = IMAssistant
	case roleSystem:
		r.section = System
	}
	r.sink.Section(r.section, i)
	r.special(role)
	if m.Name() != "" {
		r.text(m.Name())
	} else {
		r.text(m.Role)
	}
	r.special(IMMiddle)
	r.body(i, m, history)
	if i == len(r.req.Messages)-1 && prefilled(r.req) {
		r.flush()
		return
	}
	r.special(IMEnd)
}

func (r *im) body(i int, m *chat.Message, history bool) {
	switch m.Role {
	case roleAssistant:
		r.reasoning(m, history)
		r.content(i, m)
		r.toolCalls(m)
	case roleTool:
		r.text("## Return of ")
		r.text(r.ids.result(m.ToolCallID()))
		r.text("\n")
		r.content(i, m)
	default:
		r.content(i, m)
	}
}

func (r *im) reasoning(m *chat.Message, history bool) {
	if r.profile.think == thinkNever {
		return
	}
	r.special(ThinkBegin)
	if !history && (r.profile.thinks(r.req) || r.profile.keepsAll(r.req)) {
		r.text(r.profile.thoughts(m))
	}
	r.special(ThinkEnd)
}

func (r *im) content(i int, m *chat.Message) {
	switch m.Content.Kind {
	case chat.ContentAbsent, chat.ContentNull:
	case chat.ContentText:
		r.text(m.Content.Text)
	case chat.ContentParts:
		for j := range m.Content.Parts {
			r.part(i, j, &m.Content.Parts[j])
		}
	}
}

// part renders one part of a message. A part of an unknown type is its text, as
// in the template.
func (r *im) part(i, j int, p *chat.Part) {
	switch p.Type {
	case "image", "image_url":
		r.sectionBlock(i, "image", imageVision(r.profile.limits, p.Media, i, j))
		r.text("\n")
	case "video", "video_url":
		r.video(i, j, p.Media)
		r.text("\n")
	default:
		r.text(p.Text)
	}
}

// video renders a video, chunk by chunk where its frames are known. The first
// timestamp is one text with what stands before it.
func (r *im) video(i, j int, m *chat.Media) {
	v, chunks := planVideo(r.profile.limits, m, i, j)
	if chunks == nil {
		r.sectionBlock(i, "video", v)
		return
	}
	for k, at := range chunks {
		r.text(at)
		if k == 0 {
			r.flush()
			r.sink.Section(Media, i)
		}
		r.block("video", v)
	}
	r.sink.Section(r.section, i)
}

// sectionBlock renders a block as a section of its own.
func (r *im) sectionBlock(i int, what string, v Vision) {
	r.flush()
	r.sink.Section(Media, i)
	r.block(what, v)
	r.sink.Section(r.section, i)
}

// block renders an image or a chunk of a video.
func (r *im) block(what string, v Vision) {
	r.special(MediaBegin)
	r.text(what)
	r.special(MediaContent)
	r.sink.Media(v)
	r.special(MediaEnd)
}

func (r *im) toolCalls(m *chat.Message) {
	if len(m.ToolCalls()) == 0 {
		return
	}
	r.special(ToolCallsBegin)
	for k := range m.ToolCalls() {
		c := &m.ToolCalls()[k]
		r.special(ToolCallBegin)
		r.text(r.ids.call(c))
		r.special(ToolCallArgument)
		r.text(arguments(c))
		r.special(ToolCallEnd)
	}
	r.special(ToolCallsEnd)
}

// arguments is the arguments of a call as the template prints them.
func arguments(c *chat.ToolCall) string {
	if !c.ArgumentsRaw || len(c.Arguments) > maxReformat {
		return c.Arguments
	}
	v, err := parseJSON(c.Arguments)
	if err != nil {
		return c.Arguments
	}
	return string(spacedJSON().append(nil, v))
}

func (r *im) text(s string) {
	switch {
	case s == "":
	case len(r.joined) > 0:
		r.joined = append(r.joined, s...)
	case r.piece != "":
		r.joined = append(append(r.joined, r.piece...), s...)
	default:
		r.piece = s
	}
}

func (r *im) flush() {
	switch {
	case len(r.joined) > 0:
		r.sink.Text(string(r.joined), !r.profile.plain)
		r.joined = r.joined[:0]
	case r.piece != "":
		r.sink.Text(r.piece, !r.profile.plain)
	}
	r.piece = ""
}

func (r *im) special(t Special) {
	r.flush()
	r.sink.Special(t)
}
