package local

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"

	"tollgate/estimator"
	"tollgate/estimator/chat"
	"tollgate/estimator/prompt"
	"tollgate/estimator/tokenizer/pieces"
	"tollgate/pricing"
)

// Outline returns the prompt that req becomes, segment by segment. Its tokens
// are those of Count, but for rounding. Errors are those of Count.
func (c *Counter) Outline(ctx context.Context, req *chat.Request, model *pricing.Model) ([]estimator.Segment, error) {
	profile, ok := prompt.For(model.Family)
	if !ok {
		return nil, fmt.Errorf("outline for model %s: %w", model.ID, ErrNoTemplate)
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("outline: %w", err)
	}
	s := &outlineSink{sink: c.sink(profile, req), message: prompt.NoMessage}
	profile.Render(req, s)
	s.flush()
	return s.segments, nil
}

// Tokens returns what a stretch of text comes to, as the counter's best single
// number.
func (c *Counter) Tokens(text string) int64 {
	texts := c.texts[pieces.K25]
	_, tokens, _ := texts.Bounds(texts.Tally(text, true, c.pause))
	return tokens
}

// outlineSink collects a prompt segment by segment.
type outlineSink struct {
	sink

	message  int
	begun    bool
	text     strings.Builder
	segments []estimator.Segment
}

// Section begins a segment.
func (s *outlineSink) Section(section prompt.Section, message int) {
	s.flush()
	s.begun, s.message = true, message
	s.sink.Section(section, message)
}

// Special adds a control token.
func (s *outlineSink) Special(t prompt.Special) {
	s.text.WriteString(t.String())
	s.sink.Special(t)
}

// Text adds a text.
func (s *outlineSink) Text(text string, specials bool) {
	s.text.WriteString(text)
	s.sink.Text(text, specials)
}

// Media adds vision tokens. The bytes they stand for are told apart by their
// digest.
func (s *outlineSink) Media(v prompt.Vision) {
	var digest [32]byte
	if v.Media != nil {
		digest = v.Media.Digest()
	}
	fmt.Fprintf(&s.text, "<%s %d>", hex.EncodeToString(digest[:]), v.Tokens)
	s.sink.Media(v)
}

// flush books the segment that has come since the last Section.
func (s *outlineSink) flush() {
	if s.begun {
		s.segments = append(s.segments, estimator.Segment{
			Part: parts[s.section], Message: s.message, Text: s.text.String(), Tokens: s.sink.count().Tokens,
		})
	}
	s.text.Reset()
	s.sink = sink{texts: s.texts, digests: s.digests, pause: s.pause}
}
