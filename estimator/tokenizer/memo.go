package tokenizer

// memo remembers the number of tokens of pieces of up to maxLonger bytes that
// wholeSet does not know. Text repeats itself: of the English and of the code that has to be
// merged, two pieces of three have been merged a little before.
//
// A piece has one place, by its hash, and takes it from the one before. The keys
// are those of wholeSet, whose highest bits hold the length; the count goes above
// it.
type memo struct {
	short [1 << shortMemoBits]uint64
	long  [1 << longMemoBits][2]uint64
	// longer is for words of scripts with two or three bytes a letter.
	longer [1 << longerMemoBits]longerPiece
}

// longerPiece is a piece of more than maxLong and up to maxLonger bytes: its
// first and its last 16 bytes, which overlap, and its length.
type longerPiece struct {
	key           [4]uint64
	length, count uint8
}

const (
	shortMemoBits = 12
	longMemoBits  = 11
	// longerMemoBits and the others are as many as fit beside the tables in the
	// cache next to the processor.
	longerMemoBits = 10
	maxLonger      = 32
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

// longerAt returns the place of the piece text[i:end], of maxLong+1 to maxLonger
// bytes. If the piece is not there it is put there with a count of 0.
func (m *memo) longerAt(text string, i, end int) *longerPiece {
	key := [4]uint64{load(text, i), load(text, i+8), load(text, end-16), load(text, end-8)}
	hash := hashLong([2]uint64{hashLong([2]uint64{key[0], key[1]}) ^ key[2], key[3]})
	place := &m.longer[hash>>(64-longerMemoBits)]
	if length := uint8(end - i); place.length != length || place.key != key {
		*place = longerPiece{key: key, length: length}
	}
	return place
}
