package tokenizer

import (
	"strings"

	"tollgate/estimator/tokenizer/pieces"
)

// New makes a tokenizer of a list of ordinary tokens.
func New(list []string) (*Tokenizer, error) {
	starts := make([]uint32, 1, len(list)+1)
	for _, s := range list {
		starts = append(starts, starts[len(starts)-1]+uint32(len(s)))
	}
	return newTokenizer(tokenList{strings.Join(list, ""), starts})
}

// WithLimits returns t with other limits of length.
func (t *Tokenizer) WithLimits(limits pieces.Limits) *Tokenizer {
	other := *t
	other.limits = limits
	return &other
}

// EncodePiece returns the tokens of bytes that the pattern does not cut.
func (t *Tokenizer) EncodePiece(piece string) []int {
	return new(merger).appendTo(nil, t.vocab, piece)
}

// Union returns what two ordinary tokens merge into, or -1.
func (t *Tokenizer) Union(left, right int) int {
	if id := t.vocab.pairs.union(uint32(left), uint32(right)); id != none {
		return int(id)
	}
	return -1
}

// List returns the bytes of the tokens of a vocabulary file.
func List(file string) ([]string, error) {
	list, err := readList(strings.NewReader(file))
	out := make([]string, 0, FileTokens)
	for id := range max(0, len(list.starts)-1) {
		out = append(out, list.at(id))
	}
	return out, err
}

// Reach returns how many bytes before the end of a text its end can make a
// difference.
func (t *Tokenizer) Reach() int { return t.vocab.reach }
