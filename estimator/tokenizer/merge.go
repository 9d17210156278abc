package tokenizer

// merger merges bytes into tokens by the letter: of all neighbours that merge,
// those with the lowest union go first, the leftmost of equals. It keeps its
// memory from one piece to the next.
type merger struct {
	small smallMerge
	large largeMerge
}

// count returns the number of tokens of a piece.
func (m *merger) count(v *vocabulary, piece string) int {
	if len(piece) <= maxSmall {
		m.small.load(v, piece)
		return m.small.run(v)
	}
	m.large.load(v, piece)
	return m.large.run(v)
}

// appendTo appends the tokens of a piece to ids.
func (m *merger) appendTo(ids []int, v *vocabulary, piece string) []int {
	m.count(v, piece)
	if len(piece) > maxSmall {
		for at := 0; at < len(piece); at = int(m.large.parts[at].next) {
			ids = append(ids, int(m.large.parts[at].id))
		}
		return ids
	}
	for at := 0; at < len(piece); at = int(m.small.next[at]) {
		ids = append(ids, int(m.small.ids[at]))
	}
	return ids
}

// halves returns the tokens of text if they are two.
func (m *merger) halves(v *vocabulary, text string) (left, right uint32, ok bool) {
	if m.count(v, text) != 2 {
		return 0, 0, false
	}
	if len(text) > maxSmall {
		parts := m.large.parts
		return parts[0].id, parts[parts[0].next].id, true
	}
	return m.small.ids[0], m.small.ids[m.small.next[0]], true
}

const (
	// maxSmall is the most parts of a smallMerge. Its work grows with the square
	// of their number, but a few dozen numbers are compared faster than any
	// structure over them is kept.
	maxSmall = 32
	// placeBits holds the place of a part.
	placeBits = 5
	// smallNone is the key of neighbours that do not merge, or a little less.
	smallNone = none << placeBits
)

// smallMerge merges a few parts. A part keeps its place; one that was merged
// into the part before it is passed over by next and prev.
type smallMerge struct {
	n    int
	keys [maxSmall]uint32 // of each part: what it merges into with the next one, and its place
	ids  [maxSmall]uint32
	next [maxSmall + 1]uint8
	prev [maxSmall + 1]uint8
}

// add appends a part, and what the one before it merges into with it.
func (m *smallMerge) add(id, union uint32) {
	i := m.n & (maxSmall - 1)
	m.n = i + 1
	m.ids[i] = id
	m.keys[i] = smallNone
	m.next[i] = uint8(i + 1)
	m.prev[i+1] = uint8(i)
	if i > 0 {
		m.keys[i-1] = union<<placeBits | uint32(i-1)
	}
}

// load makes the bytes of piece the parts.
func (m *smallMerge) load(v *vocabulary, piece string) {
	m.n = 0
	before := uint32(0)
	for i := range len(piece) {
		pair := before<<8&0xFF00 | uint32(piece[i])
		m.add(v.bytes.ids[piece[i]], v.bytes.unions[pair])
		before = pair
	}
}

// run merges what can be merged, and returns the number of tokens left.
func (m *smallMerge) run(v *vocabulary) int {
	const mask = maxSmall - 1 // every place is less than maxSmall; this tells the compiler
	for left := m.n; ; left-- {
		best := uint32(smallNone)
		for _, key := range m.keys[:m.n] {
			best = min(best, key)
		}
		if best >= smallNone {
			return left
		}
		at, id := best&mask, best>>placeBits
		gone := m.next[at] & mask
		after := m.next[gone]
		m.ids[at], m.next[at], m.prev[after] = id, after, uint8(at)
		m.keys[gone], m.keys[at] = smallNone, smallNone
		if int(after) < m.n {
			m.keys[at] = v.pairs.union(id, m.ids[after&mask])<<placeBits | at
		}
		if at > 0 {
			before := uint32(m.prev[at]) & mask
			m.keys[before] = v.pairs.union(m.ids[before], id)<<placeBits | before
		}
	}
}
