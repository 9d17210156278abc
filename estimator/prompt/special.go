package prompt

// Special is a control token of the vocabulary. Each is one token.
type Special uint8

// The control tokens of the K2 templates.
const (
	IMSystem Special = iota
	IMUser
	IMAssistant
	IMMiddle
	IMEnd
	ToolCallsBegin
	ToolCallsEnd
	ToolCallBegin
	ToolCallArgument
	ToolCallEnd
	ThinkBegin
	ThinkEnd
	MediaBegin
	MediaContent
	MediaEnd
)

// The control tokens of the K3 markup.
const (
	TagOpen Special = iota + MediaEnd + 1
	TagClose
	TagSep
	EndOfMessage
)

// names spells the control tokens as the vocabulary does.
//
// Source: tokenizer_config.json of moonshotai/Kimi-K2.5 and of Kimi-K3.
var names = [...]string{
	IMSystem:         "<|im_system|>",
	IMUser:           "<|im_user|>",
	IMAssistant:      "<|im_assistant|>",
	IMMiddle:         "<|im_middle|>",
	IMEnd:            "<|im_end|>",
	ToolCallsBegin:   "<|tool_calls_section_begin|>",
	ToolCallsEnd:     "<|tool_calls_section_end|>",
	ToolCallBegin:    "<|tool_call_begin|>",
	ToolCallArgument: "<|tool_call_argument_begin|>",
	ToolCallEnd:      "<|tool_call_end|>",
	ThinkBegin:       "<think>",
	ThinkEnd:         "</think>",
	MediaBegin:       "<|media_begin|>",
	MediaContent:     "<|media_content|>",
	MediaEnd:         "<|media_end|>",
	TagOpen:          "<|open|>",
	TagClose:         "<|close|>",
	TagSep:           "<|sep|>",
	EndOfMessage:     "<|end_of_msg|>",
}

// String spells the control token as the vocabulary does.
func (t Special) String() string {
	if int(t) < len(names) {
		return names[t]
	}
	return "<unknown>"
}
