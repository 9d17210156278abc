package chat

import (
	"io"

	"tollgate/estimator/media"
)

// messageTable is a message of the conversation.
var messageTable = &table[Message]{
	fields: []field[Message]{
		{name: "role", read: text(func(m *Message) *string { return &m.Role })},
		{name: "content", nullable: true, read: func(s *scanner, m *Message) error { return s.content(&m.Content) }},
		{name: "name", read: text(func(m *Message) *string { return &m.also().name })},
		{name: "tool_calls", read: list(func(m *Message) *[]ToolCall { return &m.also().calls }, toolCallTable)},
		{name: "tool_call_id", read: text(func(m *Message) *string { return &m.also().callID })},
		{name: "reasoning_content", read: text(func(m *Message) *string { return &m.also().reasoning })},
		{name: "reasoning", read: text(func(m *Message) *string { return &m.alsoSeldom().otherReasoning })},
		{name: "partial", read: flag(func(m *Message) *bool { return &m.alsoSeldom().partial })},
		{name: "tools", read: list(func(m *Message) *[]Tool { return &m.alsoSeldom().tools }, toolTable)},
	},
	other: func(s *scanner, m *Message, name string) error { return s.digestOther(&m.alsoSeldom().extra, name) },
}

// message reads a message. One without a role ends the scan at once: a body of
// nothing but empty messages must not be made into something first.
func (s *scanner) message(m *Message) error {
	if err := object(s, m, messageTable); err != nil {
		return err
	}
	if m.Role != "" {
		return s.afford(m.size())
	}
	return &Error{
		Kind: Missing, Offset: s.offset(), Pointer: s.pointer() + "/role",
		Detail: "role is required: system, user, assistant or tool",
	}
}

// content reads a message's content: a string, an array of parts, or null.
func (s *scanner) content(c *Content) error {
	first, err := s.peek()
	if err != nil {
		return err
	}
	switch first {
	case '"':
		c.Kind = ContentText
		c.Text, err = s.stringValue()
		return err
	case '[':
		c.Kind = ContentParts
		return array(s, &c.Parts, func(s *scanner, p *Part) error { return object(s, p, partTable) })
	case 'n':
		c.Kind = ContentNull
		return s.literal(io.Discard)
	}
	return s.fail(WrongType, "must be a string, an array of content parts, or null")
}

// partTable is a part of a content array.
var partTable = &table[Part]{
	fields: []field[Part]{
		{name: "type", read: text(func(p *Part) *string { return &p.Type })},
		{name: "text", read: text(func(p *Part) *string { return &p.Text })},
		{name: "image_url", read: func(s *scanner, p *Part) error { return s.media(p, media.Image) }},
		{name: "video_url", read: func(s *scanner, p *Part) error { return s.media(p, media.Video) }},
	},
	other: func(s *scanner, p *Part, name string) error {
		if p.extra == nil {
			p.extra = new([]member)
		}
		return s.digestOther(p.extra, name)
	},
}

// mediaTable is the object form of image_url and video_url.
var mediaTable = &table[Media]{
	fields: []field[Media]{
		{name: "url", read: (*scanner).mediaURL},
	},
	other: func(s *scanner, m *Media, name string) error { return s.digestOther(&m.extra, name) },
}

// media reads an image_url or a video_url: an object with a url, or the bare
// string.
func (s *scanner) media(p *Part, kind media.Kind) error {
	if p.Media != nil {
		return s.fail(WrongType, "a content part carries one of image_url and video_url")
	}
	if err := s.afford(sizeOf[Media]()); err != nil {
		return err
	}
	p.Media = &Media{Kind: kind, Source: SourceOther}
	c, err := s.peek()
	if err != nil {
		return err
	}
	if c == '"' {
		return s.mediaURL(p.Media)
	}
	return object(s, p.Media, mediaTable)
}

// toolCallTable is a call that an assistant message made.
var toolCallTable = &table[ToolCall]{
	fields: []field[ToolCall]{
		{name: "id", read: text(func(c *ToolCall) *string { return &c.ID })},
		{name: "type", read: text(func(c *ToolCall) *string { return &c.Type })},
		{name: "function", read: func(s *scanner, c *ToolCall) error { return object(s, c, calledTable) }},
	},
	other: func(s *scanner, c *ToolCall, name string) error { return s.digestOther(&c.extra, name) },
}

// calledTable is the function of a call.
var calledTable = &table[ToolCall]{
	fields: []field[ToolCall]{
		{name: "name", read: text(func(c *ToolCall) *string { return &c.Name })},
		{name: "arguments", read: (*scanner).arguments},
	},
	other: func(s *scanner, c *ToolCall, name string) error {
		return s.digestOther(&c.extra, "function."+name)
	},
}

// arguments reads the arguments of a call: a string, verbatim, or any other
// JSON value.
func (s *scanner) arguments(c *ToolCall) error {
	first, err := s.peek()
	if err != nil {
		return err
	}
	if first == '"' {
		c.Arguments, err = s.stringValue()
		return err
	}
	c.ArgumentsRaw = true
	c.Arguments, err = s.keepValue()
	return err
}
