package lint

// Severity is how bad a finding is.
type Severity string

// The severities. An error is what the vendor would refuse, or what nobody
// could count; a warning costs money for nothing or will stop to work; an info
// is worth knowing.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Info    Severity = "info"
)

// Code is the stable name of a kind of finding. Codes are only ever added.
type Code string

// The codes.
const (
	ParameterFixed        Code = "parameter_fixed"
	ParameterDeprecated   Code = "parameter_deprecated"
	ThinkingInvalid       Code = "thinking_invalid"
	ImageFormat           Code = "image_format"
	VideoFormat           Code = "video_format"
	MediaURL              Code = "media_url"
	MediaUnreadable       Code = "media_unreadable"
	MediaResolution       Code = "media_resolution"
	MediaUnsupported      Code = "media_unsupported"
	BodyTooLarge          Code = "body_too_large"
	ContentEmpty          Code = "content_empty"
	ToolNameInvalid       Code = "tool_name_invalid"
	ToolsTooMany          Code = "tools_too_many"
	StopInvalid           Code = "stop_invalid"
	ToolChoiceThinking    Code = "tool_choice_thinking"
	ContextWindowExceeded Code = "context_window_exceeded"
	ThinkingBudgetSmall   Code = "thinking_budget_small"
	ModelRetired          Code = "model_retired"
	CountIncomplete       Code = "count_incomplete"
	VendorUnavailable     Code = "vendor_unavailable"
)

// Finding is one thing a request's author should know before it is sent.
type Finding struct {
	Code     Code
	Severity Severity
	Pointer  string // RFC 6901, into the request; empty for the whole of it
	Message  string // what is wrong, without any prompt text
	Fix      string // what to do about it
}
