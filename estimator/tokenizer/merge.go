package tokenizer

// maxSmall is the most parts that mergeSmall takes. Its work grows with the
// square of their number; at 32 it is as fast as backtracking.
const maxSmall = 32

// smallMerge is the state of merging a few parts by the letter: the tokens that
// are left, and what each merges into with the one after it, or none.
type smallMerge struct {
	ids    [maxSmall]uint32
	unions [maxSmall]uint32
	n      int
}

// run merges what can be merged, and returns the number of tokens left.
func (m *smallMerge) run(v *vocabulary) int {
	n := m.n
	for {
		best, at := uint32(none), 0
		for i, u := range m.unions[:n-1] {
			if u < best {
				best, at = u, i
			}
		}
		if best == none {
			return n
		}
		n--
		copy(m.ids[at+1:n], m.ids[at+2:n+1])
		copy(m.unions[at+1:n], m.unions[at+2:n+1])
		m.ids[at] = best
		if at > 0 {
			m.unions[at-1] = v.pairs.union(m.ids[at-1], best)
		}
		if at+1 < n {
			m.unions[at] = v.pairs.union(best, m.ids[at+1])
		}
	}
}

// countSmall returns the number of tokens of a piece of 2 to maxSmall bytes.
func (v *vocabulary) countSmall(piece string) int {
	var m smallMerge
	m.n = len(piece)
	last := uint32(v.bytes.ids[piece[0]])
	m.ids[0] = last
	for i := 1; i < len(piece); i++ {
		id := v.bytes.ids[piece[i]]
		m.ids[i] = id
		m.unions[i-1] = v.bytes.unions[uint32(piece[i-1])<<8|uint32(piece[i])]
	}
	return m.run(v)
}

// countHan returns the number of tokens of a text of 2 to maxSmall common Han
// characters, or 0 if it can not tell.
//
// It begins with the tokens of the characters instead of their bytes. That is
// exact where no token spans two of them and holds but a part of one: then a
// character's own bytes have merged before any merge it takes part in, as every
// token is younger than its halves.
func (v *vocabulary) countHan(text string) int {
	var m smallMerge
	m.n = len(text) / hanBytes
	last := hanChar{}
	for i := range m.n {
		index, _ := hanIndex(text, i*hanBytes)
		char := v.han.chars[index]
		if char.token == none || last.left&char.right != 0 {
			return 0
		}
		m.ids[i] = char.token
		if i > 0 {
			m.unions[i-1] = v.pairs.union(last.token, char.token)
		}
		last = char
	}
	return m.run(v)
}

// byteTable has the tokens of single bytes and what pairs of them merge into.
type byteTable struct {
	ids    [256]uint32
	unions [256 * 256]uint32
}

// fillBytes fills in the table of bytes, once the pairs are known.
func (v *vocabulary) fillBytes() {
	for c := range v.bytes.ids {
		v.bytes.ids[c] = v.trie.find(string([]byte{byte(c)}))
	}
	for i := range v.bytes.unions {
		v.bytes.unions[i] = v.pairs.union(v.bytes.ids[i>>8], v.bytes.ids[i&0xFF])
	}
}
