package chat

import "tollgate/estimator/media"

// Request is a chat completion request, seen once. It is never changed after it
// was scanned, so it is safe for concurrent use.
type Request struct {
	Model    string
	Messages []Message
	Tools    []Tool

	ToolChoice      ToolChoice
	ResponseFormat  string // compact JSON in the caller's key order; empty if absent or null
	Thinking        Thinking
	ReasoningEffort string // empty if absent

	Sampling            Sampling
	Stop                []string
	StopBare            bool // stop was one string, not an array
	MaxTokens           *int64
	MaxCompletionTokens *int64

	Size int64    // bytes of the body
	Hash [32]byte // canonical hash of what the count depends on

	digests []TextDigest
	extra   []member
	body    []byte          // what was read, if it was kept
	backing Backing         // of what was read, where it was not kept; may be nil
	whole   span            // of the request itself in it
	spans   [forwarded]span // in body
}

// Message is one message of the conversation.
type Message struct {
	Role    string
	Content Content

	more *more // nil when there is nothing in it
}

// ContentKind is the JSON shape that content had.
type ContentKind uint8

// The shapes of content.
const (
	ContentAbsent ContentKind = iota
	ContentNull
	ContentText  // a string
	ContentParts // an array of parts
)

// Content is a message's content.
type Content struct {
	Kind  ContentKind
	Text  string // of ContentText
	Parts []Part // of ContentParts
}

// Part is one element of a content array.
type Part struct {
	Type  string // as sent: "text", "image_url", "image", "video_url", "video", or something unknown
	Text  string
	Media *Media // of image and video parts; nil if the part carries no url

	extra *[]member // nil when there is none
}

// Source is where a media part says its bytes are.
type Source uint8

// The sources of media. The vendor accepts the first two.
const (
	SourceData  Source = iota // a data: URL with base64 content
	SourceFile                // ms://<file-id>, uploaded before
	SourceOther               // anything else: a public URL, a path, a broken data URL
)

// Media is an image or a video of a content part.
type Media struct {
	Kind      media.Kind
	Source    Source
	MediaType string     // what the data URL claims, such as "image/png"; lower case, no parameters
	Info      media.Info // what the bytes say; zero unless Source is SourceData
	Bytes     int64      // length of the url string, in bytes

	digest [32]byte // of the url string
	extra  []member
}

// Tool is one entry of tools.
type Tool struct {
	Type     string
	Function *Function // nil if absent or null

	// JSON is the whole entry as compact JSON. The keys of the entry and of its
	// function stand in a fixed order, those inside of parameters in the
	// caller's: that is how far key order is content.
	JSON string

	members []kept
}

// Function is a tool's function.
type Function struct {
	Name        string
	Description string
	Parameters  string // the JSON schema as compact JSON in the caller's key order; empty if absent or null

	members []kept
}

// ToolCall is a call that an assistant message made.
type ToolCall struct {
	ID           string
	Type         string
	Name         string
	Arguments    string // a string as it is; an object as compact JSON in the caller's key order
	ArgumentsRaw bool   // the arguments came as a JSON value that is not a string

	extra []member
}

// Thinking is the thinking parameter.
type Thinking struct {
	Set  bool   // the parameter was an object
	Type string // "enabled", "disabled", or what the caller wrote; empty if absent
	Keep string // empty if absent or null

	extra []member
}

// Disabled reports whether the caller switched thinking off.
func (t Thinking) Disabled() bool { return t.Type == "disabled" }

// ToolChoice is the tool_choice parameter.
type ToolChoice struct {
	Mode     string // "auto", "none", "required", another string, or "specified" for an object; empty if absent
	Function string // the function an object names

	extra []member
}

// Number is a JSON number exactly as written.
type Number string

// Sampling is the parameters that change what is generated and never what is
// counted. A nil member was absent or null.
type Sampling struct {
	Temperature      *Number
	TopP             *Number
	PresencePenalty  *Number
	FrequencyPenalty *Number
	N                *Number
	Stream           bool
}

// Digest identifies the bytes that the media's url stands for: a hash of the
// url string as it was sent.
func (m *Media) Digest() [32]byte { return m.digest }
