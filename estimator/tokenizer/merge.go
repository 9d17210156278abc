package tokenizer

// merger merges bytes into tokens by the letter: of all neighbours that merge,
// those with the lowest union go first, the leftmost of equals. It keeps its
// memory from one piece to the next.
//
// Over the keys of the parts stands a tree in which each node is the least of
// fanout below it, so that the least of all is near its top, and a merge changes
// a few nodes on the way up. It is low, and in the cache next to the processor, as
// a piece of more parts than it has room for is merged in windows (windows.go).
type merger struct {
	n   int    // parts
	top uint32 // where the highest level in use begins
	// tree has the keys, and above them the levels of minima.
	tree [treeNodes]uint32
	// A part keeps its place. One that was merged into the part before it is
	// passed over by next and prev.
	ids  [window + 1]uint32
	next [window]uint16
	prev [window + 1]uint16
	// starts are the bytes of the piece where the parts started.
	starts [window + 1]uint16
}

const (
	// window is the most parts that are merged at once.
	window    = 1 << placeBits
	placeBits = 10
	fanout    = 8
	fanout2   = fanout * fanout
	// flat is up to how many nodes are compared without a level above them.
	flat = 2 * fanout
	// Where the levels of the tree begin. The last has flat nodes.
	level1    = window
	level2    = level1 + window/fanout
	treeNodes = level2 + window/fanout2
	// noKey is the key of neighbours that do not merge, or a little less. Other
	// keys are what they merge into, above the place of the first, so that the
	// leftmost of equals is the least.
	noKey = none << placeBits
	// maxReach is the most bytes that a token may have, and over which the end of a
	// text may reach back: a full window then has a token beyond that.
	maxReach = window/2 - fanout
)

// halves returns the tokens of text if they are two.
func (m *merger) halves(v *vocabulary, text string) (left, right uint32, ok bool) {
	if text == "" || m.load(v, text) < len(text) || m.run(v) != 2 {
		return 0, 0, false
	}
	return m.ids[0], m.ids[m.next[0]], true
}

// build ends the parts at a byte of the piece, finds their keys, and fills the tree.
func (m *merger) build(v *vocabulary, end int) {
	m.ids[m.n], m.starts[m.n], m.prev[0] = none, uint16(end), 0
	v.pairs.unions(m.tree[:m.n], m.ids[:m.n])
	m.tree[m.n-1] = noKey
	m.pad(0, m.n)
	m.top = 0
	if m.n <= flat {
		return
	}
	below, nodes := 0, m.n
	for _, level := range [...]int{level1, level2} {
		m.top = uint32(level)
		nodes = (nodes + fanout - 1) / fanout
		for i := range nodes {
			m.tree[level+i] = m.least(uint32(below + i*fanout))
		}
		m.pad(level, nodes)
		if nodes <= flat {
			return
		}
		below = level
	}
}

// pad fills up the last fanout of the n nodes of a level, or all up to flat.
func (m *merger) pad(level, n int) {
	for i := n; i < flat || i%fanout != 0; i++ {
		m.tree[level+i] = noKey
	}
}

// least returns the least of the fanout nodes at i.
func (m *merger) least(i uint32) uint32 {
	k := (*[fanout]uint32)(m.tree[i:])
	return min(min(min(k[0], k[1]), min(k[2], k[3])), min(min(k[4], k[5]), min(k[6], k[7])))
}

// best returns the least key.
func (m *merger) best() uint32 {
	return min(m.least(m.top), m.least(m.top+fanout))
}

// run merges what can be merged, and returns the number of tokens left.
//
// The keys of a merge are taken out of the tree before the new ones are known and
// put in after that: the processor then does both at the same time.
func (m *merger) run(v *vocabulary) int {
	const mask = window - 1 // every place is less than window; this tells the compiler
	best := m.best()
	for left := m.n; ; left-- {
		if best >= noKey {
			return left
		}
		at, id := best&mask, best>>placeBits
		gone := uint32(m.next[at]) & mask
		after := uint32(m.next[gone])
		before := uint32(m.prev[at]) & mask
		m.ids[at], m.next[at], m.prev[after] = id, uint16(after), uint16(at)
		m.tree[at], m.tree[gone], m.tree[before] = noKey, noKey, noKey
		if m.top > 0 {
			m.lift(level1, 0, at/fanout, gone/fanout, before/fanout)
			if m.top > level1 {
				m.lift(level2, level1, at/fanout2, gone/fanout2, before/fanout2)
			}
		}
		best = m.best()
		if union := v.pairs.union(id, m.ids[after]); union != none {
			best = min(best, m.put(at, union))
		}
		if at == 0 {
			continue
		}
		if union := v.pairs.union(m.ids[before], id); union != none {
			best = min(best, m.put(before, union))
		}
	}
}

// lift brings the nodes above three parts in a level up to date. They are mostly
// the same.
func (m *merger) lift(level, below, at, gone, before uint32) {
	m.tree[level+at] = m.least(below + at*fanout)
	if gone != at {
		m.tree[level+gone] = m.least(below + gone*fanout)
	}
	if before != at {
		m.tree[level+before] = m.least(below + before*fanout)
	}
}

// put changes a key that was noKey to that of a union, and returns it. Levels not
// in use may be changed too.
func (m *merger) put(at, union uint32) uint32 {
	key := union<<placeBits | at
	m.tree[at] = key
	m.tree[level1+at/fanout] = min(m.tree[level1+at/fanout], key)
	m.tree[level2+at/fanout2] = min(m.tree[level2+at/fanout2], key)
	return key
}
