package api

// ChatRequest documents the body: a Kimi chat completion request. It is never
// decoded into; package chat reads bodies, and lets pass what is not listed
// here.
type ChatRequest struct {
	Model               string         `json:"model" example:"kimi-k2.5"`
	Messages            []ChatMessage  `json:"messages"`
	Tools               []ChatTool     `json:"tools,omitempty"`
	ToolChoice          any            `json:"tool_choice,omitempty" swaggertype:"string" extensions:"x-string-or-object"`
	ResponseFormat      map[string]any `json:"response_format,omitempty" swaggertype:"object"`
	Thinking            *ChatThinking  `json:"thinking,omitempty"`
	ReasoningEffort     string         `json:"reasoning_effort,omitempty"`
	MaxTokens           *int64         `json:"max_tokens,omitempty"`
	MaxCompletionTokens *int64         `json:"max_completion_tokens,omitempty"`
	Temperature         *float64       `json:"temperature,omitempty"`
	TopP                *float64       `json:"top_p,omitempty"`
	N                   *int64         `json:"n,omitempty"`
	PresencePenalty     *float64       `json:"presence_penalty,omitempty"`
	FrequencyPenalty    *float64       `json:"frequency_penalty,omitempty"`
	Stop                any            `json:"stop,omitempty" swaggertype:"string" extensions:"x-string-or-list"`
	Stream              bool           `json:"stream,omitempty"`
} //@name ChatRequest

// ChatMessage is one message. Content is a string or a list of content parts.
type ChatMessage struct {
	Role             string         `json:"role" example:"user"`
	Content          any            `json:"content,omitempty" swaggertype:"string" example:"Hello" extensions:"x-chat-content"`
	Name             string         `json:"name,omitempty"`
	Partial          bool           `json:"partial,omitempty"`
	ReasoningContent string         `json:"reasoning_content,omitempty"`
	ToolCalls        []ChatToolCall `json:"tool_calls,omitempty"`
	ToolCallID       string         `json:"tool_call_id,omitempty"`
} //@name ChatMessage

// ChatTool is a function that the model may call.
type ChatTool struct {
	Type     string       `json:"type" example:"function"`
	Function ChatFunction `json:"function"`
} //@name ChatTool

// ChatFunction declares a function.
type ChatFunction struct {
	Name        string         `json:"name" example:"get_weather"`
	Description string         `json:"description,omitempty"`
	Parameters  map[string]any `json:"parameters,omitempty" swaggertype:"object"`
} //@name ChatFunction

// ChatToolCall is a call that an assistant message made.
type ChatToolCall struct {
	ID       string           `json:"id,omitempty"`
	Type     string           `json:"type,omitempty" example:"function"`
	Function ChatFunctionCall `json:"function"`
} //@name ChatToolCall

// ChatFunctionCall is the function of a call.
type ChatFunctionCall struct {
	Name      string `json:"name" example:"get_weather"`
	Arguments string `json:"arguments" example:"{\"city\":\"Beijing\"}"`
} //@name ChatFunctionCall

// ChatThinking switches thinking on and off.
type ChatThinking struct {
	Type string `json:"type" example:"enabled"`
} //@name ChatThinking

// ChatRequestToCompare documents the body of a comparison: a [ChatRequest] that
// may leave the model out.
type ChatRequestToCompare struct {
	ChatRequest

	Model string `json:"model,omitempty" example:"kimi-k2.6"`
} //@name ChatRequestToCompare
