package local

import (
	"fmt"

	"tollgate/estimator"
	"tollgate/estimator/prompt"
)

// parts are the parts of an estimate in the order of the sections of a prompt.
var parts = [...]estimator.Part{
	prompt.System:           estimator.PartSystem,
	prompt.Tools:            estimator.PartTools,
	prompt.Messages:         estimator.PartMessages,
	prompt.Media:            estimator.PartMedia,
	prompt.GenerationPrompt: estimator.PartGenerationPrompt,
}

// stretch is how many bytes of short texts are counted from one pause to the
// next.
const stretch = 16 << 10

// sum is what one section comes to.
type sum struct {
	used   bool
	exact  int64 // control tokens, and media whose size is known
	text   Tally
	vision int64 // media whose size is only bounded
}

// sink adds up a prompt as it is rendered.
type sink struct {
	texts   *memo
	digests digests
	pause   func() // nil for none
	since   int    // bytes of text since the last one
	method  estimator.Method
	section prompt.Section
	sums    [len(parts)]sum

	visionLow, visionHigh int64
	unbounded             bool
	gaps                  []estimator.Gap
}

// Section notes where the next tokens belong.
func (s *sink) Section(section prompt.Section, _ int) {
	s.section = section
	s.sums[section].used = true
}

// Special adds a control token.
func (s *sink) Special(prompt.Special) { s.sums[s.section].exact++ }

// Text adds a text.
func (s *sink) Text(text string, specials bool) {
	sum := &s.sums[s.section]
	sum.text.add(s.texts.tally(text, s.digests.of(text), specials, s.pause))
	if s.since += len(text); s.since >= stretch {
		s.since = 0
		if s.pause != nil {
			s.pause()
		}
	}
}

// Media adds vision tokens.
func (s *sink) Media(v prompt.Vision) {
	sum := &s.sums[s.section]
	if v.Exact() {
		sum.exact += v.Tokens
		return
	}
	s.gaps = append(s.gaps, estimator.Gap{
		Pointer: fmt.Sprintf("/messages/%d/content/%d", v.Message, v.Part),
		Reason:  v.Reason, Uncounted: true,
	})
	sum.vision += v.Tokens
	s.visionLow += v.Low
	s.visionHigh += v.High
	s.unbounded = s.unbounded || v.High == prompt.Unbounded
}

// count returns what the prompt came to. Its bounds are those of the whole
// text, which are narrower than the bounds of the parts taken together.
func (s *sink) count() estimator.Count {
	c := estimator.Count{Method: s.method, Gaps: s.gaps, Parts: make([]estimator.PartCount, 0, len(parts))}
	var whole Tally
	var exact int64
	for i := range s.sums {
		sum := &s.sums[i]
		if !sum.used {
			continue
		}
		_, tokens, _ := s.texts.Bounds(sum.text)
		tokens += sum.exact + sum.vision
		c.Parts = append(c.Parts, estimator.PartCount{Part: parts[i], Tokens: tokens, Method: s.method})
		c.Tokens += tokens
		whole.add(sum.text)
		exact += sum.exact
	}
	low, _, high := s.texts.Bounds(whole)
	c.Low = min(low+exact+s.visionLow, c.Tokens)
	c.High = max(high+exact+s.visionHigh, c.Tokens)
	if s.unbounded {
		c.High = estimator.Unbounded
	}
	return c
}
