package tokenizer

import (
	"sync"

	"tollgate/estimator/tokenizer/pieces"
)

// Tokenizer counts tokens. It is safe for concurrent use. Make one with [Open]
// or [Load].
type Tokenizer struct {
	vocab   *vocabulary
	family  pieces.Family
	limits  pieces.Limits
	scratch *sync.Pool // of *scratch
}

// newTokenizer makes a tokenizer of the ordinary tokens in list.
func newTokenizer(list tokenList) (*Tokenizer, error) {
	v, err := newVocabulary(list)
	if err != nil {
		return nil, err
	}
	return &Tokenizer{
		vocab:   v,
		family:  pieces.K25,
		limits:  pieces.KimiLimits(),
		scratch: &sync.Pool{New: func() any { return new(scratch) }},
	}, nil
}

// For returns a tokenizer with the control tokens of family. It shares the
// vocabulary with t.
func (t *Tokenizer) For(family pieces.Family) *Tokenizer {
	other := *t
	other.family = family
	return &other
}

// Family returns the family whose control tokens t knows.
func (t *Tokenizer) Family() pieces.Family { return t.family }

// Size returns the number of tokens, control tokens included.
func (t *Tokenizer) Size() int { return pieces.LastSpecial + 1 }

// Count returns the number of tokens of text. If specials is set, the name of a
// control token in text is that token; else it is plain text. Text should be
// valid UTF-8; a byte that is not counts like a punctuation character of one
// byte.
//
// Count takes time in proportion to the length of text, whatever the text. The
// longest pieces that the limits of length allow, of random or repeated characters
// or of words without anything between them, cost up to three and a half times as
// much a byte as prose. It allocates nothing but the memory it merges in, which it
// keeps for the next text.
func (t *Tokenizer) Count(text string, specials bool) int64 {
	return t.CountPausing(text, specials, nil)
}

// CountPausing is Count that calls pause every 16 KiB or so, for others to have
// their turn. A nil pause is never called.
func (t *Tokenizer) CountPausing(text string, specials bool, pause func()) int64 {
	c := counter{vocab: t.vocab, pool: t.scratch, left: stretch, pause: pause}
	chunks := pieces.NewChunks(text, t.limits)
	for part, ok := chunks.Next(); ok; part, ok = chunks.Next() {
		if specials {
			part = t.countSpecials(&c, part)
		}
		c.text(part)
	}
	c.release()
	return c.n
}

// countSpecials counts part up to the end of its last control token and
// returns the rest.
func (t *Tokenizer) countSpecials(c *counter, part string) string {
	for {
		at, ok := t.family.Find(part, 0)
		if !ok {
			return part
		}
		c.text(part[:at.Start])
		c.n++
		part = part[at.End:]
	}
}

// Encode returns the numbers of the tokens of text. It is for tests and tools:
// [Tokenizer.Count] is several times faster.
func (t *Tokenizer) Encode(text string, specials bool) []int {
	return t.walk(text, specials, (*merger).appendTo, func(at pieces.Special) int { return at.ID })
}

// walk goes through the tokens of text in their order, and appends what plain
// says of those of a piece and special of a control token.
func (t *Tokenizer) walk(text string, specials bool, plain func(*merger, []int, *vocabulary, string) []int, special func(pieces.Special) int) []int {
	var out []int
	memory := t.scratch.Get().(*scratch) //nolint:errcheck,forcetypeassert // the pool holds nothing else
	defer t.scratch.Put(memory)
	between := func(part string) {
		for piece := range pieces.All(part) {
			out = plain(&memory.merger, out, t.vocab, piece)
		}
	}
	chunks := pieces.NewChunks(text, t.limits)
	for part, ok := chunks.Next(); ok; part, ok = chunks.Next() {
		for specials {
			at, found := t.family.Find(part, 0)
			if !found {
				break
			}
			between(part[:at.Start])
			out = append(out, special(at))
			part = part[at.End:]
		}
		between(part)
	}
	return out
}
