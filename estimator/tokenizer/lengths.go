package tokenizer

import "tollgate/estimator/tokenizer/pieces"

// Lengths returns the lengths in bytes of the tokens of text, which add up to
// len(text). It is for showing where tokens begin; [Tokenizer.Count] is several
// times faster.
func (t *Tokenizer) Lengths(text string, specials bool) []int {
	var lengths []int
	memory := t.scratch.Get().(*scratch) //nolint:errcheck,forcetypeassert // the pool holds nothing else
	defer t.scratch.Put(memory)
	m := &memory.merger
	chunks := pieces.NewChunks(text, t.limits)
	for part, ok := chunks.Next(); ok; part, ok = chunks.Next() {
		for specials {
			at, found := t.family.Find(part, 0)
			if !found {
				break
			}
			lengths = append(t.measure(m, lengths, part[:at.Start]), at.End-at.Start)
			part = part[at.End:]
		}
		lengths = t.measure(m, lengths, part)
	}
	return lengths
}

// measure appends the lengths of the tokens of a text without control tokens.
func (t *Tokenizer) measure(m *merger, lengths []int, text string) []int {
	for piece := range pieces.All(text) {
		lengths = m.appendLengths(lengths, t.vocab, piece)
	}
	return lengths
}

// appendLengths appends the lengths of the tokens of a piece.
func (m *merger) appendLengths(lengths []int, v *vocabulary, piece string) []int {
	for w := (windows{rest: piece, back: overlap, first: none}); w.rest != ""; {
		added, cut := w.merge(m, v)
		lengths = lengths[:len(lengths)+min(added, 0)]
		for at := 0; at < cut; {
			next := int(m.next[at])
			lengths = append(lengths, int(m.starts[next]-m.starts[at]))
			at = next
		}
	}
	return lengths
}
