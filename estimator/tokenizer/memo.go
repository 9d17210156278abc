package tokenizer

// memo remembers the number of tokens of pieces of up to maxLong bytes that are
// not tokens. Text repeats itself: of the English and of the code that has to be
// merged, two pieces of three have been merged a little before.
//
// A piece has one place, by its hash, and takes it from the one before. The keys
// are those of wholeSet, whose highest bits hold the length; the count goes above
// it.
type memo struct {
	short [1 << shortMemoBits]uint64
	long  [1 << longMemoBits][2]uint64
}

const (
	shortMemoBits = 12
	longMemoBits  = 11
	// shortCountLow is where the count of a short piece lies, of at most 7: above
	// the three bits of its length. longCountLow is above the four bits of the
	// length of a long one, of at most 15 tokens.
	shortCountLow = 59
	longCountLow  = 60
)

// shortAt returns the place of a packed piece and, if it is there, its count,
// else 0.
func (m *memo) shortAt(key uint64) (place *uint64, count int) {
	place = &m.short[key*hashFactor>>(64-shortMemoBits)]
	if *place&(1<<shortCountLow-1) == key {
		return place, int(*place >> shortCountLow)
	}
	return place, 0
}

// longAt is shortAt for a piece of more than maxShort bytes.
func (m *memo) longAt(key [2]uint64) (place *[2]uint64, count int) {
	place = &m.long[hashLong(key)>>(64-longMemoBits)]
	if place[0] == key[0] && place[1]&(1<<longCountLow-1) == key[1] {
		return place, int(place[1] >> longCountLow)
	}
	return place, 0
}
