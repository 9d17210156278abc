package local

import (
	"tollgate/estimator/tokenizer"
	"tollgate/pricing"
)

// Cutter says where the tokens of a text are, for pages that show them. It is
// safe for concurrent use.
type Cutter struct{ tokens *tokenizer.Tokenizer }

// NewCutter returns a cutter over the real vocabulary.
func NewCutter(t *tokenizer.Tokenizer) *Cutter { return &Cutter{t} }

// Lengths returns the lengths in bytes of the tokens of a text of a message to
// model, as the prompt would have it by itself. They add up to len(text).
func (c *Cutter) Lengths(text string, model *pricing.Model) []int {
	return c.tokens.For(names(model.Family)).Lengths(text, true)
}
