package prompt

import (
	"tollgate/estimator/chat"
)

// What K3 is told in system messages that the caller did not write. The wording
// is data of the model: it was trained on it, and each word of it is billed.
//
// Source: encoding_k3.py of moonshotai/Kimi-K3.
const (
	beginFence  = "```json\n"
	endFence    = "\n```"
	toolsNotice = "# Tools\nHere are the available tools, described in JSONSchema.\n\n" + beginFence

	moreToolsNotice = "## New Tools Available\nThe system dynamically extends the toolset via lazy-loading.\n" +
		"You have access to all existing and extended tools.\nHere are the specs for the extended tools.\n\n" + beginFence

	effortNotice = "`thinking_effort` guides on how much to think in your thinking channel (not including the response channel), " +
		"supported values include `low`, `medium`, `high`, and `max`.\nNow the system is invoked with `thinking_effort="

	mustCallNotice    = "The system is invoked with `tool_choice=required`.\nYou MUST call tools in the next message."
	mustNotCallNotice = "The system is invoked with `tool_choice=none`.\nYou MUST NOT call any tools in the next message."

	rawJSONNotice = "`.\nYour response must be raw JSON data without markdown code blocks (```json) or any additional formatting."
	objectNotice  = "The system is invoked with `response_format=json_object" + rawJSONNotice
	schemaNotice  = "The system is invoked with `response_format=json_schema" + rawJSONNotice +
		"\nThe JSON data must match the following schema:\n" + beginFence
)

// defaultEffort is the effort of a request that names none.
const defaultEffort = "max"

func effort(req *chat.Request) string {
	if req.ReasoningEffort == "" {
		return defaultEffort
	}
	return req.ReasoningEffort
}

// notice renders a system message that the caller did not write.
func (r *xtml) notice(what, text string) {
	r.open(tagMessage)
	r.attr(attrRole, roleSystem)
	r.attr(attrType, what)
	r.sink.Special(TagSep)
	r.text(text)
	r.close(tagMessage)
	r.sink.Special(EndOfMessage)
}

// demands renders what the request asks of the answer.
func (r *xtml) demands() {
	r.sink.Section(System, NoMessage)
	switch r.req.ToolChoice.Mode {
	case "required":
		r.notice("tool-choice", mustCallNotice)
	case "none":
		r.notice("tool-choice", mustNotCallNotice)
	}
	switch format, schema := responseFormat(r.req); format {
	case "json_object":
		r.notice("response-format", objectNotice)
	case "json_schema":
		r.notice("response-format", schemaNotice+schema+endFence)
	}
}

// responseFormat is the type of the response format, and its schema as K3 is
// told it.
func responseFormat(req *chat.Request) (format, schema string) {
	if req.ResponseFormat == "" || len(req.ResponseFormat) > maxReformat {
		return "", ""
	}
	v, err := parseJSON(req.ResponseFormat)
	if err != nil {
		return "", ""
	}
	if v.kind == kindString {
		return v.text, "null"
	}
	t := v.get("type")
	if t == nil || t.kind != kindString {
		return "", ""
	}
	s := v.get("json_schema")
	for _, key := range []string{"schema", "json_schema"} {
		if s == nil {
			break
		}
		if inner := s.get(key); inner != nil {
			s = inner
			break
		}
	}
	if s == nil {
		s = &value{}
	}
	return t.text, string(compactJSON().append(nil, s.sorted()))
}

// sortedTools is tools as compact JSON with sorted keys.
func sortedTools(tools []chat.Tool) string {
	list, ok := parseTools(tools)
	if !ok {
		return rawTools(tools)
	}
	return string(compactJSON().append(nil, list.sorted()))
}
