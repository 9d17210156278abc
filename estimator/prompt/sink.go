package prompt

import (
	"strconv"

	"tollgate/estimator/chat"
)

// Section is the part of an estimate that tokens belong to.
type Section uint8

// The sections.
const (
	// System is the messages with role system, and what a template says to the
	// model on its own account.
	System Section = iota
	// Tools is the tool declaration.
	Tools
	// Messages is every other message.
	Messages
	// Media is the blocks of images and videos: their control tokens, the
	// words in them and the vision tokens.
	Media
	// GenerationPrompt is what a template adds after the last message to make
	// the model answer.
	GenerationPrompt
)

// String names the section as an estimate does.
func (s Section) String() string {
	switch s {
	case System:
		return "system"
	case Tools:
		return "tools"
	case Messages:
		return "messages"
	case Media:
		return "media"
	case GenerationPrompt:
		return "generation_prompt"
	}
	return "unknown"
}

// NoMessage is the message index of what belongs to no message of a request.
const NoMessage = -1

// Sink receives a rendered prompt in order.
//
// A call of Text is one whole text: what is tokenised by itself. Two calls in a
// row are two texts, and nothing merges across them. Sections change between
// calls, never inside a text, so the tokens of the sections add up to the
// tokens of the prompt.
type Sink interface {
	// Section says what the calls up to the next Section belong to: a section,
	// and a message by its index in the request, or NoMessage.
	Section(s Section, message int)
	// Special is one control token.
	Special(t Special)
	// Text is one text, never empty. Control tokens that are spelled out in it
	// count as control tokens when specials is true, and as ordinary text when
	// it is false.
	Text(text string, specials bool)
	// Media is vision tokens.
	Media(v Vision)
}

// Vision is the vision tokens of an image, of one chunk of a video, or of a
// whole video.
type Vision struct {
	Media   *chat.Media // nil if the content part carries no url
	Message int         // index of the message
	Part    int         // index of the content part

	// Tokens is the number of tokens, between Low and High. The three are equal
	// where it is known. Where it is not, Tokens is the middle of the bounds and
	// Reason says what is missing, as a sentence fragment.
	Low, Tokens, High int64
	Reason            string
}

// Exact reports whether the number of tokens is known.
func (v Vision) Exact() bool { return v.Low == v.High }

// Pointer is where the media stands in the request, as RFC 6901 has it.
func (v Vision) Pointer() string {
	return messagePointer(v.Message) + "/content/" + strconv.Itoa(v.Part)
}
