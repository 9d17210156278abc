package estimator

// NoMessage is the Message of a segment that belongs to no message.
const NoMessage = -1

// Segment is a stretch of a rendered prompt: what one part of one message comes
// to. The segments of a prompt in order are the prompt, so two prompts share a
// cached prefix exactly as far as their segments do.
type Segment struct {
	Part    Part
	Message int // index in the request, or NoMessage

	// Text is the stretch as the template renders it, with control tokens spelled
	// out. Media stand in it as a digest of their bytes.
	Text   string
	Tokens int64
}
