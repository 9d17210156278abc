package chat

import (
	"io"
	"slices"
)

// requestTable is the chat completion request itself.
var requestTable = &table[Request]{
	fields: []field[Request]{
		{name: "model", read: text(func(r *Request) *string { return &r.Model })},
		{name: "messages", read: spanned(memberMessages,
			func(s *scanner, r *Request) error { return array(s, &r.Messages, (*scanner).message) })},
		{name: "tools", read: spanned(memberTools,
			list(func(r *Request) *[]Tool { return &r.Tools }, toolTable))},
		{name: "max_tokens", read: limit(func(r *Request) **int64 { return &r.MaxTokens })},
		{name: "max_completion_tokens", read: limit(func(r *Request) **int64 { return &r.MaxCompletionTokens })},
		{name: "temperature", read: number(func(r *Request) **Number { return &r.Sampling.Temperature })},
		{name: "top_p", read: number(func(r *Request) **Number { return &r.Sampling.TopP })},
		{name: "n", read: number(func(r *Request) **Number { return &r.Sampling.N })},
		{name: "presence_penalty", read: number(func(r *Request) **Number { return &r.Sampling.PresencePenalty })},
		{name: "frequency_penalty", read: number(func(r *Request) **Number { return &r.Sampling.FrequencyPenalty })},
		{name: "stream", read: flag(func(r *Request) *bool { return &r.Sampling.Stream })},
		{name: "stop", read: (*scanner).stop},
		{name: "thinking", read: func(s *scanner, r *Request) error { return s.thinking(&r.Thinking) }},
		{name: "reasoning_effort", read: text(func(r *Request) *string { return &r.ReasoningEffort })},
		{name: "tool_choice", read: func(s *scanner, r *Request) error { return s.toolChoice(&r.ToolChoice) }},
		{name: "response_format", read: (*scanner).responseFormat},
	},
	other: otherOfRequest,
}

// uncounted are the parameters, beside those in the table, that steer how a
// model answers or how a call is billed, and never what the prompt is. Sorted.
// All else that is not known may change a prompt, and is hashed.
//
// Source: the parameters of the Kimi and OpenAI chat completion APIs.
var uncounted = []string{
	"frequency_penalty", "logit_bias", "logprobs", "max_completion_tokens", "max_tokens", "metadata", "n",
	"presence_penalty", "prompt_cache_key", "prompt_cache_options", "safety_identifier", "seed", "service_tier",
	"stop", "store", "stream", "stream_options", "temperature", "top_logprobs", "top_p", "user",
}

// otherOfRequest reads a member of the request that the table does not know,
// or that is null.
func otherOfRequest(s *scanner, r *Request, name string) error {
	if _, ok := slices.BinarySearch(uncounted, name); ok || name == "model" { // that is null
		return s.value(io.Discard)
	}
	return s.digestOther(&r.extra, name)
}

// stop reads one stop string, or an array of them.
func (s *scanner) stop(r *Request) error {
	c, err := s.peek()
	if err != nil {
		return err
	}
	if c != '[' {
		one, err := s.stringValue()
		r.Stop, r.StopBare = []string{one}, true
		return err
	}
	return array(s, &r.Stop, func(s *scanner, dst *string) (err error) {
		*dst, err = s.stringValue()
		return err
	})
}

// responseFormat keeps the response format as it is, for a template may print
// the schema in it.
func (s *scanner) responseFormat(r *Request) error {
	c, err := s.peek()
	if err != nil {
		return err
	}
	if c != '{' {
		return s.fail(WrongType, "must be a JSON object")
	}
	r.ResponseFormat, err = s.keepValue()
	return err
}

// thinkingTable is the thinking parameter.
var thinkingTable = &table[Thinking]{
	fields: []field[Thinking]{
		{name: "type", read: text(func(t *Thinking) *string { return &t.Type })},
		{name: "keep", read: text(func(t *Thinking) *string { return &t.Keep })},
	},
	other: func(s *scanner, t *Thinking, name string) error { return s.digestOther(&t.extra, name) },
}

// thinking reads the thinking parameter.
func (s *scanner) thinking(t *Thinking) error {
	t.Set = true
	return object(s, t, thinkingTable)
}

// toolChoiceTable is a tool_choice that names a function.
var toolChoiceTable = &table[ToolChoice]{
	fields: []field[ToolChoice]{
		{name: "function", read: func(s *scanner, t *ToolChoice) error { return object(s, t, chosenTable) }},
	},
	other: func(s *scanner, t *ToolChoice, name string) error { return s.digestOther(&t.extra, name) },
}

// chosenTable is the function that a tool_choice names.
var chosenTable = &table[ToolChoice]{
	fields: []field[ToolChoice]{
		{name: "name", read: text(func(t *ToolChoice) *string { return &t.Function })},
	},
	other: func(s *scanner, t *ToolChoice, name string) error {
		return s.digestOther(&t.extra, "function."+name)
	},
}

// toolChoice reads the tool_choice parameter: a word, or an object that names a
// function.
func (s *scanner) toolChoice(t *ToolChoice) error {
	c, err := s.peek()
	if err != nil {
		return err
	}
	if c == '{' {
		t.Mode = "specified"
		return object(s, t, toolChoiceTable)
	}
	t.Mode, err = s.stringValue()
	return err
}
