package tokenizer

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// trie finds the longest token at a place of a text. It is a double array: a
// node is a slot, and its child by the byte c is in slot base^c, if that slot
// names it as its parent.
type trie struct {
	slots []slot
}

// slot packs a node: the slot of its parent, its base, and its token or none.
type slot uint64

const (
	slotBits   = 23
	parentLow  = 64 - slotBits
	baseLow    = parentLow - slotBits
	slotMask   = 1<<slotBits - 1
	root       = 1
	blockSlots = 256
)

func (s slot) parent() uint32 { return uint32(s >> parentLow) }
func (s slot) base() uint32   { return uint32(s>>baseLow) & slotMask }
func (s slot) token() uint32  { return uint32(s) & (1<<idBits - 1) }

// longest returns the longest token that text begins with, or none.
func (t *trie) longest(text string) uint32 {
	best := uint32(none)
	node := uint32(root)
	at := t.slots[root]
	for i := range len(text) {
		child := at.base() ^ uint32(text[i])
		at = t.slots[child]
		if at.parent() != node {
			break
		}
		node = child
		if id := at.token(); id != none {
			best = id
		}
	}
	return best
}

// find returns the token that text is, or none.
func (t *trie) find(text string) uint32 {
	node := uint32(root)
	at := t.slots[root]
	for i := range len(text) {
		child := at.base() ^ uint32(text[i])
		at = t.slots[child]
		if at.parent() != node {
			return none
		}
		node = child
	}
	return at.token()
}

// trieBuilder places the nodes of a trie.
type trieBuilder struct {
	list   tokenList
	tokens []token
	sorted []sortKey
	slots  []slot
	// next and prev link the slots that are free, in the order of their numbers;
	// slot 0 is never used and is the end of the list.
	next, prev []uint32
	labels     []byte // scratch, the children of the node being placed
}

// sortKey is a token to sort by its bytes.
type sortKey struct {
	head uint64 // the first eight bytes
	id   uint32
}

// buildTrie makes the trie of the list. On the way it fills in the length and
// the prefix of each token.
func buildTrie(list tokenList, tokens []token) trie {
	b := &trieBuilder{list: list, tokens: tokens, sorted: sortTokens(list)}
	b.grow()
	b.take(root)
	b.slots[root] = none
	b.place(span{0, len(b.sorted), 0}, root, none)
	return trie{slots: slices.Clip(b.slots)}
}

// sortTokens returns the tokens in the order of their bytes.
func sortTokens(list tokenList) []sortKey {
	keys := make([]sortKey, list.len())
	for i := range keys {
		var head [8]byte
		copy(head[:], list.at(i))
		keys[i] = sortKey{binary.BigEndian.Uint64(head[:]), uint32(i)} //nolint:gosec // fewer than 1<<idBits
	}
	slices.SortFunc(keys, func(a, b sortKey) int {
		if a.head != b.head {
			return cmp.Compare(a.head, b.head)
		}
		return cmp.Compare(list.at(int(a.id)), list.at(int(b.id)))
	})
	return keys
}

// span is the sorted tokens from lo to hi, which agree in their first depth
// bytes.
type span struct{ lo, hi, depth int }

// place finds room for the children of the node in slot at, which stands for
// the tokens of s, and for theirs. The longest token on the way to it is prefix.
func (b *trieBuilder) place(s span, at, prefix uint32) {
	if id := b.sorted[s.lo].id; s.depth > 0 && len(b.list.at(int(id))) == s.depth {
		b.tokens[id].length = uint16(s.depth) //nolint:gosec // at most maxLength
		b.tokens[id].prefix = prefix
		b.slots[at] = b.slots[at]&^none | slot(id)
		prefix = id
		s.lo++
	}
	if s.lo == s.hi {
		return
	}
	base := b.room(b.children(s))
	b.slots[at] |= slot(base) << baseLow
	for i := range b.labels {
		child := base ^ uint32(b.labels[i])
		b.take(child)
		b.slots[child] = slot(at)<<parentLow | none
	}
	for lo := s.lo; lo < s.hi; {
		label := b.label(lo, s.depth)
		hi := lo + 1
		for hi < s.hi && b.label(hi, s.depth) == label {
			hi++
		}
		b.place(span{lo, hi, s.depth + 1}, base^uint32(label), prefix)
		lo = hi
	}
}

// children returns the distinct bytes that follow in the tokens of s.
func (b *trieBuilder) children(s span) []byte {
	b.labels = b.labels[:0]
	for i := s.lo; i < s.hi; i++ {
		label := b.label(i, s.depth)
		if n := len(b.labels); n == 0 || b.labels[n-1] != label {
			b.labels = append(b.labels, label)
		}
	}
	return b.labels
}

// label returns the byte at depth of the i-th sorted token.
func (b *trieBuilder) label(i, depth int) byte {
	if key := b.sorted[i]; depth < 8 {
		return byte(key.head >> (56 - 8*depth))
	}
	return b.list.at(int(b.sorted[i].id))[depth]
}

// room returns a base whose slots for all labels are free. It tries the first
// free slots only, and then opens a new block: a few slots lost are cheaper
// than a long search.
func (b *trieBuilder) room(labels []byte) uint32 {
	const tries = 24
	at := b.next[0]
	for n := 0; n < tries && at != 0; n, at = n+1, b.next[at] {
		base := at ^ uint32(labels[0])
		free := true
		for _, label := range labels[1:] {
			if !b.isFree(base ^ uint32(label)) {
				free = false
				break
			}
		}
		if free {
			return base
		}
	}
	return b.grow()
}

// grow adds a block of free slots and returns the first.
func (b *trieBuilder) grow() uint32 {
	first := uint32(len(b.slots)) //nolint:gosec // at most 1<<slotBits
	b.slots = append(b.slots, make([]slot, blockSlots)...)
	b.next = append(b.next, make([]uint32, blockSlots)...)
	b.prev = append(b.prev, make([]uint32, blockSlots)...)
	first = max(first, root)
	for s := first; s < uint32(len(b.slots)); s++ { //nolint:gosec // at most 1<<slotBits
		last := b.prev[0]
		b.next[last], b.prev[s] = s, last
		b.next[s], b.prev[0] = 0, s
	}
	return first
}

// isFree reports whether the slot s is in the list of free slots.
func (b *trieBuilder) isFree(s uint32) bool {
	return s != 0 && (b.next[s] != 0 || b.prev[s] != 0 || b.prev[0] == s)
}

// take unlinks the slot s.
func (b *trieBuilder) take(s uint32) {
	b.next[b.prev[s]], b.prev[b.next[s]] = b.next[s], b.prev[s]
	b.next[s], b.prev[s] = 0, 0
}
