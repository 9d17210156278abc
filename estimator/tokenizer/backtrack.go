package tokenizer

// mayStand reports whether merging the bytes of the tokens a and b, side by
// side, leaves just a and b.
//
// It undoes the merges of both, the youngest first. If at some time a merge
// across the edge was possible that is older than those undone so far, merging
// would have taken it first. Of two merges of equal age the left one goes first,
// hence the +1.
func (v *vocabulary) mayStand(a, b uint32) bool {
	limit := uint32(none)
	for {
		ta, tb := &v.tokens[a], &v.tokens[b]
		if v.pairs.union(a, b) < limit {
			return false
		}
		switch {
		case ta.left != a && (a > b || tb.left == b):
			limit, a = a, ta.right
		case tb.left != b:
			limit, b = b+1, tb.left
		default: // two bytes
			return true
		}
	}
}

// scratch is memory kept from one text to the next.
type scratch struct {
	stack []uint32 // the tokens found so far
	dead  []uint64 // a bit for each place in the text that no tokens lead to
	memo  memo
}

// pop removes the last token of the stack.
func (s *scratch) pop() uint32 {
	last := s.stack[len(s.stack)-1]
	s.stack = s.stack[:len(s.stack)-1]
	return last
}

// merge leaves the tokens of piece on the stack of s.
//
// The tokens of a text are the only sequence in which each two neighbours may
// stand side by side (that holds as every token is younger than its halves,
// which newVocabulary makes sure of). So it takes the longest token that may
// stand after the last one; if there is none, the last one was too long. A place
// once found to be a dead end stays one, for only one sequence leads to it.
func (v *vocabulary) merge(s *scratch, piece string) {
	s.stack = s.stack[:0]
	s.dead = append(s.dead[:0], make([]uint64, len(piece)/64+1)...)
	pos, next := 0, v.trie.longest(piece)
	for pos < len(piece) {
		end := pos + int(v.tokens[next].length)
		if s.dead[end/64]>>(end%64)&1 == 0 && (pos == 0 || v.mayStand(s.stack[len(s.stack)-1], next)) {
			s.stack = append(s.stack, next)
			pos = end
			next = v.trie.longest(piece[pos:])
			continue
		}
		if next = v.tokens[next].prefix; next != none {
			continue
		}
		s.dead[pos/64] |= 1 << (pos % 64)
		next = s.pop()
		pos -= int(v.tokens[next].length)
	}
}
