package prompt

import (
	"strconv"
	"strings"

	"tollgate/estimator/chat"
)

// xtml renders the markup of K3: tags whose brackets are control tokens, and
// whose every name, attribute, mark and value is a text of its own. No text in
// it can be a control token.
type xtml struct {
	profile *Profile
	req     *chat.Request
	sink    Sink

	answered
}

func (r *xtml) render() {
	if len(r.req.Tools) > 0 {
		r.sink.Section(Tools, NoMessage)
		r.notice("tool-declare", toolsNotice+sortedTools(r.req.Tools)+endFence)
	}
	thinks := r.profile.thinks(r.req)
	if thinks {
		r.sink.Section(System, NoMessage)
		r.notice("thinking-effort", effortNotice+effort(r.req)+"`.")
	}
	for i := 0; i < len(r.req.Messages); {
		i += r.message(i, thinks)
	}
	r.demands()
	if prefilled(r.req) {
		return
	}
	r.sink.Section(GenerationPrompt, NoMessage)
	r.openRole(roleAssistant, "")
	if thinks {
		r.tag(tagThink)
	} else {
		r.tag(tagResponse)
	}
}

// message renders the messages from i on that belong together, and returns how
// many they are. A message with a role that K3 does not know is not rendered.
func (r *xtml) message(i int, thinks bool) int {
	m := &r.req.Messages[i]
	switch m.Role {
	case roleTool:
		return r.toolResults(i)
	case roleSystem:
		if len(m.Tools()) > 0 {
			r.sink.Section(Tools, i)
			r.notice("tool-declare", moreToolsNotice+sortedTools(m.Tools())+endFence)
			break
		}
		r.sink.Section(System, i)
		r.openRole(roleSystem, m.Name())
		r.content(i, System)
		r.close(tagMessage)
		r.sink.Special(EndOfMessage)
	case roleUser:
		r.sink.Section(Messages, i)
		r.openRole(roleUser, m.Name())
		r.content(i, Messages)
		r.close(tagMessage)
		r.sink.Special(EndOfMessage)
	case roleAssistant:
		r.assistant(i, thinks)
	}
	return 1
}

func (r *xtml) assistant(i int, thinks bool) {
	m := &r.req.Messages[i]
	r.reset(m.ToolCalls())
	r.sink.Section(Messages, i)
	r.openRole(roleAssistant, m.Name())
	if thinks {
		r.tag(tagThink)
		if thoughts := r.profile.thoughts(m); strings.TrimSpace(thoughts) != "" {
			r.text(thoughts)
		}
		r.close(tagThink)
	}
	r.tag(tagResponse)
	r.content(i, Messages)
	if i == len(r.req.Messages)-1 && prefilled(r.req) {
		return
	}
	r.close(tagResponse)
	r.toolCalls(m.ToolCalls())
	r.close(tagMessage)
	r.sink.Special(EndOfMessage)
}

func (r *xtml) toolCalls(calls []chat.ToolCall) {
	if len(calls) == 0 {
		return
	}
	r.tag(tagTools)
	for k := range calls {
		r.open(tagCall)
		r.attr(attrTool, calls[k].Name)
		r.attr(attrIndex, strconv.Itoa(k+1))
		r.sink.Special(TagSep)
		r.arguments(calls[k].Arguments)
		r.close(tagCall)
	}
	r.close(tagTools)
}

// arguments renders each argument as a tag, and what is not a JSON object as it
// is.
func (r *xtml) arguments(text string) {
	if strings.TrimSpace(text) == "" {
		return
	}
	var v *value
	if len(text) <= maxReformat {
		v, _ = parseJSON(text)
	}
	if v == nil || v.kind != kindObject {
		r.open(tagJSON)
		r.attr(attrType, "object")
		r.sink.Special(TagSep)
		r.text(text)
		r.close(tagJSON)
		return
	}
	for i := range v.members {
		m := &v.members[i]
		r.open(tagArgument)
		r.attr(attrKey, m.key)
		r.attr(attrType, m.value.kind.jsonType())
		r.sink.Special(TagSep)
		if m.value.kind == kindString {
			r.text(m.value.text)
		} else {
			r.text(string(spacedJSON().append(nil, &m.value)))
		}
		r.close(tagArgument)
	}
}

// jsonType is the name that JSON schemas have for the type of a value.
func (k kind) jsonType() string {
	switch k {
	case kindNull:
		return "null"
	case kindFalse, kindTrue:
		return "boolean"
	case kindInt, kindFloat:
		return "number"
	case kindString:
		return "string"
	case kindArray:
		return "array"
	case kindObject:
		return "object"
	}
	return ""
}

func (r *xtml) content(i int, section Section) {
	c := &r.req.Messages[i].Content
	switch c.Kind {
	case chat.ContentAbsent, chat.ContentNull:
	case chat.ContentText:
		r.text(c.Text)
	case chat.ContentParts:
		for j := range c.Parts {
			r.part(i, j, section)
		}
	}
}

func (r *xtml) part(i, j int, section Section) {
	p := &r.req.Messages[i].Content.Parts[j]
	switch p.Type {
	case "image", "image_url":
		r.sink.Section(Media, i)
		r.image(i, j, p.Media)
	case "video", "video_url":
		r.sink.Section(Media, i)
		r.video(i, j, p.Media)
	default:
		r.text(p.Text)
		return
	}
	r.sink.Section(section, i)
}

// image renders an image with its size before scaling.
func (r *xtml) image(i, j int, m *chat.Media) {
	v := imageVision(r.profile.limits, m, i, j)
	if v.Exact() {
		r.block("image "+strconv.Itoa(m.Info.Width)+"x"+strconv.Itoa(m.Info.Height), v)
		return
	}
	// The size is a space, one or two groups of digits, an x, and as many again.
	v.Low, v.Tokens, v.High = v.Low+4, v.Tokens+6, v.High+6
	r.block("image", v)
}

func (r *xtml) video(i, j int, m *chat.Media) {
	v, chunks := planVideo(r.profile.limits, m, i, j)
	if chunks == nil {
		r.block("video", v)
		return
	}
	for _, at := range chunks {
		r.text(at)
		r.block("video", v)
	}
}

func (r *xtml) block(what string, v Vision) {
	r.sink.Special(MediaBegin)
	r.text(what)
	r.sink.Special(MediaContent)
	r.sink.Media(v)
	r.sink.Special(MediaEnd)
}
