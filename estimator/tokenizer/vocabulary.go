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
	han   hanTable
}

// byteTable has the tokens of single bytes and what pairs of them merge into.
type byteTable struct {
	ids    [256]uint32
	unions [256 * 256]uint32
}

// newVocabulary derives the tables from the bytes of the tokens in the order of
// their numbers. It returns an error for a list that no training by merges can
// have made, for which the tables would be wrong.
func newVocabulary(list tokenList) (*vocabulary, error) {
	if list.len() >= none {
		return nil, fmt.Errorf("%d tokens are more than %d", list.len(), none-1)
	}
	v := new(vocabulary)
	if err := v.addBytes(list); err != nil {
		return nil, err
	}
	if err := v.addMerges(list); err != nil {
		return nil, err
	}
	v.whole = newWholeSet(list)
	v.han.fill(list, v)
	return v, nil
}

// addBytes enters the tokens of one byte, which all 256 must be.
func (v *vocabulary) addBytes(list tokenList) error {
	for c := range v.bytes.ids {
		v.bytes.ids[c] = none
	}
	for i := range v.bytes.unions {
		v.bytes.unions[i] = none
	}
	n := 0
	for id := range list.len() {
		if text := list.at(id); len(text) == 1 {
			v.bytes.ids[text[0]] = uint32(id)
			n++
		}
	}
	for c, id := range v.bytes.ids {
		if id == none || n != len(v.bytes.ids) {
			return fmt.Errorf("the byte %#02x is not one token", c)
		}
	}
	return nil
}

// addMerges enters for each token the two that merge into it, which are what
// merging its bytes comes to before it is a token itself.
//
// That they are two tokens is checked, and what every short cut here stands on:
// a token is younger than its halves, and merging its bytes makes it.
func (v *vocabulary) addMerges(list tokenList) error {
	v.pairs.grow(list.len())
	var m merger
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
			v.bytes.unions[uint32(text[0])<<8|uint32(text[1])] = id
		}
	}
	return nil
}
