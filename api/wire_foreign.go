package api

import "net/http"

// AnthropicRequest documents the body of Anthropic's count_tokens. It is never
// decoded into; package foreign reads bodies.
type AnthropicRequest struct {
	Model      string             `json:"model" example:"kimi-k2.6"`
	Messages   []AnthropicMessage `json:"messages"`
	System     any                `json:"system,omitempty" swaggertype:"string" extensions:"x-chat-content"`
	Tools      []AnthropicTool    `json:"tools,omitempty"`
	ToolChoice map[string]any     `json:"tool_choice,omitempty" swaggertype:"object"`
	Thinking   map[string]any     `json:"thinking,omitempty" swaggertype:"object"`
} //@name ChatAnthropicRequest

// AnthropicMessage is one message. Content is a string or a list of blocks.
type AnthropicMessage struct {
	Role    string `json:"role" enums:"user,assistant" example:"user"`
	Content any    `json:"content" swaggertype:"string" example:"Hello" extensions:"x-chat-content"`
} //@name ChatAnthropicMessage

// AnthropicTool is a function that the model may call.
type AnthropicTool struct {
	Name        string         `json:"name" example:"get_weather"`
	Description string         `json:"description,omitempty"`
	InputSchema map[string]any `json:"input_schema" swaggertype:"object"`
} //@name ChatAnthropicTool

// AnthropicCount is the answer of Anthropic's count_tokens.
type AnthropicCount struct {
	InputTokens int64 `json:"input_tokens" example:"19"`
} //@name AnthropicCount

// AnthropicProblem is an error as Anthropic's clients read it.
type AnthropicProblem struct {
	Type      string        `json:"type" enums:"error" example:"error"`
	Error     AnthropicBody `json:"error"`
	RequestID string        `json:"request_id" example:"3MZQJH5XWGK2LT7VFN4RBYPCDA"`
} //@name AnthropicError

// AnthropicBody is what is wrong.
type AnthropicBody struct {
	Type    string `json:"type" example:"invalid_request_error"`
	Message string `json:"message" example:"/messages/0/role: must be user or assistant"`
} //@name AnthropicErrorBody

// OpenAIRequest documents the body of OpenAI's input_tokens. It is never
// decoded into; package foreign reads bodies.
type OpenAIRequest struct {
	Model        string         `json:"model" example:"kimi-k2.6"`
	Input        any            `json:"input,omitempty" swaggertype:"string" example:"Hello" extensions:"x-chat-content"`
	Instructions string         `json:"instructions,omitempty"`
	Tools        []OpenAITool   `json:"tools,omitempty"`
	ToolChoice   any            `json:"tool_choice,omitempty" swaggertype:"string" extensions:"x-string-or-object"`
	Reasoning    map[string]any `json:"reasoning,omitempty" swaggertype:"object"`
	Text         map[string]any `json:"text,omitempty" swaggertype:"object"`
} //@name ChatOpenAIRequest

// OpenAITool is a function that the model may call.
type OpenAITool struct {
	Type        string         `json:"type" enums:"function" example:"function"`
	Name        string         `json:"name" example:"get_weather"`
	Description string         `json:"description,omitempty"`
	Parameters  map[string]any `json:"parameters,omitempty" swaggertype:"object"`
	Strict      bool           `json:"strict,omitempty"`
} //@name ChatOpenAITool

// OpenAICount is the answer of OpenAI's input_tokens.
type OpenAICount struct {
	Object      string `json:"object" enums:"response.input_tokens" example:"response.input_tokens"`
	InputTokens int64  `json:"input_tokens" example:"19"`
} //@name OpenAICount

// OpenAIProblem is an error as OpenAI's clients read it.
type OpenAIProblem struct {
	Error OpenAIBody `json:"error"`
} //@name OpenAIError

// OpenAIBody is what is wrong. Param is the place in the body, if it is known.
type OpenAIBody struct {
	Message string  `json:"message" example:"/input/0/role: must be user, assistant, system or developer"`
	Type    string  `json:"type" example:"invalid_request_error"`
	Param   *string `json:"param" example:"/input/0/role" extensions:"x-nullable"`
	Code    string  `json:"code" example:"body_untranslatable"`
} //@name OpenAIErrorBody

// foreignStatus is the status of an error where a body that is refused is
// always a bad request.
func foreignStatus(e *Error) int {
	if e.Status == http.StatusUnprocessableEntity {
		return http.StatusBadRequest
	}
	return e.Status
}

// anthropicTypes is what Anthropic calls its errors, by status:
// https://platform.claude.com/docs/en/api/errors.
var anthropicTypes = map[int]string{
	http.StatusUnauthorized:          "authentication_error",
	http.StatusForbidden:             "permission_error",
	http.StatusNotFound:              "not_found_error",
	http.StatusRequestEntityTooLarge: "request_too_large",
	http.StatusTooManyRequests:       "rate_limit_error",
	http.StatusServiceUnavailable:    "overloaded_error",
	http.StatusGatewayTimeout:        "timeout_error",
}

func newAnthropicProblem(e *Error, id string) AnthropicProblem {
	kind := anthropicTypes[e.Status]
	switch {
	case kind != "":
	case e.Status >= http.StatusInternalServerError:
		kind = "api_error"
	default:
		kind = "invalid_request_error"
	}
	return AnthropicProblem{Type: "error", Error: AnthropicBody{Type: kind, Message: e.Detail}, RequestID: id}
}

// newOpenAIProblem names the types as OpenAI does, which are those of the
// vendor for the most part.
func newOpenAIProblem(e *Error) OpenAIProblem {
	body := OpenAIBody{Message: e.Detail, Code: e.Code}
	switch status := foreignStatus(e); {
	case status == http.StatusTooManyRequests:
		body.Type = "rate_limit_error"
	case status >= http.StatusInternalServerError:
		body.Type = "server_error"
	default:
		body.Type = "invalid_request_error"
	}
	if len(e.Fields) > 0 && e.Fields[0].Pointer != "" {
		body.Param = &e.Fields[0].Pointer
	}
	return OpenAIProblem{Error: body}
}
