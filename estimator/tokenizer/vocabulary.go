package tokenizer

import "fmt"

const (
	// idBits is the size of a token number in the packed tables.
	idBits = 18
	// none is not a token, and more than any.
	none = 1<<idBits - 1
)

// vocabulary is what is derived from the ordinary tokens. It does not change
// after it is made.
type vocabulary struct {
	bytes byteTable
	pairs pairTable
	whole wholeSet
	chars charTable
	han   hanTable
	// reach is how many bytes before the end of a text its end can make a
	// difference to merging, at most: 389 for Kimi.
	reach int
}

// newVocabulary derives the tables from the bytes of the tokens in the order of
// their numbers. It returns an error for a list that no training by merges can
// have made, or whose tokens take too much text, for which they would be wrong.
func newVocabulary(list tokenList) (*vocabulary, error) {
	if list.len() >= none {
		return nil, fmt.Errorf("%d tokens are more than %d", list.len(), none-1)
	}
	v := new(vocabulary)
	if err := v.bytes.fill(list); err != nil {
		return nil, err
	}
	v.chars.clear()
	if err := v.addMerges(list); err != nil {
		return nil, err
	}
	v.whole = newWholeSet(list)
	v.chars.fill(list)
	v.han.fill(list, v)
	return v, nil
}

// addMerges enters for each token the two that merge into it, which are what
// merging its bytes comes to before it is a token itself.
//
// That they are two tokens is checked, and what every short cut here stands on:
// a token is younger than its halves, and merging its bytes makes it.
func (v *vocabulary) addMerges(list tokenList) error {
	v.pairs.grow(list.len())
	m, reach := new(merger), make(reaches, list.len())
	for i := range list.len() {
		text := list.at(i)
		if len(text) == 1 {
			continue
		}
		id := uint32(i)
		left, right, ok := m.halves(v, text)
		if !ok || left >= id || right >= id {
			return fmt.Errorf("token %d is not made by merging two older ones", id)
		}
		v.pairs.add(left, right, id)
		if len(text) == 2 {
			v.bytes.pair(text[0], text[1]).union = id
		}
		v.reach = max(v.reach, reach.add(left, right, id, len(list.at(int(left)))))
		if max(len(text), v.reach) > maxReach {
			return fmt.Errorf("token %d takes more text than is merged at once", id)
		}
	}
	return nil
}

// reaches is, for each token, how far before the end of a text, in bytes, it may
// be the first token that would not be the same if the text went on.
//
// Merge the text and the longer one side by side, all that make a token before any
// that make a younger one. Both are the same up to some place, at first the end of
// the text. A token moves that place back only where making it reaches over the
// place, in one of the two or in both; that is once at most, as the leftmost go
// first. Its right half is then the first token after the place, and its left half
// is how far the place moves. That half becomes the first token after the place in
// the other text.
type reaches []int

// add enters that left, of size bytes, and right merge into id, younger than all
// entered before, and returns how far that may reach.
func (r reaches) add(left, right, id uint32, size int) int {
	r[left] = max(r[left], r[right]+size)
	r[id] = r[left]
	return r[id]
}
