package prompt

import (
	"strconv"

	"tollgate/estimator/chat"
)

// loose is how far off, in tokens, the rendering of K3 is allowed to be for
// each thing that no count of the vendor was compared with.
const loose = 8

// xtmlGaps is what was not seen of K3. The plain conversation, with and
// without the effort, is known; of the notices about tools and formats the
// wording is, but not what the vendor puts into the JSON in them.
func (p *Profile) xtmlGaps(req *chat.Request) []Gap {
	var gaps []Gap
	add := func(pointer, reason string, tokens int64) {
		gaps = append(gaps, Gap{Pointer: pointer, Reason: reason, Less: tokens, More: tokens})
	}
	if n := len(req.Tools); n > 0 {
		add("/tools", "which keys of a tool the vendor shows to this model is not known", int64(n+1)*loose)
	}
	if req.ResponseFormat != "" {
		add("/response_format", "which keys of a schema the vendor shows to this model is not known", loose)
	}
	switch req.ReasoningEffort {
	case "", "low", "high", "max":
	default:
		add("/reasoning_effort", "how the vendor renders this effort is not known", loose)
	}
	if req.Thinking.Disabled() {
		other := *p
		other.think = thinkAlways
		gaps = append(gaps, Gap{
			Pointer: "/thinking", Reason: "whether the vendor lets this model not think is not known",
			Other: &other,
		})
	}
	return append(gaps, messageGaps(req)...)
}

// messageGaps are the messages of which K3 has no rendering.
func messageGaps(req *chat.Request) []Gap {
	var gaps []Gap
	for i := range req.Messages {
		m := &req.Messages[i]
		switch m.Role {
		case roleSystem, roleUser, roleAssistant, roleTool:
			gaps = append(gaps, videoGaps(i, m)...)
		default:
			gaps = append(gaps, Gap{
				Pointer: messagePointer(i) + "/role", Reason: "the model's template has no such role",
				More: int64(3*loose + len(m.Role) + len(m.Name()) + contentBytes(&m.Content)),
			})
		}
	}
	return gaps
}

func videoGaps(i int, m *chat.Message) []Gap {
	var gaps []Gap
	for j := range m.Content.Parts {
		if t := m.Content.Parts[j].Type; t == "video" || t == "video_url" {
			gaps = append(gaps, Gap{
				Pointer: messagePointer(i) + "/content/" + strconv.Itoa(j),
				Reason:  "what stands around the frames of a video is not known for this model",
				Less:    loose, More: loose,
			})
		}
	}
	return gaps
}

// contentBytes is the size of the text of c in bytes.
func contentBytes(c *chat.Content) int {
	n := len(c.Text)
	for j := range c.Parts {
		n += len(c.Parts[j].Text)
	}
	return n
}
