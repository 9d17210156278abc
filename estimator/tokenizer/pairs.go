package tokenizer

import "math/bits"

// pairTable says which two neighbours merge, and into what. Only the merges
// that make a token are in it: two tokens whose union is a token but that are
// not its last merge are never neighbours while merging, because merging is
// the same inside a longer text until something reaches over the edge.
type pairTable struct {
	// maybe has a bit for each hash of a pair that is in the table. Most
	// neighbours do not merge, and most of those are known by their bit, which is
	// nearer than the table.
	maybe [maybeWords]uint64
	slots []uint64 // the key and what it merges into; 0 is empty
	shift int
}

const (
	maybeBits  = 21
	maybeWords = 1 << (maybeBits - 6)
	maybeShift = 64 - maybeBits
)

// hashFactor spreads a key over the high bits of the product: 2^64 divided by
// the golden ratio.
const hashFactor = 0x9E3779B97F4A7C15

// maxLoad is how full a hash table may be: a small table is more often in the
// processor's cache, a full one needs more probes.
const maxLoad = 0.65

// tableShift returns the shift that leaves of a hash the number of a slot, for
// the smallest table, a power of two, that n entries fill up to maxLoad.
func tableShift(n int) int {
	return 64 - bits.Len64(uint64(float64(n)/maxLoad))
}

// grow makes room for n pairs in an empty table.
func (t *pairTable) grow(n int) {
	t.shift = tableShift(n)
	t.slots = make([]uint64, 1<<(64-t.shift))
}

// pairKey returns the key of two neighbours, which is not 0.
func pairKey(left, right uint32) uint64 { return uint64(left+1)<<idBits | uint64(right) }

// add enters that left and right merge into id.
func (t *pairTable) add(left, right, id uint32) {
	key := pairKey(left, right)
	hash := key * hashFactor
	t.maybe[hash>>(maybeShift+6)] |= 1 << (hash >> maybeShift & 63)
	i := hash >> t.shift
	for t.slots[i] != 0 {
		i = (i + 1) & uint64(len(t.slots)-1)
	}
	t.slots[i] = key<<idBits | uint64(id)
}

// union returns what left and right merge into, or none.
func (t *pairTable) union(left, right uint32) uint32 {
	key := pairKey(left, right)
	hash := key * hashFactor
	if t.maybe[hash>>(maybeShift+6)]>>(hash>>maybeShift&63)&1 == 0 {
		return none
	}
	return t.find(key, hash)
}

// find looks for a pair in the table.
func (t *pairTable) find(key, hash uint64) uint32 {
	for i := hash >> t.shift; ; i = (i + 1) & uint64(len(t.slots)-1) {
		s := t.slots[i]
		if s>>idBits == key {
			return uint32(s) & none
		}
		if s == 0 {
			return none
		}
	}
}

// unions sets keys to those of the neighbours in ids, but for the last.
//
// None of them depends on another, so the processor looks up several at a time, as
// long as it does not guess wrong what comes next. That is why the first slot is
// looked at whatever the bit says, and both make one condition.
func (t *pairTable) unions(keys, ids []uint32) {
	left := ids[0]
	for i, right := range ids[1:] {
		key := pairKey(left, right)
		hash := key * hashFactor
		slot := t.slots[hash>>t.shift]
		maybe := t.maybe[hash>>(maybeShift+6)] >> (hash >> maybeShift & 63) & 1
		union, other := uint32(none), slot>>idBits^key
		if other == 0 {
			union = uint32(slot) & none
		}
		if -other>>63&maybe != 0 { // another pair is there, and this one may be elsewhere
			union = t.find(key, hash)
		}
		keys[i] = union<<placeBits | uint32(i)
		left = right
	}
}
