package tokenizer

import "slices"

// largeMerge merges any number of parts. Over the keys of the parts stands a
// tree in which each node is the least of fanout below it, so that the least of
// all is at its top, and a merge changes a few nodes on the way up. The work of
// a merge grows with the logarithm of the number of parts.
type largeMerge struct {
	parts []part
	// levels are the keys and above them the minima up to level top, which has
	// no more than fanout. All are padded to a multiple of fanout with largeNone.
	levels [][]uint64
	top    int
}

// part is a token of a largeMerge, at the place of its first byte. One that was
// merged into the part before it is passed over.
type part struct {
	id         uint32
	next, prev uint32
}

const (
	fanoutBits = 3
	fanout     = 1 << fanoutBits
	// largeNone is the key of neighbours that do not merge. Other keys are what
	// they merge into, above the place of the first, so that the leftmost of
	// equals is the least.
	largeNone = uint64(none) << 32
)

// load makes the bytes of piece the parts.
func (m *largeMerge) load(v *vocabulary, piece string) {
	m.parts = slices.Grow(m.parts[:0], len(piece))[:len(piece)]
	keys := m.level(0, len(piece))
	for i := range m.parts {
		m.parts[i] = part{v.bytes.ids[piece[i]], uint32(i) + 1, uint32(i) - 1}
		if i > 0 {
			union := v.bytes.unions[uint32(piece[i-1])<<8|uint32(piece[i])]
			keys[i-1] = largeKey(union, uint32(i)-1)
		}
	}
	m.build()
}

// level returns the level of that depth for n keys, all none.
func (m *largeMerge) level(depth, n int) []uint64 {
	for len(m.levels) <= depth {
		m.levels = append(m.levels, nil)
	}
	padded := (n + fanout - 1) &^ (fanout - 1)
	keys := slices.Grow(m.levels[depth][:0], padded)[:padded]
	for i := range keys {
		keys[i] = largeNone
	}
	m.levels[depth] = keys
	return keys
}

// build fills the levels above the keys.
func (m *largeMerge) build() {
	m.top = 0
	for below := m.levels[0]; len(below) > fanout; {
		m.top++
		keys := m.level(m.top, len(below)/fanout)
		for i := range len(below) / fanout {
			keys[i] = least(below[i*fanout:])
		}
		below = keys
	}
}

// largeKey packs a union and a place.
func largeKey(union, at uint32) uint64 {
	if union == none {
		return largeNone
	}
	return uint64(union)<<32 | uint64(at)
}

// least returns the least of the first fanout keys.
func least(keys []uint64) uint64 {
	k := (*[fanout]uint64)(keys)
	return min(k[0], k[1], k[2], k[3], k[4], k[5], k[6], k[7])
}

// lift brings the minima above a part up to date.
func (m *largeMerge) lift(at uint32) {
	for depth := 1; depth <= m.top; depth++ {
		at >>= fanoutBits
		key := least(m.levels[depth-1][at<<fanoutBits:])
		node := &m.levels[depth][at]
		if *node == key {
			return
		}
		*node = key
	}
}

// run merges what can be merged, and returns the number of tokens left.
func (m *largeMerge) run(v *vocabulary) int {
	top := m.levels[m.top]
	for left := len(m.parts); ; left-- {
		best := least(top)
		if best >= largeNone {
			return left
		}
		m.merge(v, uint32(best), uint32(best>>32))
	}
}

// merge makes the part at at and the one after it into id.
func (m *largeMerge) merge(v *vocabulary, at, id uint32) {
	keys := m.levels[0]
	p := &m.parts[at]
	gone := p.next
	p.id, p.next = id, m.parts[gone].next
	keys[gone], keys[at] = largeNone, largeNone
	if int(p.next) < len(m.parts) {
		after := &m.parts[p.next]
		after.prev = at
		keys[at] = largeKey(v.pairs.union(id, after.id), at)
	}
	before := at
	if at > 0 {
		before = p.prev
		keys[before] = largeKey(v.pairs.union(m.parts[before].id, id), before)
	}
	// The three lie near each other, mostly below one node.
	m.lift(at)
	if gone>>fanoutBits != at>>fanoutBits {
		m.lift(gone)
	}
	if before>>fanoutBits != at>>fanoutBits {
		m.lift(before)
	}
}
